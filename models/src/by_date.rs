//! Rows of a data set parted in time: all rows of a day are on one side.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::vocabulary::{Borders, SplitPolicy};

use crate::error::TrainError;

/// Rows by side, each in the order they were given in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// Weights are fitted on these.
    pub(crate) train: Vec<u32>,
    /// Newer: early stopping, calibration, choices.
    pub(crate) validation: Vec<u32>,
    /// The newest: contestants are scored on them.
    pub(crate) holdout: Vec<u32>,
    /// Newer than what is fitted, but not scored: known to everyone by then.
    pub(crate) passed: Vec<u32>,
}

/// Parts rows with these dates. At least the policy's share, and its least number of rows, is held out; of the rest, its share
/// validates.
///
/// # Errors
/// Too few rows, or too few days, for every side to have some.
pub(crate) fn part(dates: &[NaiveDate], policy: &SplitPolicy) -> Result<Sides, TrainError> {
    let Some(Borders { validation, holdout }) = borders(dates, policy) else { return Err(too_few(dates)) };
    let mut sides = Sides::default();
    for (row, date) in (0..).zip(dates) {
        let side = match date {
            date if *date >= holdout => &mut sides.holdout,
            date if *date >= validation => &mut sides.validation,
            _ => &mut sides.train,
        };
        side.push(row);
    }
    if sides.train.is_empty() { Err(too_few(dates)) } else { Ok(sides) }
}

/// Parts rows for a version that has been live since. Those up to a day are what it was fitted on; new ones of later days are
/// scored. What came late, or was held out before, is neither.
pub(crate) fn beyond(dates: &[NaiveDate], is_new: &[bool], policy: &SplitPolicy, fitted_through: NaiveDate) -> Sides {
    let mut sides = Sides::default();
    for (row, (date, is_new)) in (0..).zip(dates.iter().zip(is_new)) {
        let side = match (*date > fitted_through, *is_new) {
            (true, true) => &mut sides.holdout,
            (true, false) | (false, true) => &mut sides.passed,
            (false, false) => &mut sides.train,
        };
        side.push(row);
    }
    let mut days: Vec<NaiveDate> = sides.train.iter().map(|row| dates[*row as usize]).collect();
    days.sort_unstable();
    let newest = ((days.len() as f64 * policy.validation_share).ceil() as usize).max(1);
    if let Some(border) = days.len().checked_sub(newest).map(|index| days[index]) {
        let (validation, train) = sides.train.iter().partition(|row| dates[**row as usize] >= border);
        (sides.validation, sides.train) = (validation, train);
    }
    sides
}

/// Where [`part`] parts rows with these dates; nothing if they are too few.
pub(crate) fn borders(dates: &[NaiveDate], policy: &SplitPolicy) -> Option<Borders> {
    let mut rows: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for date in dates {
        *rows.entry(*date).or_default() += 1;
    }
    policy.borders(&rows)
}

fn too_few(dates: &[NaiveDate]) -> TrainError {
    let (rows, mut days) = (dates.len(), dates.to_vec());
    days.sort_unstable();
    days.dedup();
    TrainError::Data(format!(
        "{rows} rows of {} days cannot be parted into days to fit, to validate and to judge on: wait for more, or name the \
         column of time when importing",
        days.len()
    ))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn dates(days: &[u64]) -> Vec<NaiveDate> {
        days.iter().map(|day| NaiveDate::default() + Days::new(*day)).collect()
    }

    #[test]
    fn the_newest_days_are_held_out_whole() {
        let policy = SplitPolicy { holdout_rows: 40, validation_share: 0.2, holdout_share: 0.1 };
        let days: Vec<u64> = (0..1000).rev().map(|n| n / 30).collect();
        let sides = part(&dates(&days), &policy).unwrap();
        // 1,000 rows of 34 days, the newest with 10: the day that brings them to 100 is held out whole.
        assert_eq!((sides.holdout.len(), sides.validation.len(), sides.train.len()), (100, 180, 720));
        assert_eq!(sides.holdout[..3], [0, 1, 2], "in the order given");
    }

    #[test]
    fn rows_of_one_day_cannot_be_parted() {
        let refused = part(&dates(&[7; 500]), &SplitPolicy::default()).unwrap_err().to_string();
        assert!(refused.starts_with("500 rows of 1 days cannot be parted"), "{refused}");
        assert!(part(&[], &SplitPolicy::default()).is_err());
        assert!(part(&dates(&[1, 2, 3]), &SplitPolicy::default()).is_err());
    }

    #[test]
    fn what_came_later_is_scored_apart() {
        let fitted_through = NaiveDate::default() + Days::new(10);
        let is_new = [false, false, false, false, false, true, true, true];
        let sides = beyond(&dates(&[1, 2, 3, 10, 12, 4, 12, 13]), &is_new, &SplitPolicy::default(), fitted_through);
        assert_eq!((sides.train, sides.validation), (vec![0, 1, 2], vec![3]));
        assert_eq!((sides.passed, sides.holdout), (vec![4, 5], vec![6, 7]), "held out before and late; later");
    }

    /// A1: what the coordinator takes for trainable by counts alone is so: of new days, at least so many rows leave the newer sides.
    #[test]
    fn a1_counts_promise_no_more_than_dates_keep() {
        use common::vocabulary::Parting;
        let policy = SplitPolicy::default();
        let fitted = |rows: u64, per_day: u64| {
            let days: Vec<u64> = (0..rows).map(|row| row / per_day).collect();
            part(&dates(&days), &policy).unwrap().train.len() as u64
        };
        for (before, now, per_day) in
            [(30_000, 31_200, 10), (30_000, 31_200, 500), (3_000, 3_120, 300), (5_000, 9_000, 70)]
        {
            let parting = Parting::Days { per_day: per_day as f64, validates: true };
            let least = policy.newly_trainable(parting, before, now, true).least;
            let grown = fitted(now, per_day).saturating_sub(fitted(before, per_day));
            assert!(least <= grown, "{before} to {now}, {per_day} a day: {least} promised, {grown} kept");
        }
    }

    proptest! {
        /// G9: nothing held out is older than what is fitted on, and later rows never move the past into the holdout's past.
        #[test]
        fn sides_are_disjoint_in_time_and_complete(days in prop::collection::vec(0u64..200, 0..600)) {
            let dates = dates(&days);
            if let Ok(sides) = part(&dates, &SplitPolicy::default()) {
                let day = |rows: &[u32]| rows.iter().map(|row| dates[*row as usize]).collect::<Vec<_>>();
                let (train, validation, holdout) = (day(&sides.train), day(&sides.validation), day(&sides.holdout));
                prop_assert_eq!(train.len() + validation.len() + holdout.len(), dates.len());
                prop_assert!(holdout.len() >= 60 && !train.is_empty() && !validation.is_empty());
                prop_assert!(train.iter().max() < validation.iter().min());
                prop_assert!(validation.iter().max() < holdout.iter().min());
            }
        }
    }
}
