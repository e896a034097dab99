//! Probes: jobs without work, from the backlog to a worker and back. They measure the way, and show that it is open.

use std::time::Duration;

use common::vocabulary::{JobId, JobKind, JobSpec, Needs, Pool, ProbeSpec};
use domain::score::{self, TermKind};
use newtype_uuid::GenericUuid;
use tokio::time::{Instant, timeout};

use crate::db::{self, jobs::Job, terms::TermRecord};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::backlogs::Outlook;
use crate::service::runtime::{Core, Refit, job_telemetry};
use crate::views::{JobView, ProbeAnswer, ProbeRequest};
use crate::wording;

/// Most probes of one request.
const MOST: u32 = 10_000;
/// Longest pretended work, milliseconds: an hour.
const LONGEST: u64 = 3_600_000;
/// Behind everything that is asked for, unless it is asked for otherwise.
const SCORE: f64 = 100.0;
/// One of so many probes of a request is traced, the first among them: a trace is ten spans, and a probe is small.
const TRACED: u32 = 100;
/// Another coordinator may have heard of the end: the row is looked at so often.
const LOOK: Duration = Duration::from_millis(200);

impl Refit {
    /// One job once it has ended, or as it is when the time is over.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn job_ended(&self, id: JobId, limit: Duration) -> Result<JobView> {
        ended(&self.core, id, limit).await
    }

    /// Puts probes into the backlog, all or none: jobs without work, from the backlog to a worker and back.
    ///
    /// # Errors
    /// So many, or so long, are out of range; there is no such pool.
    pub async fn probe(&self, request: ProbeRequest) -> Result<ProbeAnswer> {
        enqueue(&self.core, request).await
    }
}

async fn enqueue(core: &Core, request: ProbeRequest) -> Result<ProbeAnswer> {
    if !(1..=MOST).contains(&request.count) {
        return Err(Error::invalid(format!("count = {} is out of range: 1 to {MOST}", request.count)));
    }
    if request.work_ms > LONGEST {
        return Err(Error::invalid(format!("work_ms = {} is out of range: 0 to {LONGEST}", request.work_ms)));
    }
    let score = score::given(request.priority.unwrap_or(SCORE)).map_err(Error::invalid)?;
    let pool = request.pool.map_or_else(|| Ok(core.settings.coordinator.pool.clone()), |pool| pool.parse())?;
    if let Some(reason) = Outlook::now(core).never(&pool, &Needs::default()) {
        return Err(Error::refused(wording::text(&reason)));
    }
    let job = |number| job(core, &pool, score, request.work_ms, number % TRACED == 0);
    let jobs: Vec<Job> = (0..request.count).map(job).collect();
    let mut tx = core.db.begin().await?;
    db::jobs::insert(&mut tx, &jobs.iter().collect::<Vec<_>>()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.backlog_changed.notify_one();
    jobs.iter().for_each(|job| core.events.job(job));
    Ok(ProbeAnswer { jobs: jobs.into_iter().map(|job| job.id.into_untyped_uuid()).collect() })
}

fn job(core: &Core, pool: &Pool, score: f64, work_ms: u64, is_traced: bool) -> Job {
    let mut job = Job {
        terms: vec![TermRecord::new(TermKind::Probe, score)],
        spec: Some(JobSpec::Probe(ProbeSpec { work_ms })),
        ..Job::entering(JobKind::Probe, pool.clone(), score, core.settings.priority.aging_interval.as_secs_f64())
    };
    job.trace = is_traced.then(|| job_telemetry::decided(&job)).flatten();
    job
}

/// The job once it has ended, or as it is when the time is over.
pub(crate) async fn ended(core: &Core, id: JobId, limit: Duration) -> Result<JobView> {
    let until = Instant::now() + limit;
    let mut ends = core.ends();
    loop {
        let row = db::jobs::get(&mut *core.db.read().await?, id).await?;
        let left = until.saturating_duration_since(Instant::now());
        if row.is_none_or(|job| job.state().is_ended()) || left.is_zero() {
            return present::job(core, id).await;
        }
        let told = async {
            loop {
                match ends.recv().await {
                    Ok(end) if end == id => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
        };
        if matches!(timeout(left.min(LOOK), told).await, Ok(true)) {
            return present::job(core, id).await;
        }
    }
}
