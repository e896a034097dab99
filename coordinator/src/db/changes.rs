//! What has become of the rows of a log: how many of them have matured, and what became of those that somebody was given.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{Snapshot, TablePart, Timestamp, Watermark};

use super::{Connection, Result, lists, sql};

/// The number of an entry in the log of a data set, from 1: how far somebody has read it. It is no number of rows: a row that is
/// corrected ten times has eleven entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct LogPosition(pub(crate) u64);

/// What somebody was given of a log: entries up to one, and of these the rows of days up to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mark {
    /// The last entry.
    pub(crate) entry: LogPosition,
    /// The last day: rows of later ones had not matured.
    pub(crate) through: NaiveDate,
}

impl Mark {
    /// What a snapshot holds of a log; bars have none.
    pub(crate) fn of(snapshot: &Snapshot) -> Option<Self> {
        match snapshot {
            Snapshot::Bars { .. } => None,
            Snapshot::Table { parts, through, .. } => {
                Some(Self { entry: LogPosition(parts.last().map_or(0, TablePart::last_seq)), through: *through })
            }
        }
    }
}

impl From<Watermark> for Mark {
    fn from(mark: Watermark) -> Self {
        Self { entry: LogPosition(mark.entry), through: mark.through }
    }
}

/// A log up to its newest visible entry, of which only days before a moment count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Until {
    /// Whose log.
    pub(crate) dataset: i64,
    /// Number of the newest visible entry.
    pub(crate) upto: LogPosition,
    /// The last day that counts.
    pub(crate) through: NaiveDate,
}

/// How many rows of these logs, as they stand, have not matured, in no form: they are of later days. Only these are looked at.
pub(crate) async fn unmatured(db: &mut Connection, logs: &[Until]) -> Result<HashMap<Until, u64>> {
    let mut counts = HashMap::new();
    for part in lists(logs) {
        // By the data's own time, or by the import that brought the row. A newest entry up to `upto` is not beyond it: said once more,
        // it would lead SQLite to read the whole log instead.
        let wanted = sql("WITH wanted (number, dataset, upto, last) AS (VALUES ")
            .rows((0_i64..).zip(part), |(number, log)| {
                let last = Timestamp::end_of(log.through).0;
                [number.into(), log.dataset.into(), (log.upto.0 as i64).into(), last.into()]
            })
            .then(
                ") SELECT w.number, count(*) AS rows FROM wanted w
                 JOIN entries e ON e.dataset = w.dataset AND e.at > w.last
                 WHERE e.deleted = 0 AND e.seq = (SELECT max(n.seq) FROM entries n
                     WHERE n.dataset = e.dataset AND n.key = e.key AND n.seq <= w.upto)
                   AND COALESCE((SELECT 1 - o.deleted FROM entries k
                     JOIN entries o ON o.dataset = k.dataset AND o.seq = k.seq JOIN imports oi ON oi.id = o.import
                     WHERE k.dataset = e.dataset AND k.key = e.key AND k.seq < e.seq
                       AND (o.deleted <> 0 OR COALESCE(o.at, oi.at) <= w.last)
                     ORDER BY k.seq DESC LIMIT 1), 0) = 0
                 GROUP BY w.number
                 UNION ALL
                 SELECT w.number, count(*) FROM wanted w CROSS JOIN imports i CROSS JOIN entries e
                 WHERE i.at > w.last AND e.dataset = w.dataset AND e.import = i.id AND e.at IS NULL
                   AND e.deleted = 0 AND e.seq = (SELECT max(n.seq) FROM entries n
                     WHERE n.dataset = e.dataset AND n.key = e.key AND n.seq <= w.upto)
                   AND COALESCE((SELECT 1 - o.deleted FROM entries k
                     JOIN entries o ON o.dataset = k.dataset AND o.seq = k.seq JOIN imports oi ON oi.id = o.import
                     WHERE k.dataset = e.dataset AND k.key = e.key AND k.seq < e.seq
                       AND (o.deleted <> 0 OR COALESCE(o.at, oi.at) <= w.last)
                     ORDER BY k.seq DESC LIMIT 1), 0) = 0
                 GROUP BY w.number",
            );
        for row in wanted.fetch_all(&mut *db).await? {
            if let Some(log) = usize::try_from(row.int("number")?).ok().and_then(|number| part.get(number)) {
                *counts.entry(*log).or_default() += row.count("rows")?;
            }
        }
    }
    Ok(counts)
}

/// A part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) dataset: i64,
    /// The entries after this one, …
    pub(crate) after: LogPosition,
    /// … up to this one.
    pub(crate) upto: LogPosition,
}

/// An entry that took the place of another one of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    entry: LogPosition,
    before: LogPosition,
    /// The time of the row as it was before.
    at: Timestamp,
    /// The row is deleted by now.
    gone: bool,
}

/// Every change of a row in a part of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Changes(Vec<Change>);

/// What became of the rows that somebody was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fate {
    /// Rows that have been corrected or deleted since.
    pub(crate) changed: u64,
    /// Of these, those that are not there any more.
    pub(crate) gone: u64,
}

impl Changes {
    /// What became of the rows that somebody was given. The first change of a row since then is the one whose predecessor they saw.
    pub(crate) fn since(&self, given: Mark) -> Fate {
        let last = Timestamp::end_of(given.through);
        let theirs = |change: &&Change| change.before <= given.entry && given.entry < change.entry && change.at <= last;
        let changed = self.0.iter().filter(theirs);
        changed.fold(Fate::default(), |fate, change| Fate {
            changed: fate.changed + 1,
            gone: fate.gone + u64::from(change.gone),
        })
    }
}

/// The changes of rows in these parts of logs, by data set. Only these parts are read, whoever was given what.
pub(crate) async fn changes(db: &mut Connection, spans: &[Span]) -> Result<HashMap<i64, Changes>> {
    let mut found: HashMap<i64, Changes> = HashMap::new();
    for part in lists(spans) {
        let wanted = sql("WITH wanted (dataset, after, upto) AS (VALUES ")
            .rows(part, |span| [span.dataset.into(), (span.after.0 as i64).into(), (span.upto.0 as i64).into()])
            .then(
                ") SELECT e.dataset, e.seq, o.seq AS before, COALESCE(o.at, i.at) AS at, l.deleted AS gone FROM wanted w
                 JOIN entries e ON e.dataset = w.dataset AND e.seq > w.after AND e.seq <= w.upto
                 JOIN entries o ON o.dataset = e.dataset AND o.seq = (SELECT max(p.seq) FROM entries p
                     WHERE p.dataset = e.dataset AND p.key = e.key AND p.seq < e.seq)
                 JOIN entries l ON l.dataset = e.dataset AND l.seq = (SELECT max(n.seq) FROM entries n
                     WHERE n.dataset = e.dataset AND n.key = e.key AND n.seq <= w.upto)
                 JOIN imports i ON i.id = o.import
                 WHERE o.deleted = 0",
            );
        let read = wanted.read_each(&mut *db, |row| {
            let change = Change {
                entry: LogPosition(row.count("seq")?),
                before: LogPosition(row.count("before")?),
                at: row.time("at")?,
                gone: row.flag("gone")?,
            };
            Ok((row.int("dataset")?, change))
        });
        for (dataset, change) in read.await? {
            found.entry(dataset).or_default().0.push(change);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
