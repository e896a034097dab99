//! Hours in which only what is critical is told.

use std::fmt;
use std::str::FromStr;

use common::vocabulary::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::schedule::{TimeOfDay, Timing};

/// From one time of day to another, on the clocks of a zone: `22:00-07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    from: TimeOfDay,
    to: TimeOfDay,
}

/// No hours are written so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} are no quiet hours: write them like 22:00-07:00")]
pub struct InvalidQuietHours(String);

impl QuietHours {
    /// Until when it is quiet, if it is now.
    pub fn until(self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        let clock = TimeOfDay::shown(zone.date_time(now).time());
        let inside = match self.from <= self.to {
            true => self.from <= clock && clock < self.to,
            false => clock >= self.from || clock < self.to,
        };
        inside.then(|| Timing::Daily { time: self.to }.next_after(now, zone)).flatten()
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

impl FromStr for QuietHours {
    type Err = InvalidQuietHours;
    fn from_str(text: &str) -> Result<Self, InvalidQuietHours> {
        let refused = || InvalidQuietHours(text.chars().take(80).collect());
        let (from, to) = text.split_once('-').ok_or_else(refused)?;
        let read = |text: &str| text.trim().parse::<TimeOfDay>().map_err(|_| refused());
        let hours = Self { from: read(from)?, to: read(to)? };
        if hours.from == hours.to { Err(refused()) } else { Ok(hours) }
    }
}

impl TryFrom<String> for QuietHours {
    type Error = InvalidQuietHours;
    fn try_from(text: String) -> Result<Self, InvalidQuietHours> {
        text.parse()
    }
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        hours.to_string()
    }
}
