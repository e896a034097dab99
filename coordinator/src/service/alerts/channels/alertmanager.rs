//! Prometheus Alertmanager: it keeps alerts by their labels, merges and routes them itself.

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::alert::{Severity, Told, ToldAlert};
use serde_json::{Value, json};

use super::outgoing::{Line, Outgoing};
use super::outside::{Receiver, delivered};
use super::port::Channel;

/// An alert that is not told again is over after so many seconds there: it is told every five minutes while it stands.
const STANDS: f64 = 1800.0;

/// Its API, version 2.
pub(super) struct Alertmanager {
    pub(super) to: Receiver,
    pub(super) token: Option<String>,
}

#[async_trait]
impl Channel for Alertmanager {
    async fn send(&self, message: &Outgoing) -> Result<(), String> {
        let mut alerts: Vec<Value> = message.body.items.iter().zip(&message.lines).flat_map(alert).collect();
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

/// An alert, and the ends of what it was while it was less severe: with another label it is another alert there.
fn alert((told, line): (&Told, &Line)) -> Vec<Value> {
    let Told::Alert(alert) = told else { return Vec::new() };
    let now = Timestamp::now();
    let lower = alert.severity.lower().iter().map(|severity| (*severity, Some(now)));
    let all = lower.chain([(alert.severity, alert.ended_at)]);
    all.map(|(severity, ended_at)| as_it_stands(alert, severity, ended_at, now, line)).collect()
}

fn as_it_stands(
    alert: &ToldAlert,
    severity: Severity,
    ended_at: Option<Timestamp>,
    now: Timestamp,
    line: &Line,
) -> Value {
    let ToldAlert { cause, raised_at, .. } = alert;
    let mut labels =
        json!({ "alertname": cause.kind(), "severity": severity, "service": "refit", "cause": cause.key() });
    if let Some(model) = cause.model() {
        labels["model"] = json!(model);
    }
    json!({
        "labels": labels,
        "annotations": { "summary": line.text },
        "startsAt": raised_at.utc(),
        "endsAt": ended_at.unwrap_or_else(|| now.plus_seconds(STANDS)).utc(),
    })
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
