//! Times of day, and hours between two of them.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use serde::{Deserialize, Serialize};

use crate::as_text;

/// A time of day, to the minute: `06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(NaiveTime);

/// From one time of day to another, through midnight if need be: `22:00-07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: TimeOfDay,
    to: TimeOfDay,
}

/// When models are trained: `always`, or between two times of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TrainBetween {
    /// At any time.
    #[default]
    Always,
    /// Within these hours.
    Hours(Hours),
}

/// No times are written so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHours {
    /// No time of day.
    #[error("{0:?} is no time of day: write it like 06:00, up to 23:59")]
    Time(String),
    /// No hours between two.
    #[error("{0:?} are no hours: write them like 22:00-07:00")]
    Hours(String),
}

impl TimeOfDay {
    /// Of an hour and a minute; midnight, if there is no such time.
    pub fn of(hour: u32, minute: u32) -> Self {
        Self(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
    }

    /// What a clock shows, without its seconds.
    pub(super) fn shown(time: NaiveTime) -> Self {
        Self::of(time.hour(), time.minute())
    }

    /// On a day.
    pub fn on(self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(self.0)
    }
}

impl Hours {
    /// When they begin.
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// When they end.
    pub fn to(self) -> TimeOfDay {
        self.to
    }

    /// Whether a clock that shows this shows a time within them.
    pub fn contain(self, clock: TimeOfDay) -> bool {
        match self.from <= self.to {
            true => self.from <= clock && clock < self.to,
            false => clock >= self.from || clock < self.to,
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

impl fmt::Display for TrainBetween {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Hours(hours) => hours.fmt(f),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidHours;
    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        time.map(Self).map_err(|_| InvalidHours::Time(text.chars().take(80).collect()))
    }
}

impl FromStr for Hours {
    type Err = InvalidHours;
    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        let refused = || InvalidHours::Hours(text.chars().take(80).collect());
        let (from, to) = text.split_once('-').ok_or_else(refused)?;
        let read = |text: &str| text.trim().parse::<TimeOfDay>().map_err(|_| refused());
        let hours = Self { from: read(from)?, to: read(to)? };
        if hours.from == hours.to { Err(refused()) } else { Ok(hours) }
    }
}

impl FromStr for TrainBetween {
    type Err = InvalidHours;
    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        if text == "always" { Ok(Self::Always) } else { text.parse().map(Self::Hours) }
    }
}

as_text!(TimeOfDay, Hours, TrainBetween);

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> TimeOfDay {
        text.parse().unwrap()
    }

    #[test]
    fn hours_go_through_midnight_and_end_before_their_end() {
        for (hours, within, outside) in [
            ("22:00-07:00", ["22:00", "23:59", "00:00", "06:59"], ["21:59", "07:00", "12:00", "07:01"]),
            ("12:00-13:30", ["12:00", "12:30", "13:00", "13:29"], ["11:59", "13:30", "00:00", "23:59"]),
        ] {
            let hours: Hours = hours.parse().unwrap();
            assert!(within.iter().all(|clock| hours.contain(time(clock))), "{hours}");
            assert!(outside.iter().all(|clock| !hours.contain(time(clock))), "{hours}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        for text in ["always", "22:00-07:00"] {
            assert_eq!(text.parse::<TrainBetween>().unwrap().to_string(), text);
        }
        for odd in ["", "22:00", "22:00-22:00", "22:00-24:00", "late-early", "never"] {
            let refused = odd.parse::<TrainBetween>().unwrap_err().to_string();
            assert!(refused.contains("like 22:00-07:00"), "{refused}");
        }
        assert!("24:00".parse::<TimeOfDay>().unwrap_err().to_string().contains("like 06:00"));
    }
}
