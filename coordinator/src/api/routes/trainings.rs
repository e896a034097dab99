//! Requests for trainings.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, answer};
use crate::api::shared::Shared;
use crate::api::trail::Subject;
use crate::service::Refit;
use crate::views::{BatchRequest, Problem, TrainingAnswer, TrainingRequest};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(train)).routes(routes!(batch))
}

/// Ask for one training
#[utoipa::path(post, path = "/trainings", tag = "trainings", request_body = TrainingRequest,
    responses((status = OK, body = TrainingAnswer), (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn train(
    State(refit): State<Refit>,
    subject: Subject,
    Json(request): Json<TrainingRequest>,
) -> ApiResult<TrainingAnswer> {
    subject.is(&request.model);
    answer(refit.train(request).await)
}

/// Ask for many trainings; what cannot be asked for is refused one by one
#[utoipa::path(post, path = "/trainings/batch", tag = "trainings", request_body = BatchRequest,
    responses((status = OK, body = TrainingAnswer), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn batch(State(refit): State<Refit>, Json(request): Json<BatchRequest>) -> ApiResult<TrainingAnswer> {
    answer(refit.batch(request).await)
}
