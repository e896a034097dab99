//! The rows of a log by their days.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use common::vocabulary::{DayRows, Timestamp};

use super::changes::{Mark, Until};
use super::{Connection, Result, Row, sql};

/// Days from the first that a row can have, of the year 1, to 1970-01-01: counted from there, none is below 0, and both databases divide
/// alike.
const EPOCH: i64 = 719_162;
/// Their microseconds.
const SHIFT: i64 = EPOCH * 86_400_000_000;

/// The rows of a log as they stand, by the day they happened or, where that is not told, came in; `given`: what somebody was given of
/// it. All rows are read: a second for a million.
pub(crate) async fn of(db: &mut Connection, log: &Until, given: Mark) -> Result<BTreeMap<NaiveDate, DayRows>> {
    let counted = sql("SELECT at / 86400000000 AS day, count(*) AS rows,
                sum(CASE WHEN seq <= $4 AND at <= $5 THEN 1 ELSE 0 END) AS given
             FROM (SELECT e.seq, COALESCE(e.at, i.at) + $6 AS at FROM entries e JOIN imports i ON i.id = e.import
                 WHERE e.dataset = $1 AND e.seq > 0 AND e.seq <= $2 AND e.deleted = 0
                   AND e.seq = (SELECT max(n.seq) FROM entries n
                       WHERE n.dataset = e.dataset AND n.key = e.key AND n.seq <= $2)) standing
             WHERE at <= $3 GROUP BY 1")
    .bind(log.dataset)
    .bind(log.upto.0 as i64)
    .bind(Timestamp::end_of(log.through).0 + SHIFT)
    .bind(given.entry.0 as i64)
    .bind(Timestamp::end_of(given.through).0 + SHIFT)
    .bind(SHIFT);
    let day = |row: &Row| {
        let rows = DayRows { all: row.count("rows")?, given: row.count("given")? };
        Ok((NaiveDate::default() + TimeDelta::days(row.int("day")? - EPOCH), rows))
    };
    Ok(counted.read_each(db, day).await?.into_iter().collect())
}
