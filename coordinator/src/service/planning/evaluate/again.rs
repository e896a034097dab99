//! Versions that are scored again: because the champion moved, or because rows have come that can decide what was left open.

use std::collections::HashMap;

use common::vocabulary::{JobId, JobKind, ModelKey, Timestamp, VersionNumber};
use domain::transition::Lifecycle;
use newtype_uuid::GenericUuid;
use uuid::Uuid;

use crate::db::{
    self, Connection, Scope,
    jobs::{Job, Purpose, Request},
};
use crate::service::error::Result;
use crate::service::facts::ModelFacts;
use crate::service::runtime::Core;

/// Puts an `evaluate` job into the backlog, after the training that led to the version: it is scored beside those who are live then.
pub(crate) async fn score_again(
    tx: &mut Connection,
    training: &Job,
    challenger: VersionNumber,
    purpose: Purpose,
) -> db::Result<JobId> {
    let request = training.request.clone();
    let again = Job {
        id: JobId::from_untyped_uuid(Uuid::now_v7()),
        kind: JobKind::Evaluate,
        lifecycle: Lifecycle::new(true, training.lifecycle.batch_size),
        enqueued_at: Timestamp::now(),
        spec: None,
        stand_in: None,
        started_at: None,
        ended_at: None,
        reason: None,
        curve: Vec::new(),
        freed_after: None,
        comparison: None,
        request: request.map(|request| Request { challenger: Some(challenger), purpose, ..request }),
        // The same story goes on.
        trace: training.trace,
        ..training.clone()
    };
    db::jobs::insert(tx, &[&again]).await?;
    Ok(again.id)
}

/// Versions that wait for more rows.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    of: HashMap<ModelKey, Vec<db::facts::Waiting>>,
    /// Those for which enough have come, and how many.
    due: Vec<(db::facts::Waiting, u64)>,
}

impl Waiting {
    /// Those of these models.
    pub(super) async fn read(view: &mut Connection, of: Scope<'_, ModelKey>) -> Result<Self> {
        let mut waiting = Self::default();
        for version in db::facts::waiting(view, of).await? {
            waiting.of.entry(version.model.clone()).or_default().push(version);
        }
        Ok(waiting)
    }

    /// Those of more models.
    pub(super) fn join(&mut self, others: Self) {
        self.of.extend(others.of);
        self.due.extend(others.due);
    }

    /// Notes those of a model for which as many rows have come as ask for a training.
    pub(super) fn look(&mut self, known: &ModelFacts) {
        for version in self.of.remove(&known.model.key).unwrap_or_default() {
            let new_rows = known.facts.rows.saturating_sub(version.rows);
            if new_rows >= u64::from(known.policy.min_new_samples) {
                self.due.push((version, new_rows));
            }
        }
    }

    /// Has them scored again.
    pub(super) async fn score_again(self, core: &Core, now: Timestamp) -> Result<()> {
        for (version, new_rows) in self.due {
            let mut tx = core.db.begin().await?;
            let Some(training) = db::jobs::get(&mut tx, version.job).await? else { continue };
            let training = Job { as_of: now, ..training };
            let job = score_again(&mut tx, &training, version.version, Purpose::MoreRows).await?;
            tx.commit().await.map_err(db::Error::from)?;
            tracing::info!(model = %version.model, version = %version.version, %job, new_rows, "scored again");
            core.front_changed.notify_one();
        }
        Ok(())
    }
}
