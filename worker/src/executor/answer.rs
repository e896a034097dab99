//! Online answers in the child: versions are opened once and kept (A15).

use common::vocabulary::ContentHash;
use common::wire::{PredictAnswer, Prediction};
use models::run::{Device, Loaded, TrainError};

use super::protocol::Question;

/// Versions kept open, the least recently used first.
pub(super) struct Answerer {
    device: Device,
    open: Vec<(ContentHash, Loaded)>,
}

impl Answerer {
    /// More versions than most fleets ask about within an hour, and a few MiB each.
    const KEPT: usize = 64;

    /// Nothing is open yet.
    pub(super) fn new(device: Device) -> Self {
        Self { device, open: Vec::new() }
    }

    /// Answers, opening the version if that has not been done.
    pub(super) fn answer(&mut self, question: &Question) -> PredictAnswer {
        let prediction = self.predict(question).map_err(|error| error.to_string());
        PredictAnswer { id: question.request.id, prediction }
    }

    fn predict(&mut self, question: &Question) -> Result<Prediction, TrainError> {
        let known = self.open.iter().position(|(hash, _)| *hash == question.manifest);
        let mut version = match known {
            Some(index) => self.open.remove(index).1,
            None => Loaded::open(&question.folder, &question.manifest, self.device)?,
        };
        let prediction = version.predict(&question.request.question);
        if self.open.len() >= Self::KEPT {
            self.open.remove(0);
        }
        self.open.push((question.manifest, version));
        prediction
    }
}
