//! The records of a job: as they stand, typed, parted into sides, and what is new to a parent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::drift::Values;
use common::seen::{RowName, Use};
use common::shell::shell_word;
use common::table::Cells;
use common::vocabulary::records::{ColumnSpec, Order, Role, Schema};
use common::vocabulary::{ModelKey, Reading, Snapshot};

use super::dataset::{Column, Dataset};
use super::family::Tabular;
use super::guard::{Alert, guard_inputs};
use super::model::Model;
use super::raw::RawTable;
use super::sides::{Side, in_time, sides};
use crate::error::TrainError;
use crate::family::{Material, Scored, Span, Stretch};
use crate::sketch::Sketch;
use crate::table::{Given, Table};
use crate::version::Version;

/// Share of undated records that judge: fixed, for a record never changes sides.
const UNDATED_HOLDOUT: f64 = 0.2;

/// The records of a job.
#[derive(Debug)]
pub(crate) struct Rows {
    model: ModelKey,
    table: Table,
    data: Dataset,
    raw: RawTable,
    names: Vec<RowName>,
    sides: Vec<Side>,
    dates: Vec<NaiveDate>,
    /// The parent has not learnt from it: it came later, or has left the holdout since.
    is_new: Vec<bool>,
    /// Those that came after what the version was given, by the log, whether their outcome is known or not. Names do not count here: a
    /// row like one that was seen says as much of the inputs as any.
    come: Vec<usize>,
    /// How many the parent has learnt from that have been deleted or changed since.
    pub(crate) forgotten: usize,
}

impl Rows {
    /// Reads what the job names. `seen`: the version that has seen rows before.
    ///
    /// # Errors
    /// The schema does not fit the table.
    pub(crate) fn read(material: &Material<'_>, seen: Option<&Version<Tabular>>) -> Result<Self, TrainError> {
        let Snapshot::Table { reading: Reading::Records(schema), .. } = material.snapshot else {
            return Err(TrainError::Code("a model of records was given other rows".into()));
        };
        let given = seen.map(|version| Given::to(&version.manifest)).transpose()?;
        let table = Table::read(material.snapshot, material.parts)?;
        let raw = raw(&table, schema, Gone::Refused)?;
        let data = Dataset::of_log(schema, &raw)?;
        let holdout = if schema.order == Order::Undated { UNDATED_HOLDOUT } else { material.split.holdout_share };
        let mut sides = sides(&data, holdout, material.split.holdout_rows as usize);
        let standing = table.standing();
        let dates = standing.iter().map(|index| table.date(*index)).collect();
        let fitted_through = seen.and_then(|version| version.model.seen_through());
        let names = names(&data.keys, schema, &raw);
        if let Scored::Beyond { mark, given } = material.scored {
            // What it was given, and its sides, matter no more: of what came later, all that it was not given is scored.
            let is_unseen = |row: usize| fitted_through.is_none_or(|through| data.times[row] > through);
            for (row, index) in table.standing().iter().enumerate() {
                let is_known = given.is_some_and(|given| given.given(&names[row]));
                let has_come = table.is_new(*index, &Given::of(mark)) && !is_known;
                let is_later = has_come && data.targets[row].is_finite() && is_unseen(row);
                sides[row] = if is_later { Side::Holdout } else { Side::Open };
            }
        }
        let left_out = |row: usize| fitted_through.is_some_and(|through| data.times[row] > through);
        let has_come = |index: &usize| given.is_none_or(|given| table.is_new(*index, &given));
        let come = (0..standing.len()).filter(|row| has_come(&standing[*row])).collect();
        let is_new = standing.iter().enumerate().map(|(row, index)| has_come(index) || left_out(row)).collect();
        let forgotten = given.map_or(0, |given| table.forgotten_since(&given));
        Ok(Self { model: material.model.clone(), table, data, raw, names, sides, dates, is_new, come, forgotten })
    }

    /// The records by name; one whose outcome is not known is used for nothing yet.
    pub(crate) fn named(&self) -> Vec<(RowName, Use)> {
        let used = |side: &Side| match side {
            Side::Fit => Some(Use::Fitted),
            Side::Holdout | Side::Anchor => Some(Use::HeldOut),
            Side::Open => None,
        };
        self.names.iter().zip(&self.sides).filter_map(|(name, side)| Some((*name, used(side)?))).collect()
    }

    /// Takes records out of those to score.
    pub(crate) fn leave_out(&mut self, is_known: &dyn Fn(&RowName) -> bool) {
        for (name, side) in self.names.iter().zip(&mut self.sides) {
            if *side == Side::Holdout && is_known(name) {
                *side = Side::Open;
            }
        }
    }

    /// Refuses inputs that give the outcome away by themselves, until a person has confirmed them.
    ///
    /// # Errors
    /// All such inputs, and what to do.
    pub(crate) fn guard(&self) -> Result<(), TrainError> {
        let confirmed = |name: &str| self.data.schema.column(name).is_some_and(|column| column.confirmed_at.is_some());
        let alerts = guard_inputs(&self.data, &self.raw)?;
        let found: Vec<Alert> = alerts.into_iter().filter(|alert| !confirmed(&alert.column)).collect();
        if found.is_empty() {
            return Ok(());
        }
        let messages: Vec<&str> = found.iter().map(|alert| alert.message.as_str()).collect();
        let flags: String =
            found.iter().map(|alert| format!(" --confirm-column {}", shell_word(&alert.column))).collect();
        Err(TrainError::Data(format!(
            "{} Say in the schema that it is known only afterwards (available_at: after, role: ignored), or, if it is known \
             before, `refit model {}{flags}`.",
            messages.join(" "),
            self.model
        )))
    }

    /// The records as a model reads them, which may be one of an earlier schema. A column that is gone is missing in every record.
    ///
    /// # Errors
    /// The model predicts something else, or parts the records otherwise: it cannot be compared.
    pub(crate) fn as_read_by(&self, model: &Model) -> Result<Cow<'_, Dataset>, TrainError> {
        if model.schema().fitted() == self.data.schema.fitted() {
            return Ok(Cow::Borrowed(&self.data));
        }
        if !model.schema().predicts_like(&self.data.schema) {
            return Err(TrainError::Data(
                "an earlier version predicts something else, or for other records: register a model of another name"
                    .into(),
            ));
        }
        Dataset::of_log(model.schema(), &raw(&self.table, model.schema(), Gone::Missing)?).map(Cow::Owned)
    }

    /// The typed records.
    pub(crate) fn data(&self) -> &Dataset {
        &self.data
    }

    /// Places of the records on a side.
    pub(crate) fn on(&self, side: Side) -> Vec<usize> {
        (0..self.sides.len()).filter(|row| self.sides[*row] == side).collect()
    }

    /// Records to fit, which the parent was given, or was not.
    pub(crate) fn fitted(&self, new: bool) -> Vec<usize> {
        self.on(Side::Fit).into_iter().filter(|row| self.is_new[*row] == new).collect()
    }

    /// The day of a record.
    pub(crate) fn date(&self, row: usize) -> NaiveDate {
        self.dates.get(row).copied().unwrap_or_default()
    }

    /// Places of the records that have come since the version was given its own.
    pub(crate) fn come(&self) -> &[usize] {
        &self.come
    }

    /// Shows the inputs column by column, in the order of time, or of the log where records have none.
    pub(crate) fn show(&self, of: Stretch, show: &mut dyn FnMut(&str, &Values<'_>)) {
        let rows = match of {
            Stretch::Training => (0..self.sides.len()).filter(|row| self.sides[*row] != Side::Open).collect(),
            Stretch::Come => self.come.clone(),
        };
        let rows = if self.data.schema.order == Order::Undated { rows } else { in_time(&self.data, rows) };
        for (column, values) in self.data.schema.with_role(Role::Feature).zip(&self.data.features) {
            let values = match values {
                Column::Number(values) => Values::Numbers(rows.iter().map(|row| values[*row]).collect()),
                Column::Category { codes, names } => {
                    Values::Names { codes: rows.iter().map(|row| codes[*row]).collect(), names }
                }
            };
            show(&column.name, &values);
        }
    }

    /// Up to `n` of these records, evenly spread, as cells by column.
    pub(crate) fn some_records(&self, rows: &[usize], n: usize) -> Vec<BTreeMap<String, String>> {
        let record = |row: &usize| self.raw.names.iter().cloned().zip(self.raw.rows[*row].iter().cloned()).collect();
        rows.iter().step_by(rows.len().div_ceil(n.max(1)).max(1)).map(record).collect()
    }

    /// What the records say of themselves. Sides follow from the key or from the order, so days say nothing of who has seen what.
    pub(crate) fn span(&self) -> Span {
        let fitted = self.on(Side::Fit).into_iter().map(|row| self.date(row)).max();
        Span { fitted_through: fitted, data_through: self.dates.iter().max().copied() }
    }

    /// What the inputs of the records to fit look like; categories by their number.
    pub(crate) fn sketch(&self) -> Sketch {
        let rows = self.on(Side::Fit);
        let names: Vec<&str> = self.data.schema.with_role(Role::Feature).map(|column| column.name.as_str()).collect();
        let values = |column: &Column| match column {
            Column::Number(values) => rows.iter().map(|row| values[*row]).collect(),
            Column::Category { codes, .. } => rows.iter().map(|row| f64::from(codes[*row])).collect(),
        };
        Sketch::of_columns(names.into_iter().zip(self.data.features.iter().map(values)))
    }
}

/// Names records by key, and by what is predicted from.
fn names(keys: &[String], schema: &Schema, raw: &RawTable) -> Vec<RowName> {
    let inputs: Vec<usize> =
        schema.with_role(Role::Feature).filter_map(|column| raw.position(&column.name).ok()).collect();
    let content = |cells: &Vec<String>| {
        // Parted by what no cell of a line holds.
        inputs.iter().flat_map(|index| [cells[*index].trim(), "\u{1f}"]).collect::<String>()
    };
    keys.iter().zip(&raw.rows).map(|(key, cells)| RowName::new(key, Some(content(cells).as_bytes()))).collect()
}

/// What a column is that the data set does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gone {
    /// An error.
    Refused,
    /// Missing in every record.
    Missing,
}

/// The cells of the columns that matter to a schema, as texts.
fn raw(table: &Table, schema: &Schema, gone: Gone) -> Result<RawTable, TrainError> {
    let (outcome, estimate) = schema.task.columns();
    let matters =
        |column: &&ColumnSpec| column.role != Role::Ignored || [Some(outcome), estimate].contains(&Some(&column.name));
    let names: Vec<String> = schema.columns.iter().filter(matters).map(|column| column.name.clone()).collect();
    let column = |name: &String| match (table.column(name), gone) {
        (Ok(column), _) => Ok(Some(column)),
        (Err(_), Gone::Missing) => Ok(None),
        (Err(error), Gone::Refused) => Err(error),
    };
    let columns: Vec<Option<&Cells>> = names.iter().map(column).collect::<Result<_, _>>()?;
    let cell = |column: Option<&Cells>, index| {
        column.and_then(|column| table.text(column, index)).map(Cow::into_owned).unwrap_or_default()
    };
    let row = |&index: &usize| columns.iter().map(|column| cell(*column, index)).collect();
    Ok(RawTable { names, rows: table.standing().iter().map(row).collect() })
}
