//! Reports on the whole fleet.

use axum::extract::State;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{IncrementalReport, Problem};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(incremental))
}

/// When a report is made for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The end of this day instead of now.
    as_of: Option<NaiveDate>,
}

/// The state of every model and what to do about it
#[utoipa::path(get, path = "/reports/incremental", tag = "reports", operation_id = "incremental_report",
    params(ReportQuery), responses((status = OK, body = IncrementalReport), (status = BAD_REQUEST, body = Problem)))]
async fn incremental(State(refit): State<Refit>, Query(query): Query<ReportQuery>) -> ApiResult<IncrementalReport> {
    answer(refit.incremental_report(query.as_of).await)
}
