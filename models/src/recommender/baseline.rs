//! What a factorisation must beat: the mean and regularised biases.

use super::matrix::Matrix;
use super::ratings::{Ids, Ratings};
use super::training::{Sides, Training};
use crate::error::TrainError;

/// Strengths of regularisation to choose from on validation rows: ratings worth of doubt per item and per user.
/// The first leaves the mean alone.
const CANDIDATES: [[f64; 2]; 5] = [[f64::INFINITY; 2], [2.0, 5.0], [5.0, 10.0], [10.0, 15.0], [25.0, 25.0]];
/// Alternations of items and users.
const ROUNDS: usize = 10;

/// r = mean + b_u + b_i, by alternating least squares (Koren, 2010).
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    users: Ids,
    items: Ids,
    mean: f64,
    scale: [f64; 2],
    doubt: [f64; 2],
    user: Vec<f64>,
    item: Vec<f64>,
}

impl Baseline {
    /// Fits the training rows; how strong the regularisation is, the validation rows decide (without them, 5 and 10).
    ///
    /// # Errors
    /// There are no training rows.
    pub fn fit(ratings: &Ratings, sides: Sides<'_>) -> Result<Self, TrainError> {
        let training = Training::new(ratings, sides)?;
        let by_item = training.history.transposed(training.items.len());
        let loss = |this: &Self| -> f64 {
            let losses = training.validation.iter().map(|held| {
                let error =
                    f64::from(held.value) - this.answer(held.user.map_or(0.0, |u| this.user[u as usize]), held.item);
                f64::from(held.weight) * error * error
            });
            losses.sum()
        };
        let fitted = |doubt| Self::alternate(&training, &by_item, doubt);
        if training.validation.is_empty() {
            return Ok(fitted(CANDIDATES[2]));
        }
        let mut best = fitted(CANDIDATES[0]);
        for doubt in &CANDIDATES[1..] {
            let other = fitted(*doubt);
            if loss(&other) < loss(&best) {
                best = other;
            }
        }
        Ok(best)
    }

    fn alternate(training: &Training, by_item: &Matrix, doubt: [f64; 2]) -> Self {
        let mean = f64::from(training.mean);
        let (mut user, mut item) = (vec![0.0; training.users.len()], vec![0.0; training.items.len()]);
        for _ in 0..ROUNDS {
            item = biases(by_item, &user, mean, doubt[0]);
            user = biases(&training.history, &item, mean, doubt[1]);
        }
        let scale = training.scale.map(f64::from);
        Self { users: training.users.clone(), items: training.items.clone(), mean, scale, doubt, user, item }
    }

    /// The bias of a user with these ratings (item, rating, weight), whether or not they were there in training.
    pub fn fold_in<'a>(&self, ratings: impl IntoIterator<Item = (&'a str, f64, f64)>) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (item, value, w) in ratings {
            sum += w * (value - self.mean - self.items.find(item).map_or(0.0, |i| self.item[i as usize]));
            weight += w;
        }
        if weight > 0.0 { sum / (self.doubt[1] + weight) } else { 0.0 }
    }

    /// The bias of a user as of training; 0 if they were not there.
    pub fn bias(&self, user: &str) -> f64 {
        self.users.find(user).map_or(0.0, |user| self.user[user as usize])
    }

    /// The rating expected of a user with this bias.
    pub fn predict(&self, bias: f64, item: &str) -> f64 {
        self.answer(bias, self.items.find(item))
    }

    fn answer(&self, bias: f64, item: Option<u32>) -> f64 {
        (self.mean + bias + item.map_or(0.0, |item| self.item[item as usize])).clamp(self.scale[0], self.scale[1])
    }
}

/// The biases of one side, given those of the other.
fn biases(matrix: &Matrix, others: &[f64], mean: f64, doubt: f64) -> Vec<f64> {
    let bias = |line: u32| {
        let (sum, weight) = matrix.line(line).iter().fold((0.0, 0.0), |(sum, weight), cell| {
            let w = f64::from(cell.weight);
            (sum + w * (f64::from(cell.value) - mean - others[cell.other as usize]), weight + w)
        });
        sum / (doubt + weight)
    };
    (0..matrix.lines() as u32).map(bias).collect()
}
