//! Rows of a data set parted in time: between which days the borders lie.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::SplitPolicy;

/// The first days of two sides; all rows of a day are on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Borders {
    /// From here on rows validate.
    pub validation: NaiveDate,
    /// From here on they judge.
    pub holdout: NaiveDate,
}

/// Rows of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayRows {
    /// As they stand.
    pub all: u64,
    /// Of these, those that a version was given.
    pub given: u64,
}

impl SplitPolicy {
    /// Where rows of these days are parted: at least the policy's share, and its least number of rows, is held out; of the rest, its
    /// share validates. Nothing if they are too few.
    pub fn borders(&self, rows: &BTreeMap<NaiveDate, u64>) -> Option<Borders> {
        let share = |rows: u64, share: f64| (rows as f64 * share).ceil() as u64;
        // The day of the oldest of the newest `count` rows before a day.
        let day_of = |count: u64, end: Option<NaiveDate>| {
            let mut missing = count;
            let mut days = rows.iter().rev().filter(|(day, _)| end.is_none_or(|end| **day < end));
            let found = days.find(|(_, rows)| {
                missing = missing.saturating_sub(**rows);
                missing == 0
            });
            found.map(|(day, _)| *day)
        };
        let all: u64 = rows.values().sum();
        let holdout = day_of(share(all, self.holdout_share).max(u64::from(self.holdout_rows)).max(1), None)?;
        let before: u64 = rows.range(..holdout).map(|(_, rows)| rows).sum();
        let validation = day_of(share(before, self.validation_share).max(1), Some(holdout))?;
        Some(Borders { validation, holdout })
    }

    /// Whether any of these rows can be fitted on, and was not when they were parted as `before` says: it is new to the version, or was on
    /// one of the newer sides.
    pub fn has_become_trainable(&self, days: &BTreeMap<NaiveDate, DayRows>, before: &Self) -> bool {
        let of = |count: &dyn Fn(&DayRows) -> u64| {
            days.iter().map(|(day, rows)| (*day, count(rows))).filter(|(_, rows)| *rows > 0).collect()
        };
        let Some(now) = self.borders(&of(&|rows| rows.all)) else { return false };
        let untrained_from = before.borders(&of(&|rows| rows.given)).map(|borders| borders.validation);
        days.range(..now.validation).any(|(day, rows)| {
            rows.all > rows.given || (rows.all > 0 && untrained_from.is_some_and(|untrained| *day >= untrained))
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    /// Rows of consecutive days.
    fn days(rows: &[(u64, u64)]) -> BTreeMap<NaiveDate, DayRows> {
        let day = |(number, &(all, given))| (NaiveDate::default() + Days::new(number), DayRows { all, given });
        (0..).zip(rows).map(day).collect()
    }

    /// A1: ratings of the newest day push no other out of the newer sides, unless they are many.
    #[test]
    fn a1_whether_a_day_leaves_the_newer_sides_is_known_exactly() {
        let policy = SplitPolicy { holdout_rows: 40, validation_share: 0.2, holdout_share: 0.1 };
        // 20 days of 24: the last two judge, four before them validate.
        let given = [(24, 24); 20];
        let with = |more: &[(u64, u64)]| policy.has_become_trainable(&days(&[&given[..], more].concat()), &policy);
        assert!(!with(&[]));
        assert!(!with(&[(1, 0)]), "one rating of the next day");
        assert!(!with(&[(24, 0)]), "a day: a third one judges");
        assert!(with(&[(24, 0), (24, 0)]), "two days: the first of those that validated may be fitted on");
        let mut late = given;
        late[3].0 += 1;
        assert!(policy.has_become_trainable(&days(&late), &policy), "one that came late");
        assert!(!policy.has_become_trainable(&days(&[(500, 0)]), &policy), "one day cannot be parted");
        let wider = SplitPolicy { holdout_rows: 100, ..policy.clone() };
        assert!(policy.has_become_trainable(&days(&given), &wider), "fewer are held out than before");
    }
}
