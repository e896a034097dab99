//! Leading: one coordinator runs the loops that act; the others listen, answer requests, and take over within ten seconds.

mod place;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::core::Core;
use super::{Error, Result, dispatch, evaluate, invariants, measure, monitor, reclaim, record};
use crate::db::{self, leader::Holder};
use crate::domain::leadership::{Move, TRUST, Watch};
use place::Place;

/// How often the seat is looked at.
const TICK: Duration = Duration::from_secs(1);
/// A look that takes longer has failed: when the trust of the look before ends, the loops must not go on.
const PATIENCE: Duration = TRUST.saturating_sub(TICK);

/// Leads whenever it can, until the coordinator stops.
pub(super) async fn run(core: Arc<Core>) {
    let (place, mut watch) = (Place::here(), Watch::default());
    let mut loops = JoinSet::new();
    loop {
        let asked = Instant::now();
        let looked = timeout(PATIENCE, round(&core, &place, &mut watch)).await;
        match looked.unwrap_or_else(|_| Err(silent())) {
            Ok(true) => {
                core.trust_until(asked + TRUST);
                if loops.is_empty() {
                    tracing::info!("this coordinator leads");
                    core.fleet().start_afresh();
                    act(&core, &mut loops);
                }
            }
            Ok(false) => core.trust_until(asked),
            Err(error) => tracing::warn!(%error, "the leader's row will be looked at again"),
        }
        if !core.leads() && !loops.is_empty() {
            tracing::warn!("this coordinator leads no more");
            loops.shutdown().await;
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The database hangs.
fn silent() -> Error {
    Error::Unavailable { why: format!("the database has not answered for {} s", PATIENCE.as_secs()) }
}

/// The loops of a leader.
fn act(core: &Arc<Core>, loops: &mut JoinSet<()>) {
    loops.spawn(record::run(core.clone()));
    loops.spawn(dispatch::keep_frozen(core.clone()));
    loops.spawn(dispatch::run(core.clone()));
    loops.spawn(reclaim::run(core.clone()));
    loops.spawn(evaluate::run(core.clone()));
    loops.spawn(monitor::run(core.clone()));
    loops.spawn(measure::run(core.clone()));
    loops.spawn(invariants::run(core.clone()));
    core.line_changed.notify_one();
}

/// Looks at the seat, and says whether it is ours now.
async fn round(core: &Core, place: &Place, watch: &mut Watch) -> Result<bool> {
    let held = db::leader::read(&mut *core.db.look().await?).await?;
    let gone = held.place.parse::<Place>().is_ok_and(|other| place.knows_to_be_gone(&other));
    let now = Instant::now();
    match watch.next(held.seat, core.id, gone, now) {
        Move::Follow => Ok(false),
        Move::Renew => renew(core, &held).await,
        Move::Take => take(core, &held, place).await,
    }
}

async fn renew(core: &Core, held: &Holder) -> Result<bool> {
    let mut tx = core.db.begin_beat().await?;
    let renewed = db::leader::renew(&mut tx, core.id, held.seat).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(renewed)
}

async fn take(core: &Core, held: &Holder, place: &Place) -> Result<bool> {
    let mut tx = core.db.begin_beat().await?;
    let taken = db::leader::take(&mut tx, core.id, &place.to_string(), held.seat).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(taken)
}

/// Leaves the seat, so that nobody has to wait for a beat that will not come.
pub(super) async fn resign(core: &Core) -> Result<()> {
    core.trust_until(Instant::now());
    let mut tx = core.db.begin_beat().await?;
    db::leader::resign(&mut tx, core.id).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}
