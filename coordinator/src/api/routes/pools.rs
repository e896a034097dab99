//! Pools: what they have to do, what they can do, and whether they may.

use axum::extract::State;
use common::vocabulary::Pool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Page, PageQuery, PauseRequest, PoolView, Problem, ScalingView, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(pause))
        .routes(routes!(drain))
        .routes(routes!(resume))
        .routes(routes!(scaling))
}

/// A page of the pools that are configured, served, paused, or have jobs, by name
#[utoipa::path(get, path = "/pools", tag = "pools", operation_id = "list_pools",
    params(PageQuery),
    responses((status = OK, body = Page<PoolView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<PoolView>> {
    answer(refit.pools(query).await)
}

/// Hand out nothing new in a pool; what runs goes on
#[utoipa::path(post, path = "/pools/{pool}/pause", tag = "pools", operation_id = "pause_pool", params(("pool" = inline(schemas::PoolName), Path)),
    request_body = PauseRequest,
    responses((status = OK, body = PoolView), (status = NOT_FOUND, body = Problem)))]
async fn pause(
    State(refit): State<Refit>,
    Path(pool): Path<Pool>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<PoolView> {
    answer(refit.pause_pool(pool, request).await)
}

/// Hand out nothing new in a pool, and have what runs given back with a checkpoint
#[utoipa::path(post, path = "/pools/{pool}/drain", tag = "pools", operation_id = "drain_pool", params(("pool" = inline(schemas::PoolName), Path)),
    request_body = PauseRequest,
    responses((status = OK, body = PoolView), (status = NOT_FOUND, body = Problem)))]
async fn drain(
    State(refit): State<Refit>,
    Path(pool): Path<Pool>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<PoolView> {
    answer(refit.drain_pool(pool, request).await)
}

/// Hand out work in a pool again
#[utoipa::path(post, path = "/pools/{pool}/resume", tag = "pools", operation_id = "resume_pool", params(("pool" = inline(schemas::PoolName), Path)),
    responses((status = OK, body = PoolView), (status = NOT_FOUND, body = Problem)))]
async fn resume(State(refit): State<Refit>, Path(pool): Path<Pool>) -> ApiResult<PoolView> {
    answer(refit.resume_pool(pool).await)
}

/// What an autoscaler goes by: slots wanted, slots there are; a pool nobody has heard of wants none
#[utoipa::path(get, path = "/scaling/{pool}", tag = "pools", operation_id = "scaling", params(("pool" = inline(schemas::PoolName), Path)),
    responses((status = OK, body = ScalingView), (status = BAD_REQUEST, body = Problem)))]
async fn scaling(State(refit): State<Refit>, Path(pool): Path<Pool>) -> ApiResult<ScalingView> {
    answer(refit.scaling(pool).await)
}
