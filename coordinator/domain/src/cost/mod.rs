//! What a training will cost: seconds and memory, learned from those before it, with how far off that was.
//!
//! Logarithms are linear in what is known beforehand ([`Features`]); a fit that few trainings have taught stays near what is plausible: a
//! training of twice the work takes about twice as long. What is particular to a model is learned of its own trainings beside.

mod features;
mod fit;

use std::collections::HashMap;

use common::vocabulary::ModelKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::features::Features;
use self::fit::Fit;

/// The newest trainings of a family on a kind of device that a fit is made of.
pub const LEARNED_FROM: usize = 300;
/// Fewer say nothing.
const LEAST: usize = 3;
/// How fast what is particular to a model is believed: after so many trainings of its own, half of it.
const OWN: f64 = 2.0;
/// Standard errors from the middle to the ends of an interval that holds four of five trainings.
const FOUR_OF_FIVE: f64 = 1.2816;

/// A training that was.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Whose.
    pub model: ModelKey,
    /// What was known beforehand.
    pub features: Features,
    /// Seconds that it took.
    pub seconds: f64,
    /// Bytes that it held at most, if that was measured.
    pub memory: Option<u64>,
    /// Seconds that it was expected to take, if it was.
    pub expected: Option<f64>,
}

/// What a training will probably cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    /// Seconds: as many trainings take longer as take less.
    pub seconds: f64,
    /// Four of five trainings take at least so long …
    pub low: f64,
    /// … and at most so long.
    pub high: f64,
    /// Bytes of memory at the peak, if that is known.
    pub memory: Option<u64>,
    /// Learned of so many trainings.
    pub trainings: u64,
    /// How far expectations of the newest trainings were off, as a share of what they took: the median; absent before any was expected.
    pub error: Option<f64>,
}

/// The prices of trainings of one family on one kind of device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    seconds: Option<Fit>,
    memory: Option<Fit>,
    /// By how much trainings of a model are off, in logarithms, and how many there were.
    own: HashMap<ModelKey, (f64, f64)>,
    trainings: u64,
    error: Option<f64>,
}

impl Prices {
    /// Learned of trainings, in any order.
    pub fn learn(samples: &[Sample]) -> Self {
        if samples.len() < LEAST {
            return Self::default();
        }
        let timed = samples.iter().map(|sample| (sample.features.row(), sample.seconds.max(1e-3).ln()));
        let seconds = Fit::of(timed, features::PRIOR);
        let held =
            samples.iter().filter_map(|sample| Some((sample.features.row(), (sample.memory? as f64).max(1.0).ln())));
        let mut own: HashMap<ModelKey, (f64, f64)> = HashMap::new();
        if let Some(fit) = &seconds {
            for sample in samples {
                let off = sample.seconds.max(1e-3).ln() - fit.at(&sample.features.row());
                let (sum, count) = own.entry(sample.model.clone()).or_default();
                *sum += off;
                *count += 1.0;
            }
        }
        Self {
            memory: Fit::of(held, features::PRIOR_OF_MEMORY),
            seconds,
            own,
            trainings: samples.len() as u64,
            error: error(samples),
        }
    }

    /// What a training of a model will probably cost; nothing before there was any to learn of.
    pub fn of(&self, model: &ModelKey, features: &Features) -> Option<Price> {
        let fit = self.seconds.as_ref()?;
        let row = features.row();
        let (sum, count) = self.own.get(model).copied().unwrap_or_default();
        let middle = fit.at(&row) + sum / (count + OWN);
        let off = FOUR_OF_FIVE * fit.deviation();
        Some(Price {
            seconds: middle.exp(),
            low: (middle - off).exp(),
            high: (middle + off).exp(),
            memory: self.memory.as_ref().map(|fit| fit.at(&row).exp() as u64),
            trainings: self.trainings,
            error: self.error,
        })
    }
}

/// The median of how far expectations were off, as a share of what came.
fn error(samples: &[Sample]) -> Option<f64> {
    let off = |sample: &Sample| Some((sample.expected? / sample.seconds.max(1e-3) - 1.0).abs());
    let mut all: Vec<f64> = samples.iter().filter_map(off).collect();
    all.sort_by(f64::total_cmp);
    let (low, high) = (all.get(all.len().checked_sub(1)? / 2)?, all.get(all.len() / 2)?);
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use common::random::{Purpose, Stream};
    use common::vocabulary::Mode;

    use super::*;

    fn features(mode: Mode, rows: f64, epochs: f64) -> Features {
        Features { mode, rows, new_rows: rows / 10.0, epochs, size: 64.0 }
    }

    /// A second to begin, then so much a row and epoch; off by a tenth either way, and of a model that is slower by itself.
    fn took(features: &Features, slower: f64, noise: f64) -> f64 {
        let worked = if features.mode == Mode::Incremental { features.new_rows * 3.0 } else { features.rows };
        (1.0 + worked * features.epochs * 1e-4) * slower * (1.0 + 0.2 * (noise - 0.5))
    }

    fn model(number: u64) -> ModelKey {
        format!("forecaster/M{number}").parse().unwrap()
    }

    fn samples(seed: u64, count: u64) -> Vec<Sample> {
        let mut stream = Stream::new(seed, Purpose::Shuffle, 0, 0);
        let mut all = Vec::new();
        for number in 0..count {
            let mode = if stream.uniform() < 0.5 { Mode::Complete } else { Mode::Incremental };
            let features =
                features(mode, 500.0 * (1.0 + 20.0 * stream.uniform()), 2.0 + (20.0 * stream.uniform()).floor());
            let of = number % 20;
            let seconds = took(&features, 1.0 + of as f64 / 20.0, stream.uniform());
            let memory = Some((2e8 + features.rows * 1e4) as u64);
            all.push(Sample { model: model(of), features, seconds, memory, expected: None });
        }
        all
    }

    /// Each training is expected by those before it, and then learned of: half of them are off by at most a fifth.
    #[test]
    fn expectations_of_what_is_held_out_are_off_by_a_fifth_at_most() {
        let mut known: Vec<Sample> = Vec::new();
        for mut sample in samples(7, 250) {
            sample.expected = Prices::learn(&known).of(&sample.model, &sample.features).map(|price| price.seconds);
            known.push(sample);
        }
        let settled = Prices::learn(&known[50..]).error.unwrap();
        assert!(settled <= 0.2, "{settled}");
        let price = Prices::learn(&known).of(&model(3), &features(Mode::Complete, 4000.0, 10.0)).unwrap();
        let real = took(&features(Mode::Complete, 4000.0, 10.0), 1.15, 0.5);
        assert!(price.low < real && real < price.high, "{price:?} and {real}");
        let memory = price.memory.unwrap() as f64;
        assert!((memory / 2.4e8 - 1.0).abs() < 0.25, "{memory}");
    }

    #[test]
    fn more_work_costs_more_however_few_have_taught_it() {
        let few = Prices::learn(&samples(3, 3));
        let seconds = |rows, epochs| few.of(&model(99), &features(Mode::Complete, rows, epochs)).unwrap().seconds;
        assert!(seconds(1000.0, 5.0) < seconds(10_000.0, 5.0) && seconds(1000.0, 5.0) < seconds(1000.0, 50.0));
        assert_eq!(Prices::learn(&samples(3, 2)).of(&model(1), &features(Mode::Complete, 1000.0, 5.0)), None);
    }

    #[test]
    fn a_model_that_is_slower_than_others_is_known_to_be() {
        let prices = Prices::learn(&samples(5, 250));
        let of = |number| prices.of(&model(number), &features(Mode::Complete, 4000.0, 10.0)).unwrap().seconds;
        assert!(of(19) > 1.4 * of(0), "{} and {}", of(19), of(0));
    }

    #[test]
    fn the_error_is_the_median_of_what_was_expected() {
        let sample = |expected| Sample { expected, seconds: 10.0, ..samples(1, 1).remove(0) };
        assert_eq!(error(&[sample(None)]), None);
        assert!((error(&[sample(Some(11.0))]).unwrap() - 0.1).abs() < 1e-12);
        assert!((error(&[sample(Some(5.0)), sample(Some(12.0)), sample(None)]).unwrap() - 0.35).abs() < 1e-12);
    }
}
