//! The rows of a data set as they stand at the end of its log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use common::table::{self, Cells, Entries};
use common::vocabulary::{Column, Manifest, Snapshot, TablePart, Watermark};

use crate::error::TrainError;

/// A log, and which of its entries stand: of each key the newest that has matured, unless that is a deletion.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    entries: Entries,
    /// Places of the entries that stand, in the order of the log.
    standing: Vec<usize>,
    /// Entries that do not stand any more, and what came instead.
    replaced: Vec<Replaced>,
}

/// An entry that a later one has taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Replaced {
    earlier: usize,
    by: usize,
}

/// What a version has been given of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    /// Number of the last entry.
    last: u64,
    /// The last day that had matured.
    through: NaiveDate,
}

impl Given {
    /// What lies behind a watermark.
    pub(crate) fn of(mark: Watermark) -> Self {
        Self { last: mark.entry, through: mark.through }
    }

    /// What the version of this manifest has been given.
    pub(crate) fn to(manifest: &Manifest) -> Result<Self, TrainError> {
        match &manifest.snapshot {
            Snapshot::Table { parts, through, .. } => {
                Ok(Self { last: parts.last().map_or(0, TablePart::last_seq), through: *through })
            }
            Snapshot::Bars { .. } => Err(TrainError::Code(format!(
                "{} has learnt from bars, and is no version of this model",
                manifest.model
            ))),
        }
    }
}

impl Table {
    /// Reads the files of a snapshot.
    ///
    /// # Errors
    /// A file that is not what it should be, or no rows at all.
    pub(crate) fn read(snapshot: &Snapshot, parts: &[PathBuf]) -> Result<Self, TrainError> {
        let Snapshot::Table { through, .. } = snapshot else {
            return Err(TrainError::Code("rows of a data set are needed, and there are bars".into()));
        };
        let named = snapshot.files().len();
        if parts.len() != named {
            return Err(TrainError::Code(format!("{} files for the {named} parts of the snapshot", parts.len())));
        }
        let mut all: Option<(Vec<Column>, Entries)> = None;
        for path in parts {
            let bytes = std::fs::read(path).map_err(|error| TrainError::damaged(path, error))?;
            let (columns, entries) =
                table::decode(Bytes::from(bytes)).map_err(|error| TrainError::damaged(path, error))?;
            match &mut all {
                None => all = Some((columns, entries)),
                Some((known, so_far)) if *known == columns => so_far.append(&entries),
                Some(_) => return Err(TrainError::damaged(path, "its columns are not those of the parts before it")),
            }
        }
        let (columns, entries) =
            all.ok_or_else(|| TrainError::Data("the data set has no rows: import some first".into()))?;
        let (standing, replaced) = replay(&entries, *through);
        Ok(Self { columns, entries, standing, replaced })
    }

    /// Places of the rows that stand, in the order of the log.
    pub(crate) fn standing(&self) -> &[usize] {
        &self.standing
    }

    /// Whether a row has come, or matured, since.
    pub(crate) fn is_new(&self, index: usize, given: &Given) -> bool {
        self.seq(index) > given.last || self.date(index) > given.through
    }

    /// Places of rows that were given and have been deleted since.
    pub(crate) fn deleted_since(&self, given: &Given) -> impl Iterator<Item = usize> {
        self.replaced_since(given).filter(|of| self.entries.deleted[of.by]).map(|of| of.earlier)
    }

    /// How many rows that were given have been deleted or changed since.
    pub(crate) fn forgotten_since(&self, given: &Given) -> usize {
        self.replaced_since(given).count()
    }

    fn replaced_since(&self, given: &Given) -> impl Iterator<Item = Replaced> {
        let later = |of: &Replaced| !self.is_new(of.earlier, given) && self.seq(of.by) > given.last;
        self.replaced.iter().copied().filter(later)
    }

    /// The number of an entry in the log, from 1.
    pub(crate) fn seq(&self, index: usize) -> u64 {
        self.entries.seq.get(index).copied().unwrap_or_default()
    }

    /// Names a row.
    pub(crate) fn key(&self, index: usize) -> &str {
        self.entries.key.get(index).unwrap_or_default()
    }

    /// When a row happened, seconds since 1970; without a column of time, nothing.
    pub(crate) fn seconds(&self, index: usize) -> Option<i64> {
        seconds(&self.entries, index)
    }

    /// The day a row happened, or came in if it does not say.
    pub(crate) fn date(&self, index: usize) -> NaiveDate {
        day(&self.entries, index)
    }

    /// What a column of any kind says of a row, as a text: ids may be numbers.
    pub(crate) fn text<'a>(&self, column: &'a Cells, index: usize) -> Option<Cow<'a, str>> {
        match column {
            Cells::Text(texts) => texts.get(index).map(Cow::Borrowed),
            Cells::Number(numbers) => {
                numbers.get(index).filter(|number| !number.is_nan()).map(|number| Cow::Owned(number.to_string()))
            }
            Cells::Time(times) => times.get(index).copied().flatten().map(|time| Cow::Owned(time.utc().to_rfc3339())),
        }
    }

    /// A column of numbers; NaN is missing.
    pub(crate) fn numbers(&self, name: &str) -> Result<&[f64], TrainError> {
        match self.column(name)? {
            Cells::Number(numbers) => Ok(numbers),
            other => Err(TrainError::Data(format!(
                "the column {name:?} holds {}, but numbers are needed there",
                other.kind()
            ))),
        }
    }

    /// The same, where it is named at all.
    pub(crate) fn weights(&self, name: Option<&String>) -> Result<Option<&[f64]>, TrainError> {
        name.map(|name| self.numbers(name)).transpose()
    }

    /// A column of whatever kind.
    pub(crate) fn column(&self, name: &str) -> Result<&Cells, TrainError> {
        let index = self.columns.iter().position(|column| column.name == name);
        index.and_then(|index| self.entries.columns.get(index)).ok_or_else(|| {
            let known: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            TrainError::Data(format!("the data set has no column {name:?}, only {}", known.join(", ")))
        })
    }
}

fn seconds(entries: &Entries, index: usize) -> Option<i64> {
    entries.at.get(index).copied().flatten().map(|at| at.0.div_euclid(1_000_000))
}

fn day(entries: &Entries, index: usize) -> NaiveDate {
    let happened = seconds(entries, index).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    happened.map_or_else(|| entries.arrived.get(index).copied().unwrap_or_default(), |at| at.date_naive())
}

/// What stands, and what does not any more. A deletion holds at once; every other entry once it has matured.
fn replay(entries: &Entries, through: NaiveDate) -> (Vec<usize>, Vec<Replaced>) {
    let mut newest: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    let mut replaced = Vec::new();
    for index in 0..entries.len() {
        let key = entries.key.get(index).unwrap_or_default();
        let earlier = if entries.deleted[index] {
            newest.remove(key)
        } else if day(entries, index) <= through {
            newest.insert(key, index)
        } else {
            None
        };
        replaced.extend(earlier.map(|earlier| Replaced { earlier, by: index }));
    }
    let mut standing: Vec<usize> = newest.into_values().collect();
    standing.sort_unstable();
    (standing, replaced)
}

#[cfg(test)]
mod tests {
    use common::table::{Cell, Entry};
    use common::vocabulary::{ColumnKind, TablePart, TableSchema, Timestamp};

    use super::*;

    fn entry(seq: u64, key: &str, value: Option<f64>) -> Entry {
        Entry {
            seq,
            key: key.into(),
            at: (seq % 2 == 1).then(|| Timestamp(seq as i64 * 86_400_000_000)),
            arrived: NaiveDate::default(),
            deleted: value.is_none(),
            cells: vec![value.map(Cell::Number), value.map(|_| Cell::Text(key.to_uppercase()))],
        }
    }

    fn table(parts: &[&[Entry]], through: &str) -> Result<Table, TrainError> {
        let columns = [("value", ColumnKind::Number), ("name", ColumnKind::Text)]
            .map(|(name, kind)| Column { name: name.into(), kind })
            .to_vec();
        let schema = TableSchema::new(columns, vec![], None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut named = Vec::new();
        let paths: Vec<PathBuf> = parts
            .iter()
            .map(|part| {
                let mut entries = Entries::new(&schema);
                part.iter().for_each(|entry| entries.push(entry));
                let bytes = table::encode(&schema, &entries).unwrap();
                let hash = common::vocabulary::ContentHash::of(&bytes);
                let (dataset, first_seq) = ("things".parse().unwrap(), part[0].seq);
                named.push(TablePart { hash, dataset, first_seq, entries: part.len() as u64 });
                let path = folder.path().join(hash.to_string());
                std::fs::write(&path, bytes).unwrap();
                path
            })
            .collect();
        let reading = common::vocabulary::Reading::Texts(Default::default());
        let (dataset, through) = ("things".parse().unwrap(), through.parse().unwrap());
        Table::read(&Snapshot::Table { dataset, reading, parts: named, through }, &paths)
    }

    #[test]
    fn the_newest_entry_of_a_key_stands() {
        let log = [entry(1, "a", Some(1.0)), entry(2, "b", Some(2.0)), entry(3, "a", Some(3.0)), entry(4, "b", None)];
        let table = table(&[&log[..2], &log[2..]], "1970-02-01").unwrap();
        assert_eq!(table.standing(), [2]);
        let given = |last| Given { last, through: "1970-02-01".parse().unwrap() };
        assert_eq!(table.deleted_since(&given(3)).collect::<Vec<_>>(), [1]);
        assert_eq!((table.forgotten_since(&given(3)), table.forgotten_since(&given(2))), (1, 2));
        assert_eq!(table.forgotten_since(&given(1)), 1, "the row that was deleted was never given");
        assert!(table.is_new(2, &given(2)) && !table.is_new(2, &given(3)));
        assert_eq!((table.seq(2), table.key(2), table.numbers("value").unwrap()[2]), (3, "a", 3.0));
        assert_eq!(table.text(table.column("name").unwrap(), 2).unwrap(), "A");
        assert_eq!(table.text(table.column("value").unwrap(), 2).unwrap(), "3");
        assert_eq!(table.date(2), "1970-01-04".parse().unwrap());
        assert_eq!(table.date(1), NaiveDate::default(), "without a time, the day it came in");
        let unknown = table.column("size").unwrap_err().to_string();
        assert_eq!(unknown, "the data set has no column \"size\", only value, name");
        assert!(table.numbers("name").unwrap_err().to_string().contains("holds text, but numbers are needed"));
    }

    /// G9: a row whose label may still change is not there yet; a deletion holds at once.
    #[test]
    fn rows_stand_once_they_have_matured() {
        let log = [entry(1, "a", Some(1.0)), entry(3, "a", Some(3.0)), entry(5, "b", Some(5.0)), entry(6, "a", None)];
        let standing = |log: &[Entry], through| table(&[log], through).unwrap().standing().to_vec();
        assert_eq!(standing(&log[..3], "1970-01-02"), [0], "not yet superseded");
        assert_eq!(standing(&log[..3], "1970-01-04"), [1]);
        assert_eq!(standing(&log[..3], "1970-01-06"), [1, 2]);
        assert_eq!(standing(&log, "1970-01-06"), [2]);
        assert!(standing(&log, "1970-01-02").is_empty());
        let matured_since = table(&[&log[..3]], "1970-01-06").unwrap();
        let given = Given { last: 5, through: "1970-01-04".parse().unwrap() };
        assert!(matured_since.is_new(2, &given) && !matured_since.is_new(1, &given));
    }

    #[test]
    fn without_rows_nothing_is_read() {
        assert!(table(&[], "1970-01-01").unwrap_err().to_string().contains("import some first"));
    }
}
