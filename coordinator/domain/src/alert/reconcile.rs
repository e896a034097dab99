//! What stands open meets what has been found: causes begin, grow worse with their numbers or with time, and end.

use std::collections::{HashMap, HashSet};

use common::vocabulary::Timestamp;

use super::{AlertCause, Severity};

/// Numbers of a cause that goes on are written anew after so many seconds: nobody reads them more often.
const REFRESH: f64 = 6.0 * 3600.0;

/// An alert that stands open.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAlert {
    /// Its number.
    pub id: i64,
    /// What it is about, as it was seen last.
    pub cause: AlertCause,
    /// How soon somebody should look, as was said last.
    pub severity: Severity,
    /// Since when.
    pub raised_at: Timestamp,
    /// When it was last said to be worse, or raised.
    pub escalated_at: Timestamp,
    /// When its numbers were taken.
    pub seen_at: Timestamp,
    /// Somebody has said that they know.
    pub acknowledged: bool,
}

/// What becomes of an alert.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A cause has begun.
    Raise(AlertCause),
    /// It goes on with other numbers, which nobody is told.
    Refresh {
        /// The alert.
        id: i64,
        /// Its cause as it is now.
        cause: AlertCause,
        /// How soon somebody should look.
        severity: Severity,
    },
    /// It is worse, or nobody has looked for so long that it is.
    Escalate {
        /// The alert.
        id: i64,
        /// Its cause as it is now.
        cause: AlertCause,
        /// How soon somebody should look.
        severity: Severity,
    },
    /// Its cause is gone.
    Resolve {
        /// The alert.
        id: i64,
        /// Its cause as it was.
        cause: AlertCause,
    },
}

/// What becomes of the alerts that stand open, and of the causes found, when all that is found is all there is. An alert that nobody
/// has acknowledged grows more severe every `escalate_after` seconds; never, if that is 0.
pub fn reconcile(open: Vec<OpenAlert>, found: Vec<AlertCause>, escalate_after: f64, now: Timestamp) -> Vec<Change> {
    let mut order = Vec::with_capacity(found.len());
    let mut by_key = HashMap::with_capacity(found.len());
    for cause in found {
        let key = cause.key();
        if by_key.insert(key.clone(), cause).is_none() {
            order.push(key);
        }
    }
    let mut changes = Vec::new();
    let mut known = HashSet::new();
    for alert in open {
        let key = alert.cause.key();
        match by_key.remove(&key) {
            None => changes.push(Change::Resolve { id: alert.id, cause: alert.cause }),
            Some(cause) => changes.extend(goes_on(alert, cause, escalate_after, now)),
        }
        known.insert(key);
    }
    changes.extend(order.into_iter().filter_map(|key| by_key.remove(&key)).map(Change::Raise));
    changes
}

fn goes_on(alert: OpenAlert, cause: AlertCause, escalate_after: f64, now: Timestamp) -> Option<Change> {
    let OpenAlert { id, severity: said, .. } = alert;
    let unheard = !alert.acknowledged && escalate_after > 0.0;
    let aged = unheard && now.seconds_since(alert.escalated_at) >= escalate_after;
    let before = alert.cause.severity();
    let severity = match cause.severity() {
        // What has grown more severe with age stays so while its numbers are no better.
        now if now == before => said.max(now),
        now => now,
    };
    let severity = if aged { severity.higher() } else { severity };
    if severity > said {
        return Some(Change::Escalate { id, cause, severity });
    }
    let stale = cause != alert.cause && now.seconds_since(alert.seen_at) >= REFRESH;
    (stale || severity < said).then_some(Change::Refresh { id, cause, severity })
}
