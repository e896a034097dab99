//! The live pointer of a model: moved by compare-and-swap, with one more entry in the ledger.

use common::vocabulary::{Timestamp, VersionNumber};
use domain::ledger::{self, Cause, Move};
use domain::search::{self, SearchOutcome, SearchState};

use crate::db::{
    self, Connection,
    ledger::LedgerEntry,
    models::Model,
    searches::Search,
    versions::{Status, Version},
};
use crate::service::error::{Error, Result};

/// Moves the pointer to `to`, in the caller's transaction. `false`: it no longer stands where the caller saw it.
pub(crate) async fn move_to(
    tx: &mut Connection,
    to: &Version,
    previous: Option<VersionNumber>,
    entry: LedgerEntry,
) -> db::Result<bool> {
    if !db::models::move_live(tx, &to.model, to.number, entry.live_seq - 1).await? {
        return Ok(false);
    }
    if let Some(previous) = previous.filter(|previous| *previous != to.number) {
        db::versions::set_status(tx, &to.model, previous, Status::Retired).await?;
    }
    db::versions::set_status(tx, &to.model, to.number, Status::Live).await?;
    db::ledger::append(tx, &entry).await?;
    take_over(tx, to).await?;
    Ok(true)
}

/// What a search has found is live: its model is trained with it from now on.
async fn take_over(tx: &mut Connection, live: &Version) -> db::Result<()> {
    let Some(before) = db::searches::of_challenger(tx, live.job).await? else { return Ok(()) };
    let Some(SearchOutcome::Challenging { trial, .. } | SearchOutcome::Waits { trial, .. }) = before.outcome else {
        return Ok(());
    };
    let found = before.request.drawn.get(trial as usize);
    if let Some((model, found)) = db::models::get(tx, &live.model).await?.zip(found) {
        match search::taken_over(&model.hyper, found, &before.request.space) {
            Ok(hyper) => db::models::update(tx, &Model { hyper, ..model }).await?,
            Err(error) => {
                tracing::warn!(model = %live.model, %error, "what was found does not go with what the model has by now")
            }
        }
    }
    let outcome = Some(SearchOutcome::Adopted { trial, version: live.number });
    let ended_at = Some(Timestamp::now());
    let now = Search { state: SearchState::Completed, outcome, ended_at, ..before.clone() };
    db::searches::save(tx, &before, &now).await?;
    Ok(())
}

/// The version to go back to.
pub(crate) fn predecessor(newest_first: &[LedgerEntry]) -> Option<VersionNumber> {
    let moves = newest_first.iter().rev().map(|entry| Move { cause: entry.cause, to: entry.version });
    ledger::predecessor(moves)
}

/// Whether a version may be made live by hand.
pub(crate) fn fit(version: &Version, kind: &str) -> Result<()> {
    let number = version.number;
    if version.thinned {
        return Err(Error::refused(format!(
            "{number} has lost its weights in a cleanup: `refit reproduce {} {number}` trains it again, and if it comes out the \
             same to the bit, {number} is whole again",
            version.model
        )));
    }
    match version.status {
        Status::Reproduction => {
            Err(Error::refused(format!("{number} only repeats another version, which is the one to {kind}")))
        }
        Status::Judging => Err(Error::refused(format!("{number} is still being judged"))),
        Status::Rejected | Status::Waiting | Status::Superseded
            if kind == Cause::Rollback.as_str() && !version.ever_live =>
        {
            Err(Error::refused(format!("{number} never was live: promote it if you mean it")))
        }
        Status::Live | Status::Retired | Status::Rejected | Status::Waiting | Status::Superseded => Ok(()),
    }
}
