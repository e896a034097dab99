//! The coordinator at work: what it can be asked ([`Refit`]) and the loops that run by themselves.

mod core;
mod error;
mod fault;
mod fleet;
mod import;
mod options;

use std::sync::Arc;

use common::vocabulary::{Category, JobId, ModelKey, Symbol, Timestamp, VersionNumber};
use tokio::io::AsyncRead;
use tokio::sync::broadcast;

use crate::views::{
    BatchRequest, CancelAnswer, CheckRequest, CleanupReport, CleanupRequest, DecisionView, Event, ForecastRequest,
    ForecastView, HealthView, ImportReport, IncrementalReport, JobFilter, JobView, LedgerView, ModelRequest, ModelView,
    PromoteRequest, TrainingAnswer, TrainingRequest, VersionView, WorkerView,
};

use self::core::Core;
pub use self::core::Ports;
pub use error::{Error, Result};
pub use fault::{Fault, Step};
pub use options::Options;

/// What Refit can be asked; a handle that is cheap to clone. The API and the command line are thin faces of it.
#[derive(Clone, Debug)]
pub struct Refit {
    core: Arc<Core>,
}

impl Refit {
    /// Takes in a CSV file of daily bars (`date,open,high,low,close,adj_close,volume`). The symbol is the one given, or that of the
    /// column `symbol`, or the file's name; a model `forecaster/SYMBOL` is registered with the first bars.
    ///
    /// # Errors
    /// The file as a whole cannot be used: no or renamed columns, no row that can be taken, no symbol.
    pub async fn import_prices(
        &self,
        file: &str,
        symbol: Option<Symbol>,
        category: Option<Category>,
        source: impl AsyncRead + Send + Unpin,
    ) -> Result<ImportReport> {
        import::prices(&self.core, file, symbol, category, source).await
    }

    /// Every model, by key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn models(&self) -> Result<Vec<ModelView>> {
        self.starting()
    }

    /// One model.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn model(&self, _key: &ModelKey) -> Result<ModelView> {
        self.starting()
    }

    /// Registers a model or changes it.
    ///
    /// # Errors
    /// Its key names no family, or a hyper-parameter is out of range.
    pub async fn put_model(&self, _key: &ModelKey, _request: ModelRequest) -> Result<ModelView> {
        self.starting()
    }

    /// A model's versions, newest first.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn versions(&self, _key: &ModelKey) -> Result<Vec<VersionView>> {
        self.starting()
    }

    /// One version.
    ///
    /// # Errors
    /// There is no such model or version.
    pub async fn version(&self, _key: &ModelKey, _version: VersionNumber) -> Result<VersionView> {
        self.starting()
    }

    /// Decides which models need a training, and enqueues what is due if asked to. Most urgent first.
    ///
    /// # Errors
    /// A model named does not exist.
    pub async fn check(&self, _request: CheckRequest) -> Result<Vec<DecisionView>> {
        self.starting()
    }

    /// The latest decision about every model.
    ///
    /// # Errors
    /// The database fails.
    pub async fn decisions(&self) -> Result<Vec<DecisionView>> {
        self.starting()
    }

    /// Asks for one training.
    ///
    /// # Errors
    /// Unknown model, hyper-parameters out of range, too little history.
    pub async fn train(&self, _request: TrainingRequest) -> Result<TrainingAnswer> {
        self.starting()
    }

    /// Asks for many trainings; what cannot be asked for is refused one by one.
    ///
    /// # Errors
    /// The request as a whole makes no sense.
    pub async fn batch(&self, _request: BatchRequest) -> Result<TrainingAnswer> {
        self.starting()
    }

    /// Jobs: the running first, then the line in its order, then the ended, newest first.
    ///
    /// # Errors
    /// The filter makes no sense.
    pub async fn jobs(&self, _filter: JobFilter) -> Result<Vec<JobView>> {
        self.starting()
    }

    /// One job.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn job(&self, _id: JobId) -> Result<JobView> {
        self.starting()
    }

    /// Cancels a job, and says what came of that: a result that was sealed first is kept, and not promoted.
    ///
    /// # Errors
    /// There is no such job, or it has already ended.
    pub async fn cancel(&self, _id: JobId) -> Result<CancelAnswer> {
        self.starting()
    }

    /// Makes a version live by hand.
    ///
    /// # Errors
    /// No such version, no version named, or one that is a reproduction or has lost its weights.
    pub async fn promote(&self, _key: &ModelKey, _request: PromoteRequest) -> Result<LedgerView> {
        self.starting()
    }

    /// Makes an earlier live version live again: a further ledger entry.
    ///
    /// # Errors
    /// There is none to go back to.
    pub async fn rollback(&self, _key: &ModelKey, _request: PromoteRequest) -> Result<LedgerView> {
        self.starting()
    }

    /// The ledger of promotions of a model, newest first.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn ledger(&self, _key: &ModelKey) -> Result<Vec<LedgerView>> {
        self.starting()
    }

    /// Trains a version again from its manifest; the job's `comparison` says how alike the two are. Never promoted.
    ///
    /// # Errors
    /// There is no such version.
    pub async fn reproduce(&self, _key: &ModelKey, _version: VersionNumber) -> Result<JobView> {
        self.starting()
    }

    /// Forecasts the next bar of each symbol, and says what answered and why.
    ///
    /// # Errors
    /// A symbol makes no sense. A symbol without bars or model is an answer, not an error.
    pub async fn forecast(&self, _request: ForecastRequest) -> Result<Vec<ForecastView>> {
        self.starting()
    }

    /// The state of every model and what to do about it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn incremental_report(&self, _as_of: Option<Timestamp>) -> Result<IncrementalReport> {
        self.starting()
    }

    /// The workers heard of lately.
    ///
    /// # Errors
    /// The database fails.
    pub async fn workers(&self) -> Result<Vec<WorkerView>> {
        self.starting()
    }

    /// Removes from the store what nothing refers to any more, in two steps an hour apart.
    ///
    /// # Errors
    /// The store or the database fails.
    pub async fn cleanup(&self, _request: CleanupRequest) -> Result<CleanupReport> {
        self.starting()
    }

    /// What happens from now on. A reader that falls behind misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.core.events()
    }

    /// Whether everything it stands on answers.
    pub async fn health(&self) -> HealthView {
        HealthView {
            healthy: false,
            database: String::new(),
            bus: String::new(),
            queue: String::new(),
            store: String::new(),
            workers: 0,
        }
    }

    fn starting<T>(&self) -> Result<T> {
        Err(Error::Unavailable { why: "the coordinator is starting".into() })
    }
}
