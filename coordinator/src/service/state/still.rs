//! Jobs that could move and have not moved.

use std::time::Duration;

use common::vocabulary::{JobId, ModelKey};

/// A job that stands still.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Still {
    pub(crate) job: JobId,
    pub(crate) model: Option<ModelKey>,
    /// For how long.
    pub(crate) waited: Duration,
    /// What it waits for, or what is wrong with it.
    pub(crate) reason: String,
}
