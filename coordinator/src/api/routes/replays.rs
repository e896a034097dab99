//! Other policies over the days that were.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::Json;
use crate::api::paper::report;
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Problem, ReplayRequest, ReplayView};

/// What reads many rows, and takes as long as that takes.
pub(crate) fn slow() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(replay))
}

/// What other policies would have come to over days that were, beside what really happened; changes nothing. As JSON, text or HTML
#[utoipa::path(post, path = "/replays", tag = "decisions", operation_id = "replay", request_body = ReplayRequest,
    responses((status = OK, body = ReplayView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn replay(
    State(refit): State<Refit>,
    headers: HeaderMap,
    Json(request): Json<ReplayRequest>,
) -> Result<Response, Rejection> {
    report(refit.replay(request).await, None, &headers)
}
