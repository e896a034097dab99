//! Reports: on the whole installation, on one model, and those that are kept.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use domain::report::ReportFormat;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, ModelPath, Path, Query, answer};
use crate::api::paper::{file, report};
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{
    IncrementalReport, KeptReport, MadeReport, ModelReport, PeriodReport, Problem, ReportRequest, SchedulerReport,
};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(incremental))
        .routes(routes!(scheduler))
        .routes(routes!(daily))
        .routes(routes!(weekly))
        .routes(routes!(of_model))
        .routes(routes!(kept, make))
        .routes(routes!(kept_file))
}

/// When a report is made for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The end of this day instead of now.
    as_of: Option<NaiveDate>,
    /// Its form; as the header `Accept` says, if left out.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// Which day or week a report is on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// The day, or a day of the week; today, or this week, so far, if left out.
    day: Option<NaiveDate>,
    /// Its form; as the header `Accept` says, if left out.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FormatQuery {
    /// Its form; as the header `Accept` says, if left out.
    #[param(inline)]
    format: Option<ReportFormat>,
}

/// The state of every model and what to do about it, as JSON, text or HTML
#[utoipa::path(get, path = "/reports/incremental", tag = "reports", operation_id = "incremental_report",
    params(ReportQuery), responses((status = OK, body = IncrementalReport), (status = BAD_REQUEST, body = Problem)))]
async fn incremental(
    State(refit): State<Refit>,
    Query(query): Query<ReportQuery>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    report(refit.incremental_report(query.as_of).await, query.format, &headers)
}

/// Schedules: how they stand, how their runs ended, and the alerts about them, as JSON, text or HTML
#[utoipa::path(get, path = "/reports/scheduler", tag = "reports", operation_id = "scheduler_report",
    params(FormatQuery), responses((status = OK, body = SchedulerReport)))]
async fn scheduler(
    State(refit): State<Refit>,
    Query(query): Query<FormatQuery>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    report(refit.scheduler_report().await, query.format, &headers)
}

/// What happened on a day, as JSON, text or HTML
#[utoipa::path(get, path = "/reports/daily", tag = "reports", operation_id = "daily_report",
    params(PeriodQuery),
    responses((status = OK, body = PeriodReport), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn daily(
    State(refit): State<Refit>,
    Query(query): Query<PeriodQuery>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    report(refit.daily_report(query.day).await, query.format, &headers)
}

/// What happened in a week, Monday to Sunday, as JSON, text or HTML
#[utoipa::path(get, path = "/reports/weekly", tag = "reports", operation_id = "weekly_report",
    params(PeriodQuery),
    responses((status = OK, body = PeriodReport), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn weekly(
    State(refit): State<Refit>,
    Query(query): Query<PeriodQuery>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    report(refit.weekly_report(query.day).await, query.format, &headers)
}

/// The history of a model, as JSON, text or HTML
#[utoipa::path(get, path = "/models/{family}/{name}/report", tag = "reports", operation_id = "model_report",
    params(ModelPath, FormatQuery),
    responses((status = OK, body = ModelReport), (status = NOT_FOUND, body = Problem)))]
async fn of_model(
    State(refit): State<Refit>,
    Path(path): Path<ModelPath>,
    Query(query): Query<FormatQuery>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    report(refit.model_report(&path.key()?).await, query.format, &headers)
}

/// The reports that are kept, newest first
#[utoipa::path(get, path = "/reports", tag = "reports", operation_id = "list_reports",
    responses((status = OK, body = Vec<KeptReport>)))]
async fn kept(State(refit): State<Refit>) -> ApiResult<Vec<KeptReport>> {
    answer(refit.kept_reports().await)
}

/// Make a report, keep it as text, JSON and HTML, and send it to channels
#[utoipa::path(post, path = "/reports", tag = "reports", operation_id = "make_report", request_body = ReportRequest,
    responses((status = OK, body = MadeReport), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn make(State(refit): State<Refit>, Json(request): Json<ReportRequest>) -> ApiResult<MadeReport> {
    answer(refit.make_report(request).await)
}

/// A file of a report, in a path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FilePath {
    /// The year that it is kept under, such as `2026`.
    #[param(pattern = "^[0-9]{4}$")]
    year: String,
    /// The file, such as `daily_report_20260611.html`.
    #[param(max_length = 100)]
    file: String,
}

/// A file of a report that is kept
#[utoipa::path(get, path = "/reports/{year}/{file}", tag = "reports", operation_id = "report_file", params(FilePath),
    responses((status = OK, body = String, content_type = "text/html"), (status = NOT_FOUND, body = Problem)))]
async fn kept_file(State(refit): State<Refit>, Path(path): Path<FilePath>) -> Result<Response, Rejection> {
    let (format, body) = refit.report_file(&path.year, &path.file).await?;
    Ok(file(format, body))
}
