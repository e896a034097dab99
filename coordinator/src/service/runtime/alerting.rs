//! What somebody should know, told at once: in the log of this process, to telemetry, and to whoever listens. Channels are told later,
//! from the rows.

use common::telemetry;
use common::telemetry::table::{attribute, metric};
use domain::alert::Severity;

use super::Core;
use crate::db::alerts::{Alert, news::Kind};
use crate::views::{AlertEvent, Event};
use crate::wording;

/// Tells what has happened to alerts, once it is in the rows.
pub(crate) fn tell(core: &Core, news: &[(Kind, Alert)]) {
    for (kind, alert) in news {
        log(*kind, alert);
        if *kind == Kind::Raised {
            metric::ALERTS.add(1, &[(&attribute::ALERT, <&str>::from(alert.cause.kind()))]);
        }
        core.events.send(|| Event::Alert(AlertEvent::of(*kind, alert)));
    }
}

/// The level is for those who filter by it; the severity for those who look for alerts.
fn log(state: Kind, alert: &Alert) {
    let (id, kind, severity, text) = (alert.id, alert.cause.kind(), alert.severity, wording::text(&alert.cause));
    let model = alert.cause.model().map(tracing::field::display);
    match (state, severity) {
        (Kind::Resolved | Kind::Trained, _) | (_, Severity::Info) => {
            tracing::info!(target: telemetry::ALERTS, alert = id, %state, %kind, %severity, model, "{text}");
        }
        (Kind::Raised | Kind::Escalated, Severity::Warning) => {
            tracing::warn!(target: telemetry::ALERTS, alert = id, %state, %kind, %severity, model, "{text}");
        }
        (Kind::Raised | Kind::Escalated, Severity::Critical) => {
            tracing::error!(target: telemetry::ALERTS, alert = id, %state, %kind, %severity, model, "{text}");
        }
    }
}
