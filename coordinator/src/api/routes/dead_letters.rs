//! Dead letters.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::DeadLettersView;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Messages that nobody could understand: refused, counted, the newest of each kind kept
#[utoipa::path(get, path = "/dead-letters", tag = "health", operation_id = "list_dead_letters",
    responses((status = OK, body = DeadLettersView)))]
async fn list(State(refit): State<Refit>) -> ApiResult<DeadLettersView> {
    answer(refit.dead_letters().await)
}
