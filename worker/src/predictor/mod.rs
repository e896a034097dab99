//! Answers online questions from live versions, in a child of its own. Not jobs: no row, no retry; each dies at its deadline.
//!
//! One question at a time is with the child; a question about a version whose files are not here yet waits beside the others.

mod child;
mod versions;

use std::collections::VecDeque;
use std::future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::ports::{EventBus, LetterKind, Mailbox, Taken, set_aside};
use common::wire::codec::{self, Limits};
use common::wire::{PredictAnswer, PredictRequest, ToAsker};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use self::child::Child;
use self::versions::{Arrival, Files, Versions};
use crate::executor::Question;
use crate::process::Launch;
use crate::supervisor::Ports;

const WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);

/// Questions that wait for versions at a time: others are told to come again.
const MOST_WAITING: usize = 256;

/// Takes questions from the bus.
pub struct Predictor {
    bus: Arc<dyn EventBus>,
    versions: Versions,
    child: Child,
    /// Questions about versions that are on their way.
    waiting: Vec<PendingQuestion>,
    /// Questions whose versions have come, with the folder, or why there is none.
    ready: VecDeque<(PendingQuestion, Result<PathBuf, String>)>,
}

/// A question, with its deadline on this machine's own monotonic clock: whoever asked has another.
struct PendingQuestion {
    request: PredictRequest,
    until: Instant,
}

impl PendingQuestion {
    /// A question that has lain in the mailbox for a while.
    fn new(request: PredictRequest, age: Duration) -> Self {
        let until = deadline(request.left_ms, age, Instant::now());
        Self { request, until }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    fn dropped(&self) {
        let PredictRequest { id, artifact, .. } = &self.request;
        tracing::info!(%id, version = %artifact.version, "a question was dropped at its deadline");
    }
}

impl Predictor {
    /// Keeps versions in `folder`. The child is started by the first question.
    pub fn new(ports: Ports, launch: Launch, folder: PathBuf) -> Self {
        let versions = Versions::new(ports.store, folder);
        let child = Child::new(launch);
        Self { bus: ports.bus, versions, child, waiting: Vec::new(), ready: VecDeque::new() }
    }

    /// Answers for ever.
    pub async fn run(mut self) {
        // A task of its own: it may hold a connection of the bus, which an answer needs, and must go on with it.
        let listen = |bus: &Arc<dyn EventBus>| AbortOnDropHandle::new(tokio::spawn(next(bus.clone())));
        let mut question = listen(&self.bus);
        loop {
            tokio::select! {
                taken = &mut question => {
                    if let Ok(Some(asked)) = taken {
                        self.receive(asked).await;
                    }
                    question = listen(&self.bus);
                }
                arrival = self.versions.arrived() => self.welcome(arrival),
                // One at a time, so that questions about versions that are warm have their turns.
                () = future::ready(()), if !self.ready.is_empty() => self.serve_next().await,
            }
        }
    }

    /// Answers a question, or keeps it until its version's files are here.
    async fn receive(&mut self, asked: PendingQuestion) {
        if asked.left().is_zero() {
            return asked.dropped();
        }
        let request = &asked.request;
        let files = self.versions.files(&request.artifact);
        if files == Files::Coming || !self.child.is_warm(request.artifact.manifest) {
            self.say(Mailbox::Answers(request.asker), &ToAsker::Loading { id: request.id }).await;
        }
        match files {
            Files::Here(folder) => self.serve(asked, folder).await,
            Files::Coming => {
                self.waiting.retain(|asked| !asked.left().is_zero());
                if self.waiting.len() < MOST_WAITING {
                    self.waiting.push(asked);
                } else {
                    let reason =
                        format!("{MOST_WAITING} questions wait for models to be loaded: ask again in a moment");
                    self.refuse(request, reason).await;
                }
            }
        }
    }

    /// A version has come, or it has not: the questions that have waited for it have their turns.
    fn welcome(&mut self, Arrival { manifest, folder }: Arrival) {
        let waited = self.waiting.extract_if(.., |asked| asked.request.artifact.manifest == manifest);
        self.ready.extend(waited.map(|asked| (asked, folder.clone())));
    }

    async fn serve_next(&mut self) {
        match self.ready.pop_front() {
            Some((asked, Ok(folder))) => self.serve(asked, folder).await,
            Some((asked, Err(reason))) => self.refuse(&asked.request, reason).await,
            None => {}
        }
    }

    /// Answers a question from the files in a folder, or drops it at its deadline.
    async fn serve(&mut self, asked: PendingQuestion, folder: PathBuf) {
        let left = asked.left();
        if left.is_zero() {
            return asked.dropped();
        }
        let request = asked.request;
        let (id, mailbox, manifest) = (request.id, Mailbox::Answers(request.asker), request.artifact.manifest);
        let asked = self.child.ask(Question { request, folder, manifest });
        let Ok(answered) = tokio::time::timeout(left, asked).await else {
            return tracing::info!(%id, "a question was given up at its deadline");
        };
        let prediction = answered.unwrap_or_else(|failure| Err(failure.message));
        self.say(mailbox, &ToAsker::Answer(PredictAnswer { id, prediction })).await;
    }

    async fn refuse(&self, request: &PredictRequest, reason: String) {
        let answer = PredictAnswer { id: request.id, prediction: Err(reason) };
        self.say(Mailbox::Answers(request.asker), &ToAsker::Answer(answer)).await;
    }

    /// Says something to whoever asked. What does not get through is not repeated: the question dies at its deadline.
    async fn say(&self, mailbox: Mailbox, message: &ToAsker) {
        let body = match codec::encode(message) {
            Ok(body) => body,
            Err(error) => return tracing::error!(%error, "an answer cannot be written"),
        };
        if let Err(error) = self.bus.post(mailbox, body).await {
            tracing::warn!(%error, "an answer did not get through");
        }
    }
}

/// When a question dies that had so many milliseconds left when it was put into the mailbox, and has lain there for a while.
fn deadline(left_ms: u64, age: Duration, now: Instant) -> Instant {
    now + Duration::from_millis(left_ms).saturating_sub(age)
}

/// The next question; `None` where none came for a while, or what came is none.
async fn next(bus: Arc<dyn EventBus>) -> Option<PendingQuestion> {
    match bus.take(Mailbox::Predictors, WAIT).await {
        Ok(Some(Taken { body, age })) => match codec::decode::<PredictRequest>(&body, Limits::default()) {
            Ok(request) => return Some(PendingQuestion::new(request, age)),
            Err(error) => set_aside(bus.as_ref(), LetterKind::Question, &body, &error).await,
        },
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(%error, "no question can be taken now");
            tokio::time::sleep(PAUSE).await;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the clocks of the two machines say.
    #[test]
    fn a_deadline_is_what_was_left_less_the_time_in_the_mailbox() {
        let now = Instant::now();
        for (age, left) in [(0, 10_000), (4_000, 6_000), (10_000, 0), (3_600_000, 0)] {
            let until = deadline(10_000, Duration::from_millis(age), now);
            assert_eq!(until - now, Duration::from_millis(left), "after {age} ms in the mailbox");
        }
    }
}
