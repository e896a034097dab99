//! What validation rows decide: who is in the model, its calibration, its threshold, and which baseline is the hardest.

use common::vocabulary::records::Task;

use super::Fit;
use crate::tabular::choice::{Calibration, mix};
use crate::tabular::dataset::Dataset;
use crate::tabular::learner::Contestant;
use crate::tabular::model::{Baseline, Member, TabularPreprocessing};
use crate::tabular::stage::{loss, middle, prevalence};

/// What the folds, or the parent, have decided.
pub(super) struct Choice {
    pub(super) members: Vec<Member>,
    pub(super) calibration: Calibration,
    pub(super) threshold: f64,
    pub(super) spread: Vec<f64>,
    pub(super) baselines: Vec<Baseline>,
    /// Mean loss of the chosen on the validation rows of all folds; nothing where a parent has decided.
    pub(super) validation_loss: Option<f64>,
}

impl Fit<'_> {
    /// Decides everything that validation rows decide.
    pub(super) fn choose(&mut self) {
        if self.choice.is_some() {
            return;
        }
        if let Some(update) = &self.update {
            let TabularPreprocessing { members, calibration, threshold, spread, baselines, .. } =
                update.parent.preprocessing.clone();
            self.choice = Some(Choice { members, calibration, threshold, spread, baselines, validation_loss: None });
            return;
        }
        let unseen = self.progress.unseen(self.data, &self.folds);
        let loss = loss(&self.data.schema.task);
        let weights = unseen.blend(loss);
        let margins = mix(&unseen.margins, &weights);
        let racing = Contestant::ALL.iter().enumerate().filter(|(index, _)| self.progress.racing[*index]);
        let members = racing
            .zip(weights)
            .filter(|(_, weight)| *weight > 0.0)
            .map(|((index, &contestant), weight)| Member { contestant, weight, rounds: self.progress.rounds(index) });
        let members = members.collect();
        let binary = self.data.schema.task.is_binary();
        let baselines = self.baselines();
        let level = baselines.first().map_or(0.0, |baseline| baseline.margin);
        let line = if binary { unseen.calibration(&margins) } else { Calibration::NONE };
        let calibration = line.drawn_to(level, unseen.trust(&margins, line, level, loss));
        self.choice = Some(Choice {
            members,
            calibration,
            threshold: if binary { unseen.threshold(&margins, calibration) } else { 0.5 },
            spread: if binary { Vec::new() } else { unseen.spread(&margins, calibration) },
            baselines,
            validation_loss: Some(unseen.loss(&margins, calibration, loss)),
        });
    }

    /// The baselines of the task with their validation loss, each fitted on the training rows of its fold; the hardest first.
    fn baselines(&self) -> Vec<Baseline> {
        type Guess = fn(&Dataset, &[usize]) -> f64;
        let contestants: &[(&str, Guess)] = match self.data.schema.task {
            Task::Is { .. } | Task::Exceeds { .. } => &[("prevalence", prevalence)],
            Task::Number { .. } => &[("median", middle)],
            Task::LogRatio { .. } => &[("estimate", |_, _| 0.0), ("median", middle)],
        };
        let loss = loss(&self.data.schema.task);
        let baseline = |&(name, guess): &(&str, Guess)| {
            let (mut sum, mut total) = (0.0, 0.0);
            for fold in &self.folds {
                let margin = guess(self.data, &fold.training);
                for &row in &fold.validation {
                    sum += self.data.weights[row] * loss.of(margin, self.data.targets[row]);
                    total += self.data.weights[row];
                }
            }
            Baseline { name: name.to_owned(), margin: guess(self.data, &self.rows), validation_loss: sum / total }
        };
        let mut baselines: Vec<Baseline> = contestants.iter().map(baseline).collect();
        baselines.sort_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss));
        baselines
    }
}
