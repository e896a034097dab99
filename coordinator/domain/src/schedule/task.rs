//! What a schedule does.

use std::collections::BTreeMap;

use common::vocabulary::{Mode, Pool};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::selection::Selection;
use crate::alert::ChannelName;
use crate::report::ReportKind;

/// What a schedule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EnumDiscriminants, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(
    name(TaskKind),
    doc = "What a schedule does, whatever it is about.",
    derive(Display, EnumString, IntoStaticStr, VariantNames),
    strum(serialize_all = "snake_case")
)]
pub enum Task {
    /// Has live versions scored on the rows that have come since, decides on the models, and enqueues what is due where their policy's
    /// `auto_retrain` lets it.
    HealthCheck {
        /// Of which models.
        #[serde(default)]
        of: Selection,
    },
    /// Decides on models, and enqueues nothing.
    Evaluate {
        /// On which.
        #[serde(default)]
        of: Selection,
    },
    /// Asks for trainings, as a person would: of those that need one, or of all, by force.
    Retrain {
        /// Of which models.
        #[serde(default)]
        of: Selection,
        /// How.
        #[serde(default)]
        parameters: TrainingParameters,
    },
    /// Backs up live versions.
    Backup {
        /// Of which models.
        #[serde(default)]
        of: Selection,
    },
    /// Removes what nothing refers to, and rows that are old.
    Cleanup,
    /// Makes a report, keeps it in the store, and sends it where that is asked.
    Report {
        /// Of what.
        #[serde(default)]
        parameters: ReportParameters,
    },
}

/// What report a schedule makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportParameters {
    /// Of what; of the day, if left out.
    pub report: ReportKind,
    /// Channels that it is sent to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 100)]
    pub channels: Vec<ChannelName>,
    /// The language in which it is kept, `en` or `es`; `en`, if left out. Each channel is told in its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    pub language: Option<String>,
}

impl Default for ReportParameters {
    fn default() -> Self {
        Self { report: ReportKind::Daily, channels: Vec::new(), language: None }
    }
}

/// How the trainings of a schedule are asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingParameters {
    /// The mode; chosen from the facts, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^(complete|incremental|quick)$")]
    pub mode: Option<Mode>,
    /// Also what is not due: skips decision, cool-down and back-off, never data validation or the gate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// So many new rows are enough to ask for a training, and fewer are not; as the policy says, if left out.
    #[serde(skip_serializing_if = "Option::is_none", alias = "min_new_ratings", alias = "min_new_samples")]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub min_new_rows: Option<u32>,
    /// Replaces the category's base and the position in the priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: Option<f64>,
    /// Where to train; the pool of the settings, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9-]{1,32}$")]
    pub pool: Option<Pool>,
    /// Hyper-parameters for these trainings only, such as `epochs`, `batch_size`, `learning_rate`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hyper: BTreeMap<String, String>,
}

impl Task {
    /// A task of a kind, about these models; how trainings are asked for, and which report is made.
    pub fn new(kind: TaskKind, of: Selection, parameters: TrainingParameters, report: ReportParameters) -> Self {
        match kind {
            TaskKind::HealthCheck => Self::HealthCheck { of },
            TaskKind::Evaluate => Self::Evaluate { of },
            TaskKind::Retrain => Self::Retrain { of, parameters },
            TaskKind::Backup => Self::Backup { of },
            TaskKind::Cleanup => Self::Cleanup,
            TaskKind::Report => Self::Report { parameters: report },
        }
    }

    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        TaskKind::from(self).into()
    }

    /// Which models it is about; nothing for one that is about none in particular.
    pub fn selection(&self) -> Option<&Selection> {
        match self {
            Self::HealthCheck { of } | Self::Evaluate { of } | Self::Retrain { of, .. } | Self::Backup { of } => {
                Some(of)
            }
            Self::Cleanup | Self::Report { .. } => None,
        }
    }
}
