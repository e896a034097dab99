//! What happened on a day or in a week.

use domain::report::{Period, ReportKind};

use super::parts::{
    alerts, coded, document as paper, figure, grid, moves, name, number, run_cells, run_columns, section, sentence,
    share_figure, share_text, span, unwanted,
};
use crate::render::{Axis, Block, Document, Plot, Section, Series, Shape};
use crate::views::{PeriodReport, PoolFigures};
use crate::wording::{self, Label, ReportText};

/// From here on a share of trainings or of minutes is as it should be.
const WELL_TRAINED: f64 = 0.95;
const WELL_SERVED: f64 = 0.999;

pub(super) fn document(report: &PeriodReport) -> Document {
    let title = match report.kind {
        ReportKind::Weekly => {
            let (year, week) = Period::week(report.first).iso_week();
            ReportText::Weekly { week, year }
        }
        ReportKind::Daily | ReportKind::Incremental | ReportKind::Scheduler => ReportText::Daily { day: report.first },
    };
    let (first, last, zone) = (report.first, report.last, report.zone.clone());
    let days =
        if first == last { ReportText::Day { day: first, zone } } else { ReportText::Days { first, last, zone } };
    let mut paper = paper(&title, &[days, ReportText::Made { at: report.made_at }], sections(report));
    if !report.is_over {
        paper.preface.push(Label::NotOver.text());
    }
    paper
}

fn sections(report: &PeriodReport) -> Vec<Section> {
    vec![
        section(Label::Health, health(report)),
        section(Label::FleetNow, fleet(report)),
        section(Label::Trainings, vec![families(report)]),
        section(Label::WentLive, vec![moves(&report.moves, report.health.promoted + report.health.taken_back, true)]),
        section(Label::NotPromoted, vec![not_promoted(report)]),
        section(Label::Failures, vec![failures(report)]),
        section(Label::AlertsNow, alert_blocks(report)),
        section(Label::RunsOfSchedules, vec![schedules(report)]),
        section(Label::Queue, queue(report)),
        section(Label::Traffic, traffic(report)),
    ]
}

fn health(report: &PeriodReport) -> Vec<Block> {
    let health = &report.health;
    let figures = vec![
        share_figure(Label::SuccessRate, health.success_rate, WELL_TRAINED),
        figure(Label::Completed, health.completed),
        unwanted(Label::Failed, health.failed),
        figure(Label::Cancelled, health.cancelled),
        figure(Label::Promoted, health.promoted),
        unwanted(Label::TakenBack, health.taken_back),
        figure(Label::MeanTraining, span(health.mean_training_seconds)),
        figure(Label::MeanWaiting, span(health.mean_waiting_seconds)),
        unwanted(Label::Degradations, health.degradations),
        share_figure(Label::Availability, health.availability, WELL_SERVED),
    ];
    let counted = match health.minutes {
        0 => ReportText::NotCounted,
        minutes => ReportText::Minutes { minutes, answered: health.minutes_answered as f64 / minutes as f64 },
    };
    vec![Block::Figures(figures), Block::Line(wording::text(&counted))]
}

fn fleet(report: &PeriodReport) -> Vec<Block> {
    let fleet = &report.fleet;
    vec![Block::Figures(vec![
        figure(Label::Models, fleet.models),
        figure(Label::Live, fleet.live),
        figure(Label::WithoutLive, fleet.models.saturating_sub(fleet.live)),
        figure(Label::Due, fleet.due),
        figure(Label::HeldBack, fleet.held_back),
        figure(Label::Paused, fleet.paused),
        unwanted(Label::Declined, fleet.declined),
    ])]
}

fn families(report: &PeriodReport) -> Block {
    let columns = vec![
        name(Label::Family),
        number(Label::Models),
        number(Label::Completed),
        number(Label::Promoted),
        number(Label::Failed),
        number(Label::Cancelled),
        number(Label::MeanTraining),
    ];
    let rows = report.families.iter().map(|family| {
        vec![
            coded("family", family.family),
            family.models.to_string(),
            family.completed.to_string(),
            family.promoted.to_string(),
            family.failed.to_string(),
            family.cancelled.to_string(),
            span(family.mean_seconds),
        ]
    });
    grid(columns, rows.collect(), 0)
}

fn not_promoted(report: &PeriodReport) -> Block {
    let columns = vec![name(Label::Model), name(Label::Version), number(Label::Difference), sentence(Label::Why)];
    let rows = report.not_promoted.iter().map(|kept| {
        let difference = kept.verdict.as_ref().filter(|verdict| verdict.rows > 0).map(|verdict| verdict.difference);
        let why = kept.verdict.as_ref().and_then(|verdict| verdict.reasons.first().cloned()).unwrap_or_default();
        vec![kept.model.clone(), kept.version.clone(), share_text(difference), why]
    });
    let all = report.health.completed.saturating_sub(report.health.promoted);
    grid(columns, rows.collect(), if report.not_promoted.is_empty() { 0 } else { all })
}

fn failures(report: &PeriodReport) -> Block {
    let columns = vec![name(Label::Model), number(Label::Failed), sentence(Label::Why)];
    let rows = report.failures.iter().map(|of| vec![of.model.clone(), of.failures.to_string(), of.reason.text.clone()]);
    grid(columns, rows.collect(), 0)
}

fn alert_blocks(report: &PeriodReport) -> Vec<Block> {
    let figures = &report.alerts;
    let open = figures.open;
    let counts = vec![
        figure(Label::Raised, figures.raised()),
        figure(Label::Resolved, figures.resolved),
        unwanted(Label::OpenCritical, open.critical),
        figure(Label::OpenWarning, open.warning),
        figure(Label::OpenInfo, open.info),
    ];
    let kinds = figures.raised.iter().map(|of| vec![coded("topic", of.kind), of.count.to_string()]);
    let mut blocks = vec![Block::Figures(counts)];
    if !figures.raised.is_empty() {
        blocks.push(grid(vec![sentence(Label::What), number(Label::Raised)], kinds.collect(), 0));
    }
    if !figures.standing.is_empty() {
        blocks.push(alerts(&figures.standing, open.critical + open.warning + open.info));
    }
    blocks
}

fn schedules(report: &PeriodReport) -> Block {
    let columns = [name(Label::Schedule)].into_iter().chain(run_columns()).collect();
    let rows = report.schedules.iter().map(|of| {
        let name = of.schedule.clone().unwrap_or_else(|| Label::ByHand.text());
        [name].into_iter().chain(run_cells(&of.runs)).collect()
    });
    grid(columns, rows.collect(), 0)
}

fn traffic(report: &PeriodReport) -> Vec<Block> {
    vec![Block::Figures(vec![
        figure(Label::Imports, report.traffic.imports),
        figure(Label::Predictions, report.traffic.predictions),
        figure(Label::Labelled, report.traffic.labelled),
    ])]
}

fn queue(report: &PeriodReport) -> Vec<Block> {
    let points = |of: fn(&crate::views::ActivityPoint) -> u64| {
        let steps = report.activity.iter().map(|point| (point.at.timestamp() as f64, of(point) as f64));
        // The last interval ends with the report.
        let end = report.activity.last().map(|point| (report.to.timestamp() as f64, of(point) as f64));
        steps.chain(end).collect()
    };
    let series = |label: Label, points| Series { label: label.text(), shape: Shape::Steps(points) };
    let plot = Plot {
        title: Label::JobsOverTime.text(),
        x: Axis::Time,
        y: Axis::Number(Label::Jobs.text()),
        series: vec![
            series(Label::Waiting, points(|point| point.waiting)),
            series(Label::Running, points(|point| point.running)),
        ],
        marks: Vec::new(),
    };
    let columns = vec![
        name(Label::Pool),
        number(Label::Workers),
        number(Label::Attempts),
        number(Label::Lost),
        number(Label::Busy),
    ];
    let row = |of: &PoolFigures| {
        let numbers = [of.workers, of.attempts, of.lost].map(|count| count.to_string());
        [of.pool.clone()].into_iter().chain(numbers).chain([span(Some(of.seconds))]).collect()
    };
    vec![Block::Plot(plot), grid(columns, report.pools.iter().map(row).collect(), 0)]
}
