//! The moment that is named by a day.

use chrono::{Datelike, NaiveDate};
use common::vocabulary::Timestamp;

use crate::service::error::{Error, Result};

/// No data is older: imports take no bar of before.
const EARLIEST: i32 = 1800;

/// The moment a request is decided for: now, or the end of the day it names.
///
/// # Errors
/// The day is beyond tomorrow, which somewhere is today: what is decided for a day that has not come would hold back all that follow.
/// Or nothing was known then.
pub(crate) fn moment(as_of: Option<NaiveDate>) -> Result<Timestamp> {
    let now = Timestamp::now();
    as_of.map_or(Ok(now), |day| end_of(day, now.date()))
}

fn end_of(day: NaiveDate, today: NaiveDate) -> Result<Timestamp> {
    if day > today.succ_opt().unwrap_or(today) {
        return Err(Error::invalid(format!("as of {day}: that day has not come; today is {today}")));
    }
    if day.year() < EARLIEST {
        return Err(Error::invalid(format!("as of {day}: nothing is known of years before {EARLIEST}")));
    }
    Ok(Timestamp::end_of(day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_that_has_not_come_is_refused() {
        let today = day("2026-03-01");
        for (named, taken) in [
            ("2026-03-01", true),
            ("2026-03-02", true),
            ("2026-03-03", false),
            ("+262142-12-31", false),
            ("1800-01-01", true),
            ("1799-12-31", false),
            ("-262143-01-01", false),
        ] {
            assert_eq!(end_of(day(named), today).is_ok(), taken, "{named}");
        }
    }

    proptest! {
        /// No day of any size panics; what is taken is a moment that is written with four digits of a year.
        #[test]
        fn every_day_is_taken_or_refused(days in i32::MIN..=i32::MAX, ahead in -800_000i32..800_000) {
            let today = day("2026-03-01");
            let near = today.checked_add_signed(chrono::TimeDelta::days(ahead.into()));
            for named in [NaiveDate::from_epoch_days(days), near, Some(NaiveDate::MIN), Some(NaiveDate::MAX)].into_iter().flatten() {
                if let Ok(moment) = end_of(named, today) {
                    prop_assert_eq!(moment.date(), named);
                    prop_assert!((1800..=2026).contains(&moment.date().year()));
                }
            }
        }
    }
}
