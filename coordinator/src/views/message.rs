//! What is told: a code with its numbers, and a sentence made of them.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What belongs to a code: its numbers, days and names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Numbers(pub Map<String, Value>);

/// Something told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToldView {
    /// What it is.
    pub code: String,
    /// In words, with the numbers, in the language of whoever asks.
    pub text: String,
    /// Its numbers, by name.
    #[serde(flatten)]
    pub numbers: Numbers,
}

impl Deref for Numbers {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Numbers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl PartialSchema for Numbers {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some("What belongs to a code: its numbers, days and names."))
            .into()
    }
}

impl ToSchema for Numbers {}
