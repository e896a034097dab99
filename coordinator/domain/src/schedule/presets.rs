//! The schedules that an installation has from the start (FEATURES A7), and those that a recommender is offered (C5).

use super::look::MissedRuns;
use super::selection::Selection;
use super::task::{ReportParameters, Task, TrainingParameters};
use super::timing::{Timing, Weekday};
use crate::report::ReportKind;
use common::vocabulary::{Family, TimeOfDay};

/// The tag of models that are looked at more often.
pub const PRIORITY: &str = "priority";

/// A schedule, but for its zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// When it is due.
    pub timing: Timing,
    /// What it does.
    pub task: Task,
    /// What becomes of missed runs.
    pub missed: MissedRuns,
}

/// Those that are there from the start.
pub fn from_the_start() -> Vec<Preset> {
    let tagged = Selection { tag: Some(PRIORITY.into()), ..Selection::default() };
    vec![
        preset("daily-check", daily(6, 0), Task::HealthCheck { of: Selection::default() }),
        preset("priority-check", Timing::Every { minutes: 6 * 60 }, Task::HealthCheck { of: tagged }),
        preset("weekly-retrain", weekly(Weekday::Sunday, 2, 0), retrain(Selection::default(), None)),
        preset("daily-report", daily(23, 30), report(ReportKind::Daily)),
        preset("weekly-report", weekly(Weekday::Monday, 8, 0), report(ReportKind::Weekly)),
    ]
}

/// Those for a recommender: of few users, and of many.
pub fn offered() -> Vec<Preset> {
    let recommenders = || Selection { family: Some(Family::Recommender), ..Selection::default() };
    vec![
        preset("low-traffic", weekly(Weekday::Sunday, 2, 0), retrain(recommenders(), Some(100))),
        preset("high-traffic", daily(2, 0), retrain(recommenders(), Some(50))),
    ]
}

fn preset(name: &'static str, timing: Timing, task: Task) -> Preset {
    Preset { name, timing, task, missed: MissedRuns::Once }
}

fn retrain(of: Selection, min_new_rows: Option<u32>) -> Task {
    Task::Retrain { of, parameters: TrainingParameters { min_new_rows, ..TrainingParameters::default() } }
}

fn report(report: ReportKind) -> Task {
    Task::Report { parameters: ReportParameters { report, ..ReportParameters::default() } }
}

fn daily(hour: u32, minute: u32) -> Timing {
    Timing::Daily { time: TimeOfDay::of(hour, minute) }
}

fn weekly(day: Weekday, hour: u32, minute: u32) -> Timing {
    Timing::Weekly { day, time: TimeOfDay::of(hour, minute) }
}
