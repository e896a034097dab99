//! Many values go to PostgreSQL in arrays: one of all that a column may be, or one for each column of rows that are inserted. The
//! statement is the same however many they are. The server keeps it, and neither reads nor plans thousands of placeholders.

use std::borrow::Cow;
use std::fmt::Write as _;

use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use sqlx::{Arguments, AssertSqlSafe};

use super::{List, ONE_OF, ROWS, Statement, without_nul};
use crate::db::{Result, Value};

impl Statement<'_> {
    /// This statement with arrays, if its list is one that can be sent so.
    pub(super) fn with_arrays(&self) -> Result<Option<Query<'static, Postgres, PgArguments>>> {
        let Some(list) = self.list else { return Ok(None) };
        let mut arguments = PgArguments::default();
        let text = if let Some((text, head)) = self.chosen(&list) {
            format!("{text}{head}= ANY({}){}", self.array(0, 1, &mut arguments)?, list.tail)
        } else if let Some(text) = self.text.strip_suffix(ROWS).filter(|text| text.starts_with("INSERT")) {
            let mut text = format!("{text}SELECT * FROM unnest(");
            for column in 0..list.columns {
                let separator = if column == 0 { "" } else { ", " };
                let array = self.array(column, list.columns, &mut arguments)?;
                let _never_fails = write!(text, "{separator}{array}");
            }
            text + ")" + list.tail
        } else {
            return Ok(None);
        };
        Ok(Some(sqlx::query_with(AssertSqlSafe(text), arguments)))
    }

    /// The text and what follows it, up to a column that is to be one of the list.
    fn chosen(&self, list: &List) -> Option<(&'static str, &'static str)> {
        if list.head.is_empty() {
            Some((self.text.strip_suffix(ONE_OF)?, ""))
        } else {
            Some((self.text, list.head.strip_suffix(ONE_OF)?))
        }
    }

    /// Adds every so manieth value, and gives their placeholder. A column has one type: its values are made by the same line for each row.
    fn array(&self, first: usize, step: usize, arguments: &mut PgArguments) -> Result<String> {
        let values = || self.values.iter().skip(first).step_by(step);
        let (added, kind) = match self.values.get(first) {
            Some(Value::Int(_)) => (arguments.add(values().map(int).collect::<Vec<_>>()), "bigint"),
            Some(Value::Real(_)) => (arguments.add(values().map(real).collect::<Vec<_>>()), "double precision"),
            Some(Value::Id(_)) => (arguments.add(values().map(bytes).collect::<Vec<_>>()), "bytea"),
            Some(Value::Text(_)) | None => (arguments.add(values().map(words).collect::<Vec<_>>()), "text"),
        };
        added.map_err(sqlx::Error::Encode)?;
        Ok(format!("${}::{kind}[]", first + 1))
    }
}

fn int(value: &Value<'_>) -> Option<i64> {
    if let Value::Int(number) = value { *number } else { None }
}

fn real(value: &Value<'_>) -> Option<f64> {
    if let Value::Real(number) = value { *number } else { None }
}

fn words<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    if let Value::Text(text) = value { text.as_deref().map(without_nul) } else { None }
}

fn bytes<'v>(value: &'v Value<'_>) -> Option<&'v [u8]> {
    if let Value::Id(id) = value { id.as_ref().map(|id| id.as_bytes().as_slice()) } else { None }
}

#[cfg(test)]
mod tests {
    use sqlx::Execute as _;

    use crate::db::sql;

    fn text(statement: &super::Statement<'_>) -> Option<String> {
        Some(statement.with_arrays().unwrap()?.sql().as_str().to_owned())
    }

    #[test]
    fn a_statement_is_the_same_however_long_its_list_is() {
        let chosen =
            |ids: &[i64]| text(&sql("SELECT a FROM t WHERE b IN ").one_of(ids.iter().copied()).then(" ORDER BY a"));
        assert_eq!(chosen(&[1, 2]).as_deref(), Some("SELECT a FROM t WHERE b = ANY($1::bigint[]) ORDER BY a"));
        assert_eq!(chosen(&[1, 2]), chosen(&[3]));
        let among = text(&sql("SELECT a FROM t").among(" WHERE c IN ", ["x", "y"]));
        assert_eq!(among.as_deref(), Some("SELECT a FROM t WHERE c = ANY($1::text[])"));
        let rows = sql("INSERT INTO t (a, b) VALUES ").rows([1_i64, 2], |n| [n.into(), None::<f64>.into()]);
        assert_eq!(
            text(&rows.then(" ON CONFLICT DO NOTHING")).as_deref(),
            Some(
                "INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::double precision[]) ON CONFLICT DO NOTHING"
            )
        );
    }

    #[test]
    fn other_statements_have_placeholders() {
        let wanted = sql("WITH wanted (x) AS (VALUES ").rows([1_i64, 2], |n| [n.into()]).then(") SELECT 1");
        assert_eq!((text(&wanted), text(&sql("SELECT $1").bind(1_i64))), (None, None));
    }
}
