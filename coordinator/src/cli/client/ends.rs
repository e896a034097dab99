//! Waiting for the ends of jobs.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Client;
use crate::cli::exit::{Code, Failure};
use crate::cli::output::Output;
use crate::views::{BlockedView, Blocker, JobView};

/// Seconds that the first request waits for a job: what cannot end is said before that feels long.
const FIRST: f64 = 0.3;
/// Seconds that each request after it waits.
const WAIT: f64 = 2.0;
/// How long a job that should have its turn at once may be in the backlog, or wait to be taken out of the queue.
const TURN: Duration = Duration::from_secs(30);

/// What to do about a job that nobody takes out of the backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InQueue {
    /// Wait on: lines can be long, and what keeps it there can be removed meanwhile. It is said, once.
    Stay,
    /// Say why it waits: it should have had its turn at once.
    GiveUp,
}

impl Client {
    /// The job once it has ended, however.
    ///
    /// # Errors
    /// The coordinator does not answer, or there is no such job; or it waits in the backlog and is not to be waited for.
    pub(crate) async fn ended(&self, out: &Output, id: Uuid, in_queue: InQueue) -> Result<JobView, Failure> {
        let (start, mut wait, mut reported) = (Instant::now(), FIRST, None);
        loop {
            let job: JobView = self.get(&format!("/jobs/{id}"), &[("wait", wait.to_string())]).await?;
            wait = WAIT;
            match (job.state.as_str(), job.blocked, in_queue) {
                ("queued", Some(blocked), InQueue::GiveUp) => return Err(held(id, blocked)),
                ("queued" | "dispatched", None, InQueue::GiveUp) if start.elapsed() > TURN => {
                    let seconds = TURN.as_secs();
                    return Err(Failure::failed(format!("after {seconds} s job {id} still waits: {}", job.why)));
                }
                ("queued", Some(blocked), InQueue::Stay) if reported.as_ref() != Some(&blocked.text) => {
                    out.note(held(id, blocked.clone()));
                    reported = Some(blocked.text);
                }
                ("queued" | "dispatched" | "running" | "judging", _, _) => {}
                (_, blocked, _) => return Ok(JobView { blocked, ..job }),
            }
        }
    }

    /// The job once it has been completed.
    ///
    /// # Errors
    /// As [`Self::ended`]; or it has come to another end.
    pub(crate) async fn completed(&self, out: &Output, id: Uuid, in_queue: InQueue) -> Result<JobView, Failure> {
        let job = self.ended(out, id, in_queue).await?;
        match job.state.as_str() {
            "completed" => Ok(job),
            _ => Err(Failure::failed(format!("job {id} is {}: {}", job.state, job.why))),
        }
    }

    /// Says what keeps a job that was just asked for in the backlog, if waiting does not end it.
    ///
    /// # Errors
    /// The coordinator does not answer.
    pub(crate) async fn tell_blocked(&self, out: &Output, id: Option<Uuid>) -> Result<(), Failure> {
        let Some(id) = id else { return Ok(()) };
        self.job(id).await?.blocked.into_iter().for_each(|blocked| out.note(held(id, blocked)));
        Ok(())
    }
}

/// A job stays in the backlog: what keeps it there, and what would let it go on.
fn held(id: Uuid, blocked: BlockedView) -> Failure {
    let code = match blocked.by {
        Blocker::PausedModel | Blocker::ClosedPool | Blocker::NoSuchWorker => Code::Refused,
        Blocker::NoWorker => Code::Failed,
    };
    Failure::new(code, format!("job {id} stays in the line: {}", blocked.text)).next(blocked.next)
}
