//! A training, pass by pass.

use serde::{Deserialize, Serialize};

use super::factors::Factors;
use super::increment::Increment;
use super::model::{Derived, Model, Trust};
use super::neighbours::Neighbours;
use super::pace::paced;
use super::pass::{Pass, Rates};
use super::ratings::Ratings;
use super::recommend::Blends;
use super::training::{Sides, Training};
use super::validation::{measured_trust, validate, validation_users};
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::vocabulary::{Ranged, RecommenderHyper};

/// Where a training begins.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// From random factors.
    Complete,
    /// From a parent that has seen all training rows but the `fresh` ones, or earlier ratings of the same pairs.
    Incremental {
        /// The model to go on from.
        parent: &'a Model,
        /// The rows it has not seen. Of a rating that was deleted, name another row of the same item.
        fresh: &'a [u32],
        /// A row of each user who has taken a rating back: what the parent made of it is dropped, and the user folded in anew.
        bereft: &'a [u32],
    },
}

/// A pass in the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Which member, from 0.
    pub member: u32,
    /// Which pass, from 1.
    pub epoch: u32,
    /// Root of the mean squared error met on the way.
    pub train: f64,
    /// RMSE on the validation rows after the pass, if there are any.
    pub validation: Option<f64>,
}

/// How far a training is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Members that are done.
    pub member: u32,
    /// Of how many.
    pub members: u32,
    /// Passes of the present member that are done.
    pub epoch: u32,
    /// Most passes of a member.
    pub epochs: u32,
    /// The passes so far.
    pub curve: Vec<Point>,
    /// The best pass of the present member, and its validation RMSE.
    best: Option<(u32, f64)>,
}

/// What a training needs to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The numbers.
    pub tensors: Tensors,
    /// How far it was.
    pub position: Position,
}

/// A training.
#[derive(Debug, Clone)]
pub struct Fit {
    training: Training,
    hyper: RecommenderHyper,
    /// The same with as many passes as so few ratings need.
    pace: RecommenderHyper,
    increment: Option<Increment>,
    position: Position,
    done: Vec<Factors>,
    current: Factors,
    best: Option<Factors>,
}

impl Fit {
    /// A training that has not begun.
    ///
    /// # Errors
    /// No training rows, hyper-parameters out of range, or a parent that does not fit them.
    pub fn new(
        ratings: &Ratings,
        sides: Sides<'_>,
        hyper: RecommenderHyper,
        start: Start<'_>,
    ) -> Result<Self, TrainError> {
        hyper.check().map_err(|error| TrainError::Data(error.to_string()))?;
        let training = Training::new(ratings, sides)?;
        let pace = match start {
            Start::Complete => paced(&hyper, sides.train.len()),
            Start::Incremental { .. } => hyper.clone(),
        };
        let (increment, epochs) = match start {
            Start::Complete => (None, pace.n_epochs),
            Start::Incremental { parent, fresh, bereft } => {
                (Some(Increment::new(ratings, &training, &hyper, parent, [fresh, bereft])?), hyper.update_epochs)
            }
        };
        let position = Position { members: hyper.members, epochs, ..Position::default() };
        let current = begin(&training, &hyper, increment.as_ref(), 0);
        Ok(Self { training, hyper, pace, increment, position, done: Vec::new(), current, best: None })
    }

    /// A training that goes on from a state of the same training: same ratings, sides, hyper-parameters and start.
    ///
    /// # Errors
    /// As [`Self::new`]; or the state is of another training, or damaged.
    pub fn resume(
        ratings: &Ratings,
        sides: Sides<'_>,
        hyper: RecommenderHyper,
        start: Start<'_>,
        state: State,
    ) -> Result<Self, TrainError> {
        let mut fit = Self::new(ratings, sides, hyper, start)?;
        let State { mut tensors, position } = state;
        if (position.members, position.epochs) != (fit.position.members, fit.position.epochs) {
            return Err(TrainError::Data("the checkpoint is of another training: start anew".into()));
        }
        let sizes = fit.sizes();
        let mut take = |name: &str| Factors::take(&mut tensors, name, sizes, &fit.hyper);
        let done = (0..position.member.min(position.members)).map(|at| take(&format!("done.{at}")));
        fit.done = done.collect::<Result<_, _>>()?;
        if position.member < position.members {
            fit.current = take("current")?;
        }
        fit.best = position.best.map(|_| take("best")).transpose()?;
        fit.position = position;
        Ok(fit)
    }

    /// Makes one pass; `false` when there is nothing left to do.
    ///
    /// # Errors
    /// The loss is no longer a number.
    pub fn advance(&mut self) -> Result<bool, TrainError> {
        let Position { member, members, epoch, epochs, .. } = self.position;
        if member >= members {
            return Ok(false);
        }
        let sample = self.increment.as_ref().map(|i| i.active(&self.training, &self.hyper, member, epoch));
        let active = sample.as_ref().unwrap_or(&self.training.history);
        let skipped = if self.increment.is_some() { self.hyper.n_epochs / 2 } else { 0 };
        let loss = self.current.pass(Pass {
            order: &self.training.order,
            active,
            history: &self.training.history,
            mean: self.training.mean,
            rates: Rates::of(&self.pace, skipped + epoch),
        });
        let weight: f64 = active.cells().iter().map(|cell| f64::from(cell.weight)).sum();
        let train = (loss / weight.max(f64::MIN_POSITIVE)).sqrt();
        let validation = validate(&self.training, &self.current);
        if !(train.is_finite() && validation.is_none_or(f64::is_finite)) {
            return Err(TrainError::Data(
                "the loss is no longer a number: lower lr, or look for absurd ratings".into(),
            ));
        }
        let epoch = epoch + 1;
        self.position.epoch = epoch;
        self.position.curve.push(Point { member, epoch, train, validation });
        if self.worse_for_long(epoch, validation) || epoch == epochs {
            self.end_member();
        }
        Ok(self.position.member < members)
    }

    /// Keeps the best pass; whether there has been none for so many passes that the member is done.
    fn worse_for_long(&mut self, epoch: u32, validation: Option<f64>) -> bool {
        let Some(loss) = validation.filter(|_| self.pace.patience > 0) else { return false };
        match self.position.best {
            Some((best, least)) if loss >= least => epoch - best >= self.pace.patience,
            _ => {
                self.position.best = Some((epoch, loss));
                self.best = Some(self.current.clone());
                false
            }
        }
    }

    fn end_member(&mut self) {
        let next = self.position.member + 1;
        let fresh = match next < self.position.members {
            true => begin(&self.training, &self.hyper, self.increment.as_ref(), next),
            false => Factors::new([0, 0], &self.hyper, 0),
        };
        let last = std::mem::replace(&mut self.current, fresh);
        self.done.push(self.best.take().unwrap_or(last));
        self.position = Position { member: next, epoch: 0, best: None, ..std::mem::take(&mut self.position) };
    }

    /// How far it is.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What it needs to go on.
    pub fn state(&self) -> State {
        let mut tensors = Tensors::default();
        for (at, done) in self.done.iter().enumerate() {
            done.put(&mut tensors, &format!("done.{at}"));
        }
        if self.position.member < self.position.members {
            self.current.put(&mut tensors, "current");
        }
        if let Some(best) = &self.best {
            best.put(&mut tensors, "best");
        }
        State { tensors, position: self.position.clone() }
    }

    /// The model, once there is nothing left to do. Here similar items are counted and the order of lists is chosen.
    ///
    /// # Errors
    /// There is something left to do.
    pub fn finish(self) -> Result<Model, TrainError> {
        if self.position.member < self.position.members {
            return Err(TrainError::Code("the training is not at its end".into()));
        }
        let Training { users, items, history, mean, scale, validation, .. } = self.training;
        let mut model = Model {
            near: Neighbours::of(&history, items.len()),
            derived: Derived::of(&self.done, &history, items.len()),
            hyper: self.hyper,
            mean,
            scale,
            trust: Trust::default(),
            users,
            items,
            members: self.done,
            history,
            blends: Blends::default(),
        };
        model.trust = measured_trust(&model, &validation);
        model.blends = Blends::chosen(&model, &validation_users(&model, &validation));
        Ok(model)
    }

    fn sizes(&self) -> [usize; 2] {
        [self.training.users.len(), self.training.items.len()]
    }
}

/// A member before its first pass.
fn begin(training: &Training, hyper: &RecommenderHyper, increment: Option<&Increment>, member: u32) -> Factors {
    match increment.and_then(|increment| increment.starts.get(member as usize)) {
        Some(start) => start.clone(),
        None => Factors::new([training.users.len(), training.items.len()], hyper, member),
    }
}
