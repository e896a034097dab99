//! Which models a schedule is about.

use common::vocabulary::{Family, ModelKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Which models: all that fit everything that is said. Nothing said: all there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "some")]
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

/// Some models, each once. A list of none is not a list of all.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ModelKey>, D::Error> {
    let mut models = Vec::<ModelKey>::deserialize(deserializer)?;
    models.sort();
    models.dedup();
    if models.is_empty() {
        return Err(D::Error::custom("models is empty, which would be all of them: leave it out if that is meant"));
    }
    Ok(models)
}

impl Selection {
    /// Why nothing can ever be among them, if so.
    pub fn contradiction(&self) -> Option<String> {
        let empty = |what: &str, text: &Option<String>| {
            text.as_ref().filter(|text| text.is_empty()).map(|_| format!("the {what} is empty: leave it out for any"))
        };
        let family = self.family.map(|family| family.to_string());
        let other = self.models.iter().find(|model| family.as_ref().is_some_and(|family| model.folder() != family));
        let other = other.map(|model| format!("{model} is of another family than {}", family.unwrap_or_default()));
        empty("category", &self.category).or_else(|| empty("tag", &self.tag)).or(other)
    }

    /// Whether a model is among them.
    pub fn has(&self, key: &ModelKey, family: Family, category: &str, tags: &[String]) -> bool {
        (self.models.is_empty() || self.models.contains(key))
            && self.family.is_none_or(|wanted| wanted == family)
            && self.category.as_ref().is_none_or(|wanted| wanted == category)
            && self.tag.as_ref().is_none_or(|wanted| tags.contains(wanted))
    }
}
