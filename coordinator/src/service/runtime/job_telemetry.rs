//! What becomes of jobs, told to telemetry: spans and counts. What is in a transaction is told once that is committed.

use std::time::{Duration, SystemTime};

use common::telemetry::table::{attribute, metric, span};
use common::telemetry::{self, TraceContext};
use common::vocabulary::{AttemptId, FailureClass, Timestamp};

use crate::db::attempts::{self, Ended};
use crate::db::{Connection, jobs::Job};
use crate::service::error::Result;

/// What a change of a job means to those who watch.
#[derive(Debug)]
pub(crate) enum News {
    /// It was claimed for the first time, so many seconds after it entered the backlog.
    Claimed {
        /// Seconds.
        waited: f64,
    },
    /// An attempt ended, and which one ended before it.
    Attempt {
        /// The attempt.
        ended: Box<Ended>,
        /// The one before.
        before: Option<AttemptId>,
    },
    /// It ended.
    Over,
}

/// A job enters the backlog: the root of its trace.
pub(crate) fn decided(job: &Job) -> Option<TraceContext> {
    let mut span = span::DECIDE.root().text(&attribute::JOB, job.id).text(&attribute::KIND, job.kind);
    span = span.text(&attribute::POOL, &job.pool).number(&attribute::SCORE, job.score);
    if let Some(model) = &job.model {
        span = span.text(&attribute::MODEL, model);
    }
    if let Some(mode) = job.mode {
        span = span.text(&attribute::MODE, mode);
    }
    span.begin().context()
}

/// An attempt ended, in the caller's transaction.
pub(crate) async fn attempt_ended(tx: &mut Connection, job: &Job, ended: Ended) -> Result<News> {
    let before = match job.trace.filter(|trace| trace.is_sampled()) {
        Some(_) => attempts::before(tx, job.id, ended.attempt.dispatched_at).await?,
        None => None,
    };
    Ok(News::Attempt { ended: Box::new(ended), before })
}

/// Tells what has been committed.
pub(crate) fn report(job: &Job, news: &[News]) {
    if !telemetry::is_on() {
        return;
    }
    let (pool, kind) = ((&attribute::POOL, job.pool.as_str()), (&attribute::KIND, job.kind.as_str()));
    for news in news {
        match news {
            News::Claimed { waited } => metric::WAITED.record(*waited, &[pool, kind]),
            News::Attempt { ended, before } => {
                let about = [pool, kind, (&attribute::OUTCOME, ended.outcome.as_str())];
                metric::ATTEMPTS.add(1, &about);
                if let Some(start) = ended.attempt.started_at {
                    metric::RAN.record(ended.at.seconds_since(start), &about);
                }
                if ended.outcome == FailureClass::Lost.as_str() {
                    metric::RESCUES.add(1, &[pool]);
                }
                span_of(job, ended, *before);
            }
            News::Over => metric::JOBS_ENDED.add(1, &[pool, kind, (&attribute::STATE, job.state().as_str())]),
        }
    }
}

/// The span of an attempt that has ended: whoever worked on it may be dead, the rows remember.
fn span_of(job: &Job, ended: &Ended, before: Option<AttemptId>) {
    let Some(trace) = job.trace else { return };
    let (attempt, outcome) = (&ended.attempt, ended.outcome.as_str());
    let mut span = span::ATTEMPT
        .under(Some(trace))
        .placed(trace.of_attempt(attempt.id))
        .since(moment(attempt.dispatched_at))
        .after(before.map(|before| trace.of_attempt(before)))
        .text(&attribute::JOB, job.id)
        .text(&attribute::KIND, job.kind)
        .text(&attribute::POOL, &job.pool)
        .text(&attribute::ATTEMPT, attempt.id)
        .number(&attribute::NUMBER, attempt.number.into())
        .text(&attribute::OUTCOME, outcome);
    if let Some(worker) = attempt.worker {
        span = span.text(&attribute::WORKER, worker);
    }
    let span = span.begin();
    if let Some(message) = &ended.message {
        span.failed(format_args!("{outcome}: {message}"));
    }
}

fn moment(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.0).unwrap_or_default())
}
