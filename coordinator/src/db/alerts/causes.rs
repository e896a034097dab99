//! What the rows say is wrong.

use common::vocabulary::Timestamp;
use domain::alert::AlertCause;
use domain::job_reason::JobReason;
use domain::ledger::LedgerReason;

use super::super::schedule_runs::{self, Run};
use super::super::{Connection, Result, sql};
use crate::wording::{StoredMessage as _, text};

/// Models with so many trainings that failed since a moment, one after the other.
pub(crate) async fn trainings_that_fail(
    db: &mut Connection,
    since: Timestamp,
    failures: u32,
) -> Result<Vec<AlertCause>> {
    sql("SELECT f.model, f.failures, (SELECT l.why FROM jobs l WHERE l.model = f.model AND l.kind = 'train'
             AND l.state = 'failed' ORDER BY l.enqueued_at DESC LIMIT 1) AS why
         FROM (SELECT j.model, count(*) AS failures FROM jobs j
               WHERE j.state = 'failed' AND j.ended_at >= $1 AND j.kind = 'train' AND j.reproduces IS NULL
                 AND NOT EXISTS (SELECT 1 FROM jobs c WHERE c.model = j.model AND c.enqueued_at >= j.enqueued_at
                                 AND c.kind = 'train' AND c.state = 'completed')
               GROUP BY j.model HAVING count(*) >= $2) f
         ORDER BY f.model")
    .bind(since.0)
    .bind(failures)
    .read_each(db, |row| {
        let message = text(&JobReason::read(row.text("why")?));
        Ok(AlertCause::TrainingsFail { model: row.parsed("model")?, failures: row.count("failures")?, message })
    })
    .await
}

/// Models whose live version is live by a rollback that nobody asked for, since a moment.
pub(crate) async fn rolled_back(db: &mut Connection, since: Timestamp) -> Result<Vec<AlertCause>> {
    let all = sql("SELECT l.model, l.major, l.minor, l.reason FROM ledger l
         JOIN models m ON m.key = l.model AND m.live_seq = l.live_seq
         WHERE l.kind = 'taken_back' AND l.at >= $1 ORDER BY l.model")
    .bind(since.0)
    .read_each(db, |row| match LedgerReason::read(row.text("reason")?) {
        LedgerReason::DoesWorse(reason) => {
            Ok(Some(AlertCause::RolledBack { model: row.parsed("model")?, to: row.number()?, reason }))
        }
        LedgerReason::Judged { .. }
        | LedgerReason::ByHand
        | LedgerReason::Said { .. }
        | LedgerReason::Restored { .. }
        | LedgerReason::Recorded { .. } => Ok(None),
    })
    .await?;
    Ok(all.into_iter().flatten().collect())
}

/// The last run of each schedule that is not paused, if it failed or was missed.
pub(crate) async fn last_runs_amiss(db: &mut Connection) -> Result<Vec<Run>> {
    sql("SELECT r.*, s.name FROM training_schedules s JOIN schedule_runs r ON r.id =
             (SELECT x.id FROM schedule_runs x WHERE x.schedule = s.id AND x.ended_at IS NOT NULL ORDER BY x.due DESC LIMIT 1)
         WHERE s.paused_at IS NULL AND r.state IN ('failed', 'skipped') ORDER BY s.name")
    .read_each(db, schedule_runs::read)
    .await
}
