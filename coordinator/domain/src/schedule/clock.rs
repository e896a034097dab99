//! What clocks on walls show: times of day, and local dates and times.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use serde::{Deserialize, Serialize};

use super::written::as_text;

/// A time of day, to the minute: `06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(NaiveTime);

/// A date and time of day, to the minute, wherever the clock hangs: `2026-12-01T02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(NaiveDateTime);

as_text!(TimeOfDay, LocalTime);

impl TimeOfDay {
    /// Of an hour and a minute; midnight, if there is no such time.
    pub(super) fn of(hour: u32, minute: u32) -> Self {
        Self(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
    }

    /// What a clock shows, without its seconds.
    pub(crate) fn shown(time: NaiveTime) -> Self {
        Self::of(time.hour(), time.minute())
    }

    /// On a day.
    pub(super) fn on(self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(self.0)
    }
}

impl LocalTime {
    /// As chrono has it.
    pub(super) fn date_time(self) -> NaiveDateTime {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M"))
    }
}

impl FromStr for TimeOfDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        time.map(Self).map_err(|_| format!("{text:?} is no time of day: write it like 06:00, up to 23:59"))
    }
}
impl FromStr for LocalTime {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
        let time = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%d %H:%M"));
        time.map(Self)
            .ok_or_else(|| format!("{text:?} is no date and time: write it like 2026-12-01T02:00, without a zone"))
    }
}
