//! What a backup is called: when it was made, and of which version. Names sort by time.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;
use common::vocabulary::{Timestamp, VersionNumber};
use serde::{Deserialize, Serialize};

const STAMP: &str = "%Y%m%dT%H%M%S%.3fZ";
const MILLISECOND: i64 = 1000;

/// The id of a backup, such as `20260102T030405.678Z-v1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct BackupId {
    at: Timestamp,
    version: VersionNumber,
}

impl BackupId {
    /// A backup made at this millisecond.
    pub(super) fn new(at: Timestamp, version: VersionNumber) -> Self {
        Self { at: Timestamp(at.0.div_euclid(MILLISECOND) * MILLISECOND), version }
    }

    /// A millisecond later.
    pub(super) fn next(self) -> Self {
        Self { at: Timestamp(self.at.0 + MILLISECOND), ..self }
    }

    /// When it was made, to the millisecond.
    pub(super) fn at(self) -> Timestamp {
        self.at
    }

    /// Of which version.
    pub(super) fn version(self) -> VersionNumber {
        self.version
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.utc().format(STAMP), self.version)
    }
}

impl FromStr for BackupId {
    type Err = ();

    /// Only what `fmt` writes is one.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (stamp, version) = text.split_once('-').ok_or(())?;
        let at = NaiveDateTime::parse_from_str(stamp, STAMP).map_err(drop)?;
        let id = Self::new(Timestamp(at.and_utc().timestamp_micros()), version.parse().map_err(drop)?);
        if id.to_string() == text { Ok(id) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_time_and_a_version_and_sorts_by_time() {
        let text = "20260102T030405.678Z-v1.10";
        let id: BackupId = text.parse().unwrap();
        assert_eq!((id.to_string().as_str(), id.at().to_string().as_str()), (text, "2026-01-02 03:04:05Z"));
        assert_eq!(id.next().to_string(), "20260102T030405.679Z-v1.10");
        let earlier = BackupId::new(Timestamp(id.at().0 - 1), "v9.0".parse().unwrap());
        assert!(earlier < id && earlier.to_string() < id.to_string());
        for none in
            ["", "v1.0", "20260102T030405Z-v1.0", "20260102T030405.678Z-1.0", "20260102T030405.678Z-v1.0/..", "../x"]
        {
            assert!(none.parse::<BackupId>().is_err(), "{none}");
        }
    }
}
