//! Which models a schedule is about.

use common::vocabulary::{Family, ModelKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which models: all that fit everything that is said. Nothing said: all there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelKey>,
    /// Of this family.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^(forecaster|recommender|text|tabular)$")]
    pub family: Option<Family>,
    /// Of this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// With this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl Selection {
    /// Whether a model is among them.
    pub fn has(&self, key: &ModelKey, family: Family, category: &str, tags: &[String]) -> bool {
        (self.models.is_empty() || self.models.contains(key))
            && self.family.is_none_or(|wanted| wanted == family)
            && self.category.as_ref().is_none_or(|wanted| wanted == category)
            && self.tag.as_ref().is_none_or(|wanted| tags.contains(wanted))
    }
}
