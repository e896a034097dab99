//! Jobs in the order they are shown: those under way, then the backlog in its order, then the ended, newest first.

use common::vocabulary::{JobId, JobState, ModelKey, Timestamp};
use serde::{Deserialize, Serialize};

use crate::db::jobs::{Job, read};
use crate::db::{Connection, Result, Statement, backlog, sql};

/// Which jobs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter<'a> {
    /// In this state.
    pub(crate) state: Option<JobState>,
    /// Of this model.
    pub(crate) model: Option<&'a ModelKey>,
    /// Those that have ended, or those that have not.
    pub(crate) ended: Option<bool>,
}

/// Where a job stands in the order. Times are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Position {
    /// By how far it is, and since when.
    UnderWay(i64, i64, JobId),
    /// By the order of the backlog.
    Waiting(f64, JobId),
    /// By when it ended.
    Ended(i64, JobId),
}

/// A part of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    UnderWay,
    Waiting,
    Ended,
}

impl Part {
    const ALL: [Self; 3] = [Self::UnderWay, Self::Waiting, Self::Ended];

    fn of(state: JobState) -> Self {
        match state {
            JobState::Judging | JobState::Running | JobState::Dispatched => Self::UnderWay,
            JobState::Queued => Self::Waiting,
            JobState::Completed | JobState::Failed | JobState::Cancelled => Self::Ended,
        }
    }
}

impl Filter<'_> {
    fn lets_through(&self, part: Part) -> bool {
        let by_end = self.ended.is_none_or(|ended| ended == (part == Part::Ended));
        by_end && self.state.is_none_or(|state| Part::of(state) == part)
    }
}

impl Position {
    /// Where this job stands.
    pub(crate) fn of(job: &Job) -> Self {
        let time = |at: Option<Timestamp>| at.map_or(0, |at| at.0);
        match job.state() {
            JobState::Judging => Self::UnderWay(0, time(job.started_at), job.id),
            JobState::Running => Self::UnderWay(1, time(job.started_at), job.id),
            JobState::Dispatched => Self::UnderWay(2, time(job.started_at), job.id),
            JobState::Queued => Self::Waiting(job.order_key, job.id),
            JobState::Completed | JobState::Failed | JobState::Cancelled => Self::Ended(time(job.ended_at), job.id),
        }
    }

    fn part(self) -> Part {
        match self {
            Self::UnderWay(..) => Part::UnderWay,
            Self::Waiting(..) => Part::Waiting,
            Self::Ended(..) => Part::Ended,
        }
    }
}

/// So many jobs behind a position.
pub(crate) async fn behind(
    db: &mut Connection,
    filter: &Filter<'_>,
    after: Option<Position>,
    count: u32,
) -> Result<Vec<Job>> {
    let mut found = Vec::new();
    let begins = after.map_or(Part::UnderWay, Position::part);
    for part in Part::ALL.into_iter().filter(|part| *part >= begins && filter.lets_through(*part)) {
        let after = after.filter(|after| after.part() == part);
        let left = count.saturating_sub(found.len() as u32);
        found.extend(match part {
            _ if left == 0 => break,
            Part::UnderWay => under_way(db, filter, after, left).await?,
            Part::Waiting => waiting(db, filter.model, after, left).await?,
            Part::Ended => ended(db, filter, after, left).await?,
        });
    }
    Ok(found)
}

/// So many jobs whose ids are in a range, by id.
pub(crate) async fn in_range(
    db: &mut Connection,
    (first, last): (JobId, JobId),
    after: Option<JobId>,
    count: u32,
) -> Result<Vec<Job>> {
    let begins = after.map_or(first, |after| after.max(first));
    let jobs = sql("SELECT * FROM jobs WHERE id >= $1 AND id <= $2 AND id <> $3 ORDER BY id LIMIT $4");
    fetch(db, jobs.bind(begins).bind(last).bind(after.unwrap_or(JobId::nil())).bind(count)).await
}

/// As many as there are slots, about: they are put in order as they are read.
async fn under_way(db: &mut Connection, filter: &Filter<'_>, after: Option<Position>, count: u32) -> Result<Vec<Job>> {
    let (rank, started, id) = match after {
        Some(Position::UnderWay(rank, started, id)) => (rank, started, id),
        Some(_) | None => (-1, 0, JobId::nil()),
    };
    let jobs = sql("SELECT * FROM jobs WHERE state IN ('dispatched', 'running', 'judging')
             AND ($1 IS NULL OR state = $1) AND ($2 IS NULL OR model = $2)
             AND (CASE state WHEN 'judging' THEN 0 WHEN 'running' THEN 1 ELSE 2 END, COALESCE(started_at, 0), id) > ($3, $4, $5)
         ORDER BY CASE state WHEN 'judging' THEN 0 WHEN 'running' THEN 1 ELSE 2 END, COALESCE(started_at, 0), id LIMIT $6");
    let jobs = jobs.bind(filter.state.map(JobState::as_str)).bind(filter.model.map(ModelKey::as_str));
    fetch(db, jobs.bind(rank).bind(started).bind(id).bind(count)).await
}

/// The next of all backlogs, in order.
async fn waiting(
    db: &mut Connection,
    model: Option<&ModelKey>,
    after: Option<Position>,
    count: u32,
) -> Result<Vec<Job>> {
    let (order, id) = match after {
        Some(Position::Waiting(order, id)) => (order, id),
        Some(_) | None => (f64::MIN, JobId::nil()),
    };
    if let Some(model) = model {
        let jobs = sql("SELECT * FROM jobs WHERE model = $1 AND state = 'queued' AND (order_key, id) > ($2, $3)
             ORDER BY order_key, id LIMIT $4");
        return fetch(db, jobs.bind(model.as_str()).bind(order).bind(id).bind(count)).await;
    }
    let mut jobs = Vec::new();
    for pool in backlog::pools(db).await? {
        let of_pool = sql("SELECT * FROM jobs WHERE pool = $1 AND state = 'queued' AND (order_key, id) > ($2, $3)
             ORDER BY order_key, id LIMIT $4");
        jobs.extend(fetch(db, of_pool.bind(pool.as_str()).bind(order).bind(id).bind(count)).await?);
    }
    backlog::merge(&mut jobs, count);
    Ok(jobs)
}

/// Those that have gone amiss are few among many, and have an index of their own.
async fn ended(db: &mut Connection, filter: &Filter<'_>, after: Option<Position>, count: u32) -> Result<Vec<Job>> {
    let (at, id) = match after {
        Some(Position::Ended(at, id)) => (at, id),
        Some(_) | None => (i64::MAX, JobId::max()),
    };
    let jobs = match (filter.model, filter.state) {
        (Some(_), _) => sql("SELECT * FROM jobs WHERE model = $4 AND ended_at IS NOT NULL
                 AND ended_at <= $1 AND (ended_at < $1 OR id < $2) AND ($5 IS NULL OR state = $5)
             ORDER BY ended_at DESC, id DESC LIMIT $3"),
        (None, Some(JobState::Failed | JobState::Cancelled)) => {
            sql("SELECT * FROM jobs WHERE state IN ('failed', 'cancelled') AND state = $4
                 AND ended_at <= $1 AND (ended_at < $1 OR id < $2)
             ORDER BY ended_at DESC, id DESC LIMIT $3")
        }
        (None, _) => sql("SELECT * FROM jobs WHERE ended_at IS NOT NULL
                 AND ended_at <= $1 AND (ended_at < $1 OR id < $2) AND ($4 IS NULL OR state = $4)
             ORDER BY ended_at DESC, id DESC LIMIT $3"),
    };
    let jobs = jobs.bind(at).bind(id).bind(count);
    let jobs = filter.model.iter().fold(jobs, |jobs, model| jobs.bind(model.as_str()));
    let jobs = jobs.bind(filter.state.map(JobState::as_str));
    fetch(db, jobs).await
}

async fn fetch(db: &mut Connection, jobs: Statement<'_>) -> Result<Vec<Job>> {
    jobs.read_each(db, read).await
}
