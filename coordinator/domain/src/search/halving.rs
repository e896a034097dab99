//! Which trials go on, and at what length.

use serde::{Deserialize, Serialize};

/// How trials are thinned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// Trials of the first rung, the model's own hyper-parameters among them; from 2.
    pub trials: u32,
    /// One in so many goes on to the next rung, and is tried so many times as long there; from 2.
    pub eta: u32,
}

/// A rung of a ladder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rung {
    /// Trials on it, at most; the model's own is beside them on all but the first.
    pub trials: u32,
    /// Which share of its full length a trial has; in (0, 1].
    pub share: f64,
}

/// Shorter than this share nothing is tried: too little is learnt from it.
const LEAST_SHARE: f64 = 1.0 / 30.0;

impl Ladder {
    /// Its rungs: from many short trials to few whole ones.
    pub fn rungs(self) -> Vec<Rung> {
        let (eta, trials) = (self.eta.max(2), self.trials);
        let mut steps = 0;
        while trials / eta.pow(steps + 1) >= 1 && f64::from(eta).powi(-(steps as i32 + 1)) >= LEAST_SHARE {
            steps += 1;
        }
        let rung = |step: u32| Rung {
            trials: trials.div_ceil(eta.pow(step)),
            share: f64::from(eta).powi(step as i32 - steps as i32),
        };
        (0..=steps).map(rung).collect()
    }
}

/// What a trial has come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Its number; 0 has the model's own hyper-parameters.
    pub trial: u32,
    /// Its loss on validation rows; nothing where it failed.
    pub loss: Option<f64>,
}

/// What comes after a rung.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// These are tried on the next, in the order of their numbers.
    Climb(Vec<u32>),
    /// It was the last: the best there is.
    Done(Best),
    /// No trial has a loss.
    Unmeasured,
    /// What the model has is without a loss: there is nothing to measure the others against.
    OwnUnmeasured,
}

/// What a search has found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// The trial with the least loss; of equal ones, the first.
    pub trial: u32,
    /// That.
    pub loss: f64,
    /// The same of the model's own hyper-parameters, tried at the same length.
    pub own: f64,
}

impl Best {
    /// Whether it is worth a training: not what the model has already, and better.
    pub fn is_news(&self) -> bool {
        self.trial != 0 && self.loss < self.own
    }
}

/// What comes after rung `number`, from 0, of a ladder, when all its trials have ended.
pub fn next(ladder: Ladder, number: usize, measured: &[Measured]) -> Step {
    let mut ranked: Vec<(f64, u32)> =
        measured.iter().filter_map(|one| Some((one.loss.filter(|loss| loss.is_finite())?, one.trial))).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let Some(&(loss, trial)) = ranked.first() else { return Step::Unmeasured };
    let own = ranked.iter().find(|(_, trial)| *trial == 0).map(|(loss, _)| *loss);
    let Some(own) = own else { return Step::OwnUnmeasured };
    match ladder.rungs().get(number + 1) {
        None => Step::Done(Best { trial, loss, own }),
        Some(above) => {
            let mut on: Vec<u32> = ranked.iter().take(above.trials as usize).map(|(_, trial)| *trial).collect();
            // What the others are measured against goes all the way.
            if !on.contains(&0) {
                on.push(0);
            }
            on.sort_unstable();
            Step::Climb(on)
        }
    }
}
