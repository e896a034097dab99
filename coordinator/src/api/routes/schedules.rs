//! Schedules: what is done by the calendar.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Page, PageQuery, PauseRequest, Problem, ScheduleRequest, ScheduleRunView, ScheduleView, schemas};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, delete))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(run))
        .routes(routes!(runs))
}

/// A page of the schedules, by name
#[utoipa::path(get, path = "/schedules", tag = "schedules", operation_id = "list_schedules", params(PageQuery),
    responses((status = OK, body = Page<ScheduleView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn list(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<ScheduleView>> {
    answer(refit.schedules(query).await)
}

/// A schedule, with its next five due times and its last run
#[utoipa::path(get, path = "/schedules/{name}", tag = "schedules", operation_id = "get_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)),
    responses((status = OK, body = ScheduleView), (status = NOT_FOUND, body = Problem)))]
async fn show(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ScheduleView> {
    answer(refit.schedule(&name).await)
}

/// Make a schedule, or change it; what is left out stays as it is
#[utoipa::path(put, path = "/schedules/{name}", tag = "schedules", operation_id = "put_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)), request_body = ScheduleRequest,
    responses((status = OK, body = ScheduleView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn put(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Json(request): Json<ScheduleRequest>,
) -> ApiResult<ScheduleView> {
    answer(refit.put_schedule(&name, request).await)
}

/// Take a schedule away, with its runs; what these have asked for goes on
#[utoipa::path(delete, path = "/schedules/{name}", tag = "schedules", operation_id = "delete_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)),
    responses((status = OK, body = ScheduleView), (status = NOT_FOUND, body = Problem)))]
async fn delete(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ScheduleView> {
    answer(refit.delete_schedule(&name).await)
}

/// Let a schedule rest until it is resumed
#[utoipa::path(post, path = "/schedules/{name}/pause", tag = "schedules", operation_id = "pause_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)), request_body = PauseRequest,
    responses((status = OK, body = ScheduleView), (status = NOT_FOUND, body = Problem)))]
async fn pause(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Json(request): Json<PauseRequest>,
) -> ApiResult<ScheduleView> {
    answer(refit.pause_schedule(&name, request).await)
}

/// Let a schedule go on, from its next due time; what it was due meanwhile is not made up for
#[utoipa::path(post, path = "/schedules/{name}/resume", tag = "schedules", operation_id = "resume_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)),
    responses((status = OK, body = ScheduleView), (status = NOT_FOUND, body = Problem)))]
async fn resume(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ScheduleView> {
    answer(refit.resume_schedule(&name).await)
}

/// Do now what a schedule does when it is due; when that is, stays as it is
#[utoipa::path(post, path = "/schedules/{name}/run", tag = "schedules", operation_id = "run_schedule",
    params(("name" = inline(schemas::ScheduleName), Path)),
    responses((status = OK, body = ScheduleRunView), (status = NOT_FOUND, body = Problem)))]
async fn run(State(refit): State<Refit>, Path(name): Path<String>) -> ApiResult<ScheduleRunView> {
    answer(refit.run_schedule(&name).await)
}

/// A page of the runs of a schedule, the one that was due last first
#[utoipa::path(get, path = "/schedules/{name}/runs", tag = "schedules", operation_id = "list_schedule_runs",
    params(("name" = inline(schemas::ScheduleName), Path), PageQuery),
    responses((status = OK, body = Page<ScheduleRunView>), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn runs(
    State(refit): State<Refit>,
    Path(name): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Page<ScheduleRunView>> {
    answer(refit.schedule_runs(&name, query).await)
}
