//! The coordinator at work: what it can be asked ([`Refit`]) and the loops that run by themselves ([`Coordinator`]).
//!
//! ```text
//! import ─► evaluate ─► request ─► the line ─► freeze ─► dispatch ─► inbox ─► record ─► judge ─► promote
//!                                                 ▲                     │
//!                                                 └── lease, cancel ◄───┘      life: every change of a job's row
//! ```

mod access;
mod answers;
mod artifact;
mod background;
mod backoff;
mod backup;
mod batch;
mod behind;
mod cancel;
mod cleanup;
mod compare;
mod compat;
mod coordinator;
mod core;
mod dataset;
mod dead_letters;
mod dispatch;
mod drain;
mod error;
mod evaluate;
mod events;
mod failing;
mod fault;
mod fleet;
mod forecast;
mod freed;
mod freeze;
mod freeze_table;
mod health;
mod import;
mod inbox;
mod infer;
mod invariants;
mod judge;
mod keep;
mod leader;
mod lease;
mod life;
mod lines;
mod measure;
mod mend;
mod model;
mod monitor;
mod outcomes;
mod pools;
mod predict;
mod predictions;
mod probe;
mod promote;
mod pulse;
mod recent;
mod reclaim;
mod record;
mod renew;
mod report;
mod reproduce;
mod request;
mod ring;
mod scaling;
mod show;
mod source;
mod standstill;
mod taste;
mod tell;
mod timeout;
mod transfers;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use common::vocabulary::{JobId, ModelKey, Pool, VersionNumber, WorkerId};
use tokio::io::AsyncRead;

pub use self::access::Bearer;
pub use self::artifact::Unfit;
pub use self::background::TaskName;
pub use self::coordinator::Coordinator;
use self::core::Core;
pub use self::core::Ports;
pub use self::error::{Error, Result};
pub use self::events::Listener;
pub use self::fault::{Fault, Mutant, Step};
pub use self::import::PriceImport;
use crate::db;
use crate::domain::invariant::Invariant;
use crate::views::{
    BatchRequest, CancelAnswer, CheckRequest, CleanupReport, CleanupRequest, DecisionView, ImportReport,
    IncrementalReport, InvariantView, JobFilter, JobView, LedgerView, ModelRequest, ModelView, PauseRequest, PoolView,
    PromoteRequest, ScalingView, TrainingAnswer, TrainingRequest, VersionView, WorkerView,
};

/// What Refit can be asked; a handle that is cheap to clone. The API and the command line are thin faces of it.
#[derive(Clone, Debug)]
pub struct Refit {
    core: Arc<Core>,
}

impl Refit {
    fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Takes in a CSV file of daily bars (`date,open,high,low,close,adj_close,volume`). The symbol is the one given, or that of the
    /// column `symbol`, or the file's name; a model `forecaster/SYMBOL` is registered with the first bars.
    ///
    /// # Errors
    /// The file as a whole cannot be used: no or renamed columns, no row that can be taken, no symbol. [`Error::Held`]: it
    /// contradicts many of the bars there are, and nobody has said that it is right.
    pub async fn import_prices(
        &self,
        import: PriceImport,
        source: impl AsyncRead + Send + Unpin,
    ) -> Result<ImportReport> {
        import::prices(&self.core, import, source).await
    }

    /// Every model, by key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn models(&self) -> Result<Vec<ModelView>> {
        show::models(&self.core).await
    }

    /// One model.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn model(&self, key: &ModelKey) -> Result<ModelView> {
        show::model(&self.core, key).await
    }

    /// Registers a model or changes it.
    ///
    /// # Errors
    /// Its key names no family, or a hyper-parameter is out of range.
    pub async fn put_model(&self, key: &ModelKey, request: ModelRequest) -> Result<ModelView> {
        model::put(&self.core, key, request).await
    }

    /// Pauses a model: nothing of it is enqueued by itself, and what waits is not handed out.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn pause_model(&self, key: &ModelKey, request: PauseRequest) -> Result<ModelView> {
        model::pause(&self.core, key, request).await
    }

    /// Lets a paused model be trained again.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn resume_model(&self, key: &ModelKey) -> Result<ModelView> {
        model::resume(&self.core, key).await
    }

    /// A model's versions, newest first.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn versions(&self, key: &ModelKey) -> Result<Vec<VersionView>> {
        let mut view = self.core.db.snapshot().await?;
        model::known(&mut view, key).await?;
        db::versions::of_model(&mut view, key).await?.into_iter().map(show::version).collect()
    }

    /// One version.
    ///
    /// # Errors
    /// There is no such model or version.
    pub async fn version(&self, key: &ModelKey, version: VersionNumber) -> Result<VersionView> {
        let mut view = self.core.db.snapshot().await?;
        model::known(&mut view, key).await?;
        match db::versions::get(&mut view, key, version).await? {
            Some(version) => show::version(version),
            None => Err(Error::not_found(format!("version {version} of {key}"))),
        }
    }

    /// Decides which models need a training, and enqueues what is due if asked to. Most urgent first.
    ///
    /// # Errors
    /// A model named does not exist.
    pub async fn check(&self, request: CheckRequest) -> Result<Vec<DecisionView>> {
        evaluate::check(&self.core, request).await
    }

    /// The latest decision about every model.
    ///
    /// # Errors
    /// The database fails.
    pub async fn decisions(&self) -> Result<Vec<DecisionView>> {
        let latest = db::decisions::all(&mut *self.core.db.read().await?).await?;
        Ok(latest.into_values().collect())
    }

    /// How the decisions about a model changed, oldest first: verdict or reasons, the "no" included.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn decision_history(&self, key: &ModelKey) -> Result<Vec<DecisionView>> {
        let mut view = self.core.db.snapshot().await?;
        model::known(&mut view, key).await?;
        Ok(db::decisions::history(&mut view, key).await?)
    }

    /// Asks for one training.
    ///
    /// # Errors
    /// Unknown model, hyper-parameters out of range, too little history.
    pub async fn train(&self, request: TrainingRequest) -> Result<TrainingAnswer> {
        request::train(&self.core, request).await
    }

    /// Asks for many trainings; what cannot be asked for is refused one by one.
    ///
    /// # Errors
    /// The request as a whole makes no sense.
    pub async fn batch(&self, request: BatchRequest) -> Result<TrainingAnswer> {
        request::batch(&self.core, request).await
    }

    /// Jobs: the running first, then the line in its order, then the ended, newest first.
    ///
    /// # Errors
    /// The filter makes no sense.
    pub async fn jobs(&self, filter: JobFilter) -> Result<Vec<JobView>> {
        show::jobs(&self.core, filter).await
    }

    /// One job.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn job(&self, id: JobId) -> Result<JobView> {
        show::job(&self.core, id).await
    }

    /// One job once it has ended, or as it is when the time is over.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn job_ended(&self, id: JobId, limit: Duration) -> Result<JobView> {
        probe::ended(&self.core, id, limit).await
    }

    /// Cancels a job, and says what came of that: a result that was sealed first is kept, and not promoted.
    ///
    /// # Errors
    /// There is no such job, or it has already ended.
    pub async fn cancel(&self, id: JobId) -> Result<CancelAnswer> {
        cancel::cancel(&self.core, id).await
    }

    /// Makes a version live by hand.
    ///
    /// # Errors
    /// No such version, no version named, or one that is a reproduction or has lost its weights.
    pub async fn promote(&self, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
        promote::promote(&self.core, key, request).await
    }

    /// Makes an earlier live version live again: a further ledger entry.
    ///
    /// # Errors
    /// There is none to go back to.
    pub async fn rollback(&self, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
        promote::rollback(&self.core, key, request).await
    }

    /// The ledger of promotions of a model, newest first.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn ledger(&self, key: &ModelKey) -> Result<Vec<LedgerView>> {
        let mut view = self.core.db.snapshot().await?;
        model::known(&mut view, key).await?;
        Ok(db::ledger::of(&mut view, key).await?.into_iter().map(show::ledger_entry).collect())
    }

    /// Trains a version again from its manifest; the job's `comparison` says how alike the two are. Never promoted.
    ///
    /// # Errors
    /// There is no such version.
    pub async fn reproduce(&self, key: &ModelKey, version: VersionNumber) -> Result<JobView> {
        reproduce::enqueue(&self.core, key, version).await
    }

    /// The state of every model and what to do about it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn incremental_report(&self, as_of: Option<NaiveDate>) -> Result<IncrementalReport> {
        report::incremental(&self.core, evaluate::moment(as_of)?).await
    }

    /// The workers heard of lately.
    ///
    /// # Errors
    /// The database fails.
    pub async fn workers(&self) -> Result<Vec<WorkerView>> {
        report::workers(&self.core).await
    }

    /// Asks a worker to drain: no new claims, what it holds is given back with a checkpoint, then it ends.
    ///
    /// # Errors
    /// Nothing has been heard of it lately, or it is not alive.
    pub async fn drain_worker(&self, id: WorkerId) -> Result<WorkerView> {
        drain::worker(&self.core, id).await
    }

    /// Every pool that is configured, served, paused, or has jobs, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pools(&self) -> Result<Vec<PoolView>> {
        pools::list(&self.core).await
    }

    /// What an autoscaler goes by. A pool nobody has heard of wants nothing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scaling(&self, pool: Pool) -> Result<ScalingView> {
        pools::scaling(&self.core, pool).await
    }

    /// Hands out nothing new in a pool; what runs goes on.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn pause_pool(&self, pool: Pool, request: PauseRequest) -> Result<PoolView> {
        pools::close(&self.core, pool, request, false).await
    }

    /// Hands out nothing new in a pool, and has what runs given back with a checkpoint.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn drain_pool(&self, pool: Pool, request: PauseRequest) -> Result<PoolView> {
        pools::close(&self.core, pool, request, true).await
    }

    /// Hands out work in a pool again.
    ///
    /// # Errors
    /// There is no such pool.
    pub async fn resume_pool(&self, pool: Pool) -> Result<PoolView> {
        pools::resume(&self.core, pool).await
    }

    /// Looks whether everything holds that must always hold, now, and what this coordinator has found broken since it started.
    ///
    /// # Errors
    /// The store or the database fails.
    pub async fn invariants(&self) -> Result<Vec<InvariantView>> {
        invariants::check(&self.core).await?;
        Ok(invariants::show(&self.core))
    }

    /// How many different breaches of each invariant this coordinator has found since it started.
    pub fn violations(&self) -> Vec<(Invariant, u64)> {
        self.core.violations().counts()
    }

    /// Removes from the store what nothing refers to any more, in two steps an hour apart.
    ///
    /// # Errors
    /// The store or the database fails.
    pub async fn cleanup(&self, request: CleanupRequest) -> Result<CleanupReport> {
        cleanup::clean(&self.core, request).await
    }

    /// Whether all was well a few seconds ago; costs nothing, and nothing is written for it.
    pub fn is_healthy(&self) -> bool {
        self.core.pulse.is_healthy()
    }

    async fn resign(&self) {
        if let Err(error) = leader::resign(&self.core).await {
            tracing::warn!(%error, "the seat of the leader is left when its time is over");
        }
    }

    async fn close(&self) {
        self.core.db.close().await;
    }
}
