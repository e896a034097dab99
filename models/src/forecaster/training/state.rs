//! Where a training stands: all of it, so that it can go on as if it had never stopped.

use common::vocabulary::CurvePoint;
use serde::{Deserialize, Serialize};

use super::plan::TrainingPlan;
use crate::error::TrainError;
use crate::family;
use crate::tensors::Tensors;

/// The numbers of a training under way; with the weights and moments beside it, the whole state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Epoch under way, from 1.
    pub(crate) epoch: u32,
    /// Steps done in it.
    pub(crate) steps_in_epoch: u64,
    /// Steps done.
    pub(crate) step: u64,
    /// Sum of the losses over the rows of this epoch so far.
    pub(crate) loss_sum: f64,
    /// How many rows that are.
    pub(crate) rows: u64,
    /// Epochs without a better validation loss.
    pub(crate) bad_epochs: u32,
    /// Loss per epoch.
    pub(crate) curve: Vec<CurvePoint>,
    /// Nothing is left to do.
    pub(crate) done: bool,
}

/// A training under way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) position: Position,
    pub(crate) weights: Vec<f32>,
    /// First and second moment of the optimiser.
    pub(crate) moments: [Vec<f32>; 2],
    /// The weights of the best epoch so far.
    pub(crate) best: Vec<f32>,
}

impl Position {
    /// The best epoch so far, and its validation loss.
    pub(crate) fn best(&self) -> Option<&CurvePoint> {
        self.curve.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))
    }

    /// Mean training loss of this epoch so far.
    pub(crate) fn loss(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.loss_sum / self.rows as f64)
    }

    /// Ends the epoch under way. Returns whether it is the best so far.
    pub(crate) fn end_epoch(&mut self, validation_loss: f64, plan: &TrainingPlan) -> bool {
        let is_best = self.best().is_none_or(|best| validation_loss < best.validation_loss);
        let train_loss = self.loss().unwrap_or_default();
        self.curve.push(CurvePoint { epoch: self.epoch, train_loss, validation_loss });
        self.bad_epochs = if is_best { 0 } else { self.bad_epochs + 1 };
        self.done = self.epoch >= plan.hyper.epochs || self.bad_epochs >= plan.hyper.patience;
        if !self.done {
            self.epoch += 1;
            (self.steps_in_epoch, self.loss_sum, self.rows) = (0, 0.0, 0);
        }
        is_best
    }
}

impl State {
    /// As a checkpoint keeps it.
    pub(crate) fn pack(self) -> Result<family::State, TrainError> {
        let Self { position, weights, moments: [first, second], best } = self;
        let mut tensors = Tensors::default();
        for (name, numbers) in
            [("weights", weights), ("first_moment", first), ("second_moment", second), ("best", best)]
        {
            tensors.f32(name, &[numbers.len()], numbers);
        }
        Ok(family::State { tensors, position: serde_json::to_value(position)? })
    }

    /// Reads what [`Self::pack`] wrote, for a network of so many weights.
    pub(crate) fn unpack(state: family::State, weights: usize) -> Result<Self, String> {
        let family::State { mut tensors, position } = state;
        let mut take = |name: &str| tensors.take_f32(name, &[weights]).map_err(|error| error.to_string());
        Ok(Self {
            weights: take("weights")?,
            moments: [take("first_moment")?, take("second_moment")?],
            best: take("best")?,
            position: serde_json::from_value(position).map_err(|error| error.to_string())?,
        })
    }

    /// Before the first step.
    pub(crate) fn start(plan: &TrainingPlan) -> Self {
        let zeros = || vec![0.0; plan.initial.len()];
        let position = Position {
            epoch: 1,
            steps_in_epoch: 0,
            step: 0,
            loss_sum: 0.0,
            rows: 0,
            bad_epochs: 0,
            curve: Vec::new(),
            done: false,
        };
        Self { position, weights: plan.initial.clone(), moments: [zeros(), zeros()], best: plan.initial.clone() }
    }
}
