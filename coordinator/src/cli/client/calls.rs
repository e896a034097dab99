//! One method an operation of the API; the only place of the command line that knows its paths.

use std::path::Path;

use chrono::NaiveDate;
use common::vocabulary::{Category, ModelKey, Symbol};
use reqwest::Method;
use uuid::Uuid;

use super::Client;
use crate::cli::exit::{Code, Failure};
use crate::views::{
    BatchRequest, CancelAnswer, CheckRequest, CleanupReport, CleanupRequest, DeadLettersView, DecisionView,
    ForecastRequest, ForecastView, ImportReport, IncrementalReport, JobView, LedgerView, ModelRequest, ModelView,
    ProbeAnswer, ProbeRequest, PromoteRequest, TrainingAnswer, TrainingRequest, VersionView, WorkerView,
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
}

type Answer<T> = Result<T, Failure>;

impl Client {
    pub(crate) async fn models(&self) -> Answer<Vec<ModelView>> {
        self.get("/models", &[]).await
    }

    pub(crate) async fn put_model(&self, key: &ModelKey, request: &ModelRequest) -> Answer<ModelView> {
        self.read(self.request(Method::PUT, &format!("/models/{key}")).json(request)).await
    }

    pub(crate) async fn versions(&self, key: &ModelKey) -> Answer<Vec<VersionView>> {
        self.get(&format!("/models/{key}/versions"), &[]).await
    }

    pub(crate) async fn promote(&self, key: &ModelKey, request: &PromoteRequest) -> Answer<LedgerView> {
        self.post(&format!("/models/{key}/promote"), request).await
    }

    pub(crate) async fn rollback(&self, key: &ModelKey, request: &PromoteRequest) -> Answer<LedgerView> {
        self.post(&format!("/models/{key}/rollback"), request).await
    }

    pub(crate) async fn reproduce(&self, key: &ModelKey, version: &str) -> Answer<JobView> {
        self.post(&format!("/models/{key}/versions/{version}/reproduce"), &()).await
    }

    pub(crate) async fn check(&self, request: &CheckRequest) -> Answer<Vec<DecisionView>> {
        self.post("/evaluations", request).await
    }

    pub(crate) async fn train(&self, request: &TrainingRequest) -> Answer<TrainingAnswer> {
        self.post("/trainings", request).await
    }

    pub(crate) async fn batch(&self, request: &BatchRequest) -> Answer<TrainingAnswer> {
        self.post("/trainings/batch", request).await
    }

    /// Every job there is: the running, the line in its order, the ended.
    pub(crate) async fn jobs(&self) -> Answer<Vec<JobView>> {
        self.get("/jobs", &[("limit", u32::MAX.to_string())]).await
    }

    pub(crate) async fn job(&self, id: Uuid) -> Answer<JobView> {
        self.get(&format!("/jobs/{id}"), &[]).await
    }

    /// The job once it has ended, or as it is after so many seconds.
    pub(crate) async fn job_ended(&self, id: Uuid, seconds: f64) -> Answer<JobView> {
        self.get(&format!("/jobs/{id}"), &[("wait", seconds.to_string())]).await
    }

    pub(crate) async fn probe(&self, request: &ProbeRequest) -> Answer<ProbeAnswer> {
        self.post("/probes", request).await
    }

    pub(crate) async fn cancel(&self, id: Uuid) -> Answer<CancelAnswer> {
        self.post(&format!("/jobs/{id}/cancel"), &()).await
    }

    pub(crate) async fn workers(&self) -> Answer<Vec<WorkerView>> {
        self.get("/workers", &[]).await
    }

    pub(crate) async fn forecasts(&self, request: &ForecastRequest) -> Answer<Vec<ForecastView>> {
        self.post("/forecasts", request).await
    }

    pub(crate) async fn incremental_report(&self, as_of: Option<NaiveDate>) -> Answer<IncrementalReport> {
        let query: Vec<_> = as_of.iter().map(|date| ("as_of", date.to_string())).collect();
        self.get("/reports/incremental", &query).await
    }

    pub(crate) async fn cleanup(&self, request: &CleanupRequest) -> Answer<CleanupReport> {
        self.post("/cleanups", request).await
    }

    pub(crate) async fn dead_letters(&self) -> Answer<DeadLettersView> {
        self.get("/dead-letters", &[]).await
    }

    /// Sends a file of daily bars, in pieces: its size does not matter to either side's memory.
    pub(crate) async fn import(&self, file: &Path, whose: &Whose) -> Answer<ImportReport> {
        let unreadable = |error: std::io::Error| {
            let code = if error.kind() == std::io::ErrorKind::NotFound { Code::NotFound } else { Code::Failed };
            Failure::new(code, format!("cannot read {}: {error}", file.display()))
        };
        let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.import_body(&name, whose, opened.into()).await
    }

    /// Sends daily bars under the name of a file.
    pub(crate) async fn import_body(&self, name: &str, whose: &Whose, body: reqwest::Body) -> Answer<ImportReport> {
        let mut query = vec![("file", name.to_owned())];
        query.extend(whose.symbol.iter().map(|symbol| ("symbol", symbol.to_string())));
        query.extend(whose.category.iter().map(|category| ("category", category.to_string())));
        let request = self.request(Method::POST, "/imports").query(&query);
        self.read(request.header(reqwest::header::CONTENT_TYPE, "text/csv").body(body)).await
    }

    /// The job an id, or the beginning of one, stands for.
    pub(crate) async fn job_named(&self, id: &str) -> Answer<Uuid> {
        if let Ok(id) = id.parse() {
            return Ok(id);
        }
        let jobs = self.jobs().await?;
        let mut fitting = jobs.iter().filter(|job| job.id.to_string().starts_with(&id.to_lowercase()));
        match (fitting.next(), fitting.count()) {
            (Some(job), 0) => Ok(job.id),
            (Some(_), more) => Err(Failure::new(Code::Usage, format!("{} jobs begin with {id:?}", more + 1))
                .next("give more digits of the id; `refit jobs --all` shows them")),
            (None, _) => Err(Failure::new(Code::NotFound, format!("no job begins with {id:?}"))
                .next("`refit jobs --all` lists those there are")),
        }
    }
}
