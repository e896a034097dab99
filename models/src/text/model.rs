//! A trained classifier: predictions, and its files.

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::ngrams::Count;
use super::prior::Prior;
use super::readable::Term;
use super::scale::Scale;
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::vocabulary::{Ranged, TextHyper};

/// A trained classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) hyper: TextHyper,
    pub(crate) scale: Scale,
    /// The weights (means), and how firmly each is known.
    pub(crate) weights: Prior,
    pub(crate) facts: Facts,
}

/// What a model knows besides its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    pub(crate) calibration: Calibration,
    /// The share of its distance to the prevalence that the calibration keeps, 0 to 1.
    #[serde(default = "crate::trust::entire")]
    pub(crate) trust: f64,
    /// The rarer label among the training rows.
    pub(crate) minority: bool,
    /// A row is of the minority class from this probability of it on.
    pub(crate) threshold: f64,
    /// Share of label 1 among the training rows; the baseline.
    pub(crate) prevalence: f64,
    /// Incremental trainings since the complete one.
    pub(crate) updates: u32,
    /// Rows trained on, all of these trainings together, replayed ones not counted.
    pub(crate) rows: u64,
    pub(crate) terms: Vec<Term>,
}

/// No data set has more rows; a file that claims them is damaged.
const MOST_ROWS: f64 = 1e15;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextPreprocessing {
    hyper: TextHyper,
    columns: usize,
    totals: [f64; 2],
    facts: Facts,
}

/// What a model says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TextOutput {
    /// The probability of label 1.
    pub probability: f64,
    /// The label, by the threshold that was chosen on validation rows.
    pub label: bool,
}

/// A text and what the model must say of it wherever it is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The text.
    pub text: String,
    /// The probability of label 1, to the bit.
    pub probability: f64,
}

impl Model {
    /// What it says of each text.
    pub fn predict(&self, texts: &[&str]) -> Vec<TextOutput> {
        self.scores(texts).into_iter().map(|score| self.facts.answer(score)).collect()
    }

    /// The scores of texts, before calibration.
    pub(crate) fn scores(&self, texts: &[&str]) -> Vec<f64> {
        let (mut slots, mut bag, mut row) = (Vec::new(), Vec::<Count>::new(), (Vec::new(), Vec::new()));
        let score = |text: &&str| {
            bag.clear();
            self.scale.ngrams.bag(text, &mut slots, &mut bag);
            self.scale.row(&bag, &mut row.0, &mut row.1);
            super::sparse::SparseRow { columns: &row.0, values: &row.1 }.dot(&self.weights.means)
        };
        texts.iter().map(score).collect()
    }

    /// The n-grams that matter most (weight times spread), most important first; 50 at most.
    pub fn terms(&self) -> &[Term] {
        &self.facts.terms
    }

    /// The share of label 1 among the training rows: the baseline's probability.
    pub fn prevalence(&self) -> f64 {
        self.facts.prevalence
    }

    /// The rarer label.
    pub fn minority(&self) -> bool {
        self.facts.minority
    }

    /// Incremental trainings since the complete one.
    pub fn updates(&self) -> u32 {
        self.facts.updates
    }

    /// Rows trained on since (and in) the complete training, replayed ones not counted.
    pub fn rows(&self) -> u64 {
        self.facts.rows
    }

    /// What it reads and how it was trained.
    pub fn hyper(&self) -> &TextHyper {
        &self.hyper
    }

    /// Up to `n` of these texts, evenly spread, with what the model says of them.
    pub fn golden(&self, texts: &[&str], n: usize) -> Vec<Golden> {
        let chosen: Vec<&str> = texts.iter().step_by(texts.len().div_ceil(n.max(1)).max(1)).copied().collect();
        let answers = self.predict(&chosen);
        let golden =
            |(text, answer): (&str, TextOutput)| Golden { text: text.to_owned(), probability: answer.probability };
        chosen.into_iter().zip(answers).map(golden).collect()
    }

    /// Its numbers: `slots` `[n]`, `counts` `[n, 2]` (rows of label 0 and of label 1), `weights` and `precisions` `[n + 1]`
    /// (the last is the bias).
    pub fn tensors(&self) -> Tensors {
        let columns = self.scale.columns.len();
        let mut tensors = Tensors::default();
        tensors.i64("slots", &[columns], self.scale.columns.slots().iter().map(|slot| i64::from(*slot)).collect());
        tensors.f64("counts", &[columns, 2], self.scale.counts.as_flattened().to_vec());
        tensors.f64("weights", &[columns + 1], self.weights.means.clone());
        tensors.f64("precisions", &[columns + 1], self.weights.precisions.clone());
        tensors
    }

    /// Everything else it needs, as JSON.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn preprocessing(&self) -> Result<String, TrainError> {
        let Self { hyper, scale, facts, .. } = self.clone();
        let preprocessing = TextPreprocessing { hyper, columns: scale.columns.len(), totals: scale.totals, facts };
        serde_json::to_string(&preprocessing)
            .map_err(|error| TrainError::Code(format!("the lens cannot be written: {error}")))
    }

    /// A model from its files.
    ///
    /// # Errors
    /// Something is missing, of another size, out of range, or out of order.
    pub fn load(mut tensors: Tensors, preprocessing: &str) -> Result<Self, TrainError> {
        let preprocessing: TextPreprocessing = serde_json::from_str(preprocessing)
            .map_err(|error| damaged(&format!("its lens is unreadable ({error})")))?;
        preprocessing.hyper.check().map_err(|error| damaged(&error.to_string()))?;
        let n = preprocessing.columns;
        let bias = n.checked_add(1).ok_or_else(|| damaged("it claims too many columns"))?;
        let limit = 1 << preprocessing.hyper.hash_bits;
        let slots = tensors.take_i64("slots", &[n])?;
        if !slots.is_sorted_by(|a, b| a < b) || slots.iter().any(|slot| !(0..limit).contains(slot)) {
            return Err(damaged("its slots are out of order or range"));
        }
        let counts = tensors.take_f64("counts", &[n, 2])?;
        let weights = Prior {
            means: tensors.take_f64("weights", &[bias])?,
            precisions: tensors.take_f64("precisions", &[bias])?,
        };
        let sound = |count: &f64| count.is_finite() && *count >= 0.0;
        let within = |count: &[f64; 2]| count[0] <= preprocessing.totals[0] && count[1] <= preprocessing.totals[1];
        let counts = counts.as_chunks::<2>().0.to_vec();
        let has_rows = preprocessing.totals.iter().all(|total| *total > 0.0 && *total < MOST_ROWS);
        if !has_rows || !counts.as_flattened().iter().all(sound) || !counts.iter().all(within) {
            return Err(damaged("its counts are not numbers of rows"));
        }
        if !weights.means.iter().all(|w| w.is_finite()) || !weights.precisions.iter().all(|p| p.is_finite() && *p > 0.0)
        {
            return Err(damaged("its weights are not finite"));
        }
        preprocessing.facts.check()?;
        let slots = slots.into_iter().map(|slot| slot as u32).collect();
        let scale = Scale::new(&preprocessing.hyper, slots, counts, preprocessing.totals);
        Ok(Self { hyper: preprocessing.hyper, scale, weights, facts: preprocessing.facts })
    }
}

impl Facts {
    /// What a score means.
    pub(crate) fn answer(&self, score: f64) -> TextOutput {
        let probability = self.calibration.probability(score);
        let rare = if self.minority { probability } else { 1.0 - probability };
        TextOutput { probability, label: (rare >= self.threshold) == self.minority }
    }

    fn check(&self) -> Result<(), TrainError> {
        let Calibration { slope, intercept } = self.calibration;
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        if !slope.is_finite()
            || !intercept.is_finite()
            || ![self.trust, self.threshold, self.prevalence].into_iter().all(is_share)
        {
            return Err(damaged("its calibration, threshold or prevalence is out of range"));
        }
        Ok(())
    }
}

fn damaged(what: &str) -> TrainError {
    TrainError::Data(format!("the model is damaged: {what}; restore it from a backup or train it again"))
}
