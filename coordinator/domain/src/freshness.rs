//! How old the newest row of a model is, and whether that is worth a word.

use chrono::NaiveDate;
use common::vocabulary::Timestamp;
use serde::{Deserialize, Serialize};

/// The age of a model's newest row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataAge {
    /// The day of the row.
    pub newest: NaiveDate,
    /// Whole days since then; 0 for a row of today or of a later day.
    pub days: u64,
    /// Older than the policy takes without a word.
    pub old: bool,
}

impl DataAge {
    /// The age at `now` of a row of the day `newest`; more than `most` days are old.
    pub fn of(newest: NaiveDate, now: Timestamp, most: f64) -> Self {
        let days = u64::try_from((now.date() - newest).num_days()).unwrap_or(0);
        Self { newest, days, old: days as f64 > most }
    }

    /// What somebody should know who is told something that rests on rows as old; nothing where they are not old.
    pub fn warning(self) -> Option<String> {
        let Self { newest, days, old } = self;
        old.then(|| format!("the data are old: their newest row is of {newest}, {days} days ago; import newer ones"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_data_are_told_from_fresh_ones() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let now = Timestamp::end_of(day("2024-03-31"));
        let table = [
            ("2024-03-31", 0, false),
            ("2024-04-02", 0, false),
            ("2024-03-01", 30, false),
            ("2024-02-29", 31, true),
            ("2020-01-10", 1542, true),
        ];
        for (newest, days, old) in table {
            let age = DataAge::of(day(newest), now, 30.0);
            assert_eq!((age.days, age.old, age.warning().is_some()), (days, old, old), "{newest}");
        }
        let warning = DataAge::of(day("2020-01-10"), now, 30.0).warning().unwrap();
        assert!(warning.contains("of 2020-01-10, 1542 days ago"), "{warning}");
    }
}
