//! Scoring what is live on what has come.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{MonitorAnswer, MonitorRequest, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(monitor))
}

/// Score live versions on the rows that have come since
#[utoipa::path(post, path = "/monitorings", tag = "models", request_body = MonitorRequest,
    responses((status = OK, body = MonitorAnswer), (status = NOT_FOUND, body = Problem)))]
async fn monitor(State(refit): State<Refit>, Json(request): Json<MonitorRequest>) -> ApiResult<MonitorAnswer> {
    answer(refit.monitor(request).await)
}
