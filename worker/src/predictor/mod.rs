//! Answers online questions from live versions, in a child of its own. Not jobs: no row, no retry; each dies at its deadline.
//!
//! One question at a time is with the child; a question about a version whose files are not here yet waits beside the others.

mod child;
mod versions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::ports::{EventBus, LetterKind, Mailbox, set_aside};
use common::vocabulary::Timestamp;
use common::wire::codec::{self, Limits};
use common::wire::{PredictAnswer, PredictRequest, ToAsker};

use self::child::Child;
use self::versions::{Arrival, Files, Versions};
use crate::executor::Question;
use crate::process::Launch;
use crate::supervisor::Ports;

const WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);

/// Takes questions from the bus.
pub struct Predictor {
    bus: Arc<dyn EventBus>,
    versions: Versions,
    child: Child,
    /// Questions about versions that are on their way.
    waiting: Vec<PredictRequest>,
}

impl Predictor {
    /// Keeps versions in `folder`. The child is started by the first question.
    pub fn new(ports: Ports, launch: Launch, folder: PathBuf) -> Self {
        let versions = Versions::new(ports.store, folder);
        Self { bus: ports.bus, versions, child: Child::new(launch), waiting: Vec::new() }
    }

    /// Answers for ever.
    pub async fn run(mut self) {
        // Taken to its end: a question that has been taken off the bus must not be dropped half-way.
        let mut question = Box::pin(next(self.bus.clone()));
        loop {
            tokio::select! {
                taken = &mut question => {
                    question = Box::pin(next(self.bus.clone()));
                    if let Some(request) = taken {
                        self.hear(request).await;
                    }
                }
                arrival = self.versions.arrived() => self.welcome(arrival).await,
            }
        }
    }

    /// Answers a question, or keeps it until its version's files are here.
    async fn hear(&mut self, request: PredictRequest) {
        if !self.child.is_warm(request.artifact.manifest) {
            self.say(Mailbox::Answers(request.asker), &ToAsker::Loading { id: request.id }).await;
        }
        match self.versions.files(&request.artifact) {
            Files::Here(folder) => self.serve(request, folder).await,
            Files::Coming => {
                self.waiting.retain(|request| !left(request).is_zero());
                self.waiting.push(request);
            }
        }
    }

    /// Answers the questions that have waited for a version.
    async fn welcome(&mut self, Arrival { manifest, folder }: Arrival) {
        let waited: Vec<PredictRequest> =
            self.waiting.extract_if(.., |request| request.artifact.manifest == manifest).collect();
        for request in waited {
            match &folder {
                Ok(folder) => self.serve(request, folder.clone()).await,
                Err(failure) => {
                    let answer = PredictAnswer { id: request.id, prediction: Err(failure.message.clone()) };
                    self.say(Mailbox::Answers(request.asker), &ToAsker::Answer(answer)).await;
                }
            }
        }
    }

    /// Answers a question from the files in a folder, or drops it at its deadline.
    async fn serve(&mut self, request: PredictRequest, folder: PathBuf) {
        let (id, mailbox) = (request.id, Mailbox::Answers(request.asker));
        let (version, manifest) = (request.artifact.version, request.artifact.manifest);
        let answered = match left(&request) {
            Duration::ZERO => None,
            left => tokio::time::timeout(left, self.child.ask(Question { request, folder, manifest })).await.ok(),
        };
        let Some(answered) = answered else {
            return tracing::info!(%id, %version, "a question was dropped at its deadline");
        };
        let prediction = answered.unwrap_or_else(|failure| Err(failure.message));
        self.say(mailbox, &ToAsker::Answer(PredictAnswer { id, prediction })).await;
    }

    /// Says something to whoever asked. What does not get through is not repeated: the question dies at its deadline.
    async fn say(&self, mailbox: Mailbox, said: &ToAsker) {
        let body = match codec::encode(said) {
            Ok(body) => body,
            Err(error) => return tracing::error!(%error, "an answer cannot be written"),
        };
        if let Err(error) = self.bus.post(mailbox, body).await {
            tracing::warn!(%error, "an answer did not get through");
        }
    }
}

/// The next question; `None` where none came for a while, or what came is none.
async fn next(bus: Arc<dyn EventBus>) -> Option<PredictRequest> {
    match bus.take(Mailbox::Predictors, WAIT).await {
        Ok(Some(body)) => match codec::decode::<PredictRequest>(&body, Limits::default()) {
            Ok(request) => return Some(request),
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

/// Until the deadline of a question.
fn left(request: &PredictRequest) -> Duration {
    Duration::try_from_secs_f64(request.deadline.seconds_since(Timestamp::now())).unwrap_or_default()
}
