//! Leading: one coordinator runs the loops that act; the others listen, answer requests, and take over within ten seconds.

mod process;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::leadership::{Move, TRUST, Watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::background::{Rhythm, Task};
use super::{Core, Refit};
use crate::db::{self, leader::Holder};
use crate::service::error::{Error, Result};
use crate::service::state::TaskName;
use process::ProcessIdentity;

/// How often the row of who leads is looked at.
const TICK: Duration = Duration::from_secs(1);
/// A look that takes longer has failed: when the trust of the look before ends, the loops must not go on.
const TIME_LIMIT: Duration = TRUST.saturating_sub(TICK);

impl Refit {
    /// Leaves the lead to another.
    pub(crate) async fn resign(&self) {
        if let Err(error) = resign(&self.core).await {
            tracing::warn!(%error, "the seat of the leader is left when its time is over");
        }
    }
}

/// Leads whenever it can.
pub(crate) struct Leadership {
    process: ProcessIdentity,
    watch: Watch,
    /// What only a leader does.
    tasks: JoinSet<()>,
    /// Begins that.
    begin: Begin,
}

/// Begins what only a leader does.
pub(crate) type Begin = fn(&Arc<Core>, &mut JoinSet<()>);

impl Leadership {
    /// Nothing is known yet of who leads.
    pub(crate) fn new(begin: Begin) -> Self {
        Self { process: ProcessIdentity::here(), watch: Watch::default(), tasks: JoinSet::new(), begin }
    }
}

#[async_trait]
impl Task for Leadership {
    fn name(&self) -> TaskName {
        TaskName::Leadership
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::Every(TICK)
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let asked = Instant::now();
        let looked = timeout(TIME_LIMIT, look(core, &self.process, &mut self.watch)).await;
        let looked = looked.unwrap_or_else(|_| Err(silent()));
        match looked {
            Ok(true) => {
                core.lead.trust_until(asked + TRUST);
                if self.tasks.is_empty() {
                    tracing::info!("this coordinator leads");
                    core.fleet().start_afresh();
                    core.troubles().forget();
                    core.bells.forget();
                    (self.begin)(core, &mut self.tasks);
                    core.backlog_changed.notify_one();
                }
            }
            Ok(false) => core.lead.trust_until(asked),
            Err(_) => {}
        }
        if !core.leads() && !self.tasks.is_empty() {
            tracing::warn!("this coordinator leads no more");
            self.tasks.shutdown().await;
            core.troubles().forget();
        }
        looked.map(|_| ())
    }
}

/// The database hangs.
fn silent() -> Error {
    Error::Unavailable { reason: format!("the database has not answered for {} s", TIME_LIMIT.as_secs()) }
}

/// Looks at who leads, and says whether we do now.
async fn look(core: &Core, process: &ProcessIdentity, watch: &mut Watch) -> Result<bool> {
    let held = db::leader::read(&mut *core.db.look().await?).await?;
    let gone = held.process.parse::<ProcessIdentity>().is_ok_and(|other| process.knows_to_be_gone(&other));
    let now = Instant::now();
    if watch.is_news(held.leader) {
        core.lead.is_led();
    }
    match watch.next(held.leader, core.id, gone, now) {
        Move::Follow => Ok(false),
        Move::Renew => renew(core, &held).await,
        Move::Take => take(core, &held, process).await,
    }
}

async fn renew(core: &Core, held: &Holder) -> Result<bool> {
    let mut tx = core.db.begin_beat().await?;
    let renewed = db::leader::renew(&mut tx, core.id, held.leader).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(renewed)
}

async fn take(core: &Core, held: &Holder, process: &ProcessIdentity) -> Result<bool> {
    let mut tx = core.db.begin_beat().await?;
    let taken = db::leader::take(&mut tx, core.id, &process.to_string(), held.leader).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(taken)
}

/// Leaves the lead, so that nobody has to wait for a beat that will not come.
pub(crate) async fn resign(core: &Core) -> Result<()> {
    core.lead.trust_until(Instant::now());
    let mut tx = core.db.begin_beat().await?;
    db::leader::resign(&mut tx, core.id).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}
