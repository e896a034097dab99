//! Questions to the predictors that are out, and which versions have answered.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::vocabulary::ContentHash;
use common::wire::{PredictAnswer, Prediction, ToAsker};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The questions that are out, and who has answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    open: Mutex<HashMap<Uuid, Open>>,
    /// Versions that have answered, by their manifests.
    answered: Mutex<HashSet<ContentHash>>,
}

/// A question that is out.
#[derive(Debug)]
struct Open {
    /// Whoever took it has to load its version first.
    loading: bool,
    answer: oneshot::Sender<std::result::Result<Prediction, String>>,
}

/// What has come of a question.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    /// Its answer, or in their words why a predictor has none.
    Answer(std::result::Result<Prediction, String>),
    /// Its version is still being loaded.
    Loading,
    /// Nothing.
    Silence,
}

impl Answers {
    /// From now on an answer to this question is heard.
    pub(crate) fn expect(&self, id: Uuid) -> Expected<'_> {
        let (answer, coming) = oneshot::channel();
        self.open().insert(id, Open { loading: false, answer });
        Expected { of: self, id, coming }
    }

    /// Somebody has said something about a question.
    pub(crate) fn receive(&self, message: ToAsker) {
        match message {
            ToAsker::Loading { id } => {
                if let Some(open) = self.open().get_mut(&id) {
                    open.loading = true;
                }
            }
            ToAsker::Answer(PredictAnswer { id, prediction }) => {
                // Nobody may wait for it any more.
                if let Some(open) = self.open().remove(&id) {
                    let _gone_meanwhile = open.answer.send(prediction);
                }
            }
        }
    }

    /// A version has answered: some predictor has it loaded.
    pub(crate) fn note_answer(&self, manifest: ContentHash) {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).insert(manifest);
    }

    /// Whether a version has answered this coordinator.
    pub(crate) fn has_answered(&self, manifest: &ContentHash) -> bool {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).contains(manifest)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Uuid, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question whose answer is waited for; dropped, it is forgotten.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    of: &'a Answers,
    id: Uuid,
    coming: oneshot::Receiver<std::result::Result<Prediction, String>>,
}

impl Expected<'_> {
    /// The answer, or how things stand when the time is over.
    pub(crate) async fn within(mut self, limit: Duration) -> Reply {
        match tokio::time::timeout(limit, &mut self.coming).await {
            Ok(Ok(answer)) => Reply::Answer(answer),
            Ok(Err(_)) | Err(_) => match self.of.open().get(&self.id) {
                Some(Open { loading: true, .. }) => Reply::Loading,
                Some(Open { loading: false, .. }) | None => Reply::Silence,
            },
        }
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.of.open().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_asked_is_told_and_nobody_else() {
        let answers = Answers::default();
        let [first, second, third, gone] = [1, 2, 3, 4].map(Uuid::from_u128);
        let answer = |id| ToAsker::Answer(PredictAnswer { id, prediction: Err("no such version".into()) });
        let (one, two, three) = (answers.expect(first), answers.expect(second), answers.expect(third));
        drop(answers.expect(gone));
        for message in [ToAsker::Loading { id: third }, answer(second), answer(gone)] {
            answers.receive(message);
        }
        assert_eq!(two.within(Duration::ZERO).await, Reply::Answer(Err("no such version".into())));
        assert_eq!(one.within(Duration::ZERO).await, Reply::Silence);
        assert_eq!(three.within(Duration::ZERO).await, Reply::Loading);
        assert!(answers.open().is_empty(), "what nobody waits for is forgotten");
    }
}
