//! Reading typed values out of rows: what makes no sense is an error that names the column, never a panic.

use std::fmt::Display;
use std::str::FromStr;

use chrono::NaiveDate;
use common::vocabulary::{Timestamp, VersionNumber};
use newtype_uuid::{GenericUuid, TypedUuid, TypedUuidKind};
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};
use uuid::Uuid;

use super::{Error, Result};

/// A row of an answer; its columns are read by name.
pub(crate) enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    Postgres(PgRow),
}

fn corrupt(column: &'static str, value: &str, reason: impl Display) -> Error {
    Error::Corrupt { column, value: value.chars().take(80).collect(), reason: reason.to_string() }
}

fn small(column: &'static str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|e| corrupt(column, &value.to_string(), e))
}

fn id<T: TypedUuidKind>(column: &'static str, bytes: &[u8]) -> Result<TypedUuid<T>> {
    let id = Uuid::from_slice(bytes).map_err(|e| corrupt(column, &format!("{bytes:02x?}"), e))?;
    Ok(TypedUuid::from_untyped_uuid(id))
}

impl Row {
    fn get<'r, T>(&'r self, column: &'static str) -> Result<T>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A whole number.
    pub(crate) fn int(&self, column: &'static str) -> Result<i64> {
        self.get(column)
    }
    /// A whole number, if there is one.
    pub(crate) fn opt_int(&self, column: &'static str) -> Result<Option<i64>> {
        self.get(column)
    }
    /// A count, never negative.
    pub(crate) fn count(&self, column: &'static str) -> Result<u64> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|e| corrupt(column, &value.to_string(), e))
    }
    /// A small count.
    pub(crate) fn small(&self, column: &'static str) -> Result<u32> {
        small(column, self.int(column)?)
    }
    /// A number.
    pub(crate) fn real(&self, column: &'static str) -> Result<f64> {
        self.get(column)
    }
    /// A number, if there is one.
    pub(crate) fn opt_real(&self, column: &'static str) -> Result<Option<f64>> {
        self.get(column)
    }
    /// A yes or no.
    pub(crate) fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }
    /// A text.
    pub(crate) fn text(&self, column: &'static str) -> Result<String> {
        self.get(column)
    }
    /// A text, if there is one.
    pub(crate) fn opt_text(&self, column: &'static str) -> Result<Option<String>> {
        self.get(column)
    }
    /// A time.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        Ok(Timestamp(self.int(column)?))
    }
    /// A time, if there is one.
    pub(crate) fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }
    /// A word, key or hash with a parser.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T> {
        let text: &str = self.get(column)?;
        text.parse().map_err(|e| corrupt(column, text, e))
    }
    /// A word, key or hash with a parser, if there is one.
    pub(crate) fn opt_parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| text.parse().map_err(|e| corrupt(column, text, e))).transpose()
    }
    /// A structured value.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        let text: &str = self.get(column)?;
        serde_json::from_str(text).map_err(|e| corrupt(column, text, e))
    }
    /// A structured value, if there is one.
    pub(crate) fn opt_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| serde_json::from_str(text).map_err(|e| corrupt(column, text, e))).transpose()
    }
    /// An id.
    pub(crate) fn id<T: TypedUuidKind>(&self, column: &'static str) -> Result<TypedUuid<T>> {
        id(column, self.get(column)?)
    }
    /// An id, if there is one.
    pub(crate) fn opt_id<T: TypedUuidKind>(&self, column: &'static str) -> Result<Option<TypedUuid<T>>> {
        self.get::<Option<&[u8]>>(column)?.map(|bytes| id(column, bytes)).transpose()
    }
    /// A date.
    pub(crate) fn date(&self, column: &'static str) -> Result<NaiveDate> {
        self.parsed(column)
    }
    /// The version number over the columns `major` and `minor`.
    pub(crate) fn number(&self) -> Result<VersionNumber> {
        Ok(VersionNumber { major: self.small("major")?, minor: self.small("minor")? })
    }
    /// A version number over two columns, if there is one.
    pub(crate) fn version(&self, major: &'static str, minor: &'static str) -> Result<Option<VersionNumber>> {
        match (self.opt_int(major)?, self.opt_int(minor)?) {
            (Some(a), Some(b)) => Ok(Some(VersionNumber { major: small(major, a)?, minor: small(minor, b)? })),
            (None, _) | (_, None) => Ok(None),
        }
    }
}

/// A date as it is stored.
pub(crate) fn date_text(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}
