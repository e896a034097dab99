//! Entries of a log, column by column: a million ratings are some 60 MB.

use chrono::NaiveDate;

use super::Texts;
use crate::vocabulary::{ColumnKind, TableSchema, Timestamp};

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// A moment.
    Time(Timestamp),
}

impl Cell {
    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Number(_) => ColumnKind::Number,
            Self::Text(_) => ColumnKind::Text,
            Self::Time(_) => ColumnKind::Time,
        }
    }
}

/// One entry of the log: a row as it came, or that one was deleted. The newest entry of a key stands for the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number in the log, from 1.
    pub seq: u64,
    /// Which row it is of.
    pub key: String,
    /// When the row happened, if the table says so.
    pub at: Option<Timestamp>,
    /// The day it came in.
    pub arrived: NaiveDate,
    /// The row was deleted; the cells are missing.
    pub deleted: bool,
    /// The values, in the order of the columns; `None` is missing.
    pub cells: Vec<Option<Cell>>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Finite numbers; NaN is missing.
    Number(Vec<f64>),
    /// Texts.
    Text(Texts),
    /// Moments.
    Time(Vec<Option<Timestamp>>),
}

impl Cells {
    pub(super) fn none(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Number => Self::Number(Vec::new()),
            ColumnKind::Text => Self::Text(Texts::default()),
            ColumnKind::Time => Self::Time(Vec::new()),
        }
    }

    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Number(_) => ColumnKind::Number,
            Self::Text(_) => ColumnKind::Text,
            Self::Time(_) => ColumnKind::Time,
        }
    }

    /// The value at an index, if it is not missing.
    pub fn get(&self, index: usize) -> Option<Cell> {
        match self {
            Self::Number(numbers) => numbers.get(index).filter(|number| !number.is_nan()).map(|n| Cell::Number(*n)),
            Self::Text(texts) => texts.get(index).map(|text| Cell::Text(text.to_owned())),
            Self::Time(times) => times.get(index).copied().flatten().map(Cell::Time),
        }
    }

    /// One more; what is of another kind is missing.
    fn push(&mut self, cell: Option<&Cell>) {
        match (self, cell) {
            (Self::Number(numbers), Some(Cell::Number(number))) => numbers.push(*number),
            (Self::Number(numbers), _) => numbers.push(f64::NAN),
            (Self::Text(texts), Some(Cell::Text(text))) => texts.push(Some(text)),
            (Self::Text(texts), _) => texts.push(None),
            (Self::Time(times), Some(Cell::Time(time))) => times.push(Some(*time)),
            (Self::Time(times), _) => times.push(None),
        }
    }
}

/// Entries of one data set, by ascending number. All fields are equally long.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries {
    /// Their numbers.
    pub seq: Vec<u64>,
    /// Which rows they are of; none is missing.
    pub key: Texts,
    /// When they happened.
    pub at: Vec<Option<Timestamp>>,
    /// The days they came in.
    pub arrived: Vec<NaiveDate>,
    /// Whether each says that its row was deleted.
    pub deleted: Vec<bool>,
    /// The columns of the table, in its order.
    pub columns: Vec<Cells>,
}

impl Entries {
    /// No entries of such a table.
    pub fn new(schema: &TableSchema) -> Self {
        Self {
            seq: Vec::new(),
            key: Texts::default(),
            at: Vec::new(),
            arrived: Vec::new(),
            deleted: Vec::new(),
            columns: schema.columns().iter().map(|column| Cells::none(column.kind)).collect(),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.seq.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seq.is_empty()
    }

    /// One more, which must come after those there are.
    pub fn push(&mut self, entry: &Entry) {
        self.seq.push(entry.seq);
        self.key.push(Some(&entry.key));
        self.at.push(entry.at);
        self.arrived.push(entry.arrived);
        self.deleted.push(entry.deleted);
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.push(entry.cells.get(index).and_then(Option::as_ref));
        }
    }

    /// The entry at an index.
    pub fn get(&self, index: usize) -> Option<Entry> {
        Some(Entry {
            seq: *self.seq.get(index)?,
            key: self.key.get(index)?.to_owned(),
            at: *self.at.get(index)?,
            arrived: *self.arrived.get(index)?,
            deleted: *self.deleted.get(index)?,
            cells: self.columns.iter().map(|column| column.get(index)).collect(),
        })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Entry> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Takes in the entries of a later part of the same log.
    pub fn append(&mut self, later: &Self) {
        for entry in later.iter() {
            self.push(&entry);
        }
    }
}
