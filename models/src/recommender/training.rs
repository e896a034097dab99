//! What a fit reads: the training rows with ids of their own, and the validation rows in the same numbers.

use super::matrix::{Cell, Matrix, first_appearance};
use super::ratings::{Ids, Ratings};
use crate::error::TrainError;

/// The rows of a fit, by their index in [`Ratings`]. The order of the training rows is the order of the passes.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// Rows to learn from.
    pub train: &'a [u32],
    /// Rows for early stopping and for choosing what the fit does not learn; may be empty.
    pub validation: &'a [u32],
}

/// A validation row; `None` for who or what does not appear in the training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) user: Option<u32>,
    /// The user in the numbers of all ratings.
    pub(crate) who: u32,
    pub(crate) item: Option<u32>,
    pub(crate) value: f32,
    pub(crate) weight: f32,
}

/// The training rows. Only ids that appear in them have a number, so that other rows cannot leave a trace.
#[derive(Debug, Clone)]
pub(crate) struct Training {
    pub(crate) users: Ids,
    pub(crate) items: Ids,
    pub(crate) history: Matrix,
    /// The users in the order of their first appearance.
    pub(crate) order: Vec<u32>,
    pub(crate) mean: f32,
    /// Smallest and largest rating.
    pub(crate) scale: [f32; 2],
    /// User by user, in the order of the rows.
    pub(crate) validation: Vec<Held>,
    /// For each user of [`Ratings`] their number here.
    user_numbers: Vec<Option<u32>>,
    item_numbers: Vec<Option<u32>>,
}

impl Training {
    /// Reads the rows of both sides.
    ///
    /// # Errors
    /// There are no training rows, or a row does not exist.
    pub(crate) fn new(ratings: &Ratings, sides: Sides<'_>) -> Result<Self, TrainError> {
        if sides.train.is_empty() {
            return Err(TrainError::Data("there are no ratings to train on: import some first".into()));
        }
        if let Some(row) = sides.train.iter().chain(sides.validation).find(|&&row| row as usize >= ratings.len()) {
            return Err(TrainError::Code(format!("row {row} of {} ratings does not exist", ratings.len())));
        }
        let (users, user_numbers) = used(&ratings.users, sides.train.iter().map(|&row| ratings.user[row as usize]));
        let (items, item_numbers) = used(&ratings.items, sides.train.iter().map(|&row| ratings.item[row as usize]));
        let number = |numbers: &[Option<u32>], id: u32| numbers[id as usize].unwrap_or_default();
        let rows = || sides.train.iter().map(|&row| row as usize);
        let history = Matrix::new(users.len(), rows().map(|row| number(&user_numbers, ratings.user[row])), |at| {
            let row = sides.train[at] as usize;
            Cell {
                other: number(&item_numbers, ratings.item[row]),
                value: ratings.value[row],
                weight: ratings.weight[row],
            }
        });
        let order = first_appearance(ratings, sides.train).iter().map(|&user| number(&user_numbers, user)).collect();
        let (sum, weight) = rows().fold((0.0, 0.0), |(sum, weight), row| {
            let w = f64::from(ratings.weight[row]);
            (sum + w * f64::from(ratings.value[row]), weight + w)
        });
        let scale = rows().fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], row| {
            [low.min(ratings.value[row]), high.max(ratings.value[row])]
        });
        let held = sides.validation.iter().map(|&row| row as usize).map(|row| Held {
            user: user_numbers[ratings.user[row] as usize],
            who: ratings.user[row],
            item: item_numbers[ratings.item[row] as usize],
            value: ratings.value[row],
            weight: ratings.weight[row],
        });
        let mut validation: Vec<Held> = held.collect();
        validation.sort_by_key(|held| held.who);
        let mean = (sum / weight) as f32;
        Ok(Self { users, items, history, order, mean, scale, validation, user_numbers, item_numbers })
    }

    /// The user and item of a row in the numbers of the training rows.
    pub(crate) fn pair(&self, ratings: &Ratings, row: u32) -> (Option<u32>, Option<u32>) {
        let (user, item) = (ratings.user[row as usize], ratings.item[row as usize]);
        (self.user_numbers[user as usize], self.item_numbers[item as usize])
    }
}

/// The ids that are used, and for each id its number among them.
fn used(ids: &Ids, which: impl Iterator<Item = u32>) -> (Ids, Vec<Option<u32>>) {
    let mut numbers = vec![None; ids.len()];
    which.for_each(|id| numbers[id as usize] = Some(0));
    for (next, number) in numbers.iter_mut().flatten().enumerate() {
        *number = next as u32;
    }
    (ids.only(|id| numbers[id as usize].is_some()), numbers)
}
