//! The live pointer of a model and its ledger.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, ModelPath, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{LedgerView, Page, PageQuery, Problem, PromoteRequest};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(promote)).routes(routes!(rollback)).routes(routes!(ledger))
}

/// Make a version live by hand
#[utoipa::path(post, path = "/models/{family}/{name}/promote", tag = "live", params(ModelPath),
    request_body = PromoteRequest,
    responses((status = OK, body = LedgerView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn promote(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<PromoteRequest>,
) -> ApiResult<LedgerView> {
    answer(refit.promote(&path.key()?, request).await)
}

/// Make an earlier live version live again
#[utoipa::path(post, path = "/models/{family}/{name}/rollback", tag = "live", params(ModelPath),
    request_body = PromoteRequest,
    responses((status = OK, body = LedgerView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn rollback(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<PromoteRequest>,
) -> ApiResult<LedgerView> {
    answer(refit.rollback(&path.key()?, request).await)
}

/// A page of the promotions and rollbacks, newest first
#[utoipa::path(get, path = "/models/{family}/{name}/ledger", tag = "live", params(ModelPath, PageQuery),
    responses((status = OK, body = Page<LedgerView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn ledger(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Page<LedgerView>> {
    answer(refit.ledger(&path.key()?, query).await)
}
