//! Waiting for the ends of jobs.

use uuid::Uuid;

use super::Client;
use crate::cli::exit::{Code, Failure};
use crate::views::JobView;

/// Seconds that one request waits for a job.
const WAIT: f64 = 30.0;

/// What to do about a job that nobody has taken out of the line for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InLine {
    /// Wait on: lines can be long.
    Stay,
    /// Say why it waits: it should have had its turn at once.
    GiveUp,
}

impl Client {
    /// The job once it has ended, however.
    ///
    /// # Errors
    /// The coordinator does not answer, or there is no such job; or it waits in the line and is not to be waited for.
    pub(crate) async fn ended(&self, id: Uuid, in_line: InLine) -> Result<JobView, Failure> {
        loop {
            let job: JobView = self.get(&format!("/jobs/{id}"), &[("wait", WAIT.to_string())]).await?;
            match (job.state.as_str(), in_line) {
                ("queued", InLine::GiveUp) => {
                    let text = format!("after {WAIT} s job {id} still waits: {}", job.why);
                    return Err(Failure::new(Code::Failed, text));
                }
                ("queued" | "dispatched" | "running" | "judging", _) => {}
                _ => return Ok(job),
            }
        }
    }

    /// The job once it has been completed.
    ///
    /// # Errors
    /// As [`Self::ended`]; or it has come to another end.
    pub(crate) async fn completed(&self, id: Uuid, in_line: InLine) -> Result<JobView, Failure> {
        let job = self.ended(id, in_line).await?;
        match job.state.as_str() {
            "completed" => Ok(job),
            _ => Err(Failure::failed(format!("job {id} is {}: {}", job.state, job.why))),
        }
    }
}
