//! The loop: epochs of steps, validation, early stopping.

use super::fitted;
use super::forecasts::answers;
use super::plan::TrainingPlan;
use super::rows::Rows;
use super::state::{Position, State};
use crate::device::Device;
use crate::error::TrainError;
use crate::family::{self, Counts, FitStatus};
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::network::{Batch, Network, to_host};
use crate::forecaster::optimiser::{AdamW, Schedule};
use crate::forecaster::{Model, dataset::Dataset};
use common::random::{Purpose, Stream};

/// Share of the rows that forget their symbol, so that `unknown` learns what is common to all.
const ID_DROPOUT: f64 = 0.1;

/// A training on one device, step by step.
pub(crate) struct Fit<'a> {
    rows: &'a Rows,
    data: &'a Dataset,
    plan: TrainingPlan,
    schedule: Schedule,
    device: Device,
    network: Network,
    optimiser: AdamW,
    position: Position,
    best: Vec<f32>,
    /// The rows of the epoch under way, in their order.
    order: Vec<RowIndex>,
}

impl<'a> Fit<'a> {
    /// A training at its first step.
    pub(crate) fn new(rows: &'a Rows, plan: TrainingPlan, device: Device) -> Self {
        let State { position, weights, best, .. } = State::start(&plan);
        Self {
            rows,
            data: &rows.prepared.data,
            device,
            network: Network::new(plan.shape, device, &weights),
            optimiser: AdamW::new(weights.len(), device, plan.hyper.weight_decay, plan.hyper.clip),
            order: plan.rows_of(position.epoch),
            schedule: plan.schedule(),
            position,
            best,
            plan,
        }
    }

    fn step(&mut self, rows: std::ops::Range<usize>) -> Result<(), TrainError> {
        let step = self.position.step + 1;
        let rate = self.schedule.rate(step);
        let count = rows.len();
        let mut batch = Batch::of(self.data, &self.order[rows]);
        if self.plan.shape.symbols > 0 {
            let mut draws = Stream::new(self.plan.hyper.seed, Purpose::Dropout, self.position.epoch, step);
            batch.symbols.iter_mut().for_each(|symbol| *symbol *= i64::from(draws.uniform() >= ID_DROPOUT));
        }
        let (loss, gradient) = self.network.gradient(&batch)?;
        let optimiser = &mut self.optimiser;
        self.network.update(|weights| optimiser.step(weights, gradient, rate, step));
        self.position.loss_sum += finite(loss)? * count as f64;
        self.position.rows += count as u64;
        self.position.step = step;
        self.position.steps_in_epoch += 1;
        Ok(())
    }

    fn end_epoch(&mut self) -> Result<(), TrainError> {
        let validation: Vec<RowIndex> = self.plan.validation.clone().collect();
        let (_, loss) = answers(&mut self.network, self.data, &validation)?;
        if self.position.end_epoch(finite(loss)?, &self.plan) {
            self.best = self.network.weights();
        }
        self.order = self.plan.rows_of(self.position.epoch);
        Ok(())
    }
}

impl family::Fit for Fit<'_> {
    type Model = Model;

    fn advance(&mut self) -> Result<bool, TrainError> {
        let batch = self.plan.hyper.batch_size as usize;
        while !self.position.done {
            let begin = self.position.steps_in_epoch as usize * batch;
            if begin < self.order.len() {
                self.step(begin..self.order.len().min(begin + batch))?;
                return Ok(true);
            }
            self.end_epoch()?;
        }
        Ok(false)
    }

    fn status(&self) -> FitStatus {
        FitStatus {
            epoch: self.position.epoch,
            epochs: self.plan.hyper.epochs,
            step: self.position.step,
            steps: self.plan.steps(),
            loss: self.position.loss(),
            curve: self.position.curve.clone(),
            best_epoch: self.position.best().map_or(0, |best| best.epoch),
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            train: self.plan.rows_per_epoch() as u64,
            new: self.plan.fresh.len() as u64,
            validation: self.plan.validation.len() as u64,
        }
    }

    fn state(&self) -> Result<family::State, TrainError> {
        let state = State {
            position: self.position.clone(),
            weights: self.network.weights(),
            moments: self.optimiser.moments().map(to_host),
            best: self.best.clone(),
        };
        state.pack()
    }

    fn resume(&mut self, state: family::State) -> Result<(), String> {
        let State { position, weights, moments: [first, second], best } = State::unpack(state, self.best.len())?;
        self.network = Network::new(self.plan.shape, self.device, &weights);
        self.optimiser.restore(&first, &second);
        self.order = self.plan.rows_of(position.epoch);
        (self.position, self.best) = (position, best);
        Ok(())
    }

    fn finish(&self) -> Result<Model, TrainError> {
        let network = Network::new(self.plan.shape, self.device, &self.best);
        fitted::model(network, self.rows)
    }
}

/// A training that has diverged is refused: no later step would bring it back.
fn finite(loss: f64) -> Result<f64, TrainError> {
    if loss.is_finite() {
        Ok(loss)
    } else {
        Err(TrainError::Data(
            "the loss is no longer a number: lower learning_rate or clip, or look for absurd prices".into(),
        ))
    }
}
