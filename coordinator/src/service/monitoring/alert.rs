//! What somebody should know.

use common::telemetry::table::{attribute, metric};
use domain::monitor::Alert;

use crate::service::runtime::Core;
use crate::views::Event;
use crate::wording;

/// Tells it: in the log of the process, to telemetry, and to whoever listens.
pub(super) fn raise(core: &Core, alert: &Alert) {
    let kind = alert.as_str();
    tracing::warn!(model = %alert.model(), kind, "{}", wording::text(alert));
    metric::ALERTS.add(1, &[(&attribute::ALERT, kind)]);
    core.events.send(|| Event::from(alert));
}
