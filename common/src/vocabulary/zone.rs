//! Time zones: whose clocks say when something is due.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Serialize};

use super::{TimeOfDay, Timestamp};
use crate::as_text;

/// A zone of the IANA's database: `Europe/Madrid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The names of all there are.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The instant at which clocks there show this. What they skip when they are set forward is the moment after the gap; what they show
    /// twice when they are set back is the first time.
    pub fn instant(self, local: NaiveDateTime) -> Timestamp {
        let mut shown = local;
        loop {
            if let Some(at) = self.0.from_local_datetime(&shown).earliest() {
                return Timestamp(at.timestamp_micros());
            }
            // No gap is longer than the day that Samoa left out in 2011.
            match shown.checked_add_signed(TimeDelta::minutes(1)) {
                Some(later) => shown = later,
                None => return Timestamp(i64::MAX),
            }
        }
    }

    /// What clocks there show at an instant.
    pub fn time_of_day(self, at: Timestamp) -> TimeOfDay {
        TimeOfDay::shown(self.date_time(at).time())
    }

    /// An instant, with what clocks there show.
    pub fn date_time(self, at: Timestamp) -> DateTime<Tz> {
        at.utc().with_timezone(&self.0)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name())
    }
}

impl FromStr for Zone {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            let near = nearest(text).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            format!("{text:?} is no time zone: use a name of the IANA's database, such as UTC or Europe/Madrid{near}")
        })
    }
}

as_text!(Zone);

/// The zone whose name, or whose city, is written nearly so.
fn nearest(text: &str) -> Option<&'static str> {
    let word = text.to_lowercase().replace(' ', "_");
    let likeness = |name: &str| {
        let (whole, city) = (name.to_lowercase(), name.rsplit('/').next().unwrap_or(name).to_lowercase());
        strsim::jaro_winkler(&word, &whole).max(strsim::jaro_winkler(&word, &city))
    };
    let best = Zone::names().map(|name| (likeness(name), name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.85).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_name_and_hinted_at_by_its_city() {
        assert_eq!("Europe/Madrid".parse::<Zone>().unwrap().to_string(), "Europe/Madrid");
        assert!("Europe/Madird".parse::<Zone>().unwrap_err().ends_with("did you mean Europe/Madrid?"));
        assert!("new york".parse::<Zone>().unwrap_err().ends_with("did you mean America/New_York?"));
        assert!("Qqq".parse::<Zone>().unwrap_err().ends_with("such as UTC or Europe/Madrid"));
    }
}
