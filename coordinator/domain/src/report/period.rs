//! The days that a report is about.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use common::vocabulary::{Timestamp, Zone};

/// Whole days, by the clocks of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub first: NaiveDate,
    /// The last, which belongs to it.
    pub last: NaiveDate,
}

impl Period {
    /// A day.
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, last: day }
    }

    /// The week of a day, Monday to Sunday (ISO 8601).
    pub fn week(day: NaiveDate) -> Self {
        let monday = day.week(chrono::Weekday::Mon);
        Self { first: monday.first_day(), last: monday.last_day() }
    }

    /// Of the days, or weeks, as `of` gives them, the newest that is at least half over: a report at 23:30 is about the day that ends, one
    /// on a Monday morning about the week before.
    pub fn newest(of: fn(NaiveDate) -> Self, now: Timestamp, zone: Zone) -> Self {
        let current = of(zone.date_time(now).date_naive());
        let (from, to) = current.span(zone);
        let half = Timestamp(from.0 + (to.0 - from.0) / 2);
        match current.first.pred_opt() {
            Some(before) if now < half => of(before),
            Some(_) | None => current,
        }
    }

    /// From its first instant to the one after its last.
    pub fn span(self, zone: Zone) -> (Timestamp, Timestamp) {
        let midnight = |day: NaiveDate| zone.instant(day.and_time(NaiveTime::MIN));
        let next = self.last.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        (midnight(self.first), midnight(next))
    }

    /// The ISO year and week of its first day.
    pub fn iso_week(self) -> (i32, u32) {
        let week = self.first.iso_week();
        (week.year(), week.week())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn madrid() -> Zone {
        "Europe/Madrid".parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros())
    }

    #[test]
    fn a_week_is_from_monday_to_sunday_and_belongs_to_one_year() {
        for (any, first, last, number) in [
            ("2025-06-11", "2025-06-09", "2025-06-15", (2025, 24)),
            ("2027-01-01", "2026-12-28", "2027-01-03", (2026, 53)),
            ("2024-12-30", "2024-12-30", "2025-01-05", (2025, 1)),
        ] {
            let week = Period::week(day(any));
            assert_eq!((week.first, week.last, week.iso_week()), (day(first), day(last), number), "{any}");
        }
    }

    #[test]
    fn the_newest_is_at_least_half_over() {
        for (now, of_days, of_weeks) in [
            ("2026-12-01T22:30:00Z", "2026-12-01", "2026-11-23"),
            ("2026-12-01T10:59:59Z", "2026-11-30", "2026-11-23"),
            ("2026-12-01T11:00:00Z", "2026-12-01", "2026-11-23"),
            ("2026-12-07T07:00:00Z", "2026-12-06", "2026-11-30"),
            ("2026-12-03T11:00:00Z", "2026-12-03", "2026-11-30"),
            ("2026-12-06T23:30:00Z", "2026-12-06", "2026-11-30"),
        ] {
            assert_eq!(Period::newest(Period::day, at(now), madrid()).first, day(of_days), "{now}");
            assert_eq!(Period::newest(Period::week, at(now), madrid()).first, day(of_weeks), "{now}");
        }
    }

    #[test]
    fn the_days_on_which_clocks_are_set_have_23_and_25_hours() {
        for (date, hours) in [("2026-03-29", 23.0), ("2026-10-25", 25.0), ("2026-12-01", 24.0)] {
            let (from, to) = Period::day(day(date)).span(madrid());
            assert_eq!(to.seconds_since(from) / 3600.0, hours, "{date}");
        }
        let (from, to) = Period::week(day("2026-10-25")).span(madrid());
        assert_eq!(to.seconds_since(from) / 3600.0, 169.0);
    }
}
