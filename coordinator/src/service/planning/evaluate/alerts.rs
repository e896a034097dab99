//! What decisions find wrong with models stands as alerts from then on, in the same transaction.

use std::collections::HashMap;

use common::settings::Settings;
use common::vocabulary::{ModelKey, Timestamp};
use domain::alert::{Change, OF_DECISIONS, OpenAlert, of_model, reconcile};
use domain::decide::Decision;

use crate::db::{self, Connection, Scope};
use crate::service::facts::ModelFacts;

/// Alerts of decisions that stand open, by model: read once, however many models are decided on.
#[derive(Debug, Default)]
pub(super) struct OpenAlerts(HashMap<ModelKey, Vec<OpenAlert>>);

impl OpenAlerts {
    /// Those about these models.
    pub(super) async fn read(view: &mut Connection, of: Scope<'_, ModelKey>) -> db::Result<Self> {
        let mut open: HashMap<ModelKey, Vec<OpenAlert>> = HashMap::new();
        for alert in db::alerts::open_of_models(view, of).await? {
            if let Some(model) = alert.cause.model().filter(|_| OF_DECISIONS.contains(&alert.cause.kind())) {
                open.entry(model.clone()).or_default().push(alert.into());
            }
        }
        Ok(Self(open))
    }

    /// What becomes of them by a decision for `now`.
    pub(super) fn changes(
        &mut self,
        ModelFacts { model, facts, policy, .. }: &ModelFacts,
        decision: &Decision,
        settings: &Settings,
        now: Timestamp,
    ) -> Vec<Change> {
        let found = of_model(&model.key, facts, decision, policy, now);
        let open = self.0.remove(&model.key).unwrap_or_default();
        reconcile(open, found, settings.alerts.escalate_after.as_secs_f64(), Timestamp::now())
    }
}
