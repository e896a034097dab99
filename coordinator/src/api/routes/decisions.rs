//! Decisions: to retrain or not, and why.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{Answer, Json, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{CheckRequest, DecisionView, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(latest)).routes(routes!(evaluate))
}

/// The latest decision about every model
#[utoipa::path(get, path = "/decisions", tag = "decisions", operation_id = "list_decisions",
    responses((status = OK, body = Vec<DecisionView>)))]
async fn latest(State(refit): State<Refit>) -> Answer<Vec<DecisionView>> {
    answer(refit.decisions().await)
}

/// Decide about models now, or as of a date, and enqueue what is due if asked to
#[utoipa::path(post, path = "/evaluations", tag = "decisions", request_body = CheckRequest,
    responses((status = OK, body = Vec<DecisionView>), (status = NOT_FOUND, body = Problem)))]
async fn evaluate(State(refit): State<Refit>, Json(request): Json<CheckRequest>) -> Answer<Vec<DecisionView>> {
    answer(refit.check(request).await)
}
