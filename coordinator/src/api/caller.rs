//! Whoever asks something of the API.

use std::sync::Arc;
use std::time::Duration;

use domain::access::TokenScope;

use crate::service::{Bearer, Refit};

/// Who asks, and what they may.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The name of the token.
    pub(crate) by: String,
    /// Its scope.
    pub(crate) scope: TokenScope,
    /// The token itself, if it is one that can be revoked.
    pub(crate) revocable: Option<Arc<str>>,
}

/// How often it is looked whether a token still holds, while something long is answered to its bearer.
const HOLDS: Duration = Duration::from_secs(2);

impl Caller {
    /// Returns once the token has been revoked, or has expired; never for one that cannot be.
    pub(crate) async fn lapsed(self, refit: Refit) {
        let Some(token) = self.revocable else { return std::future::pending().await };
        loop {
            tokio::time::sleep(HOLDS).await;
            if let Ok(Bearer::Expired { .. } | Bearer::Unknown) = refit.bearer(&token).await {
                return;
            }
        }
    }
}
