//! Workers.

use axum::extract::State;
use common::vocabulary::WorkerId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Page, Problem, WorkerFilter, WorkerView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(drain))
}

/// A page of the workers heard of lately, by host and process
#[utoipa::path(get, path = "/workers", tag = "workers", operation_id = "list_workers", params(WorkerFilter),
    responses((status = OK, body = Page<WorkerView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(filter): Query<WorkerFilter>) -> ApiResult<Page<WorkerView>> {
    answer(refit.workers(filter).await)
}

/// Have a worker give back what it holds, with checkpoints, and end
#[utoipa::path(post, path = "/workers/{id}/drain", tag = "workers", operation_id = "drain_worker", params(("id" = uuid::Uuid, Path)),
    responses((status = OK, body = WorkerView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn drain(State(refit): State<Refit>, Path(id): Path<WorkerId>) -> ApiResult<WorkerView> {
    answer(refit.drain_worker(id).await)
}
