//! Alerts: what somebody should know, and what nobody wants to be told for a while.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{AlertFilter, AlertView, Page, PauseRequest, Problem, SilenceRequest, SilenceView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(acknowledge))
        .routes(routes!(silences, silence))
        .routes(routes!(speak))
}

/// A page of the alerts that stand open, or of all, newest first
#[utoipa::path(get, path = "/alerts", tag = "alerts", operation_id = "list_alerts", params(AlertFilter),
    responses((status = OK, body = Page<AlertView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(filter): Query<AlertFilter>) -> ApiResult<Page<AlertView>> {
    answer(refit.alerts(filter).await)
}

/// An alert
#[utoipa::path(get, path = "/alerts/{alert}", tag = "alerts", operation_id = "get_alert",
    params(("alert" = i64, Path, minimum = 1)),
    responses((status = OK, body = AlertView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(alert): Path<i64>) -> ApiResult<AlertView> {
    answer(refit.alert(alert).await)
}

/// Say that somebody knows: it grows no more severe
#[utoipa::path(post, path = "/alerts/{alert}/acknowledge", tag = "alerts", operation_id = "acknowledge_alert",
    params(("alert" = i64, Path, minimum = 1)), request_body = PauseRequest,
    responses((status = OK, body = AlertView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn acknowledge(
    State(refit): State<Refit>,
    Path(alert): Path<i64>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<AlertView> {
    answer(refit.acknowledge_alert(alert, request).await)
}

/// The silences there are, those that end soonest first
#[utoipa::path(get, path = "/silences", tag = "alerts", operation_id = "list_silences",
    responses((status = OK, body = Vec<SilenceView>)))]
async fn silences(State(refit): State<Refit>) -> ApiResult<Vec<SilenceView>> {
    answer(refit.silences().await)
}

/// Keep quiet about some alerts for a while; they are listed as before
#[utoipa::path(post, path = "/silences", tag = "alerts", operation_id = "silence_alerts",
    request_body = SilenceRequest,
    responses((status = OK, body = SilenceView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn silence(State(refit): State<Refit>, Json(request): Json<SilenceRequest>) -> ApiResult<SilenceView> {
    answer(refit.silence_alerts(request).await)
}

/// End a silence before its time; what stands open still is told
#[utoipa::path(delete, path = "/silences/{silence}", tag = "alerts", operation_id = "end_silence",
    params(("silence" = i64, Path, minimum = 1)),
    responses((status = OK, body = SilenceView), (status = NOT_FOUND, body = Problem)))]
async fn speak(State(refit): State<Refit>, Path(silence): Path<i64>) -> ApiResult<SilenceView> {
    answer(refit.end_silence(silence).await)
}
