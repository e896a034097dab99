//! Prometheus Alertmanager: it keeps alerts by their labels, merges and routes them itself.

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::alert::{Told, ToldAlert};
use serde_json::{Value, json};

use super::outgoing::{Line, Outgoing};
use super::outside::{Receiver, delivered};
use super::port::Channel;

/// An alert that is not said to be over stands there for so many days.
const STANDS_DAYS: f64 = 365.0;

/// Its API, version 2.
pub(super) struct Alertmanager {
    pub(super) to: Receiver,
    pub(super) token: Option<String>,
}

#[async_trait]
impl Channel for Alertmanager {
    async fn send(&self, message: &Outgoing) -> Result<(), String> {
        let mut alerts: Vec<Value> = message.body.items.iter().zip(&message.lines).filter_map(alert).collect();
        if alerts.is_empty() {
            alerts.push(trial(message));
        }
        let request = self.to.post().json(&alerts);
        delivered(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }
}

fn alert((told, line): (&Told, &Line)) -> Option<Value> {
    let Told::Alert(ToldAlert { cause, severity, raised_at, ended_at, .. }) = told else { return None };
    let mut labels =
        json!({ "alertname": cause.kind(), "severity": severity, "service": "refit", "cause": cause.key() });
    if let Some(model) = cause.model() {
        labels["model"] = json!(model);
    }
    Some(json!({
        "labels": labels,
        "annotations": { "summary": line.text },
        "startsAt": raised_at.utc(),
        "endsAt": ended_at.unwrap_or_else(|| raised_at.plus_days(STANDS_DAYS)).utc(),
    }))
}

/// What shows that the channel works, and is over a minute later.
fn trial(message: &Outgoing) -> Value {
    let now = Timestamp::now();
    json!({
        "labels": { "alertname": "refit_test", "severity": message.body.severity, "service": "refit" },
        "annotations": { "summary": message.subject },
        "startsAt": now.utc(),
        "endsAt": now.plus_seconds(60.0).utc(),
    })
}
