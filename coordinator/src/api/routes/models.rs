//! Models.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, ModelPath, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{ExplanationView, ModelFilter, ModelRequest, ModelSummary, ModelView, Page, PauseRequest, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put))
        .routes(routes!(explain))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// A page of the models, by key
#[utoipa::path(get, path = "/models", tag = "models", operation_id = "list_models", params(ModelFilter),
    responses((status = OK, body = Page<ModelSummary>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(filter): Query<ModelFilter>) -> ApiResult<Page<ModelSummary>> {
    answer(refit.models(filter).await)
}

/// One model
#[utoipa::path(get, path = "/models/{family}/{name}", tag = "models", operation_id = "show_model", params(ModelPath),
    responses((status = OK, body = ModelView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(path): Path<ModelPath>) -> ApiResult<ModelView> {
    answer(refit.model(&path.key()?).await)
}

/// Why a model is or is not due, what would change that, where its job stands and when it will probably end, and what the judges said
#[utoipa::path(get, path = "/models/{family}/{name}/explanation", tag = "models", operation_id = "explain_model",
    params(ModelPath),
    responses((status = OK, body = ExplanationView), (status = NOT_FOUND, body = Problem)))]
async fn explain(State(refit): State<Refit>, Path(path): Path<ModelPath>) -> ApiResult<ExplanationView> {
    answer(refit.explain(&path.key()?).await)
}

/// Register a model or change it; what is left out stays as it is
#[utoipa::path(put, path = "/models/{family}/{name}", tag = "models", operation_id = "put_model", params(ModelPath),
    request_body = ModelRequest,
    responses((status = OK, body = ModelView), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn put(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<ModelRequest>,
) -> ApiResult<ModelView> {
    answer(refit.put_model(&path.key()?, request).await)
}

/// Pause a model: nothing of it is enqueued by itself, what waits keeps its place and is not handed out, what runs goes on
#[utoipa::path(post, path = "/models/{family}/{name}/pause", tag = "models", operation_id = "pause_model", params(ModelPath),
    request_body = PauseRequest,
    responses((status = OK, body = ModelView), (status = NOT_FOUND, body = Problem)))]
async fn pause(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<ModelView> {
    answer(refit.pause_model(&path.key()?, request).await)
}

/// Let a paused model be trained again
#[utoipa::path(post, path = "/models/{family}/{name}/resume", tag = "models", operation_id = "resume_model", params(ModelPath),
    responses((status = OK, body = ModelView), (status = NOT_FOUND, body = Problem)))]
async fn resume(State(refit): State<Refit>, Path(path): Path<ModelPath>) -> ApiResult<ModelView> {
    answer(refit.resume_model(&path.key()?).await)
}
