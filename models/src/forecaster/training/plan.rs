//! What a training does with its rows: which ones in which order, how often, and from which weights.

use std::ops::Range;

use common::vocabulary::ForecasterHyper;

use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::Split;
use crate::forecaster::network::{Network, Shape};
use crate::forecaster::optimiser::Schedule;
use common::random::{Purpose, Stream};

/// An incremental training starts from this much of the live weights; the rest is fresh, so that it can still move
/// ("shrink and perturb", Ash and Adams, 2020).
const KEPT: f32 = 0.9;
/// An incremental training's learning rate, as a share of a complete one's.
const INCREMENTAL_RATE: f64 = 0.3;
/// The same for its epochs.
const INCREMENTAL_EPOCHS: f64 = 0.3;

/// A training, ready to run; everything in it follows from the spec, the data and the parent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrainingPlan {
    pub(crate) shape: Shape,
    /// In effect: epochs and learning rate are those of the mode.
    pub(crate) hyper: ForecasterHyper,
    /// Rows to fit, each once per epoch.
    pub(crate) fresh: Range<RowIndex>,
    /// Rows seen by the parent: as many as are new come back in each epoch. Empty for a complete training.
    pub(crate) replayed: Range<RowIndex>,
    pub(crate) validation: Range<RowIndex>,
    /// The weights before the first step.
    pub(crate) initial: Vec<f32>,
}

impl TrainingPlan {
    /// From scratch, on all training rows.
    pub(crate) fn complete(shape: Shape, hyper: &ForecasterHyper, split: &Split) -> Self {
        Self {
            shape,
            hyper: hyper.clone(),
            fresh: split.train.clone(),
            replayed: 0..0,
            validation: split.validation.clone(),
            initial: Network::initial_weights(&shape, hyper.seed),
        }
    }

    /// From scratch, with a quarter of the epochs.
    pub(crate) fn quick(shape: Shape, hyper: &ForecasterHyper, split: &Split) -> Self {
        let hyper = ForecasterHyper { epochs: (hyper.epochs / 4).max(1), ..hyper.clone() };
        Self::complete(shape, &hyper, split)
    }

    /// From the parent's weights, on the rows new to it and as many old ones.
    pub(crate) fn incremental(
        shape: Shape,
        hyper: &ForecasterHyper,
        split: &Split,
        (old, new): (Range<RowIndex>, Range<RowIndex>),
        parent: &[f32],
    ) -> Self {
        let epochs = (f64::from(hyper.epochs) * INCREMENTAL_EPOCHS) as u32;
        let hyper = ForecasterHyper {
            epochs: epochs.max(1),
            learning_rate: hyper.learning_rate * INCREMENTAL_RATE,
            ..hyper.clone()
        };
        let mut plan = Self { fresh: new, replayed: old, ..Self::complete(shape, &hyper, split) };
        let head = shape.head_offset();
        for (index, (weight, live)) in plan.initial.iter_mut().zip(parent).enumerate() {
            *weight = if index < head { KEPT * live + (1.0 - KEPT) * *weight } else { *live };
        }
        plan
    }

    /// Rows of one epoch.
    pub(crate) fn rows_per_epoch(&self) -> usize {
        self.fresh.len() + self.fresh.len().min(self.replayed.len())
    }

    /// Steps of one epoch.
    pub(crate) fn steps_per_epoch(&self) -> u64 {
        self.rows_per_epoch().div_ceil(self.hyper.batch_size as usize) as u64
    }

    /// Steps of all epochs.
    pub(crate) fn steps(&self) -> u64 {
        self.steps_per_epoch() * u64::from(self.hyper.epochs)
    }

    /// The learning rate over all epochs.
    pub(crate) fn schedule(&self) -> Schedule {
        Schedule::new(self.hyper.learning_rate, self.steps())
    }

    /// The rows of an epoch (from 1) in the order in which it takes them.
    pub(crate) fn rows_of(&self, epoch: u32) -> Vec<RowIndex> {
        let mut rows: Vec<RowIndex> = self.fresh.clone().collect();
        rows.extend(stratified(
            &self.replayed,
            self.fresh.len(),
            Stream::new(self.hyper.seed, Purpose::Replay, epoch, 0),
        ));
        Stream::new(self.hyper.seed, Purpose::Shuffle, epoch, 0).shuffle(&mut rows);
        rows
    }
}

/// `count` rows of a range (all, if it has fewer), one from each of as many strata of equal size. Rows are in order of date,
/// so every time of the past is there in proportion.
fn stratified(range: &Range<RowIndex>, count: usize, mut draws: Stream) -> Vec<RowIndex> {
    let count = count.min(range.len());
    let border = |stratum: usize| stratum * range.len() / count;
    (0..count).map(|s| range.start + (border(s) + draws.below(border(s + 1) - border(s))) as RowIndex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> (Shape, ForecasterHyper, Split) {
        let shape = Shape { features: 5, window: 10, layers: 1, hidden: 4, symbols: 0 };
        (shape, ForecasterHyper::default(), Split { train: 0..800, validation: 800..940, holdout: 940..1000 })
    }

    #[test]
    fn every_epoch_takes_all_rows_in_another_order() {
        let (shape, hyper, split) = plan();
        let plan = TrainingPlan::complete(shape, &hyper, &split);
        assert_eq!((plan.rows_per_epoch(), plan.steps_per_epoch(), plan.steps()), (800, 25, 500));
        let [mut first, second] = [1, 2].map(|epoch| plan.rows_of(epoch));
        assert_ne!(first, second);
        assert_eq!(first, plan.rows_of(1));
        first.sort_unstable();
        assert_eq!(first, split.train.collect::<Vec<_>>());
    }

    #[test]
    fn an_incremental_training_takes_half_new_and_half_old_rows() {
        let (shape, hyper, split) = plan();
        let live = vec![1.0; shape.weights()];
        let plan = TrainingPlan::incremental(shape, &hyper, &split, (0..780, 780..800), &live);
        assert_eq!((plan.hyper.epochs, plan.hyper.learning_rate), (6, hyper.learning_rate * 0.3));
        let mut rows = plan.rows_of(1);
        rows.sort_unstable();
        assert_eq!(rows[20..], (780..800).collect::<Vec<_>>());
        // One from each of 20 strata of 39.
        assert!(
            rows[..20].iter().enumerate().all(|(s, row)| (39 * s..39 * (s + 1)).contains(&(*row as usize))),
            "{rows:?}"
        );
        assert_ne!(plan.rows_of(1)[..], plan.rows_of(2)[..]);
        let fresh = Network::initial_weights(&shape, hyper.seed);
        assert!((plan.initial[7] - (0.9 + 0.1 * fresh[7])).abs() < 1e-6);
        assert!(plan.initial[shape.head_offset()..].iter().all(|w| *w == 1.0), "the head is not shrunk");
    }

    #[test]
    fn a_quick_training_takes_a_quarter_of_the_epochs() {
        let (shape, hyper, split) = plan();
        assert_eq!(TrainingPlan::quick(shape, &hyper, &split).hyper.epochs, 5);
        assert_eq!(TrainingPlan::quick(shape, &ForecasterHyper { epochs: 2, ..hyper }, &split).hyper.epochs, 1);
    }
}
