//! How many rows have become trainable: what of new rows, and of those that were held out before, weights can be fitted on.

use super::records::Order;
use super::{Reading, SplitPolicy};

/// Of fewer new rows than this that are parted by lot, none may be fitted on (once in 100,000 times of as many): they are waited for.
const FEW_DRAWN: u64 = 10;

/// Rows new to a version that weights can be fitted on. Days are parted whole and hashes draw lots, so that counts alone say it
/// only within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trainable {
    /// So many at least, most probably.
    pub least: u64,
    /// So many at most; 0: there is nothing to learn, or too little to be sure.
    pub most: u64,
}

/// How the rows of a model are parted into those that teach and those that judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parting {
    /// Bars, one a day, of which the first so many only warm up: the newest judge, those before them validate.
    Bars {
        /// Bars that nothing is forecast from.
        lead: u32,
    },
    /// Rows of a data set by the day they happened, all of a day on one side: the newest judge.
    Days {
        /// Rows of a day, on average.
        per_day: f64,
        /// Whether the newest of the rest validate, and are not fitted on.
        validates: bool,
    },
    /// By a hash of each row, for ever.
    Hash {
        /// The share that is fitted on.
        fitted: f64,
    },
}

impl Parting {
    /// The share of texts that weights are fitted on.
    pub const TEXTS_FITTED: f64 = 0.7;
    /// The share of undated records that weights are fitted on.
    pub const UNDATED_FITTED: f64 = 0.75;

    /// That of the rows of a data set; `per_day`: rows of a day, on average.
    pub fn of(reading: &Reading, per_day: f64) -> Self {
        match reading {
            Reading::Ratings(_) => Self::Days { per_day, validates: true },
            Reading::Texts(_) => Self::Hash { fitted: Self::TEXTS_FITTED },
            Reading::Records(schema) if schema.order == Order::Undated => Self::Hash { fitted: Self::UNDATED_FITTED },
            // In the order of a column of their own, finer than days.
            Reading::Records(_) => Self::Days { per_day: 0.0, validates: false },
        }
    }
}

impl SplitPolicy {
    /// The least dates of bars that early stopping and calibration get, however small their share.
    pub const MIN_VALIDATION_DATES: u64 = 20;

    /// What has become trainable since there were `before` rows; `came`: whether anything has come or been changed at all.
    pub fn newly_trainable(&self, parting: Parting, before: u64, now: u64, came: bool) -> Trainable {
        let grown = |fitted: &dyn Fn(u64) -> u64| fitted(now).saturating_sub(fitted(before));
        let most = if came || now > before { now } else { 0 };
        match parting {
            Parting::Bars { lead } => {
                let rows = grown(&|bars| self.fitted_bars(bars.saturating_sub(u64::from(lead))));
                Trainable { least: rows, most: rows }
            }
            Parting::Days { per_day, validates } => {
                // The border moves by whole days.
                let least = grown(&|rows| self.fitted_rows(rows, validates)).saturating_sub(per_day.ceil() as u64);
                Trainable { least, most }
            }
            Parting::Hash { .. } if now.saturating_sub(before) < FEW_DRAWN => Trainable::default(),
            Parting::Hash { fitted } => {
                let (rows, share) = (now.saturating_sub(before) as f64, fitted);
                let least = rows * share - 3.0 * (rows * share * (1.0 - share)).sqrt();
                Trainable { least: least.max(0.0) as u64, most }
            }
        }
    }

    /// Of so many dates, those that weights are fitted on.
    fn fitted_bars(&self, dates: u64) -> u64 {
        let rest = dates.saturating_sub(u64::from(self.holdout_rows));
        let validation = (rest as f64 * self.validation_share).round() as u64;
        rest.saturating_sub(validation.max(Self::MIN_VALIDATION_DATES))
    }

    /// Of so many rows of a data set, those that weights are fitted on, but for the rounding to whole days.
    fn fitted_rows(&self, rows: u64, validates: bool) -> u64 {
        let share = |rows: u64, share: f64| (rows as f64 * share).ceil() as u64;
        let held_out = share(rows, self.holdout_share).max(u64::from(self.holdout_rows));
        let rest = rows.saturating_sub(held_out);
        if validates { rest.saturating_sub(share(rest, self.validation_share).max(1)) } else { rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A1: of new rows, only what leaves the newest side is learnt.
    #[test]
    fn a1_what_is_held_out_is_not_yet_trainable() {
        let policy = SplitPolicy::default();
        let days = |per_day| Parting::Days { per_day, validates: true };
        let bars = Parting::Bars { lead: 81 };
        let table = [
            ("20 bars: three more validate", bars, 1000, 1020, 17),
            ("no bar", bars, 1000, 1000, 0),
            ("one bar", bars, 1002, 1003, 1),
            ("1,200 ratings of many days", days(100.0), 30_000, 31_200, 818),
            ("1,200 ratings of few: no day may leave the newest", days(3000.0), 30_000, 31_200, 0),
            ("records validate by folds", Parting::Days { per_day: 0.0, validates: false }, 1000, 1100, 90),
            ("100 texts", Parting::Hash { fitted: 0.7 }, 1000, 1100, 56),
            ("nine texts: all may judge", Parting::Hash { fitted: 0.7 }, 1000, 1009, 0),
            ("fewer than before", days(1.0), 1000, 900, 0),
        ];
        for (name, parting, before, now, least) in table {
            assert_eq!(policy.newly_trainable(parting, before, now, false).least, least, "{name}");
        }
    }

    /// A1: that there is nothing to learn is only certain where nothing has come.
    #[test]
    fn a1_what_nothing_has_come_for_is_certain() {
        let most = |parting, now, came| SplitPolicy::default().newly_trainable(parting, 1000, now, came).most;
        let (drawn, days) = (Parting::Hash { fitted: 0.7 }, Parting::Days { per_day: 500.0, validates: true });
        assert_eq!((most(days, 1000, false), most(drawn, 1000, false)), (0, 0));
        assert!(most(days, 1002, false) > 0 && most(days, 1000, true) > 0);
        assert_eq!(most(drawn, 1009, true), 0, "too few to be sure");
        assert!(most(drawn, 1010, true) > 0);
        assert_eq!(most(Parting::Bars { lead: 81 }, 1000, true), 0, "revised bars ask for a complete training");
    }
}
