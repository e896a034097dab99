//! What a message to a channel is about, in a few words.

use domain::alert::{AlertKind, MessageKind, Severity};
use serde::Serialize;
use strum::VariantNames;

/// The subject of a message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Subject {
    /// What it is about.
    #[serde(rename = "code")]
    pub(crate) what: MessageKind,
    /// How soon somebody should look.
    pub(crate) level: Severity,
    /// Of which kind all of it is, if it is of one.
    pub(crate) topic: Option<AlertKind>,
    /// Whom or what it concerns, if that is one.
    pub(crate) about: Option<String>,
    /// How much there is.
    pub(crate) count: u64,
}

/// What is said of the items that a message does not name.
#[derive(Debug, Clone, Serialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Unnamed {
    /// There are others.
    Others {
        /// So many.
        count: u64,
    },
}
