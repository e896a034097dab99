//! Rows to be predicted, and what was said of them: the Parquet files of batch predictions.
//!
//! The same rows always give the same bytes: a batch that is done again leaves the same file.

use std::fs::File;
use std::io::Write;

use bytes::Bytes;

use crate::columnar::{self, Column, Values};
use crate::table::Texts;
use crate::vocabulary::Reading;
use crate::wire::RowAnswer;

pub use crate::columnar::FormatError;

/// The columns of a file of answers.
const ROW: &str = "row";
const PREDICTION: &str = "prediction";
const LABEL: &str = "label";
const LOW: &str = "low";
const HIGH: &str = "high";

/// Rows to be predicted: the cells of the columns that a model predicts from, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    names: Vec<String>,
    columns: Vec<Texts>,
}

impl Rows {
    /// No rows of these columns.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Self { columns: vec![Texts::default(); names.len()], names }
    }

    /// The columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One more, with a cell for each column; what is left out is missing.
    pub fn push<'a>(&mut self, cells: impl IntoIterator<Item = Option<&'a str>>) {
        let mut cells = cells.into_iter();
        self.columns.iter_mut().for_each(|column| column.push(cells.next().flatten()));
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Texts::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of the row at an index.
    pub fn cells(&self, index: usize) -> Vec<Option<String>> {
        self.columns.iter().map(|column| column.get(index).map(str::to_owned)).collect()
    }

    /// As a file.
    ///
    /// # Errors
    /// There are none.
    pub fn encode(&self) -> Result<Bytes, FormatError> {
        if self.is_empty() {
            return Err(FormatError::Empty);
        }
        let column = |(name, texts): (&String, &Texts)| Column::new(name, Values::SomeText(texts.clone()));
        columnar::write(&self.names.iter().zip(&self.columns).map(column).collect::<Vec<_>>())
    }

    /// Reads what was written. Whether it is the file that was meant, its hash tells; check that first.
    ///
    /// # Errors
    /// Not such a file.
    pub fn decode(file: Bytes) -> Result<Self, FormatError> {
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for column in columnar::read(file, columnar::Room::ROWS)? {
            let Values::SomeText(texts) = column.values else {
                return Err(FormatError::Columns { found: column.name, expected: "texts".into() });
            };
            names.push(column.name);
            columns.push(texts);
        }
        let rows = Self { names, columns };
        if rows.is_empty() { Err(FormatError::Empty) } else { Ok(rows) }
    }
}

/// What answers say beside their value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// Whether a row is taken to be of the class looked for.
    Label,
    /// The central 80 % interval.
    Interval,
}

impl Beside {
    /// What the models of such rows say.
    pub fn of(reading: &Reading) -> Self {
        match reading {
            Reading::Ratings(_) => Self::Nothing,
            Reading::Texts(_) => Self::Label,
            Reading::Records(schema) if schema.task.is_binary() => Self::Label,
            Reading::Records(_) => Self::Interval,
        }
    }
}

/// Writes answers piece by piece: no more than one piece is in memory.
pub struct AnswerWriter<W: Write + Send> {
    file: columnar::Writer<W>,
    beside: Beside,
    rows: i64,
}

impl<W: Write + Send> AnswerWriter<W> {
    /// A file of answers.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn new(to: W, beside: Beside) -> Result<Self, FormatError> {
        Ok(Self { file: columnar::Writer::new(to, &answers(0, &[], beside))?, beside, rows: 0 })
    }

    /// Writes more answers, in the order of the rows.
    ///
    /// # Errors
    /// A figure that is not finite, or it cannot be written to.
    pub fn write(&mut self, more: &[RowAnswer]) -> Result<(), FormatError> {
        self.file.group(&answers(self.rows, more, self.beside))?;
        self.rows += more.len() as i64;
        Ok(())
    }

    /// Writes the end.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn finish(self) -> Result<W, FormatError> {
        self.file.finish()
    }
}

fn answers(before: i64, answers: &[RowAnswer], beside: Beside) -> Vec<Column> {
    let real = |of: &dyn Fn(&RowAnswer) -> f64| Values::Real(answers.iter().map(of).collect());
    let mut columns = vec![
        Column::new(ROW, Values::Whole((before + 1..).take(answers.len()).collect())),
        Column::new(PREDICTION, real(&|answer| answer.value)),
    ];
    match beside {
        Beside::Nothing => {}
        Beside::Label => {
            let labels = answers.iter().map(|answer| answer.label.unwrap_or_default()).collect();
            columns.push(Column::new(LABEL, Values::Flag(labels)));
        }
        Beside::Interval => {
            let ends = |answer: &RowAnswer| answer.interval.unwrap_or((answer.value, answer.value));
            columns.push(Column::new(LOW, real(&|answer| ends(answer).0)));
            columns.push(Column::new(HIGH, real(&|answer| ends(answer).1)));
        }
    }
    columns
}

/// Reads answers piece by piece, as they were written.
pub struct AnswerReader(columnar::Reader);

impl AnswerReader {
    /// Opens a file of answers.
    ///
    /// # Errors
    /// Not such a file.
    pub fn open(file: File) -> Result<Self, FormatError> {
        Ok(Self(columnar::Reader::open(file)?))
    }

    /// The next answers with the number of the first of their rows, from 1.
    ///
    /// # Errors
    /// Not such a file.
    pub fn piece(&mut self) -> Result<Option<(u64, Vec<RowAnswer>)>, FormatError> {
        let Some(columns) = self.0.next()? else { return Ok(None) };
        let found = columnar::names(&columns);
        let wrong = || FormatError::Columns {
            found: found.clone(),
            expected: "row, prediction, then label, or low and high".into(),
        };
        let mut values = columns.into_iter().map(|column| column.values);
        let (Some(Values::Whole(rows)), Some(Values::Real(reals))) = (values.next(), values.next()) else {
            return Err(wrong());
        };
        let plain = |value| RowAnswer { value, label: None, interval: None };
        let answers: Vec<RowAnswer> = match (values.next(), values.next()) {
            (None, None) => reals.into_iter().map(plain).collect(),
            (Some(Values::Flag(flags)), None) => reals
                .into_iter()
                .zip(flags)
                .map(|(value, label)| RowAnswer { label: Some(label), ..plain(value) })
                .collect(),
            (Some(Values::Real(low)), Some(Values::Real(high))) => {
                let interval = |(value, ends)| RowAnswer { interval: Some(ends), ..plain(value) };
                reals.into_iter().zip(low.into_iter().zip(high)).map(interval).collect()
            }
            (Some(_), _) | (None, Some(_)) => return Err(wrong()),
        };
        let first = rows.first().and_then(|row| u64::try_from(*row).ok()).unwrap_or(1);
        Ok(Some((first, answers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_and_give_the_same_bytes() {
        let mut rows = Rows::new(["user", "item"]);
        rows.push([Some("ann"), Some("")]);
        rows.push([None, Some("b,\"c\"\n")]);
        let file = rows.encode().unwrap();
        assert_eq!(Rows::decode(file.clone()).unwrap(), rows);
        assert_eq!(rows.encode().unwrap(), file);
        assert_eq!(rows.cells(1), [None, Some("b,\"c\"\n".to_owned())]);
        assert!(matches!(Rows::new(["user"]).encode(), Err(FormatError::Empty)));
        assert!(Rows::decode(Bytes::from_static(b"PAR1 and nothing else PAR1")).is_err());
    }

    #[test]
    fn answers_are_read_piece_by_piece() {
        for beside in [Beside::Nothing, Beside::Label, Beside::Interval] {
            let answer = |n: u64| {
                let value = n as f64 / 8.0;
                let label = (beside == Beside::Label).then_some(n.is_multiple_of(3));
                let interval = (beside == Beside::Interval).then_some((value - 1.0, value + 1.0));
                RowAnswer { value, label, interval }
            };
            let mut writer = AnswerWriter::new(Vec::new(), beside).unwrap();
            writer.write(&(1..=5).map(answer).collect::<Vec<_>>()).unwrap();
            writer.write(&(6..=7).map(answer).collect::<Vec<_>>()).unwrap();
            let written = writer.finish().unwrap();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&written).unwrap();
            let mut reader = AnswerReader::open(file).unwrap();
            assert_eq!(reader.piece().unwrap(), Some((1, (1..=5).map(answer).collect())));
            assert_eq!(reader.piece().unwrap(), Some((6, (6..=7).map(answer).collect())));
            assert_eq!(reader.piece().unwrap(), None);
        }
        let mut writer = AnswerWriter::new(Vec::new(), Beside::Nothing).unwrap();
        assert!(writer.write(&[RowAnswer { value: f64::NAN, label: None, interval: None }]).is_err());
    }
}
