//! The ratings of a job: as they stand, parted in time, and what is new to a parent.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::drift::{Familiar, Values};
use common::seen::{RowName, Use};
use common::vocabulary::{Manifest, RatingColumns, Reading, Snapshot};

use super::ratings::{Ids, RatingEntry, Ratings, Reader};
use super::{drift, training};
use crate::by_date::{self, Sides};
use crate::error::TrainError;
use crate::family::{Material, Scored, Span, Stretch};
use crate::sketch::Sketch;
use crate::table::{Given, Table};

/// The ratings of a job.
#[derive(Debug)]
pub(crate) struct Rows {
    ratings: Ratings,
    /// The day of each.
    dates: Vec<NaiveDate>,
    sides: Sides,
    /// Those that came after what the version was given, scored before or not.
    come: Vec<u32>,
    news: News,
}

/// What is new to a parent.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Training rows it has not learnt from, and a row of each item whose ratings were taken back.
    pub(crate) fresh: Vec<u32>,
    /// A training row of each user who has taken ratings back.
    pub(crate) bereft: Vec<u32>,
}

impl Rows {
    /// Reads what the job names. `seen`: the manifest of the version that has seen rows before.
    pub(crate) fn read(material: &Material<'_>, seen: Option<&Manifest>) -> Result<Self, TrainError> {
        let Snapshot::Table { reading: Reading::Ratings(columns), .. } = material.snapshot else {
            return Err(TrainError::Code("a recommender was given rows that are no ratings".into()));
        };
        let table = Table::read(material.snapshot, material.parts)?;
        let (ratings, indices) = ratings(&table, columns)?;
        let dates: Vec<NaiveDate> = indices.iter().map(|index| table.date(*index)).collect();
        let sides = match material.scored {
            Scored::HeldOut => by_date::part(&dates, material.split)?,
            Scored::Beyond { mark, given } => {
                let has_come = |(row, index): (u32, &usize)| {
                    let is_known = given.is_some_and(|given| given.given(&name(&ratings, row)));
                    table.is_new(*index, &Given::of(mark)) && !is_known
                };
                let is_new: Vec<bool> = (0..).zip(&indices).map(has_come).collect();
                by_date::beyond(&dates, &is_new, material.split, mark.date)
            }
        };
        let given = seen.map(Given::to).transpose()?;
        let has_come = |index: &usize| given.is_some_and(|given| table.is_new(*index, &given));
        let come = (0..).zip(&indices).filter(|(_, index)| has_come(index)).map(|(row, _)| row).collect();
        let news = match seen {
            None => News::default(),
            Some(seen) => {
                let rows = Placed { table: &table, ratings: &ratings, indices: &indices, dates: &dates };
                rows.news(columns, &sides, seen)?
            }
        };
        Ok(Self { ratings, dates, sides, come, news })
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

    /// The ratings by name: who rated what; a rating that changes is the same one.
    pub(crate) fn named(&self) -> Vec<(RowName, Use)> {
        let of = |rows: &[u32], is: Use| rows.iter().map(|row| (name(&self.ratings, *row), is)).collect::<Vec<_>>();
        let Sides { train, validation, holdout, passed: _ } = &self.sides;
        [of(train, Use::Fitted), of(validation, Use::Fitted), of(holdout, Use::HeldOut)].concat()
    }

    /// Takes ratings out of those to score: they are known to everyone by then.
    pub(crate) fn leave_out(&mut self, is_known: &dyn Fn(&RowName) -> bool) {
        let (known, unknown) = self.sides.holdout.iter().partition(|row| is_known(&name(&self.ratings, **row)));
        let known: Vec<u32> = known;
        self.sides.holdout = unknown;
        self.sides.passed.extend(known);
        self.sides.passed.sort_unstable();
    }

    /// What is new to the parent.
    pub(crate) fn news(&self) -> &News {
        &self.news
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

    /// Ratings that came after what the version was given.
    pub(crate) fn come(&self) -> &[u32] {
        &self.come
    }

    /// What the ratings make familiar.
    pub(crate) fn familiar(&self) -> Familiar {
        drift::familiar(&self.ratings)
    }

    /// Shows what is compared of ratings.
    pub(crate) fn show(&self, of: Stretch, familiar: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
        let mut rows: Vec<u32> = match of {
            Stretch::Training => (0..self.dates.len() as u32).collect(),
            Stretch::Come => self.come.clone(),
        };
        rows.sort_by_key(|row| self.date(*row));
        drift::show(&self.ratings, &rows, of, familiar, show);
    }

    /// What the training ratings look like.
    pub(crate) fn sketch(&self) -> Sketch {
        let values = self.sides.train.iter().map(|row| f64::from(self.ratings.value[*row as usize]));
        Sketch::of_columns([("rating", values.collect())])
    }
}

fn name(ratings: &Ratings, row: u32) -> RowName {
    RowName::new(&ratings.pair(row), None)
}

/// The ratings that stand, and the index of each in the table.
fn ratings(table: &Table, columns: &RatingColumns) -> Result<(Ratings, Vec<usize>), TrainError> {
    let (users, items) = (table.column(&columns.user)?, table.column(&columns.item)?);
    let (values, weights) = (table.numbers(&columns.value)?, table.weights(columns.weight.as_ref())?);
    let mut reader = Reader::default();
    for &index in table.standing() {
        let (user, item) = (table.text(users, index).unwrap_or_default(), table.text(items, index).unwrap_or_default());
        let entry = RatingEntry {
            user: &user,
            item: &item,
            value: values[index],
            time: table.seconds(index),
            weight: weights.map_or(1.0, |weights| weights[index]),
        };
        reader
            .push(entry)
            .map_err(|error| TrainError::Data(format!("entry {} of the log: {error}", table.seq(index))))?;
    }
    let ratings = reader.ratings();
    let indices = ratings.entry.iter().map(|entry| table.standing()[*entry as usize]).collect();
    Ok((ratings, indices))
}

/// Ratings and where they come from.
struct Placed<'a> {
    table: &'a Table,
    ratings: &'a Ratings,
    indices: &'a [usize],
    dates: &'a [NaiveDate],
}

impl Placed<'_> {
    /// Rows the parent was not given, rows it did not train on and that have left the newer sides since, and what was taken back.
    fn news(&self, columns: &RatingColumns, sides: &Sides, seen: &Manifest) -> Result<News, TrainError> {
        let given = Given::to(seen)?;
        let is_new = |row: u32| self.table.is_new(self.indices[row as usize], &given);
        let rows = 0..self.dates.len() as u32;
        let had: Vec<NaiveDate> = rows.filter(|row| !is_new(*row)).map(|row| self.dates[row as usize]).collect();
        let untrained_from = by_date::borders(&had, &seen.split).map(|borders| borders.validation);
        let is_fresh = |row: &u32| is_new(*row) || untrained_from.is_some_and(|day| self.dates[*row as usize] >= day);
        let mut fresh: Vec<u32> = sides.train.iter().copied().filter(is_fresh).collect();
        let taken_back: Vec<usize> = self.table.deleted_since(&given).collect();
        let (users, items) = (&self.ratings.users, &self.ratings.items);
        let bereft = self.rows_of(&taken_back, &columns.user, users, &self.ratings.user, sides)?;
        fresh.extend(self.rows_of(&taken_back, &columns.item, items, &self.ratings.item, sides)?);
        fresh.sort_unstable();
        fresh.dedup();
        Ok(News { fresh, bereft })
    }

    /// A training row of each user (or item) named at some indices of the table.
    fn rows_of(
        &self,
        indices: &[usize],
        column: &str,
        ids: &Ids,
        of_row: &[u32],
        sides: &Sides,
    ) -> Result<Vec<u32>, TrainError> {
        let names = self.table.column(column)?;
        let row_of: HashMap<u32, u32> = match indices {
            [] => HashMap::new(),
            _ => sides.train.iter().map(|row| (of_row[*row as usize], *row)).collect(),
        };
        let row = |index: &usize| row_of.get(&ids.find(&self.table.text(names, *index)?)?).copied();
        Ok(indices.iter().filter_map(row).collect())
    }
}
