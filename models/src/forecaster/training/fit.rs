//! The loop: epochs of steps, validation, early stopping, checkpoints.

use std::path::Path;

use super::checkpoint;
use super::forecasts::answers;
use super::plan::Plan;
use super::recipe::Recipe;
use super::state::{Position, State};
use crate::device::Device;
use crate::error::TrainError;
use crate::forecaster::dataset::{Dataset, RowIndex};
use crate::forecaster::network::{Batch, Network, to_host};
use crate::forecaster::optimiser::AdamW;
use crate::run::{Observer, Phase, Stop, Update};
use common::random::{Purpose, Stream};

/// Share of the rows that forget their symbol, so that `unknown` learns what is common to all.
const ID_DROPOUT: f64 = 0.1;

/// Where checkpoints go, and what they are of.
pub(crate) struct Checkpoints<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) recipe: &'a Recipe,
}

/// A training on one device, step by step.
pub(crate) struct Fit<'a> {
    plan: &'a Plan,
    data: &'a Dataset,
    network: Network,
    optimiser: AdamW,
    position: Position,
    best: Vec<f32>,
}

impl<'a> Fit<'a> {
    /// A training that goes on from `state`.
    pub(crate) fn new(plan: &'a Plan, data: &'a Dataset, device: Device, state: State) -> Self {
        let State { position, weights, moments: [first, second], best } = state;
        let network = Network::new(plan.shape, device, &weights);
        let mut optimiser = AdamW::new(weights.len(), device, plan.hyper.weight_decay, plan.hyper.clip);
        optimiser.restore(&first, &second);
        Self { plan, data, network, optimiser, position, best }
    }

    /// Trains to the end. Without `checkpoints` none are written, and a stop is final.
    pub(crate) fn run(
        &mut self,
        phase: Phase,
        checkpoints: Option<&Checkpoints<'_>>,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let schedule = self.plan.schedule();
        let validation: Vec<RowIndex> = self.plan.validation.clone().collect();
        while !self.position.done {
            let rows = self.plan.rows_of(self.position.epoch);
            let batches = rows.chunks(self.plan.hyper.batch_size as usize);
            for rows in batches.skip(self.position.steps_in_epoch as usize) {
                let step = self.position.step + 1;
                self.step(rows, schedule.rate(step), step)?;
                observer.progress(&self.update(phase));
                if let Some(stop) = observer.stop() {
                    if stop == Stop::Release {
                        self.checkpoint(checkpoints, observer)?;
                    }
                    return Err(TrainError::Stopped(stop));
                }
                if observer.checkpoint_due() {
                    self.checkpoint(checkpoints, observer)?;
                }
            }
            let (_, loss) = answers(&mut self.network, self.data, &validation)?;
            if self.position.end_epoch(finite(loss)?, self.plan) {
                self.best = self.network.weights();
            }
        }
        Ok(())
    }

    fn step(&mut self, rows: &[RowIndex], rate: f64, step: u64) -> Result<(), TrainError> {
        let mut batch = Batch::of(self.data, rows);
        if self.plan.shape.symbols > 0 {
            let mut draws = Stream::new(self.plan.hyper.seed, Purpose::Dropout, self.position.epoch, step);
            batch.symbols.iter_mut().for_each(|symbol| *symbol *= i64::from(draws.uniform() >= ID_DROPOUT));
        }
        let (loss, gradient) = self.network.gradient(&batch)?;
        let optimiser = &mut self.optimiser;
        self.network.update(|weights| optimiser.step(weights, gradient, rate, step));
        self.position.loss_sum += finite(loss)? * rows.len() as f64;
        self.position.rows += rows.len() as u64;
        self.position.step = step;
        self.position.steps_in_epoch += 1;
        Ok(())
    }

    /// Writes a checkpoint and hands it over.
    pub(crate) fn checkpoint(
        &self,
        checkpoints: Option<&Checkpoints<'_>>,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        if let Some(Checkpoints { folder, recipe }) = checkpoints {
            let file = checkpoint::write(folder, recipe, &self.state())?;
            observer.checkpoint(&file, self.position.step);
        }
        Ok(())
    }

    fn state(&self) -> State {
        State {
            position: self.position.clone(),
            weights: self.network.weights(),
            moments: self.optimiser.moments().map(to_host),
            best: self.best.clone(),
        }
    }

    /// Where it stands.
    pub(crate) fn update(&self, phase: Phase) -> Update {
        Update {
            phase,
            epoch: self.position.epoch,
            epochs: self.plan.hyper.epochs,
            step: self.position.step,
            steps: self.plan.steps(),
            loss: self.position.loss(),
            curve: self.position.curve.clone(),
        }
    }

    /// What it does.
    pub(crate) fn plan(&self) -> &Plan {
        self.plan
    }

    /// The numbers of the training so far.
    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    /// The network with the weights of the best epoch.
    pub(crate) fn best_network(&self, device: Device) -> Network {
        Network::new(self.plan.shape, device, &self.best)
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
