//! The log of predictions, written behind the answers, which never wait for it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::telemetry::table::metric;
use tokio::time::Instant;

use super::{kept_since, prune};
use crate::db::predictions::Served;
use crate::db::{self, Database};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::state::TaskName;
use crate::service::state::behind::Sink;

/// How long the first of a batch waits for others.
const LINGER: Duration = Duration::from_millis(100);
/// How often predictions that are too old are looked for.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Writes what was served, and removes now and then what is too old to be kept.
pub(crate) struct Writer {
    prune_at: Instant,
}

impl Writer {
    /// Looks for what is too old first.
    pub(crate) fn new() -> Self {
        Self { prune_at: Instant::now() }
    }
}

#[async_trait]
impl Task for Writer {
    fn name(&self) -> TaskName {
        TaskName::PredictionLog
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::AtOnce
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        if self.prune_at <= Instant::now() {
            self.prune_at = Instant::now() + PRUNE_EVERY;
            prune(&core.db, kept_since(core)).await?;
        }
        let lost = core.log.take_lost();
        if lost > 0 {
            tracing::warn!(lost, "predictions were served faster than they could be logged: these are not in the log");
        }
        core.log.round(self.prune_at, LINGER, &core.db).await
    }
}

#[async_trait]
impl Sink<Served> for Database {
    async fn write(&self, served: &[Served]) -> Result<()> {
        // Behind the answers anyway: a power cut may cost the newest of them.
        let mut tx = self.begin_lazily().await?;
        db::predictions::insert(&mut tx, served).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(())
    }

    fn refused(&self, served: &Served, error: &Error) {
        metric::PREDICTIONS_UNLOGGED.add(1, &[]);
        tracing::error!(id = %served.id, model = %served.model, %error, "a prediction could not be logged and is given up");
    }
}
