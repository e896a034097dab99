//! Sides by time.

use super::ratings::Ratings;

/// Rows by side, each in the order of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// To learn from.
    pub train: Vec<u32>,
    /// Newer: for early stopping and choices.
    pub validation: Vec<u32>,
    /// The newest: for the verdict alone.
    pub holdout: Vec<u32>,
}

/// Parts the ratings in time: the newest `holdout` rows, before them `validation` rows, and the rest. Of equal times the
/// later in the log counts as newer, and what has no time as the oldest.
pub fn forward(ratings: &Ratings, holdout: usize, validation: usize) -> Split {
    let mut order: Vec<u32> = (0..ratings.len() as u32).collect();
    order.sort_unstable_by_key(|&row| (ratings.time[row as usize], row));
    let mut newest = order.split_off(order.len().saturating_sub(holdout));
    let mut newer = order.split_off(order.len().saturating_sub(validation));
    [&mut order, &mut newer, &mut newest].into_iter().for_each(|side| side.sort_unstable());
    Split { train: order, validation: newer, holdout: newest }
}
