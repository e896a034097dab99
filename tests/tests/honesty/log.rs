//! Logs of data sets, as a snapshot hands them to a training.

use bytes::Bytes;
use chrono::{Days, NaiveDate};
use common::random::{Purpose, Stream};
use common::table::{self, Cell, Entries, Entry};
use common::vocabulary::{
    Column, ColumnKind, ContentHash, DatasetName, Hyper, ModelKey, Reading, Snapshot, SplitPolicy, TablePart,
    TableSchema, Timestamp,
};
use models::run::TrainError;

use crate::training::{self, Others, Trained};

/// A log that grows.
#[derive(Clone)]
pub(crate) struct Log {
    schema: TableSchema,
    pub(crate) entries: Vec<Entry>,
}

impl Log {
    /// An empty one of these columns.
    pub(crate) fn of(columns: &[(&str, ColumnKind)]) -> Self {
        let columns = columns.iter().map(|(name, kind)| Column { name: (*name).into(), kind: *kind }).collect();
        Self { schema: TableSchema::new(columns, vec![], None).unwrap(), entries: Vec::new() }
    }

    /// A row that happened on a day, counted from 2024-01-01 on.
    pub(crate) fn row(&mut self, key: impl Into<String>, day: u64, cells: Vec<Cell>) {
        self.entry(key.into(), day, cells.into_iter().map(Some).collect(), false);
    }

    /// The deletion of a row.
    pub(crate) fn delete(&mut self, key: impl Into<String>, day: u64) {
        let cells = vec![None; self.schema.columns().len()];
        self.entry(key.into(), day, cells, true);
    }

    fn entry(&mut self, key: String, day: u64, cells: Vec<Option<Cell>>, deleted: bool) {
        let seq = self.entries.len() as u64 + 1;
        let arrived = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
        let at = Timestamp::end_of(arrived);
        self.entries.push(Entry { seq, key, at: (!deleted).then_some(at), arrived, deleted, cells });
    }

    /// The same with the cells of a column dealt out anew among the rows.
    pub(crate) fn shuffled(&self, column: &str, seed: u64) -> Self {
        let index = self.schema.position(column).unwrap();
        let mut cells: Vec<Option<Cell>> = self.entries.iter().map(|entry| entry.cells[index].clone()).collect();
        Stream::new(seed, Purpose::Shuffle, 0, 0).shuffle(&mut cells);
        let mut shuffled = self.clone();
        shuffled.entries.iter_mut().zip(cells).for_each(|(entry, cell)| entry.cells[index] = cell);
        shuffled
    }

    fn file(&self) -> Bytes {
        let mut all = Entries::new(&self.schema);
        self.entries.iter().for_each(|entry| all.push(entry));
        table::encode(&self.schema, &all).unwrap()
    }

    /// Trains a model on it.
    pub(crate) fn train(&self, reading: Reading, hyper: Hyper, others: Others<'_>) -> Result<Trained, TrainError> {
        let file = self.file();
        let dataset: DatasetName = "rows".parse().unwrap();
        let part = TablePart {
            hash: ContentHash::of(&file),
            dataset: dataset.clone(),
            first_seq: 1,
            entries: self.entries.len() as u64,
        };
        let through = self.entries.iter().map(|entry| entry.arrived).max().unwrap();
        let model: ModelKey = format!("{}/test", hyper.family()).parse().unwrap();
        let snapshot = Snapshot::Table { dataset, reading, parts: vec![part], through };
        training::train(model, snapshot, &file, hyper, SplitPolicy::default(), others)
    }
}
