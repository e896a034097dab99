//! Forecasts.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{ForecastRequest, ForecastView, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(forecast))
}

/// Forecast the next bar of symbols; a symbol without bars or model is an answer, too
#[utoipa::path(post, path = "/forecasts", tag = "forecasts", request_body = ForecastRequest,
    responses((status = OK, body = Vec<ForecastView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn forecast(State(refit): State<Refit>, Json(request): Json<ForecastRequest>) -> ApiResult<Vec<ForecastView>> {
    answer(refit.forecast(request).await)
}
