//! The texts of a job: as they stand, parted by a hash for ever, and what is new to a parent.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::drift::{Familiar, Values};
use common::seen::{RowName, Use};
use common::vocabulary::records::cell;
use common::vocabulary::{Manifest, ModelKey, Reading, Snapshot, TextColumns, TextHyper};

use super::canonical::canonical;
use super::data::{Example, Row, TextEntry, Texts};
use super::side::Side;
use super::simulate::simulated;
use super::{drift, guard};
use crate::error::TrainError;
use crate::family::{Material, Scored, Span, Stretch};
use crate::plain;
use crate::sketch::Sketch;
use crate::table::{Given, Table};

/// A text and what is known of its coming.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) row: Row,
    pub(crate) side: Side,
    pub(crate) date: NaiveDate,
    /// What it is known by when it comes back.
    name: RowName,
    /// The parent has not been given it.
    is_new: bool,
}

/// The texts of a job.
#[derive(Debug)]
pub(crate) struct Rows {
    all: Vec<Placed>,
    /// Those that came after what the version was given, scored before or not.
    come: Vec<String>,
    /// The column of the texts, by which they are parted.
    column: String,
    /// Texts that the version was given have been deleted or changed since, so many.
    forgotten: usize,
    /// Texts that cannot be read, or have no label.
    pub(crate) left_out: u64,
    /// Rows made up from the training rows, if that was asked for.
    simulated: Vec<Row>,
    model: ModelKey,
    /// Words that tell the class by themselves, and may.
    confirmed: Vec<String>,
}

impl Rows {
    /// Reads what the job names. `seen`: the manifest of the version that has seen rows before.
    pub(crate) fn read(
        material: &Material<'_>,
        hyper: &TextHyper,
        seen: Option<&Manifest>,
    ) -> Result<Self, TrainError> {
        let Snapshot::Table { reading: Reading::Texts(columns), .. } = material.snapshot else {
            return Err(TrainError::Code("a classifier of texts was given other rows".into()));
        };
        let given = seen.map(Given::to).transpose()?;
        let table = Table::read(material.snapshot, material.parts)?;
        let texts = texts(&table, columns)?;
        let left_out = texts.refused.len() as u64;
        let index_of: HashMap<&str, usize> = table.standing().iter().map(|index| (table.key(*index), *index)).collect();
        let index = |row: &Row| index_of.get(row.key.as_str()).copied().unwrap_or_default();
        let has_come = |row: &&Row| given.is_some_and(|given| table.is_new(index(row), &given));
        let come = texts.rows.iter().filter(has_come).map(|row| row.text.clone()).collect();
        let placed = |row: Row| {
            let index = index(&row);
            let name = RowName::new(&row.key, Some(canonical(&row.text).as_bytes()));
            let side = match material.scored {
                Scored::HeldOut => Side::of(&row.text),
                // All that came later is new to a version; what it was given, and its sides, matter no more.
                Scored::Beyond { mark, given } => {
                    let is_known = given.is_some_and(|given| given.given(&name));
                    if is_known || !table.is_new(index, &Given::of(mark)) {
                        return None;
                    }
                    Side::Holdout
                }
            };
            let is_new = given.is_none_or(|given| table.is_new(index, &given));
            Some(Placed { row, side, date: table.date(index), name, is_new })
        };
        let forgotten = given.map_or(0, |given| table.forgotten_since(&given));
        let all: Vec<Placed> = texts.rows.into_iter().filter_map(placed).collect();
        let training: Vec<&Row> =
            all.iter().filter(|placed| placed.side == Side::Train).map(|placed| &placed.row).collect();
        let simulated = simulated(&training, hyper.simulate, hyper.seed);
        let (model, confirmed) = (material.model.clone(), columns.confirmed.clone());
        Ok(Self { all, come, column: columns.text.clone(), forgotten, left_out, simulated, model, confirmed })
    }

    /// The texts by name: what differs in case, punctuation, digits, mentions and links only has the same content.
    pub(crate) fn named(&self) -> Vec<(RowName, Use)> {
        let used = |placed: &Placed| match placed.side {
            Side::Train | Side::Validation => Use::Fitted,
            Side::Holdout | Side::Anchor => Use::HeldOut,
        };
        self.all.iter().map(|placed| (placed.name, used(placed))).collect()
    }

    /// Takes texts out of those to score.
    pub(crate) fn leave_out(&mut self, is_known: &dyn Fn(&RowName) -> bool) {
        self.all.retain(|placed| placed.side != Side::Holdout || !is_known(&placed.name));
    }

    /// Checks that no word of the training texts tells their class by itself.
    ///
    /// # Errors
    /// One does, and nobody has confirmed it.
    pub(crate) fn guard(&self) -> Result<(), TrainError> {
        let training: Vec<&Row> = self.on(Side::Train).map(|placed| &placed.row).collect();
        guard::check(&self.model, &training, &self.confirmed)
    }

    /// Texts that the parent has learnt from, and that have been deleted or changed since: their n-grams are in its counts, and what
    /// they moved the weights by cannot be told from the rest.
    ///
    /// # Errors
    /// There are some.
    pub(crate) fn nothing_to_forget(&self) -> Result<(), TrainError> {
        plain::nothing_to_forget(self.forgotten, "texts")
    }

    /// The column the texts are in.
    pub(crate) fn column(&self) -> &str {
        &self.column
    }

    /// The texts on a side.
    pub(crate) fn on(&self, side: Side) -> impl Iterator<Item = &Placed> {
        self.all.iter().filter(move |placed| placed.side == side)
    }

    /// What a training sees of a side.
    pub(crate) fn examples(&self, side: Side) -> Vec<Example<'_>> {
        self.on(side).map(|placed| placed.row.example()).collect()
    }

    /// Training rows the parent was given, or was not; simulated ones were never given to it.
    pub(crate) fn training(&self, new: bool) -> impl Iterator<Item = &Row> {
        let real = self.on(Side::Train).filter(move |placed| placed.is_new == new).map(|placed| &placed.row);
        real.chain(self.simulated.iter().filter(move |_| new))
    }

    /// All training rows, the simulated ones included.
    pub(crate) fn all_training(&self) -> Vec<Example<'_>> {
        let real = self.on(Side::Train).map(|placed| &placed.row);
        real.chain(&self.simulated).map(Row::example).collect()
    }

    /// What the rows say of themselves. Sides are fixed by a hash, so that days say nothing of who has seen what.
    pub(crate) fn span(&self) -> Span {
        let fitted = self.on(Side::Train).chain(self.on(Side::Validation)).map(|placed| placed.date);
        Span { fitted_through: fitted.max(), data_through: self.all.iter().map(|placed| placed.date).max() }
    }

    /// Texts that came after what the version was given.
    pub(crate) fn come(&self) -> &[String] {
        &self.come
    }

    /// All texts, in order of their days.
    fn in_time(&self) -> Vec<&str> {
        let mut all: Vec<&Placed> = self.all.iter().collect();
        all.sort_by_key(|placed| placed.date);
        all.into_iter().map(|placed| placed.row.text.as_str()).collect()
    }

    /// What the texts make familiar.
    pub(crate) fn familiar(&self) -> Familiar {
        drift::familiar(&self.in_time())
    }

    /// Shows what is compared of texts.
    pub(crate) fn show(&self, of: Stretch, familiar: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
        let texts = match of {
            Stretch::Training => self.in_time(),
            Stretch::Come => self.come.iter().map(String::as_str).collect(),
        };
        drift::show(&texts, of, familiar, show);
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
    let entry = |&index: &usize| TextEntry {
        key: table.key(index).to_owned(),
        text: table.text(text, index).unwrap_or_default().into_owned().into_bytes(),
        label: table
            .text(label, index)
            .map(|label| columns.positive.iter().any(|word| cell::is_same_word(word, &label))),
        weight: weights.map(|weights| weights[index]).filter(|weight| !weight.is_nan()),
        group: group.and_then(|group| table.text(group, index)).map(|group| group.into_owned()),
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
