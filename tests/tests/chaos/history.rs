//! The rows at the end, and the figures that follow from them.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

use crate::arena::Arena;
use crate::outages::Outages;
use crate::weather::Weather;

const ROWS: &str = "SELECT json_build_object(
    'jobs', (SELECT coalesce(json_agg(json_build_object('id', encode(id, 'hex'), 'kind', kind, 'state', state, 'why', why, 'key', order_key)), '[]') FROM jobs),
    'attempts', (SELECT coalesce(json_agg(json_build_object('id', encode(id, 'hex'), 'job', encode(job, 'hex'),
            'worker', encode(worker, 'hex'), 'dispatched', dispatched_at, 'started', started_at, 'ended', ended_at, 'outcome', outcome, 'message', message,
            'silence', silence)
            ORDER BY dispatched_at), '[]') FROM attempts),
    'versions', (SELECT coalesce(json_agg(json_build_object('job', encode(job, 'hex'), 'attempt', encode(attempt, 'hex'),
            'prefix', prefix, 'manifest', manifest_hash)), '[]') FROM versions),
    'published', (SELECT coalesce(json_agg(job), '[]') FROM (SELECT encode(job, 'hex') AS job FROM ledger WHERE job IS NOT NULL
            GROUP BY job HAVING count(*) > 1) twice)
    )::text AS rows";

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    kind: String,
    pub(crate) state: String,
    pub(crate) why: String,
    /// Its place in the line: lower goes first.
    key: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) id: Uuid,
    pub(crate) job: Uuid,
    pub(crate) worker: Option<Uuid>,
    dispatched: i64,
    started: Option<i64>,
    ended: Option<i64>,
    pub(crate) outcome: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) silence: Option<f64>,
}

impl Attempt {
    /// When it ended.
    pub(crate) fn ended_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.ended?)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Version {
    pub(crate) job: Uuid,
    pub(crate) attempt: Uuid,
    pub(crate) prefix: String,
    pub(crate) manifest: String,
}

/// All of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct History {
    pub(crate) jobs: Vec<Job>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) versions: Vec<Version>,
    /// Jobs that moved a live pointer more than once.
    pub(crate) published: Vec<Uuid>,
}

/// From the end of an attempt, or from its job's turn in the line after that, to the start of the next.
#[derive(Debug, Clone)]
pub(crate) struct Resumed {
    pub(crate) seconds: f64,
    /// How faults came.
    pub(crate) weather: Weather,
    /// Of them, those in which nothing was broken that every job needs.
    pub(crate) whole: f64,
    /// Of which job, how the attempt had ended, and when the next ones left the backlog.
    pub(crate) what: String,
}

/// What rescues cost.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) resumed: Vec<Resumed>,
    /// Seconds of all attempts.
    pub(crate) worked: f64,
    /// Seconds of those that led to no result.
    pub(crate) wasted: f64,
}

impl History {
    pub(crate) fn read(arena: &Arena) -> Self {
        arena.runtime.block_on(async {
            let mut db = PgConnection::connect(&arena.database()).await.expect("PostgreSQL is up");
            let text: String = sqlx::query(ROWS).fetch_one(&mut db).await.expect("the rows").get("rows");
            serde_json::from_str(&text).expect("rows as they were asked for")
        })
    }

    /// Jobs that have not ended.
    pub(crate) fn unfinished(&self) -> Vec<&Job> {
        self.jobs.iter().filter(|job| !["completed", "failed", "cancelled"].contains(&job.state.as_str())).collect()
    }

    /// The attempts at trainings: those whose result is a version.
    pub(crate) fn of_trainings(&self) -> HashSet<Uuid> {
        let trainings: HashSet<Uuid> = self.jobs.iter().filter(|job| job.kind == "train").map(|job| job.id).collect();
        self.attempts.iter().filter(|attempt| trainings.contains(&attempt.job)).map(|attempt| attempt.id).collect()
    }

    /// What rescues cost. An attempt whose worker was killed ended then, not when its lease was over. A job that waits for others which go
    /// before it in the line is not waited for.
    pub(crate) fn figures(&self, deaths: &HashMap<Uuid, i64>, outages: &Outages, weather: Weather) -> Figures {
        let keys: HashMap<Uuid, f64> = self.jobs.iter().map(|job| (job.id, job.key)).collect();
        let turn = |since: i64, attempt: &Attempt| {
            let goes_before = |other: &&Attempt| keys.get(&other.job) < keys.get(&attempt.job);
            let before = self.attempts.iter().filter(goes_before).map(|other| other.dispatched);
            before.filter(|at| (since..attempt.dispatched).contains(at)).max().unwrap_or(since)
        };
        let mut figures = Figures::default();
        let mut broken: HashMap<Uuid, (i64, String)> = HashMap::new();
        for attempt in &self.attempts {
            if let Some((since, what)) = broken.get_mut(&attempt.job) {
                let after = (attempt.dispatched - *since) as f64 / 1e6;
                let others =
                    self.attempts.iter().filter(|other| (*since..attempt.dispatched).contains(&other.dispatched));
                let _never_fails = write!(what, "; dispatched after {after:.1} s and {} others", others.count());
            }
            let (Some(started), Some(ended)) = (attempt.started, attempt.ended) else { continue };
            let death = attempt.worker.and_then(|worker| deaths.get(&worker)).filter(|death| **death >= started);
            let ended = death.map_or(ended, |death| ended.min(*death));
            let seconds = |from: i64, to: i64| (to - from).max(0) as f64 / 1e6;
            if let Some((since, what)) = broken.remove(&attempt.job) {
                let since = turn(since, attempt);
                let whole = outages.whole_seconds(since, started);
                figures.resumed.push(Resumed { seconds: seconds(since, started), weather, whole, what });
            }
            figures.worked += seconds(started, ended);
            if attempt.outcome.as_deref() != Some("result") {
                figures.wasted += seconds(started, ended);
                let (job, outcome) = (attempt.job, attempt.outcome.as_deref().unwrap_or_default());
                let what = format!("job {job}, {outcome}: {}", attempt.message.as_deref().unwrap_or_default());
                broken.insert(job, (ended, what));
            }
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times in seconds; it starts a second after it was handed out.
    fn attempt(job: u128, dispatched: i64, ended: Option<(i64, &str)>) -> Attempt {
        let second = |second: i64| second * 1_000_000;
        Attempt {
            id: Uuid::from_u128(100 + dispatched as u128),
            job: Uuid::from_u128(job),
            worker: None,
            dispatched: second(dispatched),
            started: Some(second(dispatched + 1)),
            ended: ended.map(|(at, _)| second(at)),
            outcome: ended.map(|(_, outcome)| outcome.into()),
            message: None,
            silence: None,
        }
    }

    #[test]
    fn a_job_is_not_waited_for_while_others_go_before_it() {
        let job = |id, key| Job {
            id: Uuid::from_u128(id),
            kind: "train".into(),
            state: "completed".into(),
            why: String::new(),
            key,
        };
        let history = History {
            jobs: vec![job(1, 1.0), job(2, 2.0), job(3, 3.0)],
            attempts: vec![
                attempt(2, 0, Some((10, "lost"))),
                attempt(1, 30, Some((32, "result"))),
                attempt(3, 35, Some((37, "result"))),
                attempt(2, 40, Some((50, "result"))),
            ],
            versions: Vec::new(),
            published: Vec::new(),
        };
        let figures = history.figures(&HashMap::new(), &Outages::default(), Weather::Storm);
        let resumed: Vec<f64> = figures.resumed.iter().map(|resumed| resumed.seconds).collect();
        assert_eq!(resumed, [11.0], "from 30, when the better one went, to 41; the worse one should have waited");
        assert_eq!((figures.worked, figures.wasted), (9.0 + 1.0 + 1.0 + 9.0, 9.0));
    }
}
