//! The encoded rows that one fold, or the last training, works on.

use super::choice::calibration;
use super::dataset::Dataset;
use super::design::{Design, Examples, Loss};
use super::encoder::Encoder;
use super::math::{logit, median};
use crate::error::TrainError;
use common::vocabulary::records::Task;

/// Encoded rows with targets and weights.
pub(crate) struct Split {
    pub(crate) design: Design,
    pub(crate) targets: Vec<f64>,
    pub(crate) weights: Vec<f64>,
}

impl Split {
    fn new(encoder: &Encoder, data: &Dataset, rows: &[usize]) -> Result<Self, TrainError> {
        let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        Ok(Self { design: encoder.encode(data, rows)?, targets: of(&data.targets), weights: of(&data.weights) })
    }
}

/// The encoder and start fitted on training rows, and both sides encoded.
pub(crate) struct Stage {
    pub(crate) encoder: Encoder,
    pub(crate) loss: Loss,
    pub(crate) start: f64,
    pub(crate) training: Split,
    pub(crate) validation: Split,
}

impl Stage {
    /// `kept`: encoder and start of the parent, which an incremental training keeps.
    pub(crate) fn new(
        data: &Dataset,
        training: &[usize],
        validation: &[usize],
        rare: u32,
        kept: Option<(&Encoder, f64)>,
    ) -> Result<Self, TrainError> {
        let (encoder, start) = match kept {
            Some((encoder, start)) => (encoder.clone(), start),
            None => (Encoder::fit(data, training, rare as usize), start(data, training)),
        };
        let (training, validation) = (Split::new(&encoder, data, training)?, Split::new(&encoder, data, validation)?);
        Ok(Self { encoder, loss: loss(&data.schema.task), start, training, validation })
    }

    /// The validation loss of these margins; log-odds are calibrated first, as those of the model will be. Otherwise a share
    /// of positives that moves with time would look like too many rounds.
    pub(crate) fn calibrated_loss(&self, margins: &[f64]) -> f64 {
        let Split { targets, weights, .. } = &self.validation;
        if self.loss == Loss::Absolute {
            return self.loss.mean(margins, targets, weights);
        }
        let line = calibration(margins, targets, weights);
        let margins: Vec<f64> = margins.iter().map(|&margin| line.apply(margin)).collect();
        self.loss.mean(&margins, targets, weights)
    }

    pub(crate) fn examples(&self) -> Examples<'_> {
        let Split { design, targets, weights } = &self.training;
        Examples { design, targets, weights, loss: self.loss, start: self.start }
    }
}

/// What decides for such a task.
pub(crate) fn loss(task: &Task) -> Loss {
    if task.is_binary() { Loss::Log } else { Loss::Absolute }
}

/// The log-odds of the weighted prevalence, never quite 0 or 1.
pub(crate) fn prevalence(data: &Dataset, rows: &[usize]) -> f64 {
    let (ones, all) = rows
        .iter()
        .fold((0.0, 0.0), |(ones, all), &row| (ones + data.weights[row] * data.targets[row], all + data.weights[row]));
    logit((ones + 0.5) / (all + 1.0))
}

/// The weighted median of the targets.
pub(crate) fn middle(data: &Dataset, rows: &[usize]) -> f64 {
    median(&mut rows.iter().map(|&row| (data.targets[row], data.weights[row])).collect::<Vec<_>>())
}

fn start(data: &Dataset, rows: &[usize]) -> f64 {
    match data.schema.task {
        Task::Is { .. } | Task::Exceeds { .. } => prevalence(data, rows),
        Task::Number { .. } => middle(data, rows),
        Task::LogRatio { .. } => 0.0,
    }
}
