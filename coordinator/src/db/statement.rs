//! Statements: one text for both databases, its values beside it.

mod columns;

use std::borrow::Cow;
use std::fmt::Write as _;

use futures::TryStreamExt as _;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments, AssertSqlSafe};

use super::{Connection, Result, Row, Value};

/// A statement of this text; `$1` is the first value bound, and so on.
pub(crate) fn sql(text: &'static str) -> Statement<'static> {
    Statement { text, list: None, span: None, values: Vec::new() }
}

/// A statement with its values. It may hold one list of values in parentheses; if so, it has no others.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a statement does nothing until it is executed or fetched from"]
pub(crate) struct Statement<'a> {
    text: &'static str,
    list: Option<List>,
    /// In the place of a list: what follows the text, up to a column that is between two values.
    span: Option<&'static str>,
    values: Vec<Value<'a>>,
}

/// What follows the text: more text, so many rows of so many values, then text again.
#[derive(Debug, Clone, Copy, PartialEq)]
struct List {
    head: &'static str,
    rows: usize,
    columns: usize,
    // The one of the two that differs from call to call.
    length: usize,
    tail: &'static str,
}

/// What a list of values ends a text with, where a column is to be one of them …
const ONE_OF: &str = "IN ";
/// … and where rows of them are inserted.
const ROWS: &str = "VALUES ";

/// The longest list whose statement the server is to keep.
const KEPT: usize = 64;

/// Parts of a list for one statement each, of lengths that come again: the server keeps a statement for each of them.
pub(crate) fn lists<T>(mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = all.len().checked_ilog2().map_or(0, |log| KEPT.min(1 << log));
        let (part, rest) = all.split_at(length);
        all = rest;
        Some(part).filter(|part| !part.is_empty())
    })
}

impl<'a> Statement<'a> {
    /// The next value.
    pub(crate) fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Goes on with `($1, $2, …)`, for `IN`. At most [`CHUNK`](super::CHUNK) values, and at least one.
    pub(crate) fn one_of<T: Into<Value<'a>>>(self, values: impl IntoIterator<Item = T>) -> Self {
        self.among("", values)
    }

    /// Goes on with more text, then with `($1, $2, …)`. At most [`CHUNK`](super::CHUNK) values, and at least one.
    pub(crate) fn among<T: Into<Value<'a>>>(mut self, head: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        let length = self.values.len();
        self.list = Some(List { head, rows: 1, columns: length, length, tail: "" });
        self
    }

    /// Goes on with more text that ends with `IN `, but says of the column that it is between two values: both of them, or any that is
    /// between.
    pub(crate) fn between<T: Into<Value<'a>>>(mut self, head: &'static str, first: T, last: T) -> Self {
        self.values.extend([first.into(), last.into()]);
        self.span = Some(head.strip_suffix(ONE_OF).unwrap_or(head));
        self
    }

    /// Goes on with `VALUES ($1, $2), ($3, $4), …`. At most [`CHUNK`](super::CHUNK) rows, and at least one.
    pub(crate) fn rows<T, const COLUMNS: usize>(
        mut self,
        rows: impl IntoIterator<Item = T>,
        values: impl Fn(T) -> [Value<'a>; COLUMNS],
    ) -> Self {
        for row in rows {
            self.values.extend(values(row));
        }
        let rows = self.values.len() / COLUMNS;
        self.list = Some(List { head: "", rows, columns: COLUMNS, length: rows, tail: "" });
        self
    }

    /// Goes on with text after a list.
    pub(crate) fn then(mut self, tail: &'static str) -> Self {
        if let Some(list) = &mut self.list {
            list.tail = tail;
        }
        self
    }

    /// Executes it, and says how many rows it changed.
    pub(crate) async fn execute(self, db: &mut Connection) -> Result<u64> {
        Ok(match db {
            Connection::Sqlite(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_sqlite()?.execute(db)).await?.rows_affected()
            }
            Connection::Postgres(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_postgres()?.execute(db)).await?.rows_affected()
            }
        })
    }

    /// All rows of its answer.
    pub(crate) async fn fetch_all(self, db: &mut Connection) -> Result<Vec<Row>> {
        Ok(match db {
            Connection::Sqlite(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_sqlite()?.fetch_all(db)).await?.into_iter().map(Row::Sqlite).collect()
            }
            Connection::Postgres(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_postgres()?.fetch_all(db)).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// What each row of its answer says, read as it comes: a large fleet's rows are not held beside what they say.
    pub(crate) async fn read_each<T>(
        self,
        db: &mut Connection,
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        match db {
            Connection::Sqlite(held) => {
                let (db, time_limit) = held.parts()?;
                let mut rows = self.for_sqlite()?.fetch(db);
                while let Some(row) = time_limit.wait(rows.try_next()).await? {
                    all.push(read(&Row::Sqlite(row))?);
                }
            }
            Connection::Postgres(held) => {
                let (db, time_limit) = held.parts()?;
                let mut rows = self.for_postgres()?.fetch(db);
                while let Some(row) = time_limit.wait(rows.try_next()).await? {
                    all.push(read(&Row::Postgres(row))?);
                }
            }
        }
        Ok(all)
    }

    /// The first row of its answer, which must have one.
    pub(crate) async fn fetch_one(self, db: &mut Connection) -> Result<Row> {
        Ok(match db {
            Connection::Sqlite(held) => {
                let (db, time_limit) = held.parts()?;
                Row::Sqlite(time_limit.wait(self.for_sqlite()?.fetch_one(db)).await?)
            }
            Connection::Postgres(held) => {
                let (db, time_limit) = held.parts()?;
                Row::Postgres(time_limit.wait(self.for_postgres()?.fetch_one(db)).await?)
            }
        })
    }

    /// The first row of its answer, if there is one.
    pub(crate) async fn fetch_optional(self, db: &mut Connection) -> Result<Option<Row>> {
        Ok(match db {
            Connection::Sqlite(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_sqlite()?.fetch_optional(db)).await?.map(Row::Sqlite)
            }
            Connection::Postgres(held) => {
                let (db, time_limit) = held.parts()?;
                time_limit.wait(self.for_postgres()?.fetch_optional(db)).await?.map(Row::Postgres)
            }
        })
    }

    fn for_sqlite(self) -> Result<Query<'static, Sqlite, SqliteArguments>> {
        // Numbered, each of 10,000 values would be looked for among the names of all.
        let text = self.text(|text, _| text.push('?'));
        let mut arguments = SqliteArguments::default();
        arguments.reserve(self.values.len(), 0);
        for value in self.values {
            match value {
                Value::Int(number) => arguments.add(number),
                Value::Real(number) => arguments.add(number),
                Value::Text(text) => arguments.add(text),
                Value::Id(id) => arguments.add(id),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(sqlx::query_with(AssertSqlSafe(text), arguments))
    }

    fn for_postgres(self) -> Result<Query<'static, Postgres, PgArguments>> {
        if let Some(query) = self.with_arrays()? {
            return Ok(query);
        }
        let text = self.text(|text, number| {
            let _never_fails = write!(text, "${number}");
        });
        let mut arguments = PgArguments::default();
        for value in &self.values {
            match value {
                Value::Int(number) => arguments.add(number),
                Value::Real(number) => arguments.add(number),
                Value::Text(text) => arguments.add(text.as_deref().map(without_nul)),
                Value::Id(id) => arguments.add(id.as_ref().map(|id| id.as_bytes().as_slice())),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        // The server keeps every statement that is to be used again: long lists have too many lengths for that.
        let kept = self.list.is_none_or(|list| list.length <= KEPT && list.length.is_power_of_two());
        Ok(sqlx::query_with(AssertSqlSafe(text), arguments).persistent(kept))
    }

    /// The whole text: built only if there is a list, and of nothing but placeholders and what the source code says.
    fn text(&self, placeholder: impl Fn(&mut String, usize)) -> Cow<'static, str> {
        if let Some(head) = self.span {
            let mut text = format!("{}{head}BETWEEN ", self.text);
            placeholder(&mut text, self.values.len() - 1);
            text.push_str(" AND ");
            placeholder(&mut text, self.values.len());
            return text.into();
        }
        let Some(list) = self.list else { return self.text.into() };
        let mut text = String::with_capacity(self.text.len() + list.tail.len() + 8 * self.values.len());
        text.push_str(self.text);
        text.push_str(list.head);
        for row in 0..list.rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..list.columns {
                if column > 0 {
                    text.push_str(", ");
                }
                placeholder(&mut text, row * list.columns + column + 1);
            }
            text.push(')');
        }
        text.push_str(list.tail);
        text.into()
    }
}

/// PostgreSQL's texts cannot hold a NUL, and a worker's message may: better a changed character than a failure that is never told.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(statement: &Statement<'_>) -> (String, String) {
        let numbered = |text: &mut String, number: usize| text.push_str(&format!("${number}"));
        (statement.text(|text, _| text.push('?')).into_owned(), statement.text(numbered).into_owned())
    }

    #[test]
    fn a_list_has_a_placeholder_for_each_value() {
        let plain = sql("SELECT $1").bind(1_i64);
        assert_eq!(texts(&plain), ("SELECT $1".into(), "SELECT $1".into()));
        let one_of = sql("SELECT a FROM t WHERE a IN ").one_of(["x", "y"]).then(" ORDER BY a");
        assert_eq!(
            texts(&one_of),
            (
                "SELECT a FROM t WHERE a IN (?, ?) ORDER BY a".into(),
                "SELECT a FROM t WHERE a IN ($1, $2) ORDER BY a".into()
            )
        );
        let rows = sql("INSERT INTO t (a, b) VALUES ").rows([1_i64, 2], |n| [n.into(), None::<f64>.into()]);
        assert_eq!(
            texts(&rows),
            (
                "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)".into(),
                "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)".into()
            )
        );
        let part = sql("SELECT a FROM t").between(" WHERE a IN ", "x", "y");
        assert_eq!(
            texts(&part),
            ("SELECT a FROM t WHERE a BETWEEN ? AND ?".into(), "SELECT a FROM t WHERE a BETWEEN $1 AND $2".into())
        );
        let none = Value::Real(None);
        assert_eq!(rows.values, [Value::Int(Some(1)), none.clone(), Value::Int(Some(2)), none]);
    }

    #[test]
    fn a_text_keeps_everything_but_nul() {
        assert_eq!(without_nul("naïve \u{1F600}\n"), "naïve \u{1F600}\n");
        assert_eq!(without_nul("a\0b"), "a\u{fffd}b");
    }
}
