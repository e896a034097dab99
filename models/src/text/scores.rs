//! How a model does on rows it has not seen, row by row and slice by slice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::data::Row;
use super::figures::{Figures, Outcome, log_loss, of};
use super::model::Model;
use super::style::styles;

/// Least rows of a slice that is judged.
pub const MIN_SLICE: usize = 50;

/// What one row says of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The row.
    pub key: String,
    /// What it counts for.
    pub weight: f64,
    /// Log loss of the model in nats.
    pub loss: f64,
    /// Log loss of the baseline: the prevalence of the model's training rows.
    pub baseline: f64,
    /// The probability of label 1.
    pub probability: f64,
}

/// A part of the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// `style=hashtag`, `group=…`.
    pub name: String,
    /// How the model does on it.
    pub figures: Figures,
    /// Loss of the model and of the baseline, row by row.
    pub losses: Vec<(f64, f64)>,
}

/// A model on rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// In the order of the rows.
    pub rows: Vec<Scored>,
    /// All rows together.
    pub figures: Figures,
    /// Slices of at least [`MIN_SLICE`] rows, by name.
    pub slices: Vec<Slice>,
}

/// Scores a model on rows. It does not look whether the model was trained on them: the caller chooses their side.
pub fn score<'a>(model: &Model, rows: impl IntoIterator<Item = &'a Row>) -> Report {
    let rows: Vec<&Row> = rows.into_iter().collect();
    let answers = model.predict(&rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>());
    let baseline = model.prevalence();
    let mut scored = Vec::with_capacity(rows.len());
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut slices: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
    for (row, answer) in rows.iter().zip(answers) {
        let outcome = Outcome { probability: answer.probability, label: row.label, decided: answer.label };
        let names = styles(&row.text).into_iter().map(|style| format!("style={style}"));
        for name in names.chain(row.group.iter().map(|group| format!("group={group}"))) {
            slices.entry(name).or_default().push(outcome);
        }
        outcomes.push(outcome);
        scored.push(Scored {
            key: row.key.clone(),
            weight: row.weight,
            loss: log_loss(answer.probability, row.label),
            baseline: log_loss(baseline, row.label),
            probability: answer.probability,
        });
    }
    let figures = |outcomes: &[Outcome]| of(outcomes, model.minority(), baseline);
    let large = slices.into_iter().filter(|(_, outcomes)| outcomes.len() >= MIN_SLICE);
    let losses = |outcomes: &[Outcome]| {
        outcomes.iter().map(|of| (log_loss(of.probability, of.label), log_loss(baseline, of.label))).collect()
    };
    let slice = |(name, outcomes): (String, Vec<Outcome>)| {
        let (figures, losses) = (figures(&outcomes), losses(&outcomes));
        Slice { name, figures, losses }
    };
    let slices = large.map(slice).collect();
    Report { rows: scored, figures: figures(&outcomes), slices }
}
