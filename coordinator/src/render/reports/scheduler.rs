//! Schedules: how they stand, and how their runs ended (A12).

use domain::schedule::RunState;

use super::parts::{
    NOTHING, alerts, coded, document as paper, figure, grid, minute, name, number, run_cells, run_columns, section,
    sentence, share_figure, span, toned,
};
use crate::render::{Block, Document, Tone};
use crate::views::{ScheduleLine, ScheduleRunView, SchedulerReport};
use crate::wording::{Label, ReportText, word};

/// From here on the share of runs that were completed is as it should be.
const WELL: f64 = 0.95;

pub(super) fn document(report: &SchedulerReport) -> Document {
    let sections = vec![
        section(Label::Summary, vec![summary(report)]),
        section(Label::Schedules, vec![schedules(report)]),
        section(Label::Runs, vec![runs(&report.runs)]),
        section(Label::Alerts, vec![alerts(&report.alerts, 0)]),
    ];
    paper(&ReportText::Scheduler, &[ReportText::Made { at: report.made_at }], sections)
}

fn summary(report: &SchedulerReport) -> Block {
    let (scheduler, runs) = (&report.scheduler, &report.scheduler.last_30_days);
    let (word, tone) = if scheduler.running { (Label::Works, Tone::Good) } else { (Label::Stopped, Tone::Bad) };
    Block::Figures(vec![
        toned(Label::Scheduler, word.text(), tone),
        figure(Label::Schedules, scheduler.schedules),
        figure(Label::Paused, scheduler.paused),
        figure(Label::Executions, runs.completed + runs.failed),
        share_figure(Label::SuccessOfRuns, runs.success_rate, WELL),
        figure(Label::Skipped, runs.skipped),
        figure(Label::MeanRun, span(runs.mean_seconds)),
    ])
}

fn schedules(report: &SchedulerReport) -> Block {
    let columns =
        vec![name(Label::Schedule), name(Label::State), sentence(Label::When), name(Label::Task), name(Label::Next)];
    let row = |line: &ScheduleLine| {
        let next = line.next.map_or_else(|| NOTHING.into(), minute);
        let about = [line.name.clone(), coded("stands", line.state), line.when.clone(), word("task", &line.task), next];
        about.into_iter().chain(run_cells(&line.runs)).collect()
    };
    let columns = columns.into_iter().chain(run_columns()).collect();
    grid(columns, report.schedules.iter().map(row).collect(), report.scheduler.schedules)
}

fn runs(runs: &[ScheduleRunView]) -> Block {
    let columns = vec![
        name(Label::At),
        name(Label::Schedule),
        name(Label::State),
        number(Label::Seconds),
        sentence(Label::Outcome),
    ];
    let row = |run: &ScheduleRunView| {
        let seconds = run.seconds.filter(|_| run.state != RunState::Skipped);
        vec![
            minute(run.due),
            run.schedule.clone().unwrap_or_else(|| Label::ByHand.text()),
            coded("stands", run.state),
            seconds.map_or_else(|| NOTHING.into(), |seconds| format!("{seconds:.0}")),
            run.outcome.as_ref().map(|outcome| outcome.text.clone()).unwrap_or_default(),
        ]
    };
    grid(columns, runs.iter().map(row).collect(), 0)
}
