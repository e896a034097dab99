//! Why an incremental training becomes a complete one: one rule for the decision and for dispatch, which looks again.

use serde::{Deserialize, Serialize};
use strum::VariantNames;

/// What is known of the live version that an incremental training would go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuation {
    /// There is one.
    pub live: bool,
    /// It was fitted on the inputs, and is built as asked for.
    pub same_shape: bool,
    /// Rows that it was given have been corrected since.
    pub revised: bool,
    /// Rows that it was given have been deleted or changed since, and it could not forget them.
    pub forgotten: bool,
}

/// Why it cannot be gone on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FromScratch {
    /// There is no live version.
    NoLive,
    /// It was fitted on other inputs, or is built otherwise.
    OtherShape,
    /// It has learnt from rows that were wrong.
    Revised,
    /// It has learnt from rows that are gone.
    Forgotten,
}

impl Continuation {
    /// Why a training must begin from scratch, if it must.
    pub fn breaks(self) -> Option<FromScratch> {
        match self {
            Self { live: false, .. } => Some(FromScratch::NoLive),
            Self { same_shape: false, .. } => Some(FromScratch::OtherShape),
            Self { revised: true, .. } => Some(FromScratch::Revised),
            Self { forgotten: true, .. } => Some(FromScratch::Forgotten),
            Self { live: true, same_shape: true, revised: false, forgotten: false } => None,
        }
    }
}
