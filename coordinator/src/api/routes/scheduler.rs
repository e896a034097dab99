//! The scheduler as a whole, and runs of all schedules.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::extract::{ApiResult, Json, Path, Query, answer};
use crate::api::shared::Shared;
use crate::service::Refit;
use crate::views::{Page, PageQuery, PauseRequest, Problem, ScheduleRunView, SchedulerView, TaskRequest};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(stop))
        .routes(routes!(start))
        .routes(routes!(look))
        .routes(routes!(runs, run_task))
        .routes(routes!(run))
}

/// How the scheduler stands: what is due next, and how runs have ended
#[utoipa::path(get, path = "/scheduler", tag = "schedules", operation_id = "scheduler",
    responses((status = OK, body = SchedulerView)))]
async fn status(State(refit): State<Refit>) -> ApiResult<SchedulerView> {
    answer(refit.scheduler().await)
}

/// Look at schedules no more until the scheduler is started again; what runs goes on
#[utoipa::path(post, path = "/scheduler/stop", tag = "schedules", operation_id = "stop_scheduler",
    request_body = PauseRequest, responses((status = OK, body = SchedulerView)))]
async fn stop(State(refit): State<Refit>, Json(request): Json<PauseRequest>) -> ApiResult<SchedulerView> {
    answer(refit.stop_scheduler(request).await)
}

/// Look at schedules again; what was due meanwhile is not made up for
#[utoipa::path(post, path = "/scheduler/start", tag = "schedules", operation_id = "start_scheduler",
    responses((status = OK, body = SchedulerView)))]
async fn start(State(refit): State<Refit>) -> ApiResult<SchedulerView> {
    answer(refit.start_scheduler().await)
}

/// Look now what is due, also while the scheduler is stopped; answers with the runs that are to be done
#[utoipa::path(post, path = "/scheduler/look", tag = "schedules", operation_id = "look_at_schedules",
    responses((status = OK, body = Vec<ScheduleRunView>)))]
async fn look(State(refit): State<Refit>) -> ApiResult<Vec<ScheduleRunView>> {
    answer(refit.look_at_schedules().await)
}

/// A page of all runs, newest first
#[utoipa::path(get, path = "/scheduler/runs", tag = "schedules", operation_id = "list_all_schedule_runs",
    params(PageQuery),
    responses((status = OK, body = Page<ScheduleRunView>), (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn runs(State(refit): State<Refit>, Query(query): Query<PageQuery>) -> ApiResult<Page<ScheduleRunView>> {
    answer(refit.all_schedule_runs(query).await)
}

/// Do a task now, without a schedule
#[utoipa::path(post, path = "/scheduler/runs", tag = "schedules", operation_id = "run_task",
    request_body = TaskRequest,
    responses((status = OK, body = ScheduleRunView), (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem)))]
async fn run_task(State(refit): State<Refit>, Json(request): Json<TaskRequest>) -> ApiResult<ScheduleRunView> {
    answer(refit.run_task(request.task).await)
}

/// A run, and what has come of it so far
#[utoipa::path(get, path = "/scheduler/runs/{run}", tag = "schedules", operation_id = "get_schedule_run",
    params(("run" = i64, Path, minimum = 1)),
    responses((status = OK, body = ScheduleRunView), (status = NOT_FOUND, body = Problem)))]
async fn run(State(refit): State<Refit>, Path(run): Path<i64>) -> ApiResult<ScheduleRunView> {
    answer(refit.schedule_run(run).await)
}
