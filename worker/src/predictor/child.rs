//! The process that answers.

use std::collections::HashSet;

use common::vocabulary::{ContentHash, FailureClass};
use common::wire::Prediction;

use crate::devices::CPU;
use crate::executor::{FromExecutor, Question, ToExecutor};
use crate::failure::Failure;
use crate::process::{Event, ExecutorProcess, Launch};

/// Starts the process when it is first asked, and anew when it has died.
#[derive(Debug)]
pub(super) struct Child {
    launch: Launch,
    running: Option<Running>,
}

/// The process, and from which versions it has answered.
#[derive(Debug)]
struct Running {
    process: ExecutorProcess,
    warm: HashSet<ContentHash>,
}

impl Child {
    pub(super) fn new(launch: Launch) -> Self {
        Self { launch, running: None }
    }

    /// Whether it has answered from this version.
    pub(super) fn is_warm(&mut self, manifest: ContentHash) -> bool {
        self.running.as_mut().is_some_and(|running| running.process.is_alive() && running.warm.contains(&manifest))
    }

    /// Its answer, or why it has none.
    ///
    /// # Errors
    /// It cannot be started, or has died over this question.
    pub(super) async fn ask(&mut self, question: Question) -> Result<Result<Prediction, String>, Failure> {
        let (id, manifest) = (question.request.id, question.manifest);
        let mut running = self.running()?;
        // A caller that goes away now has cut the question in two: the process goes with it. If it died, `next` says so.
        let _ = running.process.send(&ToExecutor::Predict(Box::new(question))).await;
        let running = self.running.insert(running);
        loop {
            match running.process.next().await {
                Event::Message(FromExecutor::Answer(answer)) if answer.id == id => {
                    if answer.prediction.is_ok() {
                        running.warm.insert(manifest);
                    }
                    return Ok(answer.prediction);
                }
                // `Ready`, and answers that came after their deadline.
                Event::Message(_) => {}
                Event::Died(failure) => {
                    self.running = None;
                    return Err(failure);
                }
            }
        }
    }

    /// The process, taken out: one that lives, or a new one.
    fn running(&mut self) -> Result<Running, Failure> {
        if let Some(mut running) = self.running.take()
            && running.process.is_alive()
        {
            return Ok(running);
        }
        let gone = |error| Failure::new(FailureClass::Lost, format!("the predictor cannot be started: {error}"));
        let process = ExecutorProcess::spawn(&self.launch, CPU, "predictor").map_err(gone)?;
        Ok(Running { process, warm: HashSet::new() })
    }
}
