//! What decisions find wrong with models stands as alerts from then on, in the same transaction.

use common::vocabulary::{ModelKey, Timestamp};
use domain::alert::{OF_DECISIONS, OpenAlert, reconcile};

use super::EvaluationEntry;
use crate::db::{
    self, Connection,
    alerts::{Alert, news::Kind},
};

/// Raises what is new, and resolves what is gone; an alert that nobody acknowledges grows more severe after so many seconds.
pub(super) async fn follow(
    tx: &mut Connection,
    entries: &mut [EvaluationEntry],
    escalate_after: f64,
) -> db::Result<Vec<(Kind, Alert)>> {
    let models: Vec<ModelKey> = entries.iter().map(|entry| entry.model.clone()).collect();
    let open = db::alerts::open_of_models(tx, &models, &OF_DECISIONS).await?;
    let found: Vec<_> = entries.iter_mut().flat_map(|entry| std::mem::take(&mut entry.causes)).collect();
    let now = Timestamp::now();
    let open: Vec<OpenAlert> = open.into_iter().map(OpenAlert::from).collect();
    db::alerts::write(tx, reconcile(open, found, escalate_after, now), now).await
}
