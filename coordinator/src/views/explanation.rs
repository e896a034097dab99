//! A model explained: why it was or was not retrained, what would change that, where its job stands, and what the judges said.

use chrono::{DateTime, Utc};
use domain::estimate::Basis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DecisionView, JobView, LedgerView, VersionSummary};

/// A model explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExplanationView {
    /// The model.
    pub model: String,
    /// Whether it is due as of now, with every reason, what holds it back, and what would change the answer. Made for this answer, and not
    /// kept.
    pub decision: DecisionView,
    /// How decisions about it changed, newest first, five at most.
    pub changes: Vec<DecisionView>,
    /// Its training that waits or runs.
    pub job: Option<JobView>,
    /// How long a training of it will probably take, and when that of `job` will probably start and end; absent before any training of its
    /// family has been completed.
    pub estimate: Option<DurationView>,
    /// Its newest versions with what the judges said, newest first, three at most.
    pub versions: Vec<VersionSummary>,
    /// Why the live version is live; absent before any was.
    pub live: Option<LedgerView>,
}

/// What will probably be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DurationView {
    /// Seconds that a training takes.
    pub seconds: f64,
    /// The median of so many trainings.
    pub trainings: u64,
    /// Of which.
    pub basis: Basis,
    /// When the job probably starts; absent of one that runs, and of one that waits for something else than its turn.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it probably ends.
    pub ends_at: Option<DateTime<Utc>>,
}
