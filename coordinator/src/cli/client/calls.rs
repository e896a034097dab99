//! One method an operation of the API; the only place of the command line that knows its paths.

use std::path::Path;

use std::time::Duration;

use common::vocabulary::{Category, ModelKey, Pool, Symbol};
use reqwest::Method;
use uuid::Uuid;

use super::Client;
use crate::cli::exit::Failure;
use crate::views::{
    BackupRequest, BackupView, BatchRequest, CancelAnswer, CheckRequest, CleanupReport, CleanupRequest, CompareView,
    DeadLettersView, EvaluationAnswer, ExplanationView, HealthAnswer, ImportReport, JobFilter, JobSummary, JobView,
    LedgerView, ModelFilter, ModelRequest, ModelSummary, ModelView, MonitorAnswer, MonitorRequest, Page, PageQuery,
    PauseRequest, PoolView, ProbeAnswer, ProbeRequest, PromoteRequest, RestoreAnswer, RestoreRequest, TrainingAnswer,
    TrainingRequest, VersionSummary, VersionView, WorkerFilter, WorkerView,
};

/// Whose bars a file holds, where its name does not say.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Whose {
    /// Whose bars they are, where the file's name does not say.
    #[arg(long)]
    pub(crate) symbol: Option<Symbol>,
    /// Category of a model that is new with these bars: portfolio, on_demand, watchlist, scanning or another.
    #[arg(long)]
    pub(crate) category: Option<Category>,
    /// Take a file also if it contradicts many of the bars there are.
    #[arg(long)]
    pub(crate) accept_revision: bool,
}

type ClientResult<T> = Result<T, Failure>;

/// A coordinator that lives says how it is long before.
const HEALTH: Duration = Duration::from_secs(10);

impl Client {
    pub(crate) async fn models(&self, filter: &ModelFilter) -> ClientResult<Page<ModelSummary>> {
        self.list("/models", filter).await
    }

    pub(crate) async fn explain(&self, key: &ModelKey) -> ClientResult<ExplanationView> {
        self.get(&format!("/models/{key}/explanation"), &[]).await
    }

    /// Whether all is well: the answer of a coordinator that is not is one all the same.
    pub(crate) async fn health(&self) -> ClientResult<HealthAnswer> {
        let asked = self.request(Method::GET, "/health").timeout(HEALTH);
        let sent = asked.send().await.map_err(|error| self.unreachable(&error))?;
        let status = sent.status();
        match sent.json().await {
            Ok(health) => Ok(health),
            Err(_) => Err(Failure::failed(format!("{} answered {status}; is it Refit?", self.address()))),
        }
    }

    pub(crate) async fn monitor(&self, request: &MonitorRequest) -> ClientResult<MonitorAnswer> {
        self.post("/monitorings", request).await
    }

    pub(crate) async fn put_model(&self, key: &ModelKey, request: &ModelRequest) -> ClientResult<ModelView> {
        self.read(self.request(Method::PUT, &format!("/models/{key}")).json(request)).await
    }

    pub(crate) async fn versions(&self, key: &ModelKey, query: &PageQuery) -> ClientResult<Page<VersionSummary>> {
        self.list(&format!("/models/{key}/versions"), query).await
    }

    pub(crate) async fn version(&self, model: &str, version: &str) -> ClientResult<VersionView> {
        self.get(&format!("/models/{model}/versions/{version}"), &[]).await
    }

    pub(crate) async fn promote(&self, key: &ModelKey, request: &PromoteRequest) -> ClientResult<LedgerView> {
        self.post(&format!("/models/{key}/promote"), request).await
    }

    pub(crate) async fn rollback(&self, key: &ModelKey, request: &PromoteRequest) -> ClientResult<LedgerView> {
        self.post(&format!("/models/{key}/rollback"), request).await
    }

    pub(crate) async fn compare(&self, key: &ModelKey, a: String, b: String) -> ClientResult<CompareView> {
        self.get(&format!("/models/{key}/compare"), &[("a", a), ("b", b)]).await
    }

    pub(crate) async fn backup(&self, key: &ModelKey, request: &BackupRequest) -> ClientResult<BackupView> {
        self.post(&format!("/models/{key}/backups"), request).await
    }

    pub(crate) async fn backups(&self, key: &ModelKey, query: &PageQuery) -> ClientResult<Page<BackupView>> {
        self.list(&format!("/models/{key}/backups"), query).await
    }

    pub(crate) async fn restore(
        &self,
        key: &ModelKey,
        id: &str,
        request: &RestoreRequest,
    ) -> ClientResult<RestoreAnswer> {
        self.post(&format!("/models/{key}/backups/{id}/restore"), request).await
    }

    pub(crate) async fn reproduce(&self, key: &ModelKey, version: &str) -> ClientResult<JobView> {
        self.post(&format!("/models/{key}/versions/{version}/reproduce"), &()).await
    }

    pub(crate) async fn check(&self, request: &CheckRequest) -> ClientResult<EvaluationAnswer> {
        self.post("/evaluations", request).await
    }

    pub(crate) async fn train(&self, request: &TrainingRequest) -> ClientResult<TrainingAnswer> {
        self.post("/trainings", request).await
    }

    pub(crate) async fn batch(&self, request: &BatchRequest) -> ClientResult<TrainingAnswer> {
        self.post("/trainings/batch", request).await
    }

    pub(crate) async fn jobs(&self, filter: &JobFilter) -> ClientResult<Page<JobSummary>> {
        self.list("/jobs", filter).await
    }

    pub(crate) async fn job(&self, id: Uuid) -> ClientResult<JobView> {
        self.get(&format!("/jobs/{id}"), &[]).await
    }

    pub(crate) async fn probe(&self, request: &ProbeRequest) -> ClientResult<ProbeAnswer> {
        self.post("/probes", request).await
    }

    pub(crate) async fn cancel(&self, id: Uuid) -> ClientResult<CancelAnswer> {
        self.post(&format!("/jobs/{id}/cancel"), &()).await
    }

    pub(crate) async fn workers(&self, filter: &WorkerFilter) -> ClientResult<Page<WorkerView>> {
        self.list("/workers", filter).await
    }

    pub(crate) async fn drain_worker(&self, id: Uuid) -> ClientResult<WorkerView> {
        self.post(&format!("/workers/{id}/drain"), &()).await
    }

    pub(crate) async fn pools(&self, query: &PageQuery) -> ClientResult<Page<PoolView>> {
        self.list("/pools", query).await
    }

    pub(crate) async fn pause_pool(&self, pool: &Pool, request: &PauseRequest) -> ClientResult<PoolView> {
        self.post(&format!("/pools/{pool}/pause"), request).await
    }

    pub(crate) async fn drain_pool(&self, pool: &Pool, request: &PauseRequest) -> ClientResult<PoolView> {
        self.post(&format!("/pools/{pool}/drain"), request).await
    }

    pub(crate) async fn resume_pool(&self, pool: &Pool) -> ClientResult<PoolView> {
        self.post(&format!("/pools/{pool}/resume"), &()).await
    }

    pub(crate) async fn pause_model(&self, key: &ModelKey, request: &PauseRequest) -> ClientResult<ModelView> {
        self.post(&format!("/models/{key}/pause"), request).await
    }

    pub(crate) async fn resume_model(&self, key: &ModelKey) -> ClientResult<ModelView> {
        self.post(&format!("/models/{key}/resume"), &()).await
    }

    pub(crate) async fn cleanup(&self, request: &CleanupRequest) -> ClientResult<CleanupReport> {
        self.post("/cleanups", request).await
    }

    pub(crate) async fn dead_letters(&self) -> ClientResult<DeadLettersView> {
        self.get("/dead-letters", &[]).await
    }

    /// Sends a file of daily bars, in pieces: its size does not matter to either side's memory.
    pub(crate) async fn import(&self, file: &Path, whose: &Whose) -> ClientResult<ImportReport> {
        let opened = tokio::fs::File::from_std(crate::cli::file::open(file)?);
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.import_body(&name, whose, opened.into()).await
    }

    /// Sends daily bars under the name of a file.
    pub(crate) async fn import_body(
        &self,
        name: &str,
        whose: &Whose,
        body: reqwest::Body,
    ) -> ClientResult<ImportReport> {
        let mut query = vec![("file", name.to_owned())];
        query.extend(whose.symbol.iter().map(|symbol| ("symbol", symbol.to_string())));
        query.extend(whose.category.iter().map(|category| ("category", category.to_string())));
        if whose.accept_revision {
            query.push(("accept_revision", "true".to_owned()));
        }
        let request = self.request(Method::POST, "/imports").query(&query);
        self.read(request.header(reqwest::header::CONTENT_TYPE, "text/csv").body(body)).await
    }
}
