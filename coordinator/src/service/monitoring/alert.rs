//! What somebody should know.

use common::telemetry::table::{attribute, metric};
use common::vocabulary::ModelKey;

use crate::service::runtime::Core;
use crate::views::Event;

/// Something that somebody should know.
pub(super) struct Alert {
    pub(super) kind: &'static str,
    pub(super) model: ModelKey,
    pub(super) text: String,
}

/// Tells it: in the log of the process, to telemetry, and to whoever listens.
pub(super) fn raise(core: &Core, alert: &Alert) {
    let Alert { kind, model, text } = alert;
    tracing::warn!(%model, kind, "{text}");
    metric::ALERTS.add(1, &[(&attribute::ALERT, *kind)]);
    core.events.tell(|| Event::Alert { model: model.to_string(), kind: (*kind).into(), text: text.clone() });
}
