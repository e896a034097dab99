//! Calls that wait to be noted.

use std::time::Duration;

use domain::access::Call;
use tokio::time::Instant;

use super::behind::{Behind, Sink, TIME_LIMIT};
use crate::service::error::Result;

/// Calls that may wait to be written.
const ROOM: usize = 4096;

/// Where calls wait to be written.
#[derive(Debug)]
pub(crate) struct Trail(Behind<Call>);

impl Default for Trail {
    fn default() -> Self {
        Self(Behind::new(ROOM))
    }
}

impl Trail {
    /// Hands a call over without waiting; `false` if there is no room.
    pub(crate) fn hand(&self, call: Call) -> bool {
        self.0.hand(vec![call])
    }

    /// Hands a call over, and returns when it is written; `false` when its time is over first.
    pub(crate) async fn write(&self, call: Call) -> bool {
        self.0.write(call, TIME_LIMIT).await
    }

    /// Writes what is handed over next, as [`Behind::round`] does.
    ///
    /// # Errors
    /// The database is away. What was not written is kept for the next round.
    pub(crate) async fn round(&self, until: Instant, linger: Duration, sink: &impl Sink<Call>) -> Result<()> {
        self.0.round(until, linger, sink).await
    }

    /// Returns when everything until now is noted; at the latest when its time is over.
    pub(crate) async fn written(&self) {
        self.0.written().await;
    }

    /// Nobody writes any more: what is not noted stands in the log of the process.
    pub(crate) fn close(&self) {
        for call in self.0.rest() {
            lost(&call, "the database did not take it before the end");
        }
    }
}

/// Says that a call is noted nowhere but here.
pub(crate) fn lost(call: &Call, reason: &str) {
    let Call { by, method, route, subject, status, remote, .. } = call;
    tracing::error!(by, method, route, subject, status, remote, reason, "this call is not in the audit trail");
}
