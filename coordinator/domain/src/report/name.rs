//! What a report is called: `2026/daily_report_20260611`, `2026/weekly_report_week24`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use common::vocabulary::InvalidKey;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::{Period, ReportKind};
use crate::plain_name::is_plain_name;

/// The name of a report that is kept: its year, and what it is of. Two reports of one name are one report, made again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportName(String);

common::as_text!(ReportName);

impl ReportName {
    /// That of a report that is made on, or is about, a day.
    pub fn of(kind: ReportKind, day: NaiveDate) -> Self {
        Self(match kind {
            ReportKind::Weekly => {
                let (year, week) = Period::week(day).iso_week();
                format!("{year:04}/{}week{week:02}", stem(kind))
            }
            ReportKind::Incremental | ReportKind::Scheduler | ReportKind::Daily => {
                format!("{:04}/{}{}", day.year(), stem(kind), day.format("%Y%m%d"))
            }
        })
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a file of it, without what it ends in.
    pub fn file(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, file)| file)
    }

    /// What it is a report of.
    pub fn kind(&self) -> ReportKind {
        let of = |kind: &ReportKind| self.file().starts_with(&stem(*kind));
        ReportKind::VARIANTS.iter().copied().find(of).unwrap_or(ReportKind::Daily)
    }

    /// The last day that it is about, by its name; nothing for a day that there is not.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let when = self.file().strip_prefix(&stem(self.kind()))?;
        match when.strip_prefix("week") {
            None => NaiveDate::parse_from_str(when, "%Y%m%d").ok(),
            Some(week) => {
                let (year, _) = self.0.split_once('/')?;
                NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, chrono::Weekday::Sun)
            }
        }
    }
}

/// What names of a kind begin with.
fn stem(kind: ReportKind) -> String {
    format!("{kind}_report_")
}

impl fmt::Display for ReportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ReportName {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let is_year = |year: &str| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        let is_file = |file: &str| {
            let when = ReportKind::VARIANTS.iter().find_map(|kind| file.strip_prefix(&stem(*kind)));
            is_plain_name(file)
                && when.is_some_and(|when| !when.is_empty() && when.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        match text.split_once('/') {
            Some((year, file)) if is_year(year) && is_file(file) => Ok(Self(text.to_owned())),
            _ => Err(InvalidKey {
                text: text.chars().take(80).collect(),
                what: "report",
                rule: "a year and what it is of, such as 2026/daily_report_20260611 or 2026/weekly_report_week24",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A12
    #[test]
    fn reports_are_called_by_what_they_are_of() {
        let day: NaiveDate = "2025-06-11".parse().unwrap();
        for (kind, name) in [
            (ReportKind::Daily, "2025/daily_report_20250611"),
            (ReportKind::Weekly, "2025/weekly_report_week24"),
            (ReportKind::Incremental, "2025/incremental_report_20250611"),
            (ReportKind::Scheduler, "2025/scheduler_report_20250611"),
        ] {
            let named = ReportName::of(kind, day);
            assert_eq!((named.as_str(), named.to_string().as_str(), named.kind()), (name, name, kind));
            assert_eq!(name.parse::<ReportName>().unwrap(), named);
            let last = if kind == ReportKind::Weekly { "2025-06-15" } else { "2025-06-11" };
            assert_eq!(named.last_day().unwrap().to_string(), last);
        }
        assert_eq!("2025/daily_report_20250231".parse::<ReportName>().unwrap().last_day(), None);
        assert_eq!(
            ReportName::of(ReportKind::Weekly, "2027-01-01".parse().unwrap()).as_str(),
            "2026/weekly_report_week53"
        );
    }

    #[test]
    fn nothing_else_is_a_name() {
        for odd in [
            "",
            "daily_report_20250611",
            "2025/daily_report_",
            "2025/../secret",
            "25/daily_report_20250611",
            "2025/daily_report_20250611.html",
            "2025/daily_report_2025/0611",
            "2025/monthly_report_06",
        ] {
            assert!(odd.parse::<ReportName>().is_err(), "{odd:?}");
        }
    }
}
