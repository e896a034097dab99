//! Reports.

use chrono::NaiveDate;
use common::vocabulary::ModelKey;
use domain::report::{ReportFormat, ReportKind, ReportName};

use reqwest::Method;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{
    IncrementalReport, KeptReport, MadeReport, ModelReport, PeriodReport, ReplayRequest, ReplayView, ReportRequest,
    SchedulerReport,
};

type ClientResult<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn incremental_report(&self, as_of: Option<NaiveDate>) -> ClientResult<IncrementalReport> {
        let query: Vec<_> = as_of.iter().map(|date| ("as_of", date.to_string())).collect();
        self.get("/reports/incremental", &query).await
    }

    pub(crate) async fn scheduler_report(&self) -> ClientResult<SchedulerReport> {
        self.get("/reports/scheduler", &[]).await
    }

    /// What happened on a day or in a week.
    pub(crate) async fn period_report(&self, kind: ReportKind, day: Option<NaiveDate>) -> ClientResult<PeriodReport> {
        let query: Vec<_> = day.iter().map(|date| ("day", date.to_string())).collect();
        self.get(&format!("/reports/{kind}"), &query).await
    }

    pub(crate) async fn model_report(&self, key: &ModelKey) -> ClientResult<ModelReport> {
        self.get(&format!("/models/{key}/report"), &[]).await
    }

    /// What other policies would have come to.
    pub(crate) async fn replay(&self, request: &ReplayRequest) -> ClientResult<ReplayView> {
        self.post("/replays", request).await
    }

    pub(crate) async fn make_report(&self, request: &ReportRequest) -> ClientResult<MadeReport> {
        self.post("/reports", request).await
    }

    pub(crate) async fn kept_reports(&self) -> ClientResult<Vec<KeptReport>> {
        self.get("/reports", &[]).await
    }

    /// A file of a report that is kept.
    pub(crate) async fn report_file(&self, name: &ReportName, format: ReportFormat) -> ClientResult<Vec<u8>> {
        let path = format!("/reports/{name}.{}", format.extension());
        let response = self.send(self.request(Method::GET, &path)).await?;
        Ok(response.bytes().await.map_err(|error| self.unreachable(&error))?.into())
    }
}
