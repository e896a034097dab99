//! The contestants behind one face: rounds of training, margins, saving.

use serde::{Deserialize, Serialize};

use super::boost::{Boost, TREES_PER_ROUND};
use super::design::{Design, Examples};
use super::encoder::Encoder;
use super::linear::{self, Linear};
use super::network::Network;
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::vocabulary::TabularHyper;

/// A way to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contestant {
    /// Ridge logistic regression, or a line under absolute error. One round.
    Linear,
    /// Gradient boosting; a round is 10 trees.
    Boost,
    /// A small network with embeddings; a round is an epoch.
    Network,
}

impl Contestant {
    /// All, in the order in which they run.
    pub(crate) const ALL: [Self; 3] = [Self::Linear, Self::Boost, Self::Network];

    /// Most rounds; 0 when it does not take part.
    pub(crate) fn rounds(self, hyper: &TabularHyper) -> u32 {
        match self {
            Self::Linear => 1,
            Self::Boost => hyper.trees.div_ceil(TREES_PER_ROUND as u32),
            Self::Network => hyper.epochs,
        }
    }

    /// Its name in tensors and messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Boost => "boost",
            Self::Network => "network",
        }
    }
}

/// A contestant with what it has learnt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Learner {
    Linear(Linear),
    Boost(Boost),
    Network(Network),
}

impl Learner {
    /// Before the first round; `parent` is gone on from. `fold` names the draws.
    pub(crate) fn begin(
        contestant: Contestant,
        encoder: &Encoder,
        hyper: &TabularHyper,
        start: f64,
        fold: u32,
        parent: Option<&Self>,
    ) -> Self {
        match (contestant, parent) {
            (_, Some(Self::Network(network))) => Self::Network(network.clone().rested()),
            (_, Some(parent)) => parent.clone(),
            (Contestant::Linear, None) => {
                let mut coefficients = vec![0.0; linear::size(encoder.numbers(), encoder.levels().iter().sum())];
                coefficients[0] = start;
                Self::Linear(Linear { coefficients })
            }
            (Contestant::Boost, None) => Self::Boost(Boost::default()),
            (Contestant::Network, None) => {
                Self::Network(Network::new(encoder.numbers(), &encoder.levels(), hyper, start, fold))
            }
        }
    }

    /// One round; `margins` are those of its rows so far, and are brought up to date where that is free.
    ///
    /// # Errors
    /// Training has left the numbers.
    pub(crate) fn round(
        &mut self,
        examples: &Examples<'_>,
        margins: &mut Vec<f64>,
        hyper: &TabularHyper,
        at: (u32, u32),
        parent: Option<&Self>,
    ) -> Result<(), TrainError> {
        let (fold, round) = at;
        match self {
            Self::Linear(model) => {
                let prior = if let Some(Self::Linear(prior)) = parent { Some(prior) } else { None };
                *model = Linear::fit(examples, hyper.ridge, prior)?;
                *margins = model.margins(examples.design);
            }
            Self::Boost(model) => {
                let most = (hyper.trees as usize).saturating_sub(round as usize * TREES_PER_ROUND);
                model.grow(examples, margins, most.min(TREES_PER_ROUND), hyper, fold);
            }
            Self::Network(model) => *margins = model.epoch(examples, hyper, fold, round),
        }
        if margins.iter().all(|margin| margin.is_finite()) {
            return Ok(());
        }
        Err(TrainError::Data(
            "a prediction is no longer a number: lower learning_rate or shrinkage, or look for absurd numbers".into(),
        ))
    }

    /// One margin per row.
    pub(crate) fn margins(&self, design: &Design, start: f64) -> Vec<f64> {
        match self {
            Self::Linear(model) => model.margins(design),
            Self::Boost(model) => model.margins(design, 0, vec![start; design.rows]),
            Self::Network(model) => model.margins(design),
        }
    }

    /// Writes it; with `all`, also what only further training needs.
    pub(crate) fn save(&self, prefix: &str, tensors: &mut Tensors, all: bool) {
        match self {
            Self::Linear(model) => {
                tensors.f64(&format!("{prefix}.coefficients"), &[model.coefficients.len()], model.coefficients.clone());
            }
            Self::Boost(model) => model.save(prefix, tensors),
            Self::Network(model) => model.save(prefix, tensors, all),
        }
    }

    /// Reads it back.
    ///
    /// # Errors
    /// Tensors that do not fit the encoder.
    pub(crate) fn load(
        contestant: Contestant,
        encoder: &Encoder,
        hyper: &TabularHyper,
        start: f64,
        prefix: &str,
        tensors: &mut Tensors,
        all: bool,
    ) -> Result<Self, TrainError> {
        match Self::begin(contestant, encoder, hyper, start, 0, None) {
            Self::Linear(model) => {
                let coefficients = tensors.take_f64(&format!("{prefix}.coefficients"), &[model.coefficients.len()])?;
                match coefficients.iter().all(|c| c.is_finite()) {
                    true => Ok(Self::Linear(Linear { coefficients })),
                    false => {
                        Err(TrainError::Data("the linear model is damaged: restore the version from a backup".into()))
                    }
                }
            }
            Self::Boost(_) => Ok(Self::Boost(Boost::load(prefix, tensors, encoder.columns.len())?)),
            Self::Network(network) => Ok(Self::Network(network.load(prefix, tensors, all)?)),
        }
    }
}
