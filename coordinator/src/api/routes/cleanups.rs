//! Cleanups of the store.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{CleanupReport, CleanupRequest};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(cleanup))
}

/// Remove from the store what nothing refers to any more, in two steps an hour apart
#[utoipa::path(post, path = "/cleanups", tag = "cleanups", request_body = CleanupRequest,
    responses((status = OK, body = CleanupReport)))]
async fn cleanup(State(refit): State<Refit>, Json(request): Json<CleanupRequest>) -> ApiResult<CleanupReport> {
    answer(refit.cleanup(request).await)
}
