//! Reading typed values out of rows: what makes no sense is an error that names the column, never a panic.

use std::fmt::Display;
use std::str::FromStr;

use chrono::NaiveDate;
use common::vocabulary::{Timestamp, VersionNumber};
use newtype_uuid::{GenericUuid, TypedUuid, TypedUuidKind};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use uuid::Uuid;

use super::{Error, Result, Row};

/// Typed access to a row's columns, by name.
pub(crate) trait Read {
    /// A whole number.
    fn int(&self, column: &'static str) -> Result<i64>;
    /// A whole number, if there is one.
    fn opt_int(&self, column: &'static str) -> Result<Option<i64>>;
    /// A count, never negative.
    fn count(&self, column: &'static str) -> Result<u64>;
    /// A small count.
    fn small(&self, column: &'static str) -> Result<u32>;
    /// A number.
    fn real(&self, column: &'static str) -> Result<f64>;
    /// A number, if there is one.
    fn opt_real(&self, column: &'static str) -> Result<Option<f64>>;
    /// A yes or no.
    fn flag(&self, column: &'static str) -> Result<bool>;
    /// A text.
    fn text(&self, column: &'static str) -> Result<String>;
    /// A text, if there is one.
    fn opt_text(&self, column: &'static str) -> Result<Option<String>>;
    /// A time.
    fn time(&self, column: &'static str) -> Result<Timestamp>;
    /// A time, if there is one.
    fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>>;
    /// A word, key or hash with a parser.
    fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T>;
    /// A word, key or hash with a parser, if there is one.
    fn opt_parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>>;
    /// A structured value.
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T>;
    /// A structured value, if there is one.
    fn opt_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>>;
    /// An id.
    fn id<T: TypedUuidKind>(&self, column: &'static str) -> Result<TypedUuid<T>>;
    /// An id, if there is one.
    fn opt_id<T: TypedUuidKind>(&self, column: &'static str) -> Result<Option<TypedUuid<T>>>;
    /// A date.
    fn date(&self, column: &'static str) -> Result<NaiveDate>;
    /// A version number over two columns, if there is one.
    fn version(&self, major: &'static str, minor: &'static str) -> Result<Option<VersionNumber>>;
}

fn corrupt(column: &'static str, value: &str, reason: impl Display) -> Error {
    Error::Corrupt { column, value: value.chars().take(80).collect(), reason: reason.to_string() }
}

fn small(column: &'static str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|e| corrupt(column, &value.to_string(), e))
}

impl Read for Row {
    fn int(&self, column: &'static str) -> Result<i64> {
        Ok(self.try_get(column)?)
    }
    fn opt_int(&self, column: &'static str) -> Result<Option<i64>> {
        Ok(self.try_get(column)?)
    }
    fn count(&self, column: &'static str) -> Result<u64> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|e| corrupt(column, &value.to_string(), e))
    }
    fn small(&self, column: &'static str) -> Result<u32> {
        small(column, self.int(column)?)
    }
    fn real(&self, column: &'static str) -> Result<f64> {
        Ok(self.try_get(column)?)
    }
    fn opt_real(&self, column: &'static str) -> Result<Option<f64>> {
        Ok(self.try_get(column)?)
    }
    fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }
    fn text(&self, column: &'static str) -> Result<String> {
        Ok(self.try_get(column)?)
    }
    fn opt_text(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.try_get(column)?)
    }
    fn time(&self, column: &'static str) -> Result<Timestamp> {
        Ok(Timestamp(self.int(column)?))
    }
    fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }
    fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T> {
        let text = self.text(column)?;
        text.parse().map_err(|e| corrupt(column, &text, e))
    }
    fn opt_parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>> {
        self.opt_text(column)?.map(|text| text.parse().map_err(|e| corrupt(column, &text, e))).transpose()
    }
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|e| corrupt(column, &text, e))
    }
    fn opt_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        self.opt_text(column)?
            .map(|text| serde_json::from_str(&text).map_err(|e| corrupt(column, &text, e)))
            .transpose()
    }
    fn id<T: TypedUuidKind>(&self, column: &'static str) -> Result<TypedUuid<T>> {
        Ok(TypedUuid::from_untyped_uuid(self.try_get::<Uuid, _>(column)?))
    }
    fn opt_id<T: TypedUuidKind>(&self, column: &'static str) -> Result<Option<TypedUuid<T>>> {
        Ok(self.try_get::<Option<Uuid>, _>(column)?.map(TypedUuid::from_untyped_uuid))
    }
    fn date(&self, column: &'static str) -> Result<NaiveDate> {
        self.parsed(column)
    }
    fn version(&self, major: &'static str, minor: &'static str) -> Result<Option<VersionNumber>> {
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
