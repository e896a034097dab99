//! What policies would have come to, beside what really happened.

use chrono::NaiveDate;

use super::parts::{NOTHING, document as paper, grid, name, number, section, span};
use crate::render::{Axis, Block, Document, Plot, Series, Shape};
use crate::views::{ReplayOutcome, ReplayView};
use crate::wording::{self, Label, ReportText};

/// Where losses rise by less than this share after a training, policies differ by less than can be seen.
const TOLD_APART: f64 = 0.001;

pub(super) fn document(replay: &ReplayView) -> Document {
    let columns = vec![
        name(Label::Policy),
        number(Label::TrainingsMade),
        number(Label::OfTheseComplete),
        number(Label::TrainingTime),
        number(Label::RowsAnswered),
        number(Label::LossOverBaseline),
    ];
    let all = || std::iter::once(&replay.happened).chain(&replay.policies);
    let row = |of: &ReplayOutcome| {
        vec![
            of.name.clone(),
            of.trainings.to_string(),
            of.complete.to_string(),
            span(of.seconds),
            of.rows.to_string(),
            of.loss.map_or_else(|| NOTHING.into(), |loss| format!("{loss:.4}")),
        ]
    };
    let estimated = ReportText::Estimated { rows: replay.learned_from, models: replay.models };
    let seconds = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() as f64;
    let line = |of: &ReplayOutcome| Series {
        label: of.name.clone(),
        shape: Shape::Line(of.weeks.iter().map(|week| (seconds(week.monday), week.loss)).collect()),
    };
    let plot = Plot {
        title: Label::LossByWeek.text(),
        x: Axis::Time,
        y: Axis::Number(Label::LossOverBaseline.text()),
        series: all().filter(|of| !of.weeks.is_empty()).map(line).collect(),
        marks: Vec::new(),
    };
    let mut said = vec![grid(columns, all().map(row).collect(), 0), Block::Line(wording::text(&estimated))];
    if replay.rise < TOLD_APART {
        said.push(Block::Line(wording::text(&ReportText::NoRise)));
    }
    let mut sections = vec![section(Label::Policies, said)];
    if !plot.series.is_empty() {
        sections.push(section(Label::LossByWeek, vec![Block::Plot(plot)]));
    }
    let title = ReportText::Replayed { first: replay.from, last: replay.to };
    paper(&title, &[ReportText::Made { at: replay.made_at }], sections)
}
