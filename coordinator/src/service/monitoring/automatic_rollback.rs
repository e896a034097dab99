//! Automatic rollback: a live version that does worse than the one before it is taken back.

use common::vocabulary::{Timestamp, VersionNumber};
use domain::alert::AlertCause;
use domain::ledger::{Cause, DoesWorse, LedgerReason};
use domain::monitor::{Bound, CONFIDENCE};

use crate::db::{self, Connection, ledger::LedgerEntry, versions::Version};
use crate::service::error::Result;
use crate::service::runtime::pointer;

/// Makes the version before live again, once for each version.
pub(super) async fn roll_back(
    tx: &mut Connection,
    live: &Version,
    live_seq: u64,
    to: VersionNumber,
    bound: &Bound,
) -> Result<Option<AlertCause>> {
    let ledger = db::ledger::of(tx, &live.model).await?;
    if ledger.iter().any(|entry| entry.cause == Cause::TakenBack && entry.previous == Some(live.number)) {
        return Ok(None);
    }
    let Some(target) = db::versions::get(tx, &live.model, to).await? else { return Ok(None) };
    if pointer::fit(&target, Cause::Rollback.as_str()).is_err() {
        return Ok(None);
    }
    let reason = DoesWorse {
        version: live.number,
        than: to,
        rows: bound.rows,
        difference: bound.difference,
        low: bound.low,
        confidence: CONFIDENCE,
    };
    let entry = LedgerEntry {
        model: live.model.clone(),
        live_seq: live_seq + 1,
        cause: Cause::TakenBack,
        version: to,
        previous: Some(live.number),
        job: None,
        reason: LedgerReason::DoesWorse(reason),
        at: Timestamp::now(),
        rows: None,
    };
    let moved = pointer::move_to(tx, &target, Some(live.number), entry).await?;
    Ok(moved.then(|| AlertCause::RolledBack { model: live.model.clone(), to, reason }))
}
