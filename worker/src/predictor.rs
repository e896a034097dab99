//! Answers online questions from live versions, in a child of its own. Not jobs: no row, no retry; each dies at its deadline.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use common::ports::{LetterKind, Mailbox, set_aside};
use common::vocabulary::{ContentHash, FailureClass, Timestamp};
use common::wire::codec::{self, Limits};
use common::wire::{PredictAnswer, PredictRequest, ToAsker};

use crate::executor::{FromExecutor, Question, ToExecutor};
use crate::failure::Failure;
use crate::process::{Event, ExecutorProcess, Launch};
use crate::supervisor::{Ports, fetch_artifact};

const WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);
/// Versions whose files are kept on this machine.
const KEPT: usize = 64;

/// Takes questions from the bus, one at a time.
#[derive(Debug)]
pub struct Predictor {
    ports: Ports,
    launch: Launch,
    folder: PathBuf,
    fetched: VecDeque<ContentHash>,
    child: Option<Child>,
}

/// The process that answers, and which versions it has been asked about.
#[derive(Debug)]
struct Child {
    process: ExecutorProcess,
    warm: HashSet<ContentHash>,
}

impl Predictor {
    /// Keeps versions in `folder`. The child is started by the first question.
    pub fn new(ports: Ports, launch: Launch, folder: PathBuf) -> Self {
        Self { ports, launch, folder, fetched: VecDeque::new(), child: None }
    }

    /// Answers for ever.
    pub async fn run(mut self) {
        let bus = self.ports.bus.clone();
        loop {
            match bus.take(Mailbox::Predictors, WAIT).await {
                Ok(Some(body)) => match codec::decode::<PredictRequest>(&body, Limits::default()) {
                    Ok(request) => self.serve(request).await,
                    Err(error) => set_aside(bus.as_ref(), LetterKind::Question, &body, &error).await,
                },
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "no question can be taken now");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Answers one question, or drops it at its deadline.
    async fn serve(&mut self, request: PredictRequest) {
        let left = Duration::try_from_secs_f64(request.deadline.seconds_since(Timestamp::now())).unwrap_or_default();
        let (id, version, mailbox) = (request.id, request.artifact.version, Mailbox::Answers(request.asker));
        let answered = match left {
            Duration::ZERO => None,
            left => tokio::time::timeout(left, self.answer(request)).await.ok(),
        };
        let Some(answer) = answered else {
            return tracing::info!(%id, %version, "a question was dropped at its deadline");
        };
        let answer = answer.unwrap_or_else(|failure| PredictAnswer { id, prediction: Err(failure.message) });
        self.say(mailbox, &ToAsker::Answer(answer)).await;
    }

    /// Says something to whoever asked. What does not get through is not repeated: the question dies at its deadline.
    async fn say(&self, mailbox: Mailbox, said: &ToAsker) {
        let body = match codec::encode(said) {
            Ok(body) => body,
            Err(error) => return tracing::error!(%error, "an answer cannot be written"),
        };
        if let Err(error) = self.ports.bus.post(mailbox, body).await {
            tracing::warn!(%error, "an answer did not get through");
        }
    }

    async fn answer(&mut self, request: PredictRequest) -> Result<PredictAnswer, Failure> {
        let (id, manifest) = (request.id, request.artifact.manifest);
        if !self.is_warm(manifest) {
            tracing::info!(version = %request.artifact.version, prefix = request.artifact.prefix, "loading a version");
            self.say(Mailbox::Answers(request.asker), &ToAsker::Loading { id }).await;
        }
        let folder = self.version(&request).await?;
        let question = ToExecutor::Predict(Box::new(Question { request, folder, manifest }));
        let child = self.child()?;
        // If it died, `next` says so.
        let _ = child.process.tell(&question).await;
        loop {
            match child.process.next().await {
                Event::Said(FromExecutor::Answer(answer)) if answer.id == id => {
                    if answer.prediction.is_ok() {
                        child.warm.insert(manifest);
                    }
                    return Ok(answer);
                }
                // `Ready`, and answers that came after their deadline.
                Event::Said(_) => {}
                Event::Died(failure) => {
                    self.child = None;
                    return Err(failure);
                }
            }
        }
    }

    /// Whether the child has answered from this version.
    fn is_warm(&mut self, manifest: ContentHash) -> bool {
        self.child.as_mut().is_some_and(|child| child.process.is_alive() && child.warm.contains(&manifest))
    }

    /// The folder with the version's files, fetched once.
    async fn version(&mut self, request: &PredictRequest) -> Result<PathBuf, Failure> {
        let hash = request.artifact.manifest;
        let folder = self.folder.join(hash.to_string());
        if self.fetched.contains(&hash) {
            return Ok(folder);
        }
        // A question dropped half-way leaves a half-filled folder: that one never gets the final name.
        let coming = self.folder.join("coming");
        let _ = fs::remove_dir_all(&coming);
        fetch_artifact(self.ports.store.as_ref(), &request.artifact, &coming).await?;
        fs::rename(&coming, &folder).map_err(|error| Failure::file(&folder, &error))?;
        self.fetched.push_back(hash);
        if self.fetched.len() > KEPT
            && let Some(oldest) = self.fetched.pop_front()
        {
            let _ = fs::remove_dir_all(self.folder.join(oldest.to_string()));
        }
        Ok(folder)
    }

    fn child(&mut self) -> Result<&mut Child, Failure> {
        let alive = self.child.as_mut().is_some_and(|child| child.process.is_alive());
        let gone = |error: &dyn std::fmt::Display| {
            Failure::new(FailureClass::Lost, format!("the predictor cannot be started: {error}"))
        };
        if !alive {
            let process = ExecutorProcess::spawn(&self.launch, "cpu", "predictor").map_err(|error| gone(&error))?;
            self.child = Some(Child { process, warm: HashSet::new() });
        }
        self.child.as_mut().ok_or_else(|| gone(&"it is gone"))
    }
}
