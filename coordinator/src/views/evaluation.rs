//! What deciding about models comes to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DecisionView;

/// What was decided about the models that were asked about. All of it is kept: `GET /api/v1/decisions` lists every model's decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationAnswer {
    /// Models that were decided about.
    pub models: usize,
    /// How many of them got which verdict.
    pub verdicts: VerdictCounts,
    /// Jobs that entered the line.
    pub enqueued: usize,
    /// The decisions, most urgent first: as many as were asked for.
    pub items: Vec<DecisionView>,
}

/// Models by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictCounts {
    /// A training is due.
    pub retrain: usize,
    /// One is, but Refit may not ask for it by itself.
    pub recommended: usize,
    /// One is, but not now.
    pub held_back: usize,
    /// None is.
    pub not_needed: usize,
}
