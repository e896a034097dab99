//! Searches for hyper-parameters (E10): trials are jobs of low priority, in rungs; what is found is asked for as a training, judged like
//! any other, and what its model is trained with from when it goes live.
//!
//! All of it stands in rows. Whoever leads takes it on from there, so that nothing is tried twice because a coordinator died.

mod challenge;
mod climb;
mod conclude;
mod manage;
mod show;

use std::sync::Arc;

use common::vocabulary::Timestamp;
use domain::search::{SearchOutcome, SearchState};
use domain::transition::Command;

pub(crate) use self::conclude::conclude;
use crate::db::{self, Connection, searches::Search};
use crate::service::error::Result;
use crate::service::jobs::lifecycle;
use crate::service::runtime::Core;

/// Days that a search which has ended can be gone on with: so long its rows are kept.
const RESUMABLE_DAYS: f64 = 30.0;

/// Searches that ended before cannot be gone on with.
pub(crate) fn resumable_since(now: Timestamp) -> Timestamp {
    now.plus_days(-RESUMABLE_DAYS)
}

/// Takes every search on that is under way.
pub(crate) async fn round(core: &Arc<Core>) -> Result<()> {
    for id in db::searches::cancelling(&mut *core.db.read().await?).await? {
        if let Err(error) = cancel_trials(core, id).await {
            tracing::warn!(search = id, %error, "trials of a search are cancelled a moment later");
        }
    }
    for search in db::searches::open(&mut *core.db.read().await?).await? {
        let (id, model) = (search.id, search.model.clone());
        let done = match search.state {
            SearchState::Running => climb::go_on(core, search).await,
            SearchState::Challenging => challenge::follow(core, search).await,
            SearchState::Completed | SearchState::Failed | SearchState::Cancelled => Ok(()),
        };
        // What stands in the way of one is not in the way of others.
        if let Err(error) = done {
            tracing::warn!(search = id, %model, %error, "a search is taken on a moment later");
        }
    }
    Ok(())
}

/// Cancels the trials of a cancelled search that have not ended, until there are none.
async fn cancel_trials(core: &Core, search: i64) -> Result<()> {
    let trials = db::searches::trials(&mut *core.db.read().await?, search).await?;
    let open: Vec<_> =
        trials.iter().filter(|trial| trial.is_open()).map(|trial| (trial.job, Command::Cancel)).collect();
    let is_done = open.is_empty();
    // One that ends meanwhile by itself has nothing to cancel.
    lifecycle::commands(core, open).await?;
    if is_done {
        let mut tx = core.db.begin().await?;
        db::searches::set_cancelling(&mut tx, search, false).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// A search is cancelled, in the caller's transaction; whoever leads cancels its trials. `false`: somebody has changed it meanwhile.
async fn cancel(tx: &mut Connection, before: &Search, outcome: SearchOutcome) -> Result<bool> {
    let (state, ended_at) = (SearchState::Cancelled, Some(Timestamp::now()));
    let now = Search { state, outcome: Some(outcome), ended_at, ..before.clone() };
    if !db::searches::save(tx, before, &now).await? {
        return Ok(false);
    }
    db::searches::set_cancelling(tx, before.id, true).await?;
    Ok(true)
}

/// A search is over.
async fn end(core: &Core, before: &Search, state: SearchState, outcome: SearchOutcome) -> Result<bool> {
    tracing::info!(search = before.id, model = %before.model, %state, ?outcome, "a search is over");
    let now = Search { state, outcome: Some(outcome), ended_at: Some(Timestamp::now()), ..before.clone() };
    change(core, before, &now).await
}

/// Writes a search in a transaction of its own. `false`: somebody has changed it meanwhile.
async fn change(core: &Core, before: &Search, now: &Search) -> Result<bool> {
    let mut tx = core.db.begin().await?;
    let done = db::searches::save(&mut tx, before, now).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(done)
}
