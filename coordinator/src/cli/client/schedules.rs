//! Schedules, their runs, and the scheduler.

use domain::schedule::{ScheduleName, Task};
use reqwest::Method;
use serde_json::json;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{
    Page, PageQuery, PauseRequest, ScheduleRequest, ScheduleRunView, ScheduleView, SchedulerView, TaskRequest,
};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn schedules(&self, query: &PageQuery) -> ClientResult<Page<ScheduleView>> {
        self.list("/schedules", query).await
    }

    pub(crate) async fn schedule(&self, name: &ScheduleName) -> ClientResult<ScheduleView> {
        self.get(&format!("/schedules/{name}"), &[]).await
    }

    pub(crate) async fn put_schedule(
        &self,
        name: &ScheduleName,
        request: &ScheduleRequest,
    ) -> ClientResult<ScheduleView> {
        self.read(self.request(Method::PUT, &format!("/schedules/{name}")).json(request)).await
    }

    pub(crate) async fn delete_schedule(&self, name: &ScheduleName) -> ClientResult<ScheduleView> {
        self.read(self.request(Method::DELETE, &format!("/schedules/{name}"))).await
    }

    pub(crate) async fn pause_schedule(
        &self,
        name: &ScheduleName,
        request: &PauseRequest,
    ) -> ClientResult<ScheduleView> {
        self.post(&format!("/schedules/{name}/pause"), request).await
    }

    pub(crate) async fn resume_schedule(&self, name: &ScheduleName) -> ClientResult<ScheduleView> {
        self.post(&format!("/schedules/{name}/resume"), &json!({})).await
    }

    pub(crate) async fn run_schedule(&self, name: &ScheduleName) -> ClientResult<ScheduleRunView> {
        self.post(&format!("/schedules/{name}/run"), &json!({})).await
    }

    pub(crate) async fn schedule_runs(
        &self,
        name: &ScheduleName,
        query: &PageQuery,
    ) -> ClientResult<Page<ScheduleRunView>> {
        self.list(&format!("/schedules/{name}/runs"), query).await
    }

    pub(crate) async fn all_schedule_runs(&self, query: &PageQuery) -> ClientResult<Page<ScheduleRunView>> {
        self.list("/scheduler/runs", query).await
    }

    pub(crate) async fn schedule_run(&self, id: i64) -> ClientResult<ScheduleRunView> {
        self.get(&format!("/scheduler/runs/{id}"), &[]).await
    }

    pub(crate) async fn scheduler(&self) -> ClientResult<SchedulerView> {
        self.get("/scheduler", &[]).await
    }

    pub(crate) async fn stop_scheduler(&self, request: &PauseRequest) -> ClientResult<SchedulerView> {
        self.post("/scheduler/stop", request).await
    }

    pub(crate) async fn start_scheduler(&self) -> ClientResult<SchedulerView> {
        self.post("/scheduler/start", &json!({})).await
    }

    pub(crate) async fn look_at_schedules(&self) -> ClientResult<Vec<ScheduleRunView>> {
        self.post("/scheduler/look", &json!({})).await
    }

    pub(crate) async fn run_task(&self, task: Task) -> ClientResult<ScheduleRunView> {
        self.post("/scheduler/runs", &TaskRequest { task }).await
    }
}
