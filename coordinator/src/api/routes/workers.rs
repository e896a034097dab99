//! Workers.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::api::extract::{Answer, answer};
use crate::service::Refit;
use crate::views::WorkerView;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The workers heard of lately
#[utoipa::path(get, path = "/workers", tag = "workers", operation_id = "list_workers",
    responses((status = OK, body = Vec<WorkerView>)))]
async fn list(State(refit): State<Refit>) -> Answer<Vec<WorkerView>> {
    answer(refit.workers().await)
}
