//! What must always hold, asked of all rows at once: one statement an invariant, whose answer is what breaks it.

use common::vocabulary::{AttemptId, JobId, ModelKey, Timestamp, VersionNumber};
use domain::invariant::Invariant;

use super::{Connection, Result, sql};

/// Rows that one check names at most.
const MOST: i64 = 100;

/// What a statement names.
#[derive(Clone, Copy)]
enum Subject {
    Job,
    Model,
}

/// The statement whose answer breaks an invariant; `None` for those that rows alone cannot tell. `$1` is how many are wanted,
/// `$2` the length of a lease in seconds.
fn breach(invariant: Invariant) -> Option<(Subject, &'static str)> {
    Some(match invariant {
        Invariant::OneOutcome => (
            Subject::Job,
            "SELECT id AS subject FROM jobs j
             WHERE (state IN ('completed', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)
                 OR (state = 'failed') <> (failure IS NOT NULL)
                 OR (state = 'completed' AND kind = 'train' AND reproduces IS NULL
                     AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.job = j.id))
             LIMIT $1",
        ),
        Invariant::RecordedOnce => (
            Subject::Job,
            "SELECT v.job AS subject FROM versions v JOIN jobs j ON j.id = v.job
             WHERE j.kind <> 'train' OR j.state NOT IN ('judging', 'completed')
             UNION SELECT job FROM versions GROUP BY job HAVING count(*) > 1
             UNION SELECT job FROM attempts WHERE outcome = 'result' GROUP BY job HAVING count(*) > 1
             LIMIT $1",
        ),
        Invariant::PublishedOnce => (
            Subject::Model,
            "SELECT model AS subject FROM ledger WHERE job IS NOT NULL GROUP BY model, job HAVING count(*) > 1
             UNION SELECT model FROM ledger WHERE job IS NOT NULL GROUP BY model, major, minor HAVING count(*) > 1
             LIMIT $1",
        ),
        Invariant::LiveSeqGrows => (
            Subject::Model,
            "SELECT m.key AS subject FROM models m
             LEFT JOIN (SELECT model, max(live_seq) AS newest, count(*) AS entries FROM ledger GROUP BY model) l ON l.model = m.key
             WHERE m.live_seq <> coalesce(l.newest, 0) OR m.live_seq <> coalesce(l.entries, 0)
             LIMIT $1",
        ),
        Invariant::OneLive => (
            Subject::Model,
            "SELECT m.key AS subject FROM models m WHERE m.live_seq > 0
                 AND (NOT EXISTS (SELECT 1 FROM ledger l WHERE l.model = m.key AND l.live_seq = m.live_seq
                         AND l.major = m.live_major AND l.minor = m.live_minor)
                     OR NOT EXISTS (SELECT 1 FROM versions v WHERE v.model = m.key AND v.status = 'live'
                         AND v.major = m.live_major AND v.minor = m.live_minor))
             UNION SELECT model FROM versions WHERE status = 'live' GROUP BY model HAVING count(*) > 1
             LIMIT $1",
        ),
        Invariant::OneTraining => (
            Subject::Model,
            "SELECT model AS subject FROM jobs WHERE kind = 'train' AND reproduces IS NULL
                 AND state IN ('queued', 'dispatched', 'running', 'judging')
             GROUP BY model HAVING count(*) > 1 LIMIT $1",
        ),
        Invariant::OneHolder => (
            Subject::Job,
            "SELECT id AS subject FROM jobs
             WHERE (state = 'running' AND (attempt IS NULL OR claim IS NULL OR worker IS NULL OR started_at IS NULL))
                 OR (state <> 'running' AND (claim IS NOT NULL OR worker IS NOT NULL))
             LIMIT $1",
        ),
        Invariant::NothingLeft => (
            Subject::Job,
            "SELECT id AS subject FROM jobs WHERE attempt IS NOT NULL AND state IN ('completed', 'failed', 'cancelled')
             UNION SELECT a.job FROM attempts a JOIN jobs j ON j.attempt = a.id
             WHERE j.id <> a.job OR j.state IN ('dispatched', 'running')
             LIMIT $1",
        ),
        Invariant::LeaseKept => {
            (Subject::Job, "SELECT job AS subject FROM attempts WHERE outcome = 'lost' AND silence < $2 LIMIT $1")
        }
        Invariant::FinishedKept | Invariant::SeenRowsUnscored | Invariant::ArtifactWhole => return None,
    })
}

/// Jobs and models that break an invariant, as far as rows tell; at most a hundred.
pub(crate) async fn broken(db: &mut Connection, invariant: Invariant, lease: f64) -> Result<Vec<String>> {
    let Some((subject, text)) = breach(invariant) else { return Ok(Vec::new()) };
    let mut statement = sql(text).bind(MOST);
    if text.contains("$2") {
        statement = statement.bind(lease);
    }
    let rows = statement.fetch_all(db).await?;
    rows.iter()
        .map(|row| match subject {
            Subject::Job => {
                let job: JobId = row.id("subject")?;
                Ok(format!("job {job}"))
            }
            Subject::Model => Ok(format!("model {}", row.text("subject")?)),
        })
        .collect()
}

/// Attempts that were claimed, ended lately without a result, and are not waiting to be settled: their seals cannot be results.
pub(crate) async fn given_up(db: &mut Connection, since: Timestamp) -> Result<Vec<(JobId, AttemptId)>> {
    let rows = sql("SELECT a.job, a.id FROM attempts a JOIN jobs j ON j.id = a.job
         WHERE a.ended_at >= $1 AND a.claim IS NOT NULL AND a.outcome NOT IN ('result', 'unusable', 'declined')
             AND j.kind IN ('train', 'evaluate') AND (j.attempt IS NULL OR j.attempt <> a.id)
         ORDER BY a.ended_at DESC LIMIT $2")
    .bind(since.0)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.id("job")?, row.id("id")?))).collect()
}

/// The live version whose model's name follows.
pub(crate) async fn next_live(db: &mut Connection, after: &str) -> Result<Option<(ModelKey, VersionNumber)>> {
    let row =
        sql("SELECT key, live_major, live_minor FROM models WHERE live_seq > 0 AND key > $1 ORDER BY key LIMIT 1")
            .bind(after)
            .fetch_optional(db)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let (model, number) = (row.parsed("key")?, row.version("live_major", "live_minor")?);
    Ok(number.map(|number| (model, number)))
}
