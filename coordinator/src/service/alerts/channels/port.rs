//! What all channels have in common.

use async_trait::async_trait;

use super::outgoing::Outgoing;

/// Takes messages to where somebody reads them.
#[async_trait]
pub(super) trait Channel: Send + Sync {
    /// Delivers a message, or says in words why it did not get there. Asked twice for the same one, it says so to the receiver by the
    /// message's id, where that can be told.
    async fn send(&self, message: &Outgoing) -> Result<(), String>;
}
