//! Health, and what must always hold.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::api::extract::{Answer, Json, answer};
use crate::service::Refit;
use crate::views::{HealthView, InvariantView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(invariants))
}

/// Whether everything the coordinator stands on answers; needs no token
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = OK, body = HealthView), (status = SERVICE_UNAVAILABLE, body = HealthView)))]
async fn health(State(refit): State<Refit>) -> (StatusCode, Json<HealthView>) {
    let health = refit.health().await;
    let status = if health.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health))
}

/// Check now what must always hold, and show what was ever found broken
#[utoipa::path(get, path = "/invariants", tag = "health", operation_id = "list_invariants",
    responses((status = OK, body = Vec<InvariantView>)))]
async fn invariants(State(refit): State<Refit>) -> Answer<Vec<InvariantView>> {
    answer(refit.invariants().await)
}
