//! What a channel takes.

use common::vocabulary::Family;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AlertKind, Severity};

/// What a channel takes: what fits everything that is said. Nothing said: every alert, and no notice of a training.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// At least as severe as this.
    pub severity: Severity,
    /// Of these kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<AlertKind>,
    /// About models of these families.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub families: Vec<Family>,
    /// About models with one of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// A notice of every training that ends, too, with its metrics before and after.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trainings: bool,
}

/// What is known of the model that something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// Its family.
    pub family: Family,
    /// Its tags.
    pub tags: Vec<String>,
}

impl Route {
    /// Whether it takes an alert of this kind about such a model, or about none.
    pub fn takes(&self, severity: Severity, kind: AlertKind, about: Option<&Traits>) -> bool {
        severity >= self.severity && (self.kinds.is_empty() || self.kinds.contains(&kind)) && self.is_about(about)
    }

    /// Whether it takes the notice of a training of such a model.
    pub fn takes_training(&self, about: Option<&Traits>) -> bool {
        self.trainings && self.is_about(about)
    }

    fn is_about(&self, about: Option<&Traits>) -> bool {
        let family = self.families.is_empty() || about.is_some_and(|model| self.families.contains(&model.family));
        let tag =
            self.tags.is_empty() || about.is_some_and(|model| self.tags.iter().any(|tag| model.tags.contains(tag)));
        family && tag
    }
}
