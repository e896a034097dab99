//! Wall-clock times. Deadlines and leases never use these: they are monotonic.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

const DAY: i64 = 86_400_000_000;

/// Microseconds since 1970-01-01 UTC, as stored everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The wall clock. Only the edges call this; what decides is given its `now`.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_micros().saturating_add(shift::by()))
    }

    /// The end of a day: evaluations "as of" a date see all of it.
    pub fn end_of(date: NaiveDate) -> Self {
        Self(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros() + DAY - 1)
    }

    /// The UTC date this lies in.
    pub fn date(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// As chrono's type, for display.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// Days since `earlier`, with fractions; negative if that lies ahead.
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / DAY as f64
    }

    /// Seconds since `earlier`, with fractions.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1e6
    }

    /// This many seconds later.
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1e6) as i64))
    }

    /// This many days later.
    pub fn plus_days(self, days: f64) -> Self {
        Self(self.0.saturating_add((days * DAY as f64) as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.utc().format("%Y-%m-%d %H:%M:%SZ").to_string())
    }
}

/// The clock that a test drives: a year of calendars in minutes. In a build without the feature `faults` it is the wall's.
#[cfg(feature = "faults")]
pub mod shift {
    use std::sync::atomic::{AtomicI64, Ordering};

    static BY: AtomicI64 = AtomicI64::new(0);

    /// From now on the clock of this process is so many microseconds ahead of the wall's.
    pub fn set(ahead: i64) {
        BY.store(ahead, Ordering::SeqCst);
    }

    pub(super) fn by() -> i64 {
        BY.load(Ordering::SeqCst)
    }
}

#[cfg(not(feature = "faults"))]
mod shift {
    pub(super) fn by() -> i64 {
        0
    }
}
