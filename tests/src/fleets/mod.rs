//! Made-up rows for every family that reads tables, with something to be learnt in them. The same seed gives the same rows, on any
//! machine: nothing may be shipped that is not ours, and a failure can be repeated.
//!
//! A [`Table`] makes one [`Row`] at a time, by its number; [`csv`], [`deletions`] and [`questions`] put rows into the words of the API.
//! Prices are real ones: see [`prices`](crate::prices).

use std::fmt::Write as _;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::draw::draw;

pub mod ratings;
pub mod records;
pub mod texts;

pub use ratings::Ratings;
pub use records::{Employees, Tasks};
pub use texts::Texts;

/// The column that says when a row happened, in every table.
pub const TIME: &str = "at";

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// All of it is known.
    Whole,
    /// Its outcome is not known yet: those cells are empty.
    Pending,
    /// Somebody has looked again, and says otherwise: some cell differs from [`Edition::Whole`].
    Corrected,
}

/// What rows teach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// What was planted: models beat their baselines.
    Planted,
    /// The opposite: a model that has learnt what was planted does worse than its baseline.
    Turned,
    /// Nothing: outcomes are dealt by chance.
    Noise,
}

/// One row that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which: other numbers have other keys, within [`Table::capacity`].
    pub number: u64,
    /// The day it happened.
    pub on: NaiveDate,
    /// How it stands.
    pub edition: Edition,
    /// What it teaches.
    pub signal: Signal,
}

impl Row {
    /// A whole row of what was planted.
    pub fn new(number: u64, on: NaiveDate) -> Self {
        Self { number, on, edition: Edition::Whole, signal: Signal::Planted }
    }

    /// The same row, standing otherwise.
    #[must_use]
    pub fn standing(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    /// The same row, teaching something else.
    #[must_use]
    pub fn teaching(self, signal: Signal) -> Self {
        Self { signal, ..self }
    }
}

/// A data set of made-up rows.
pub trait Table: Send + Sync {
    /// Its name.
    fn dataset(&self) -> &'static str;

    /// The columns that name a row; declared as texts.
    fn key(&self) -> &'static [&'static str];

    /// All columns in their order, the one of time included.
    fn columns(&self) -> Vec<String>;

    /// The columns that are known only afterwards: what is predicted, and what comes with it.
    fn outcomes(&self) -> &'static [&'static str];

    /// Rows with keys of their own: numbers from here on repeat earlier keys.
    fn capacity(&self) -> u64 {
        u64::MAX
    }

    /// The cells of a row, as [`Table::columns`] says.
    fn cells(&self, row: &Row) -> Vec<String>;
}

/// A number in `0..below` that depends on the seed of a table, the row and the purpose alone.
pub(crate) fn dice(seed: u64, row: u64, purpose: u64, below: u64) -> u64 {
    draw(draw(seed, row, u64::MAX), purpose, below)
}

/// Whole rows of what was planted, spread evenly over the `days` days before `end`, the earliest first.
pub fn history(numbers: std::ops::Range<u64>, end: NaiveDate, days: u64) -> Vec<Row> {
    let count = numbers.end - numbers.start;
    let day = |at: u64| end - chrono::Days::new(days - at * days / count.max(1));
    numbers.clone().map(|number| Row::new(number, day(number - numbers.start))).collect()
}

/// Rows as a file.
pub fn csv(table: &dyn Table, rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| table.cells(row).join(","));
    file(table.columns().join(","), lines)
}

/// The file that deletes these rows.
pub fn deletions(table: &dyn Table, rows: &[Row]) -> String {
    let key = |row| named(table, row, |column| table.key().contains(&column)).into_iter().map(|(_, cell)| cell);
    file(table.key().join(","), rows.iter().map(|row| key(row).collect::<Vec<_>>().join(",")))
}

/// These rows as they are asked about, for `POST /models/…/predict`: what is known only afterwards is missing.
pub fn questions(table: &dyn Table, rows: &[Row]) -> Vec<Value> {
    let outcomes = table.outcomes();
    let cell = |(name, cell): (String, String)| match outcomes.contains(&name.as_str()) {
        true => (name, Value::Null),
        false => (name, Value::from(cell)),
    };
    let asked = |row| named(table, row, |column| column != TIME).into_iter();
    rows.iter().map(|row| asked(row).map(cell).collect::<Map<_, _>>().into()).collect()
}

/// The query of a table's first import: what its key and its time are.
pub fn layout(table: &dyn Table) -> String {
    let kinds: Vec<String> = table.key().iter().map(|column| format!("{column}:text")).collect();
    format!("key={}&time={TIME}&kinds={}", table.key().join(","), kinds.join(","))
}

/// The cells of these columns of a row, by name.
fn named(table: &dyn Table, row: &Row, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    table.columns().into_iter().zip(table.cells(row)).filter(|(column, _)| wanted(column)).collect()
}

fn file(header: String, lines: impl Iterator<Item = String>) -> String {
    let mut file = header + "\n";
    for line in lines {
        let _never_fails = writeln!(file, "{line}");
    }
    file
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn tables() -> [Box<dyn Table>; 4] {
        [Box::new(Ratings::new(1)), Box::new(Texts::new(1)), Box::new(Employees::new(1)), Box::new(Tasks::new(1))]
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 1, 10).unwrap_or_default()
    }

    #[test]
    fn a_row_depends_on_its_seed_and_number_alone_and_has_a_key_of_its_own() {
        for table in tables() {
            let rows = history(0..2000, day(), 100);
            assert_eq!(csv(table.as_ref(), &rows), csv(table.as_ref(), &rows), "{}", table.dataset());
            let keys: BTreeSet<_> = deletions(table.as_ref(), &rows).lines().map(str::to_owned).collect();
            assert_eq!(keys.len(), 2001, "{}", table.dataset());
            assert!(rows.iter().all(|row| row.on < day()) && rows[0].on < rows[1999].on);
        }
    }

    #[test]
    fn what_is_pending_lacks_its_outcome_and_what_is_corrected_differs() {
        for table in tables() {
            for number in 0..500 {
                let whole = Row::new(number, day());
                let said = |edition| table.cells(&whole.standing(edition));
                assert_eq!(said(Edition::Whole).len(), table.columns().len());
                assert_ne!(said(Edition::Whole), said(Edition::Corrected), "{} {number}", table.dataset());
                let pending = table.columns().into_iter().zip(said(Edition::Pending));
                for (column, cell) in pending {
                    assert_eq!(
                        cell.is_empty(),
                        table.outcomes().contains(&column.as_str()),
                        "{}: {column}",
                        table.dataset()
                    );
                }
            }
        }
    }

    #[test]
    fn questions_say_nothing_of_the_outcome() {
        for table in tables() {
            let asked = questions(table.as_ref(), &[Row::new(7, day())]);
            let told = asked[0].as_object().unwrap().iter().filter(|(_, cell)| !cell.is_null());
            let told: Vec<&String> = told.map(|(name, _)| name).collect();
            assert!(!told.is_empty());
            assert!(table.outcomes().iter().all(|outcome| !told.iter().any(|column| column == outcome)), "{told:?}");
        }
    }
}
