//! Searches for hyper-parameters, and what they try.

use chrono::NaiveDate;
use common::vocabulary::{Hyper, JobId, JobState, ModelKey, Snapshot, SplitPolicy, Timestamp};
use domain::search::{Ladder, SearchOutcome, SearchState, Space};
use serde::{Deserialize, Serialize};

use super::jobs::{self, Job, Purpose};
use super::{Connection, Result, Row, sql};

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    /// Its number; of one that is to be added, 0.
    pub(crate) id: i64,
    /// Whose hyper-parameters it is for.
    pub(crate) model: ModelKey,
    /// How it stands.
    pub(crate) state: SearchState,
    /// What was asked for.
    pub(crate) request: SearchRecord,
    /// The rows of all its trials, once they are frozen.
    pub(crate) snapshot: Option<Snapshot>,
    /// The rung that it is on, from 0.
    pub(crate) rung: usize,
    /// Since when.
    pub(crate) created_at: Timestamp,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// The job that trains what it found.
    pub(crate) challenger: Option<JobId>,
    /// What came of it.
    pub(crate) outcome: Option<SearchOutcome>,
}

/// What a search was asked for, as its row holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SearchRecord {
    /// How trials are thinned out.
    pub(crate) ladder: Ladder,
    /// What is searched.
    pub(crate) space: Space,
    /// Of the draws.
    pub(crate) seed: u64,
    /// The day whose end is its "now"; else that was when it was asked for.
    pub(crate) as_of: Option<NaiveDate>,
    /// Its "now": which rows there are.
    pub(crate) moment: Timestamp,
    /// How rows are parted.
    pub(crate) split: SplitPolicy,
    /// What is tried, at full length; the first is what the model has.
    pub(crate) drawn: Vec<Hyper>,
}

/// What is tried on a rung.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trial {
    /// Its search.
    pub(crate) search: i64,
    /// The rung, from 0.
    pub(crate) rung: usize,
    /// Its number, from 0.
    pub(crate) trial: u32,
    /// As it is tried on this rung.
    pub(crate) hyper: Hyper,
    /// The job that does it.
    pub(crate) job: JobId,
    /// How that stands.
    pub(crate) state: Option<JobState>,
    /// On validation rows; nothing where it was not measured, or not yet.
    pub(crate) loss: Option<f64>,
    /// What it took.
    pub(crate) seconds: Option<f64>,
}

impl Trial {
    /// Whether more may come of it.
    pub(crate) fn is_open(&self) -> bool {
        self.state.is_some_and(|state| !state.is_ended())
    }
}

/// Adds one, and gives its number. Nothing: one of its model is under way.
pub(crate) async fn insert(db: &mut Connection, search: &Search) -> Result<Option<i64>> {
    let row = sql("INSERT INTO searches (model, state, request, rung, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING id")
    .bind(search.model.as_str())
    .bind(search.state.to_string())
    .bind(serde_json::to_string(&search.request)?)
    .bind(search.rung as i64)
    .bind(search.created_at.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.int("id")).transpose()
}

/// Writes how one stands now, if it still stands as `before`. `false`: somebody was faster.
pub(crate) async fn save(db: &mut Connection, before: &Search, now: &Search) -> Result<bool> {
    let done =
        sql("UPDATE searches SET state = $2, snapshot = $3, rung = $4, ended_at = $5, challenger = $6, outcome = $7
         WHERE id = $1 AND state = $8 AND rung = $9")
        .bind(now.id)
        .bind(now.state.to_string())
        .bind(now.snapshot.as_ref().map(serde_json::to_string).transpose()?)
        .bind(now.rung as i64)
        .bind(now.ended_at.map(|at| at.0))
        .bind(now.challenger)
        .bind(now.outcome.as_ref().map(serde_json::to_string).transpose()?)
        .bind(before.state.to_string())
        .bind(before.rung as i64);
    Ok(done.execute(db).await? == 1)
}

/// One search.
pub(crate) async fn get(db: &mut Connection, id: i64) -> Result<Option<Search>> {
    let row = sql("SELECT * FROM searches WHERE id = $1").bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The search of a model that is under way.
pub(crate) async fn open_of(db: &mut Connection, model: &ModelKey) -> Result<Option<Search>> {
    let row = sql("SELECT * FROM searches WHERE model = $1 AND state IN ('running', 'challenging')")
        .bind(model.as_str())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The search whose find a job trains, while it is challenging.
pub(crate) async fn of_challenger(db: &mut Connection, job: JobId) -> Result<Option<Search>> {
    let row = sql("SELECT * FROM searches WHERE challenger = $1 AND state = 'challenging'")
        .bind(job)
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Cancelled searches with trials that may have to be cancelled, too.
pub(crate) async fn cancelling(db: &mut Connection) -> Result<Vec<i64>> {
    sql("SELECT id FROM searches WHERE cancelling <> 0 ORDER BY id").read_each(db, |row| row.int("id")).await
}

/// Whether trials of a search may have to be cancelled.
pub(crate) async fn set_cancelling(db: &mut Connection, id: i64, cancelling: bool) -> Result<()> {
    sql("UPDATE searches SET cancelling = $2 WHERE id = $1").bind(id).bind(cancelling).execute(db).await?;
    Ok(())
}

/// Searches that are under way, oldest first.
pub(crate) async fn open(db: &mut Connection) -> Result<Vec<Search>> {
    sql("SELECT * FROM searches WHERE state IN ('running', 'challenging') ORDER BY id").read_each(db, read).await
}

/// The rows of searches that are under way, or have ended since and may be gone on with.
pub(crate) async fn snapshots(db: &mut Connection, since: Timestamp) -> Result<Vec<Snapshot>> {
    let all: Vec<Option<Snapshot>> = sql("SELECT snapshot FROM searches WHERE ended_at IS NULL OR ended_at >= $1")
        .bind(since.0)
        .read_each(db, |row| row.opt_json("snapshot"))
        .await?;
    Ok(all.into_iter().flatten().collect())
}

/// Adds what is tried on a rung. `false`: somebody else has begun it.
pub(crate) async fn add_trials(db: &mut Connection, trials: &[Trial]) -> Result<bool> {
    let mut added = 0;
    for one in trials {
        added += sql("INSERT INTO search_trials (search, rung, trial, hyper, job) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING")
        .bind(one.search)
        .bind(one.rung as i64)
        .bind(one.trial)
        .bind(serde_json::to_string(&one.hyper)?)
        .bind(one.job)
        .execute(&mut *db)
        .await?;
    }
    Ok(added == trials.len() as u64)
}

/// Trials that were not measured are done by other jobs. `false`: one of them was measured meanwhile.
pub(crate) async fn try_again(db: &mut Connection, trials: &[Trial]) -> Result<bool> {
    let mut changed = 0;
    for one in trials {
        changed +=
            sql("UPDATE search_trials SET job = $4 WHERE search = $1 AND rung = $2 AND trial = $3 AND loss IS NULL")
                .bind(one.search)
                .bind(one.rung as i64)
                .bind(one.trial)
                .bind(one.job)
                .execute(&mut *db)
                .await?;
    }
    Ok(changed == trials.len() as u64)
}

/// All trials of a search, by rung and number.
pub(crate) async fn trials(db: &mut Connection, search: i64) -> Result<Vec<Trial>> {
    sql("SELECT t.*, j.state FROM search_trials t LEFT JOIN jobs j ON j.id = t.job
         WHERE t.search = $1 ORDER BY t.rung, t.trial")
    .bind(search)
    .read_each(db, |row| {
        Ok(Trial {
            search: row.int("search")?,
            rung: row.count("rung")? as usize,
            trial: row.small("trial")?,
            hyper: row.json("hyper")?,
            job: row.id("job")?,
            state: row.opt_parsed("state")?,
            loss: row.opt_real("loss")?,
            seconds: row.opt_real("seconds")?,
        })
    })
    .await
}

/// What a trial was measured at.
pub(crate) async fn measured(db: &mut Connection, job: JobId, loss: f64, seconds: f64) -> Result<()> {
    sql("UPDATE search_trials SET loss = $2, seconds = $3 WHERE job = $1")
        .bind(job)
        .bind(loss)
        .bind(seconds)
        .execute(db)
        .await?;
    Ok(())
}

/// A training of what a search has found that was asked for since, and has not come to nothing.
pub(crate) async fn training_of(db: &mut Connection, search: &Search, found: &Hyper) -> Result<Option<Job>> {
    let all = sql("SELECT * FROM jobs WHERE model = $1 AND kind = 'train' AND enqueued_at >= $2
         AND state NOT IN ('failed', 'cancelled') ORDER BY enqueued_at")
    .bind(search.model.as_str())
    .bind(search.created_at.0)
    .read_each(db, jobs::read)
    .await?;
    let is_it = |job: &Job| {
        job.request.as_ref().is_some_and(|request| request.purpose == Purpose::Found && request.hyper == *found)
    };
    Ok(all.into_iter().find(is_it))
}

pub(crate) fn read(row: &Row) -> Result<Search> {
    Ok(Search {
        id: row.int("id")?,
        model: row.parsed("model")?,
        state: row.parsed("state")?,
        request: row.json("request")?,
        snapshot: row.opt_json("snapshot")?,
        rung: row.count("rung")? as usize,
        created_at: row.time("created_at")?,
        ended_at: row.opt_time("ended_at")?,
        challenger: row.opt_id("challenger")?,
        outcome: row.opt_json("outcome")?,
    })
}
