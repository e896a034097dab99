//! The ratings of a job: as they stand, parted in time, and what is new to a parent.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{Manifest, RatingColumns, Reading, Snapshot};

use super::ratings::{Entry, Ratings, Reader};
use super::training;
use crate::by_date::{self, Sides};
use crate::error::TrainError;
use crate::family::{Material, Scored, Span};
use crate::sketch::Sketch;
use crate::table::Table;

/// The ratings of a job.
#[derive(Debug)]
pub(crate) struct Rows {
    ratings: Ratings,
    /// The day of each.
    dates: Vec<NaiveDate>,
    sides: Sides,
    /// Training rows that the parent has not learnt from; where a rating of a user was deleted, another one of his.
    fresh: Vec<u32>,
}

impl Rows {
    /// Reads what the job names. `seen`: the manifest of the version that has seen rows before.
    pub(crate) fn read(material: &Material<'_>, seen: Option<&Manifest>) -> Result<Self, TrainError> {
        let Snapshot::Table { reading: Reading::Ratings(columns), .. } = material.snapshot else {
            return Err(TrainError::Code("a recommender was given rows that are no ratings".into()));
        };
        let table = Table::read(material.snapshot, material.parts)?;
        let (ratings, places) = ratings(&table, columns)?;
        let dates: Vec<NaiveDate> = places.iter().map(|place| table.date(*place)).collect();
        let sides = match material.scored {
            Scored::HeldOut => by_date::part(&dates, material.split)?,
            Scored::Beyond(mark) => {
                let entries: Vec<u64> = places.iter().map(|place| table.seq(*place)).collect();
                by_date::beyond(&dates, &entries, material.split, mark)
            }
        };
        let fresh = match seen {
            None => Vec::new(),
            Some(seen) => {
                let rows = Placed { table: &table, ratings: &ratings, places: &places, dates: &dates };
                rows.fresh(columns, &sides, seen)?
            }
        };
        Ok(Self { ratings, dates, sides, fresh })
    }

    /// The ratings that stand.
    pub(crate) fn ratings(&self) -> &Ratings {
        &self.ratings
    }

    /// The sides they are on.
    pub(crate) fn sides(&self) -> &Sides {
        &self.sides
    }

    /// The sides a fit may see.
    pub(crate) fn fitted(&self) -> training::Sides<'_> {
        training::Sides { train: &self.sides.train, validation: &self.sides.validation }
    }

    /// See [`Rows`].
    pub(crate) fn fresh(&self) -> &[u32] {
        &self.fresh
    }

    /// The day of a rating.
    pub(crate) fn date(&self, row: u32) -> NaiveDate {
        self.dates.get(row as usize).copied().unwrap_or_default()
    }

    /// What the rows say of themselves.
    pub(crate) fn span(&self) -> Span {
        let fitted = self.sides.train.iter().chain(&self.sides.validation).map(|row| self.date(*row));
        Span { fitted_through: fitted.max(), data_through: self.dates.iter().max().copied() }
    }

    /// What the training ratings look like.
    pub(crate) fn sketch(&self) -> Sketch {
        let values = self.sides.train.iter().map(|row| f64::from(self.ratings.value[*row as usize]));
        Sketch::of_columns([("rating", values.collect())])
    }
}

/// The ratings that stand, and the place of each in the table.
fn ratings(table: &Table, columns: &RatingColumns) -> Result<(Ratings, Vec<usize>), TrainError> {
    let (users, items) = (table.column(&columns.user)?, table.column(&columns.item)?);
    let (values, weights) = (table.numbers(&columns.value)?, table.weights(columns.weight.as_ref())?);
    let mut reader = Reader::default();
    for &place in table.standing() {
        let (user, item) = (table.text(users, place).unwrap_or_default(), table.text(items, place).unwrap_or_default());
        let entry = Entry {
            user: &user,
            item: &item,
            value: values[place],
            time: table.seconds(place),
            weight: weights.map_or(1.0, |weights| weights[place]),
        };
        reader
            .push(entry)
            .map_err(|error| TrainError::Data(format!("entry {} of the log: {error}", table.seq(place))))?;
    }
    let ratings = reader.ratings();
    let places = ratings.entry.iter().map(|entry| table.standing()[*entry as usize]).collect();
    Ok((ratings, places))
}

/// Ratings and where they come from.
struct Placed<'a> {
    table: &'a Table,
    ratings: &'a Ratings,
    places: &'a [usize],
    dates: &'a [NaiveDate],
}

impl Placed<'_> {
    /// Training rows the parent has not learnt from: entries after those it was given, rows it did not train on and that have left
    /// the newer sides since, and another row of whoever has taken a rating back.
    fn fresh(&self, columns: &RatingColumns, sides: &Sides, seen: &Manifest) -> Result<Vec<u32>, TrainError> {
        let Snapshot::Table { parts, .. } = &seen.snapshot else {
            return Err(TrainError::Code("the parent of a recommender has learnt from bars".into()));
        };
        let through = parts.last().map_or(0, |part| part.last_seq());
        let seq = |row: u32| self.table.seq(self.places[row as usize]);
        let had: Vec<NaiveDate> = (0..self.dates.len() as u32)
            .filter(|row| seq(*row) <= through)
            .map(|row| self.dates[row as usize])
            .collect();
        let untrained_from = by_date::borders(&had, &seen.split).map(|borders| borders.validation);
        let is_new =
            |row: &u32| seq(*row) > through || untrained_from.is_some_and(|day| self.dates[*row as usize] >= day);
        let mut fresh: Vec<u32> = sides.train.iter().copied().filter(is_new).collect();
        fresh.extend(self.bereft(columns, sides, through)?);
        fresh.sort_unstable();
        fresh.dedup();
        Ok(fresh)
    }

    /// A training row of each user who has taken a rating back since.
    fn bereft(&self, columns: &RatingColumns, sides: &Sides, through: u64) -> Result<Vec<u32>, TrainError> {
        let users = self.table.column(&columns.user)?;
        let row_of: HashMap<u32, u32> =
            sides.train.iter().map(|row| (self.ratings.user[*row as usize], *row)).collect();
        let later = self.table.deleted().iter().filter(|(deletion, _)| self.table.seq(*deletion) > through);
        let user = |(_, earlier): &(usize, usize)| {
            let user = self.table.text(users, *earlier)?;
            row_of.get(&self.ratings.users.find(&user)?).copied()
        };
        Ok(later.filter_map(user).collect())
    }
}
