//! What can go wrong at a port, by meaning: what a caller would do differently.

/// A port failed.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// It is not there.
    #[error("{what} is not there")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The other side does not answer now; it may heal.
    #[error("{what} cannot be reached: {reason}")]
    Unreachable {
        /// Which service, without any password.
        what: String,
        /// What it said.
        reason: String,
    },
    /// No room is left.
    #[error("no space left while writing {what}: free some room and try again; nothing that was live has changed")]
    Full {
        /// What was being written.
        what: String,
    },
    /// It is there, and is not what it should be.
    #[error("{what} is damaged: {reason}")]
    Damaged {
        /// Its key, or its name.
        what: String,
        /// How that was found.
        reason: String,
    },
    /// It will not work like this, however often it is tried.
    #[error("{what} cannot be used: {reason}")]
    Unusable {
        /// Which service or key.
        what: String,
        /// Why, and what to do.
        reason: String,
    },
}
