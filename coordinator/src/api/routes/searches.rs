//! Searches for better hyper-parameters.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Page, Problem, SearchFilter, SearchRequest, SearchView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(resume))
}

/// A page of the searches, newest first
#[utoipa::path(get, path = "/searches", tag = "searches", operation_id = "list_searches", params(SearchFilter),
    responses((status = OK, body = Page<SearchView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(filter): Query<SearchFilter>) -> ApiResult<Page<SearchView>> {
    answer(refit.searches(filter).await)
}

/// Search for better hyper-parameters of a model: random draws with successive halving, compared on validation rows
#[utoipa::path(post, path = "/searches", tag = "searches", operation_id = "begin_search", request_body = SearchRequest,
    responses((status = OK, body = SearchView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn begin(State(refit): State<Refit>, Json(request): Json<SearchRequest>) -> ApiResult<SearchView> {
    answer(refit.search(request).await)
}

/// A search, with all its trials
#[utoipa::path(get, path = "/searches/{search}", tag = "searches", operation_id = "get_search",
    params(("search" = i64, Path)), responses((status = OK, body = SearchView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(search): Path<i64>) -> ApiResult<SearchView> {
    answer(refit.search_of(search).await)
}

/// Cancel a search with the trials that have not ended; it can be gone on with
#[utoipa::path(post, path = "/searches/{search}/cancel", tag = "searches", operation_id = "cancel_search",
    params(("search" = i64, Path)),
    responses((status = OK, body = SearchView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn cancel(State(refit): State<Refit>, Path(search): Path<i64>) -> ApiResult<SearchView> {
    answer(refit.cancel_search(search).await)
}

/// Go on with a search that was cancelled or has failed: what was not measured is tried again
#[utoipa::path(post, path = "/searches/{search}/resume", tag = "searches", operation_id = "resume_search",
    params(("search" = i64, Path)),
    responses((status = OK, body = SearchView), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn resume(State(refit): State<Refit>, Path(search): Path<i64>) -> ApiResult<SearchView> {
    answer(refit.resume_search(search).await)
}
