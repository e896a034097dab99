//! Online predictions.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use futures::TryStreamExt;
use tokio_util::io::StreamReader;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, ModelPath, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{
    BatchPredictRequest, JobView, LabelRequest, LabelsReport, LoggedPredictionsView, PredictRowsRequest,
    PredictionFilter, PredictionsView, Problem, RecommendRequest, RecommendationsView,
};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(predict))
        .routes(routes!(recommend))
        .routes(routes!(list))
        .routes(routes!(label))
}

/// What has neither a size nor an end.
pub(crate) fn streams() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(batch)).layer(DefaultBodyLimit::disable())
}

/// Predict for rows with the live version of a model; past the line of jobs, so that no training delays it
#[utoipa::path(post, path = "/models/{family}/{name}/predict", tag = "predictions", operation_id = "predict",
    params(ModelPath), request_body = PredictRowsRequest,
    responses((status = OK, body = PredictionsView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn predict(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<PredictRowsRequest>,
) -> ApiResult<PredictionsView> {
    answer(refit.predict(&path.key()?, request).await)
}

/// Say what a user may like; ratings that came after the last training are folded in
#[utoipa::path(post, path = "/models/{family}/{name}/recommendations", tag = "predictions", operation_id = "recommend",
    params(ModelPath), request_body = RecommendRequest,
    responses((status = OK, body = RecommendationsView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn recommend(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<RecommendRequest>,
) -> ApiResult<RecommendationsView> {
    answer(refit.recommend(&path.key()?, request).await)
}

/// A page of the predictions of a model, newest first, with their ids, and how each version's have turned out
#[utoipa::path(get, path = "/models/{family}/{name}/predictions", tag = "predictions", operation_id = "predictions",
    params(ModelPath, PredictionFilter),
    responses((status = OK, body = LoggedPredictionsView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(filter): Query<PredictionFilter>,
) -> ApiResult<LoggedPredictionsView> {
    answer(refit.predictions(&path.key()?, filter).await)
}

/// Tell what came of predicted rows: labelled, they join the model's data set and are trained on from then on
#[utoipa::path(post, path = "/models/{family}/{name}/labels", tag = "predictions", operation_id = "label",
    params(ModelPath), request_body = LabelRequest,
    responses((status = OK, body = LabelsReport), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn label(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Json(request): Json<LabelRequest>,
) -> ApiResult<LabelsReport> {
    answer(refit.label(&path.key()?, request).await)
}

/// Predict for a file of rows, as a job: all of them by the version that is live now; `GET /jobs/{id}/output` shows what came of it
#[utoipa::path(post, path = "/models/{family}/{name}/predictions/batch", tag = "predictions", operation_id = "predict_batch",
    params(ModelPath, BatchPredictRequest), request_body(content = String, content_type = "text/csv"),
    responses((status = OK, body = JobView), (status = NOT_FOUND, body = Problem), (status = REQUEST_TIMEOUT, body = Problem),
        (status = CONFLICT, body = Problem), (status = PAYLOAD_TOO_LARGE, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem), (status = TOO_MANY_REQUESTS, body = Problem)))]
async fn batch(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(request): Query<BatchPredictRequest>,
    body: Body,
) -> ApiResult<JobView> {
    let bytes = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    answer(refit.predict_batch(&path.key()?, request, bytes).await)
}
