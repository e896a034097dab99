//! What nobody wants to be told for a while.

use common::vocabulary::{ModelKey, Timestamp};

use super::{AlertCause, AlertKind};

/// Alerts that fit everything that is said are not told until then.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// The one of this key.
    pub key: Option<String>,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// About this model.
    pub model: Option<ModelKey>,
    /// Until then.
    pub until: Timestamp,
}

impl Silence {
    /// Whether it says anything: silence about everything is not meant.
    pub fn is_about_something(&self) -> bool {
        self.key.is_some() || self.kind.is_some() || self.model.is_some()
    }

    /// Whether it keeps quiet about a cause now.
    pub fn covers(&self, cause: &AlertCause, now: Timestamp) -> bool {
        now < self.until && self.is_meant(cause)
    }

    /// Whether a cause fits it, whatever the time.
    pub fn is_meant(&self, cause: &AlertCause) -> bool {
        self.is_about_something()
            && self.key.as_ref().is_none_or(|key| *key == cause.key())
            && self.kind.is_none_or(|kind| kind == cause.kind())
            && self.model.as_ref().is_none_or(|model| Some(model) == cause.model())
    }
}
