//! Alerts as they are shown.

use common::vocabulary::Timestamp;

use crate::db::alerts::{Alert, silences::Asked};
use crate::views::{AlertState, AlertView, PauseView, ToldView};

/// An alert, with the silences there are.
pub(crate) fn alert(alert: Alert, silences: &[Asked], now: Timestamp) -> AlertView {
    let state = match (alert.ended_at, &alert.acknowledged) {
        (Some(_), _) => AlertState::Resolved,
        (None, Some(_)) => AlertState::Acknowledged,
        (None, None) => AlertState::Open,
    };
    let covering = silences.iter().map(|asked| &asked.silence).filter(|silence| silence.covers(&alert.cause, now));
    AlertView {
        id: alert.id,
        state,
        severity: alert.severity,
        kind: alert.cause.kind(),
        model: alert.cause.model().map(ToString::to_string),
        what: ToldView::of(&alert.cause),
        raised_at: alert.raised_at.utc(),
        ended_at: alert.ended_at.map(Timestamp::utc),
        acknowledged: alert.acknowledged.map(|(since, reason)| PauseView { since: since.utc(), reason }),
        silenced_until: covering.map(|silence| silence.until).max().map(Timestamp::utc),
    }
}
