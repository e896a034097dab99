//! The texts of a job: as they stand, parted by a hash for ever, and what is new to a parent.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{Manifest, Reading, Snapshot, TextColumns};

use super::data::{Entry, Example, Row, Texts};
use super::side::Side;
use crate::error::TrainError;
use crate::family::{Material, Scored, Span};
use crate::sketch::Sketch;
use crate::table::Table;

/// A text and what is known of its coming.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) row: Row,
    pub(crate) side: Side,
    pub(crate) date: NaiveDate,
    /// The parent has not been given it.
    is_new: bool,
}

/// The texts of a job.
#[derive(Debug)]
pub(crate) struct Rows(Vec<Placed>);

impl Rows {
    /// Reads what the job names. `seen`: the manifest of the version that has seen rows before.
    pub(crate) fn read(material: &Material<'_>, seen: Option<&Manifest>) -> Result<Self, TrainError> {
        let Snapshot::Table { reading: Reading::Texts(columns), .. } = material.snapshot else {
            return Err(TrainError::Code("a classifier of texts was given other rows".into()));
        };
        let through = match seen.map(|manifest| &manifest.snapshot) {
            Some(Snapshot::Table { parts, .. }) => parts.last().map_or(0, |part| part.last_seq()),
            Some(Snapshot::Bars { .. }) => {
                return Err(TrainError::Code("the parent of a classifier of texts has learnt from bars".into()));
            }
            None => 0,
        };
        let table = Table::read(material.snapshot, material.parts)?;
        let texts = texts(&table, columns)?;
        let place_of: HashMap<&str, usize> = table.standing().iter().map(|place| (table.key(*place), *place)).collect();
        let placed = |row: Row| {
            let place = place_of.get(row.key.as_str()).copied().unwrap_or_default();
            let (seq, date) = (table.seq(place), table.date(place));
            let side = match material.scored {
                Scored::HeldOut => Side::of(&row.text),
                // All that came later is new to a version; what it was given, and its sides, matter no more.
                Scored::Beyond(mark) if seq > mark.entry => Side::Holdout,
                Scored::Beyond(_) => return None,
            };
            Some(Placed { row, side, date, is_new: seq > through })
        };
        Ok(Self(texts.rows.into_iter().filter_map(placed).collect()))
    }

    /// The texts on a side.
    pub(crate) fn on(&self, side: Side) -> impl Iterator<Item = &Placed> {
        self.0.iter().filter(move |placed| placed.side == side)
    }

    /// What a training sees of a side.
    pub(crate) fn examples(&self, side: Side) -> Vec<Example<'_>> {
        self.on(side).map(|placed| placed.row.example()).collect()
    }

    /// Training rows the parent was given, or was not.
    pub(crate) fn training(&self, new: bool) -> impl Iterator<Item = &Row> {
        self.on(Side::Train).filter(move |placed| placed.is_new == new).map(|placed| &placed.row)
    }

    /// What the rows say of themselves. Sides are fixed by a hash, so that days say nothing of who has seen what.
    pub(crate) fn span(&self) -> Span {
        let fitted = self.on(Side::Train).chain(self.on(Side::Validation)).map(|placed| placed.date);
        Span { fitted_through: fitted.max(), data_through: self.0.iter().map(|placed| placed.date).max() }
    }

    /// What the training texts look like.
    pub(crate) fn sketch(&self) -> Sketch {
        let train = || self.on(Side::Train).map(|placed| &placed.row);
        Sketch::of_columns([
            ("characters", train().map(|row| row.text.chars().count() as f64).collect()),
            ("words", train().map(|row| row.text.split_whitespace().count() as f64).collect()),
            ("label", train().map(|row| f64::from(u8::from(row.label))).collect()),
        ])
    }
}

fn texts(table: &Table, columns: &TextColumns) -> Result<Texts, TrainError> {
    let (text, label) = (table.column(&columns.text)?, table.column(&columns.label)?);
    let weights = table.weights(columns.weight.as_ref())?;
    let group = columns.group.as_ref().map(|name| table.column(name)).transpose()?;
    let entry = |&place: &usize| Entry {
        key: table.key(place).to_owned(),
        text: table.text(text, place).unwrap_or_default().into_owned().into_bytes(),
        label: table.text(label, place).map(|label| columns.positive.iter().any(|word| *word == label)),
        weight: weights.map(|weights| weights[place]).filter(|weight| !weight.is_nan()),
        group: group.and_then(|group| table.text(group, place)).map(|group| group.into_owned()),
    };
    let texts = Texts::of(table.standing().iter().map(entry));
    if let Some(refusal) = texts.refused.first() {
        let count = texts.refused.len();
        tracing::warn!(count, first = refusal.reason, "rows that cannot be read are left out");
    }
    if texts.contradictions > 0 {
        tracing::warn!(count = texts.contradictions, "texts with two labels: the newest counts");
    }
    Ok(texts)
}
