//! What handlers share.

use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;

use crate::service::Refit;

/// What handlers share.
#[derive(Clone, FromRef)]
pub(super) struct Shared {
    pub(super) refit: Refit,
    /// Ends the streams that have no end of their own.
    pub(super) stopping: CancellationToken,
}
