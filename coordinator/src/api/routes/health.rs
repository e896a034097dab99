//! Health, and what must always hold.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::caller::Caller;
use crate::api::extract::{ApiResult, Json, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{HealthAnswer, InvariantView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(invariants))
}

/// Whether everything the coordinator stands on answers. Needs no token: without one it says whether, as of a few seconds ago, and
/// nothing more
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = OK, body = HealthAnswer), (status = SERVICE_UNAVAILABLE, body = HealthAnswer)))]
async fn health(State(refit): State<Refit>, caller: Option<Extension<Caller>>) -> (StatusCode, Json<HealthAnswer>) {
    let (healthy, answer) = match caller {
        Some(_) => {
            let health = refit.health().await;
            (health.healthy, HealthAnswer::Whole(Box::new(health)))
        }
        // Nobody in particular: what costs something, or writes, is not done for them.
        None => {
            let healthy = refit.is_healthy();
            (healthy, HealthAnswer::Short { healthy })
        }
    };
    (if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(answer))
}

/// Check now what must always hold, and show what was ever found broken
#[utoipa::path(get, path = "/invariants", tag = "health", operation_id = "list_invariants",
    responses((status = OK, body = Vec<InvariantView>)))]
async fn invariants(State(refit): State<Refit>) -> ApiResult<Vec<InvariantView>> {
    answer(refit.invariants().await)
}
