//! How soon somebody should look.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

/// How soon somebody should look.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// When there is time.
    #[default]
    Info,
    /// Today.
    Warning,
    /// Now, also at night.
    Critical,
}

impl Severity {
    /// Those below it, the lowest first.
    pub fn lower(self) -> &'static [Self] {
        match self {
            Self::Info => &[],
            Self::Warning => &[Self::Info],
            Self::Critical => &[Self::Info, Self::Warning],
        }
    }

    /// The next one up; the highest stays.
    #[must_use]
    pub fn higher(self) -> Self {
        match self {
            Self::Info => Self::Warning,
            Self::Warning | Self::Critical => Self::Critical,
        }
    }
}
