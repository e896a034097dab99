//! The rows of a data set as they stand at the end of its log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use common::table::{self, Cells, Entries};
use common::vocabulary::{Column, Snapshot};

use crate::error::TrainError;

/// A log, and which of its entries stand: of each key the newest, unless that is a deletion.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    entries: Entries,
    /// Places of the entries that stand, in the order of the log.
    standing: Vec<usize>,
    /// For each deletion, the place of an earlier entry of its key that still had cells.
    deleted: Vec<(usize, usize)>,
}

impl Table {
    /// Reads the files of a snapshot.
    ///
    /// # Errors
    /// A file that is not what it should be, or no rows at all.
    pub(crate) fn read(snapshot: &Snapshot, parts: &[PathBuf]) -> Result<Self, TrainError> {
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
        let (standing, deleted) = standing(&entries);
        Ok(Self { columns, entries, standing, deleted })
    }

    /// Places of the rows that stand, in the order of the log.
    pub(crate) fn standing(&self) -> &[usize] {
        &self.standing
    }

    /// For each deletion its place, and that of the row it took away.
    pub(crate) fn deleted(&self) -> &[(usize, usize)] {
        &self.deleted
    }

    /// The number of an entry in the log, from 1.
    pub(crate) fn seq(&self, place: usize) -> u64 {
        self.entries.seq.get(place).copied().unwrap_or_default()
    }

    /// Names a row.
    pub(crate) fn key(&self, place: usize) -> &str {
        self.entries.key.get(place).unwrap_or_default()
    }

    /// When a row happened, seconds since 1970; without a column of time, nothing.
    pub(crate) fn seconds(&self, place: usize) -> Option<i64> {
        self.entries.at.get(place).copied().flatten().map(|at| at.0.div_euclid(1_000_000))
    }

    /// The day a row happened, or came in if it does not say.
    pub(crate) fn date(&self, place: usize) -> NaiveDate {
        let happened = self.seconds(place).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        happened.map_or_else(|| self.entries.arrived.get(place).copied().unwrap_or_default(), |at| at.date_naive())
    }

    /// What a column of any kind says of a row, as a text: ids may be numbers.
    pub(crate) fn text<'a>(&self, column: &'a Cells, place: usize) -> Option<Cow<'a, str>> {
        match column {
            Cells::Text(texts) => texts.get(place).map(Cow::Borrowed),
            Cells::Number(numbers) => {
                numbers.get(place).filter(|number| !number.is_nan()).map(|number| Cow::Owned(number.to_string()))
            }
            Cells::Time(times) => times.get(place).copied().flatten().map(|time| Cow::Owned(time.utc().to_rfc3339())),
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
        let place = self.columns.iter().position(|column| column.name == name);
        place.and_then(|place| self.entries.columns.get(place)).ok_or_else(|| {
            let known: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            TrainError::Data(format!("the data set has no column {name:?}, only {}", known.join(", ")))
        })
    }
}

fn standing(entries: &Entries) -> (Vec<usize>, Vec<(usize, usize)>) {
    let mut newest: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    let mut deleted = Vec::new();
    for place in 0..entries.len() {
        let key = entries.key.get(place).unwrap_or_default();
        if entries.deleted[place] {
            deleted.extend(newest.remove(key).map(|earlier| (place, earlier)));
        } else {
            newest.insert(key, place);
        }
    }
    let mut standing: Vec<usize> = newest.into_values().collect();
    standing.sort_unstable();
    (standing, deleted)
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

    fn table(parts: &[&[Entry]]) -> Result<Table, TrainError> {
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
        Table::read(&Snapshot::Table { dataset: "things".parse().unwrap(), reading, parts: named }, &paths)
    }

    #[test]
    fn the_newest_entry_of_a_key_stands() {
        let log = [entry(1, "a", Some(1.0)), entry(2, "b", Some(2.0)), entry(3, "a", Some(3.0)), entry(4, "b", None)];
        let table = table(&[&log[..2], &log[2..]]).unwrap();
        assert_eq!(table.standing(), [2]);
        assert_eq!(table.deleted(), [(3, 1)]);
        assert_eq!((table.seq(2), table.key(2), table.numbers("value").unwrap()[2]), (3, "a", 3.0));
        assert_eq!(table.text(table.column("name").unwrap(), 2).unwrap(), "A");
        assert_eq!(table.text(table.column("value").unwrap(), 2).unwrap(), "3");
        assert_eq!(table.date(2), "1970-01-04".parse().unwrap());
        assert_eq!(table.date(1), NaiveDate::default(), "without a time, the day it came in");
        let unknown = table.column("size").unwrap_err().to_string();
        assert_eq!(unknown, "the data set has no column \"size\", only value, name");
        assert!(table.numbers("name").unwrap_err().to_string().contains("holds text, but numbers are needed"));
    }

    #[test]
    fn without_rows_nothing_is_read() {
        assert!(table(&[]).unwrap_err().to_string().contains("import some first"));
    }
}
