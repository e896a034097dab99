//! The state of every model and what to do about it (A6).

use super::parts::{NOTHING, document as paper, figure, grid, name, number, section, sentence};
use crate::render::{Block, Document};
use crate::views::{IncrementalReport, ReportRow};
use crate::wording::{self, Label, ReportText};

pub(super) fn document(report: &IncrementalReport) -> Document {
    let counts = vec![
        figure(Label::Models, report.total),
        figure(Label::Due, report.need_retraining),
        figure(Label::UpToDate, report.up_to_date),
        figure(Label::WithoutLive, report.without_model),
    ];
    let all = ReportText::All {
        total: report.total,
        due: report.need_retraining,
        up_to_date: report.up_to_date,
        without: report.without_model,
    };
    let columns = vec![
        name(Label::Model),
        name(Label::Version),
        number(Label::Age),
        number(Label::NewRows),
        number(Label::Reliability),
        number(Label::GapNew),
        number(Label::GapOld),
        sentence(Label::Action),
    ];
    let sections = vec![
        section(Label::Summary, vec![Block::Figures(counts), Block::Line(wording::text(&all))]),
        section(Label::Fleet, vec![grid(columns, report.models.iter().map(row).collect(), report.total)]),
    ];
    paper(&ReportText::Incremental, &[ReportText::AsOf { at: report.at }], sections)
}

fn row(row: &ReportRow) -> Vec<String> {
    let decimals = |value: Option<f64>, decimals: usize| {
        value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.decimals$}"))
    };
    vec![
        row.model.clone(),
        row.version.clone().unwrap_or_else(|| NOTHING.into()),
        decimals(row.age_days, 1),
        row.new_rows.to_string(),
        decimals(row.reliability, 2),
        decimals(row.gap.as_ref().map(|gap| 100.0 * gap.on_new), 2),
        decimals(row.gap.as_ref().map(|gap| 100.0 * gap.on_old), 2),
        row.action.clone(),
    ]
}
