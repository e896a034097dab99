//! Online predictions.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::api::extract::{Answer, Json, ModelPath, Path, answer};
use crate::service::Refit;
use crate::views::{PredictRowsRequest, PredictionsView, Problem, RecommendRequest, RecommendationsView};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(predict)).routes(routes!(recommend))
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
) -> Answer<PredictionsView> {
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
) -> Answer<RecommendationsView> {
    answer(refit.recommend(&path.key()?, request).await)
}
