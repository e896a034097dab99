//! Which rows weights are fitted on, which stop and calibrate them, and which nobody touches.

use std::ops::Range;

use chrono::NaiveDate;
use common::vocabulary::SplitPolicy;

use crate::family::Scored;
use crate::forecaster::dataset::{Dataset, Row, RowIndex};

/// The least dates that early stopping and calibration get, however small their share.
const MIN_VALIDATION_DATES: usize = 20;

/// Rows parted by the date of their target: all symbols of a day are on one side.
///
/// Targets reach one day ahead, so nothing need be purged between the parts (horizon − 1 = 0); windows may reach back into an
/// earlier part, as inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Weights, scaler and drift are fitted on these.
    pub train: Range<RowIndex>,
    /// The newest share of the rest: early stopping, calibration, choice of baseline.
    pub validation: Range<RowIndex>,
    /// The newest dates: contestants are scored on them.
    pub holdout: Range<RowIndex>,
}

impl Split {
    /// Parts rows that are in order of date. Never fails: with too few rows, the older parts are empty.
    pub fn of(rows: &[Row], policy: &SplitPolicy) -> Self {
        Self::to_score(rows, policy, Scored::HeldOut)
    }

    /// The same, with a say in which rows are scored.
    pub(crate) fn to_score(rows: &[Row], policy: &SplitPolicy, scored: Scored) -> Self {
        let mut dates: Vec<NaiveDate> = rows.iter().map(|row| row.date).collect();
        dates.dedup();
        let rest = match scored {
            Scored::HeldOut => dates.len().saturating_sub(policy.holdout_rows as usize),
            Scored::Beyond { mark, .. } => dates.partition_point(|date| *date <= mark.date),
        };
        let share = (rest as f64 * policy.validation_share).round() as usize;
        let fit = rest.saturating_sub(share.max(MIN_VALIDATION_DATES));
        // Index of the first row on or after the n-th date.
        let begin =
            |date: usize| dates.get(date).map_or(rows.len(), |d| rows.partition_point(|row| row.date < *d)) as RowIndex;
        let (validation, holdout) = (begin(fit), begin(rest));
        Self { train: 0..validation, validation: validation..holdout, holdout: holdout..rows.len() as RowIndex }
    }

    /// Distinct dates before the holdout.
    pub fn dates_before_holdout(&self, rows: &[Row]) -> usize {
        let mut dates: Vec<NaiveDate> = rows[..self.holdout.start as usize].iter().map(|row| row.date).collect();
        dates.dedup();
        dates.len()
    }

    /// Last target used for anything: fitting, scaling, early stopping or calibration. With a parent, the later of both.
    pub fn seen_through(&self, data: &Dataset, parent: Option<NaiveDate>) -> Option<NaiveDate> {
        let own = last_date(data, &(self.train.start..self.validation.end));
        own.max(parent)
    }

    /// The training rows an earlier version's weights were fitted on, and those new to it.
    ///
    /// Its fit ended where the same split of what it had (bars through `data_through`) ends: what it only validated on is new.
    pub fn old_and_new(
        &self,
        data: &Dataset,
        data_through: NaiveDate,
        policy: &SplitPolicy,
    ) -> (Range<RowIndex>, Range<RowIndex>) {
        let had = &data.rows[..data.rows.partition_point(|row| row.date <= data_through)];
        let border = Self::of(had, policy).train.end.clamp(self.train.start, self.train.end);
        (self.train.start..border, border..self.train.end)
    }
}

/// The date of the last row of a part, if it has any.
fn last_date(data: &Dataset, part: &Range<RowIndex>) -> Option<NaiveDate> {
    (!part.is_empty()).then(|| data.row(part.end - 1).date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use common::vocabulary::Watermark;
    use proptest::prelude::*;

    /// A1: what the coordinator takes for trainable by counts is so.
    #[test]
    fn a1_counts_say_what_is_fitted() {
        use common::vocabulary::Parting;
        let policy = SplitPolicy::default();
        let fitted = |dates: usize| Split::of(&data(&vec![1; dates]).rows, &policy).train.end as u64;
        for (before, now) in [(320, 321), (400, 420), (1000, 1060)] {
            let counted = policy.newly_trainable(Parting::Bars { lead: 0 }, before as u64, now as u64, true).least;
            assert_eq!(counted, fitted(now) - fitted(before), "{before} to {now}");
        }
    }

    fn day(n: u64) -> NaiveDate {
        NaiveDate::default() + Days::new(n)
    }

    fn data(rows_per_date: &[u32]) -> Dataset {
        let row = |date, symbol| Row { date: day(date), symbol, start: 0, sigma: 1.0, log_return: 0.0 };
        let rows = rows_per_date.iter().zip(0..).flat_map(|(&n, date)| (0..n).map(move |s| row(date, s))).collect();
        Dataset { rows, ..Dataset::default() }
    }

    #[test]
    fn parts_of_one_symbol() {
        let data = data(&[1; 1000]);
        let split =
            Split::of(&data.rows, &SplitPolicy { holdout_rows: 60, validation_share: 0.15, ..SplitPolicy::default() });
        assert_eq!(split, Split { train: 0..799, validation: 799..940, holdout: 940..1000 });
        assert_eq!(split.seen_through(&data, None), Some(day(939)));
        assert_eq!(split.seen_through(&data, Some(day(950))), Some(day(950)), "an ancestor saw more");
    }

    #[test]
    fn what_came_later_is_scored_apart() {
        let data = data(&[2; 500]);
        let beyond = |n| Scored::Beyond { mark: Watermark { date: day(n), entry: 0, through: day(n) }, given: None };
        let split = Split::to_score(&data.rows, &SplitPolicy::default(), beyond(489));
        assert_eq!((split.holdout, split.validation.end), (980..1000, 980));
        assert!(Split::to_score(&data.rows, &SplitPolicy::default(), beyond(499)).holdout.is_empty());
    }

    #[test]
    fn the_next_training_finds_what_has_left_the_validation() {
        let policy = SplitPolicy { holdout_rows: 60, validation_share: 0.15, ..SplitPolicy::default() };
        let data = data(&[1; 1025]);
        let split = Split::of(&data.rows, &policy);
        let (old, new) = split.old_and_new(&data, day(999), &policy);
        assert_eq!((old, new), (0..799, 799..820));
        let (old, new) = split.old_and_new(&data, day(1024), &policy);
        assert_eq!((old, new.len()), (0..820, 0), "the same data again: nothing is new");
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_in_time_and_complete(
            rows_per_date in prop::collection::vec(1u32..5, 0..400),
            holdout_rows in 40u32..100,
            validation_share in 0.05..0.5,
        ) {
            let data = data(&rows_per_date);
            let split = Split::of(&data.rows, &SplitPolicy { holdout_rows, validation_share, ..SplitPolicy::default() });
            prop_assert_eq!(split.train.start, 0);
            prop_assert_eq!(split.train.end, split.validation.start);
            prop_assert_eq!(split.validation.end, split.holdout.start);
            prop_assert_eq!(split.holdout.end as usize, data.rows.len());
            let (train, validation) = (last_date(&data, &split.train), last_date(&data, &split.validation));
            if let Some(first_held_out) = data.rows.get(split.holdout.start as usize).map(|row| row.date) {
                prop_assert!(train.max(validation).is_none_or(|seen| seen < first_held_out));
                let held_out = rows_per_date.len().min(holdout_rows as usize) as u64;
                prop_assert_eq!(first_held_out, day(rows_per_date.len() as u64 - held_out));
            }
            if let (Some(train), false) = (train, split.validation.is_empty()) {
                prop_assert!(train < data.row(split.validation.start).date);
            }
        }
    }
}
