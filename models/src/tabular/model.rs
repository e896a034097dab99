//! A trained model: what it predicts, and how it is stored.

use serde::{Deserialize, Serialize};

use super::choice::{Calibration, SHARES, mix};
use super::dataset::Dataset;
use super::design::Design;
use super::encoder::Encoder;
use super::learner::{Contestant, Learner};
use super::math::{exp, sigmoid};
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::vocabulary::records::{Schema, Task};
use common::vocabulary::{Ranged, TabularHyper};

/// One part of a blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// What it is.
    pub contestant: Contestant,
    /// Its share, in (0, 1]; all sum to 1.
    pub weight: f64,
    /// Rounds it was trained.
    pub rounds: u32,
}

/// A prediction without a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// prevalence, estimate or median.
    pub name: String,
    /// Log-odds, or the number; the same for every row.
    pub margin: f64,
    /// Its mean loss on validation rows.
    pub validation_loss: f64,
}

/// Everything but the tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TabularPreprocessing {
    pub(crate) format: u32,
    pub(crate) schema: Schema,
    pub(crate) hyper: TabularHyper,
    pub(crate) encoder: Encoder,
    pub(crate) start: f64,
    pub(crate) members: Vec<Member>,
    pub(crate) calibration: Calibration,
    pub(crate) threshold: f64,
    /// Regression: quantiles of target − prediction on validation rows.
    pub(crate) spread: Vec<f64>,
    /// The hardest first.
    pub(crate) baselines: Vec<Baseline>,
    /// Rows in order: when the newest of those came about that it, or an ancestor, was fitted on in any way.
    pub(crate) seen_through: Option<f64>,
}

impl TabularPreprocessing {
    pub(crate) const FORMAT: u32 = 1;
}

/// What a model says about one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Probability of the positive class; the number; or, from an estimate, the outcome in its unit.
    pub value: f64,
    /// Classification: whether the probability reaches the threshold.
    pub positive: Option<bool>,
    /// Regression: 80 % interval of `value`.
    pub interval: Option<(f64, f64)>,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) preprocessing: TabularPreprocessing,
    /// In the order of the preprocessing's members.
    pub(crate) learners: Vec<Learner>,
}

impl Model {
    /// The tensors to store.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = Tensors::default();
        for (member, learner) in self.preprocessing.members.iter().zip(&self.learners) {
            learner.save(member.contestant.name(), &mut tensors, false);
        }
        tensors
    }

    /// Everything else to store, as JSON.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn preprocessing(&self) -> Result<String, TrainError> {
        serde_json::to_string(&self.preprocessing)
            .map_err(|e| TrainError::Code(format!("the model cannot be written: {e}")))
    }

    /// Reads what [`Self::tensors`] and [`Self::preprocessing`] gave.
    ///
    /// # Errors
    /// Something no training writes.
    pub fn load(mut tensors: Tensors, preprocessing: &str) -> Result<Self, TrainError> {
        let damaged =
            |what: &str| TrainError::Data(format!("the model is damaged ({what}): restore the version from a backup"));
        let preprocessing: TabularPreprocessing =
            serde_json::from_str(preprocessing).map_err(|e| damaged(&e.to_string()))?;
        if preprocessing.format != TabularPreprocessing::FORMAT {
            return Err(TrainError::Data(format!(
                "the model has format {}, this build reads {}",
                preprocessing.format,
                TabularPreprocessing::FORMAT
            )));
        }
        preprocessing.schema.validate().map_err(|e| damaged(&e.to_string()))?;
        preprocessing.hyper.check().map_err(|e| damaged(&e.to_string()))?;
        preprocessing.encoder.check()?;
        let binary = preprocessing.schema.task.is_binary();
        let twice = |(i, member): (usize, &Member)| {
            preprocessing.members[..i].iter().any(|earlier| earlier.contestant == member.contestant)
        };
        let numbers = [
            preprocessing.start,
            preprocessing.threshold,
            preprocessing.calibration.slope,
            preprocessing.calibration.shift,
        ];
        if preprocessing.members.is_empty()
            || preprocessing.members.iter().enumerate().any(twice)
            || preprocessing.baselines.is_empty()
        {
            return Err(damaged("members or baselines"));
        }
        if preprocessing.members.iter().any(|member| !(member.weight > 0.0 && member.weight <= 1.0))
            || numbers.iter().any(|n| !n.is_finite())
        {
            return Err(damaged("weights or calibration"));
        }
        if preprocessing.spread.len() != if binary { 0 } else { SHARES.len() } {
            return Err(damaged("spread"));
        }
        let load = |member: &Member| {
            Learner::load(
                member.contestant,
                &preprocessing.encoder,
                &preprocessing.hyper,
                preprocessing.start,
                member.contestant.name(),
                &mut tensors,
                false,
            )
        };
        let learners = preprocessing.members.iter().map(load).collect::<Result<_, _>>()?;
        Ok(Self { preprocessing, learners })
    }

    /// Predicts for rows of a data set with the model's schema; their outcomes may be unknown.
    ///
    /// # Errors
    /// The data set has other inputs.
    pub fn predict(&self, data: &Dataset, rows: &[usize]) -> Result<Vec<Prediction>, TrainError> {
        let margins = self.margins(data, rows)?;
        let interval = |margin: f64, unit: &dyn Fn(f64) -> f64| {
            Some((unit(margin + self.preprocessing.spread[1]), unit(margin + self.preprocessing.spread[4])))
        };
        let prediction = |(margin, &row): (f64, &usize)| match self.preprocessing.schema.task {
            Task::Is { .. } | Task::Exceeds { .. } => {
                let value = sigmoid(margin);
                Prediction { value, positive: Some(value >= self.preprocessing.threshold), interval: None }
            }
            Task::Number { .. } => Prediction { value: margin, positive: None, interval: interval(margin, &|x| x) },
            Task::LogRatio { .. } => {
                let unit = |ratio: f64| data.estimates[row] * exp(ratio);
                Prediction { value: unit(margin), positive: None, interval: interval(margin, &unit) }
            }
        };
        Ok(margins.into_iter().zip(rows).map(prediction).collect())
    }

    /// Calibrated log-odds, or the predicted number, per row.
    pub(crate) fn margins(&self, data: &Dataset, rows: &[usize]) -> Result<Vec<f64>, TrainError> {
        Ok(self.margins_of(&self.preprocessing.encoder.encode(data, rows)?))
    }

    pub(crate) fn margins_of(&self, design: &Design) -> Vec<f64> {
        let margins: Vec<Vec<f64>> =
            self.learners.iter().map(|learner| learner.margins(design, self.preprocessing.start)).collect();
        let weights: Vec<f64> = self.preprocessing.members.iter().map(|member| member.weight).collect();
        mix(&margins, &weights).into_iter().map(|margin| self.preprocessing.calibration.apply(margin)).collect()
    }

    /// The seed it was trained with.
    pub(crate) fn seed(&self) -> u64 {
        self.preprocessing.hyper.seed
    }

    /// Rows in order: when the newest row came about that it, or an ancestor, was fitted on in any way.
    pub(crate) fn seen_through(&self) -> Option<f64> {
        self.preprocessing.seen_through
    }

    /// The schema it was trained for.
    pub fn schema(&self) -> &Schema {
        &self.preprocessing.schema
    }

    /// The contestants it is made of.
    pub fn members(&self) -> &[Member] {
        &self.preprocessing.members
    }

    /// The baselines, the hardest on validation rows first.
    pub fn baselines(&self) -> &[Baseline] {
        &self.preprocessing.baselines
    }

    /// The probability from which on the answer is yes.
    pub fn threshold(&self) -> f64 {
        self.preprocessing.threshold
    }
}
