//! Schedules.

use common::vocabulary::Zone;
use domain::schedule::{RunOutcome, Timing, TrainingsEnded, Weekday};

use crate::wording::When;

pub(super) fn timings() -> Vec<When> {
    let time = || "02:00".parse().unwrap();
    let timings = [
        Timing::Once { at: "2026-12-24T18:00".parse().unwrap() },
        Timing::Every { minutes: 1 },
        Timing::Every { minutes: 5 },
        Timing::Every { minutes: 60 },
        Timing::Every { minutes: 360 },
        Timing::Daily { time: time() },
        Timing::Weekly { day: Weekday::Sunday, time: time() },
        Timing::Monthly { day: 31, time: time() },
        Timing::Cron { expression: "0 2 * * mon-fri".parse().unwrap() },
    ];
    let zone: Zone = "Europe/Madrid".parse().unwrap();
    timings.into_iter().map(|timing| When { timing, zone }).collect()
}

pub(super) fn outcomes() -> Vec<RunOutcome> {
    let ended = TrainingsEnded { trainings: 12, promoted: 9, not_promoted: 2, failed: 1, ..TrainingsEnded::default() };
    vec![
        RunOutcome::Checked { models: 1, scoring: 1, due: 0, enqueued: 0 },
        RunOutcome::Checked { models: 24, scoring: 2, due: 3, enqueued: 2 },
        RunOutcome::Decided { models: 24, due: 3, held: 1 },
        RunOutcome::Requested { requested: 12, already: 1, skipped: 9, refused: 0, refusal: None },
        RunOutcome::Requested {
            requested: 0,
            already: 0,
            skipped: 0,
            refused: 1,
            refusal: Some("forecaster/MSFT: no worker can ever run this".into()),
        },
        RunOutcome::Trained(ended),
        RunOutcome::Trained(TrainingsEnded { trainings: 1, promoted: 1, skipped: 4, ..TrainingsEnded::default() }),
        RunOutcome::BackedUp { backed_up: 3, without: 1, failed: 0 },
        RunOutcome::Cleaned { objects: 120, bytes: 52_428_800 },
        RunOutcome::Reported { report: "2026/daily_report_20260611".into(), channels: 2 },
        RunOutcome::NoModels,
        RunOutcome::Missed { before: 0, made_up: true },
        RunOutcome::Missed { before: 400, made_up: false },
        RunOutcome::Failed { tries: 5, message: "the store does not answer".into() },
    ]
}
