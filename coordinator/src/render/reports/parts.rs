//! What several reports say alike.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::render::{Block, Column, Document, Figure, Grid, Section, Tone};
use crate::views::{AlertView, LedgerView, RunCounts};
use crate::wording::{self, Label, Language, ReportText, word};

/// What stands where there is nothing to show.
pub(super) const NOTHING: &str = "–";

/// A document in the reader's language.
pub(super) fn document(title: &ReportText, preface: &[ReportText], sections: Vec<Section>) -> Document {
    Document {
        language: Language::current(),
        title: wording::text(title),
        preface: preface.iter().map(wording::text).collect(),
        sections: sections.into_iter().filter(|section| !section.blocks.is_empty()).collect(),
    }
}

pub(super) fn section(heading: Label, blocks: Vec<Block>) -> Section {
    Section { heading: sentence_case(&heading.text()), blocks }
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A figure that is neither good nor bad.
pub(super) fn figure(label: Label, value: impl ToString) -> Figure {
    toned(label, value, Tone::Plain)
}

/// A count that should be 0.
pub(super) fn unwanted(label: Label, count: u64) -> Figure {
    toned(label, count, if count > 0 { Tone::Bad } else { Tone::Good })
}

pub(super) fn toned(label: Label, value: impl ToString, tone: Tone) -> Figure {
    Figure { label: label.text(), value: value.to_string(), tone }
}

/// A share that should be near 1.
pub(super) fn share_figure(label: Label, share: Option<f64>, well_from: f64) -> Figure {
    let tone = match share {
        None => Tone::Plain,
        Some(share) if share >= well_from => Tone::Good,
        Some(_) => Tone::Bad,
    };
    toned(label, share_text(share), tone)
}

pub(super) fn share_text(share: Option<f64>) -> String {
    share.map_or_else(|| NOTHING.into(), |share| wording::text(&ReportText::Share { share }))
}

/// A span of time as people say it: seconds to the tenth, longer ones in minutes and hours.
pub(super) fn span(seconds: Option<f64>) -> String {
    match seconds {
        None => NOTHING.into(),
        Some(seconds) if seconds < 60.0 => wording::text(&ReportText::Seconds { seconds }),
        Some(seconds) => {
            let whole = std::time::Duration::from_secs(seconds.round() as u64);
            humantime::format_duration(whole).to_string()
        }
    }
}

pub(super) fn name(label: Label) -> Column {
    Column::Name(label.text())
}

pub(super) fn number(label: Label) -> Column {
    Column::Number(label.text())
}

pub(super) fn sentence(label: Label) -> Column {
    Column::Text(label.text())
}

/// A table, or that there is nothing to show in one; `all`: rows that there are.
pub(super) fn grid(columns: Vec<Column>, rows: Vec<Vec<String>>, all: u64) -> Block {
    if rows.is_empty() {
        return Block::Line(Label::None.text());
    }
    let more = all.saturating_sub(rows.len() as u64);
    let rest = (more > 0).then(|| wording::text(&ReportText::Rest { count: more }));
    Block::Grid(Grid { columns, rows, rest })
}

/// A moment to the minute, in UTC.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// The word of a closed list for a code.
pub(super) fn coded(kind: &str, code: impl Serialize) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(code)) => word(kind, &code),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// Moves of live pointers; `with_model`: each says whose.
pub(super) fn moves(moves: &[LedgerView], all: u64, with_model: bool) -> Block {
    let mut columns = vec![name(Label::At), name(Label::Version), name(Label::Move), sentence(Label::Why)];
    if with_model {
        columns.insert(1, name(Label::Model));
    }
    let row = |moved: &LedgerView| {
        let version = match &moved.previous {
            Some(previous) => format!("{previous} → {}", moved.version),
            None => moved.version.clone(),
        };
        let mut row = vec![minute(moved.at), version, word("moved", &moved.kind), moved.reason.clone()];
        if with_model {
            row.insert(1, moved.model.clone());
        }
        row
    };
    grid(columns, moves.iter().map(row).collect(), all)
}

/// Alerts that stand open.
pub(super) fn alerts(alerts: &[AlertView], all: u64) -> Block {
    let columns = vec![name(Label::Severity), name(Label::Since), sentence(Label::What)];
    let row =
        |alert: &AlertView| vec![coded("severity", alert.severity), minute(alert.raised_at), alert.what.text.clone()];
    grid(columns, alerts.iter().map(row).collect(), all)
}

/// What is shown of the runs of a schedule.
pub(super) fn run_columns() -> Vec<Column> {
    vec![
        number(Label::Completed),
        number(Label::Failed),
        number(Label::Skipped),
        number(Label::Share),
        number(Label::MeanRun),
    ]
}

pub(super) fn run_cells(runs: &RunCounts) -> Vec<String> {
    vec![
        runs.completed.to_string(),
        runs.failed.to_string(),
        runs.skipped.to_string(),
        share_text(runs.success_rate),
        span(runs.mean_seconds),
    ]
}
