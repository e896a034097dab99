//! What clocks on walls show: local dates and times.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// A date and time of day, to the minute, wherever the clock hangs: `2026-12-01T02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(NaiveDateTime);

common::as_text!(LocalTime);

impl LocalTime {
    /// As chrono has it.
    pub(super) fn date_time(self) -> NaiveDateTime {
        self.0
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M"))
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
