//! Reports.

use super::day;
use crate::wording::ReportText;

pub(super) fn sentences() -> Vec<ReportText> {
    let at = "2026-06-11T21:30:00Z".parse().unwrap();
    vec![
        ReportText::Daily { day: day("2026-06-11") },
        ReportText::Weekly { week: 24, year: 2026 },
        ReportText::Incremental,
        ReportText::Scheduler,
        ReportText::Model { model: "forecaster/AAPL".into() },
        ReportText::Day { day: day("2026-06-11"), zone: "Europe/Madrid".into() },
        ReportText::Days { first: day("2026-06-08"), last: day("2026-06-14"), zone: "Europe/Madrid".into() },
        ReportText::AsOf { at },
        ReportText::Made { at },
        ReportText::Minutes { minutes: 1, answered: 1.0 },
        ReportText::Minutes { minutes: 1440, answered: 0.998_6 },
        ReportText::NotCounted,
        ReportText::Rest { count: 12 },
        ReportText::All { total: 1, due: 1, up_to_date: 0, without: 1 },
        ReportText::All { total: 24, due: 3, up_to_date: 21, without: 2 },
        ReportText::Replayed { first: day("2026-01-01"), last: day("2026-06-30") },
        ReportText::Estimated { rows: 1, models: 1 },
        ReportText::Estimated { rows: 12_500, models: 24 },
        ReportText::NoRise,
        ReportText::Share { share: 0.987 },
        ReportText::Seconds { seconds: 12.34 },
    ]
}
