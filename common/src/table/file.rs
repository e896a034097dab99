//! Entries of a log as Parquet, in groups of a fixed size.

use std::io::Write;

use bytes::Bytes;

use super::{Cells, Entries, Texts};
use crate::columnar::{self, Column, FormatError, Values};
use crate::vocabulary::{self, TableSchema};

/// Entries of one group: what a writer holds in memory.
const GROUP: usize = 100_000;

/// Our own columns.
const OWN: [&str; 5] = ["_seq", "_key", "_at", "_arrived", "_deleted"];

/// Writes a part of a log, piece by piece: no more than one group of it is in memory.
pub struct Writer<W: Write + Send> {
    file: columnar::Writer<W>,
    names: Vec<String>,
    waiting: Entries,
    last: u64,
}

impl<W: Write + Send> Writer<W> {
    /// A file of entries of such a table.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn new(to: W, schema: &TableSchema) -> Result<Self, FormatError> {
        let names = schema.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let waiting = Entries::new(schema);
        Ok(Self { file: columnar::Writer::new(to, &columns(&names, waiting.clone()))?, names, waiting, last: 0 })
    }

    /// Writes more entries.
    ///
    /// # Errors
    /// Numbers that do not ascend, columns of other kinds, a figure that is not finite, or it cannot be written to.
    pub fn write(&mut self, entries: &Entries) -> Result<(), FormatError> {
        let kinds = |entries: &Entries| entries.columns.iter().map(Cells::kind).collect::<Vec<_>>();
        if kinds(entries) != kinds(&self.waiting) {
            return Err(FormatError::Columns {
                found: "columns of other kinds".into(),
                expected: self.names.join(", "),
            });
        }
        for entry in entries.iter() {
            check_ascending(self.last, entry.seq, self.waiting.len())?;
            self.last = entry.seq;
            self.waiting.push(&entry);
            if self.waiting.len() == GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the end.
    ///
    /// # Errors
    /// There was no entry, or it cannot be written to.
    pub fn finish(mut self) -> Result<W, FormatError> {
        if self.last == 0 {
            return Err(FormatError::Empty);
        }
        if !self.waiting.is_empty() {
            self.flush()?;
        }
        self.file.finish()
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        let kinds = self.waiting.columns.iter().map(|column| Cells::none(column.kind())).collect();
        let group = std::mem::replace(&mut self.waiting, empty(kinds));
        self.file.group(&columns(&self.names, group))
    }
}

fn empty(columns: Vec<Cells>) -> Entries {
    Entries { seq: vec![], key: Texts::default(), at: vec![], arrived: vec![], deleted: vec![], columns }
}

/// Entries as a Parquet file.
///
/// # Errors
/// No entries, numbers that do not ascend, columns that are not those of the table, a figure that is not finite.
pub fn encode(schema: &TableSchema, entries: &Entries) -> Result<Bytes, FormatError> {
    let mut writer = Writer::new(Vec::new(), schema)?;
    writer.write(entries)?;
    Ok(writer.finish()?.into())
}

/// Reads what was written: the columns of the table, and the entries. Whether it is the file that was meant, its hash tells;
/// check that first.
///
/// # Errors
/// Not such a file: other columns, no entries, numbers that do not ascend, a key that is missing.
pub fn decode(file: Bytes) -> Result<(Vec<vocabulary::Column>, Entries), FormatError> {
    let mut all = columnar::read(file, columnar::Room::ROWS)?;
    let found = columnar::names(&all);
    let wrong =
        || FormatError::Columns { found: found.clone(), expected: format!("{}, then the table's", OWN.join(", ")) };
    if all.len() <= OWN.len() || !all.iter().map(|column| column.name.as_str()).take(OWN.len()).eq(OWN) {
        return Err(wrong());
    }
    let (mut table, mut columns) = (Vec::new(), Vec::new());
    for column in all.split_off(OWN.len()) {
        let cells = match column.values {
            Values::SomeReal(numbers) => Cells::Number(numbers),
            Values::SomeText(texts) => Cells::Text(texts),
            Values::SomeTime(times) => Cells::Time(times),
            _ => return Err(wrong()),
        };
        table.push(vocabulary::Column { name: column.name, kind: cells.kind() });
        columns.push(cells);
    }
    let mut own = all.into_iter().map(|column| column.values);
    let (
        Some(Values::Whole(numbers)),
        Some(Values::SomeText(key)),
        Some(Values::SomeTime(at)),
        Some(Values::Date(arrived)),
        Some(Values::Flag(deleted)),
    ) = (own.next(), own.next(), own.next(), own.next(), own.next())
    else {
        return Err(wrong());
    };
    let mut seq = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.into_iter().enumerate() {
        let number = u64::try_from(number).unwrap_or(0);
        check_ascending(seq.last().copied().unwrap_or(0), number, index)?;
        seq.push(number);
    }
    if let Some(index) = key.iter().position(|key| key.is_none()) {
        return Err(FormatError::Value { row: index + 1, column: OWN[1].into(), reason: "it is missing".into() });
    }
    if seq.is_empty() {
        return Err(FormatError::Empty);
    }
    Ok((table, Entries { seq, key, at, arrived, deleted, columns }))
}

fn check_ascending(last: u64, next: u64, index: usize) -> Result<(), FormatError> {
    if last < next && i64::try_from(next).is_ok() {
        return Ok(());
    }
    Err(FormatError::Value {
        row: index + 1,
        column: OWN[0].into(),
        reason: format!("{next} does not come after {last}"),
    })
}

fn columns(names: &[String], entries: Entries) -> Vec<Column> {
    let own = [
        Values::Whole(entries.seq.into_iter().map(|seq| seq as i64).collect()),
        Values::SomeText(entries.key),
        Values::SomeTime(entries.at),
        Values::Date(entries.arrived),
        Values::Flag(entries.deleted),
    ];
    let table = entries.columns.into_iter().map(|cells| match cells {
        Cells::Number(numbers) => Values::SomeReal(numbers),
        Cells::Text(texts) => Values::SomeText(texts),
        Cells::Time(times) => Values::SomeTime(times),
    });
    let own = OWN.into_iter().zip(own).map(|(name, values)| Column::new(name, values));
    own.chain(names.iter().zip(table).map(|(name, values)| Column::new(name, values))).collect()
}
