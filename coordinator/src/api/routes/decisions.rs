//! Decisions: to retrain or not, and why.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{CheckRequest, DecisionFilter, DecisionView, EvaluationAnswer, Page, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(latest)).routes(routes!(evaluate))
}

/// A page of the latest decisions, by model
#[utoipa::path(get, path = "/decisions", tag = "decisions", operation_id = "list_decisions", params(DecisionFilter),
    responses((status = OK, body = Page<DecisionView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn latest(State(refit): State<Refit>, Query(filter): Query<DecisionFilter>) -> ApiResult<Page<DecisionView>> {
    answer(refit.decisions(filter).await)
}

/// Decide about models now, or as of a date, and enqueue what is due if asked to; the answer counts the verdicts and has the most urgent
/// decisions
#[utoipa::path(post, path = "/evaluations", tag = "decisions", request_body = CheckRequest,
    responses((status = OK, body = EvaluationAnswer), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn evaluate(State(refit): State<Refit>, Json(request): Json<CheckRequest>) -> ApiResult<EvaluationAnswer> {
    answer(refit.check(request).await)
}
