//! Jobs: the running, the backlog, the ended.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use common::vocabulary::JobId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::problem::Rejection;
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{CancelAnswer, JobFilter, JobSummary, JobView, JobWait, Page, ProbeAnswer, ProbeRequest, Problem};

/// Seconds; an answer must come within a minute.
const LONGEST_WAIT: f64 = 50.0;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel)).routes(routes!(probe))
}

/// What has no end before its file has.
pub(crate) fn streams() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(output))
}

/// A page of the jobs: the running first, then the line in its order, then the ended, newest first
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "list_jobs", params(JobFilter),
    responses((status = OK, body = Page<JobSummary>), (status = BAD_REQUEST, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(filter): Query<JobFilter>) -> ApiResult<Page<JobSummary>> {
    answer(refit.jobs(filter).await)
}

/// One job: why it waits, its attempts, its loss curve, its verdict
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", operation_id = "show_job",
    params(("id" = uuid::Uuid, Path), JobWait),
    responses((status = OK, body = JobView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(id): Path<JobId>, Query(query): Query<JobWait>) -> ApiResult<JobView> {
    let seconds = query.wait.filter(|seconds| *seconds > 0.0).unwrap_or(0.0).min(LONGEST_WAIT);
    answer(refit.job_ended(id, Duration::from_secs_f64(seconds)).await)
}

/// Ask for probes: jobs without work, that measure the way from the line to a worker and back
#[utoipa::path(post, path = "/probes", tag = "jobs", operation_id = "probe", request_body = ProbeRequest,
    responses((status = OK, body = ProbeAnswer), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn probe(State(refit): State<Refit>, Json(request): Json<ProbeRequest>) -> ApiResult<ProbeAnswer> {
    answer(refit.probe(request).await)
}

/// Cancel a job; a result that was sealed first is kept, and not promoted
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job", params(("id" = uuid::Uuid, Path)),
    responses((status = OK, body = CancelAnswer), (status = NOT_FOUND, body = Problem), (status = CONFLICT, body = Problem)))]
async fn cancel(State(refit): State<Refit>, Path(id): Path<JobId>) -> ApiResult<CancelAnswer> {
    answer(refit.cancel(id).await)
}

/// What a batch prediction said of each row, as CSV: `row,prediction`, `label` for classifiers, and `id`, by which its outcome can be told
#[utoipa::path(get, path = "/jobs/{id}/output", tag = "jobs", operation_id = "job_output", params(("id" = uuid::Uuid, Path)),
    responses((status = OK, body = String, content_type = "text/csv"), (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem), (status = TOO_MANY_REQUESTS, body = Problem)))]
async fn output(State(refit): State<Refit>, Path(id): Path<JobId>) -> Result<Response, Rejection> {
    let body = Body::from_stream(refit.batch_output(id).await?);
    Ok(([(header::CONTENT_TYPE, "text/csv")], body).into_response())
}
