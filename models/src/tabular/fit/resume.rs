//! A fit to go on with in another process, to the same bits.

use super::{Current, Fit};
use crate::error::TrainError;
use crate::tabular::learner::Learner;
use crate::tabular::progress::Progress;
use crate::tensors::Tensors;

impl Fit<'_> {
    /// Goes on where [`Self::state`] was taken; `self` is a new fit of the same rows and hyper-parameters.
    ///
    /// # Errors
    /// The state belongs to another training or is damaged.
    pub fn resume(mut self, mut state: Tensors) -> Result<Self, TrainError> {
        self.progress = Progress::load(&self.folds, &mut state)?;
        if self.progress.fold == self.folds.len() {
            self.choose();
            self.enter()?;
            for index in 0..self.progress.contestant {
                let learner = self.load(index, "finished", &mut state)?;
                self.finished.push(learner);
            }
        }
        if self.progress.round > 0 {
            self.enter()?;
            let learner = self.load(self.progress.contestant, "current", &mut state)?;
            let Some(stage) = &self.stage else { return Ok(self) };
            let training = learner.margins(&stage.training.design, stage.start);
            let validation = learner.margins(&stage.validation.design, stage.start);
            self.current = Some(Current { learner, training, validation });
        }
        Ok(self)
    }

    fn load(&self, index: usize, name: &str, state: &mut Tensors) -> Result<Learner, TrainError> {
        let damaged = || TrainError::Data("the checkpoint is damaged: train from the start".into());
        let (contestant, _) = self.at(index).ok_or_else(damaged)?;
        let stage = self.stage.as_ref().ok_or_else(damaged)?;
        Learner::load(
            contestant,
            &stage.encoder,
            self.encoding_hyper(),
            stage.start,
            &format!("{name}.{}", contestant.name()),
            state,
            true,
        )
    }

    /// What [`Self::resume`] goes on from.
    pub fn state(&self) -> Tensors {
        let mut tensors = Tensors::default();
        self.progress.save(&mut tensors);
        for (index, learner) in self.finished.iter().enumerate() {
            if let Some((contestant, _)) = self.at(index) {
                learner.save(&format!("finished.{}", contestant.name()), &mut tensors, true);
            }
        }
        if let (Some(current), Some((contestant, _))) = (&self.current, self.at(self.progress.contestant)) {
            current.learner.save(&format!("current.{}", contestant.name()), &mut tensors, true);
        }
        tensors
    }
}
