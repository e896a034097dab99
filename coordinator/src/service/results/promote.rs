//! The live pointer, moved by hand: a promotion or a rollback is one more entry in the ledger, never an edit of it.

use common::ports::StoreKey;
use common::vocabulary::{ModelKey, Timestamp, VersionNumber};
use domain::free_text::plain_if_any;
use domain::ledger::{Cause, LedgerReason};

use crate::db::{self, Connection, Transaction, ledger::LedgerEntry, models::Model, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::lookup::model;
use crate::service::runtime::store::keep;
use crate::service::runtime::{Core, Refit, pointer};
use crate::service::{facts, present};
use crate::views::{LedgerView, PromoteRequest};

impl Refit {
    /// Makes a version live by hand.
    ///
    /// # Errors
    /// No such version, no version named, or one that is a reproduction or has lost its weights.
    pub async fn promote(&self, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
        promote(&self.core, key, request).await
    }

    /// Makes an earlier live version live again: a further ledger entry.
    ///
    /// # Errors
    /// There is none to go back to.
    pub async fn rollback(&self, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
        rollback(&self.core, key, request).await
    }
}

/// Makes the named version live.
pub(crate) async fn promote(core: &Core, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
    let Some(number) = request.version.as_deref() else {
        return Err(Error::invalid(format!("name the version of {key} to promote")));
    };
    let number = number.parse()?;
    by_hand(core, key, Cause::Promote, Some(number), request.reason).await
}

/// Makes the named version live again, or the one that was live before.
pub(crate) async fn rollback(core: &Core, key: &ModelKey, request: PromoteRequest) -> Result<LedgerView> {
    let named = request.version.as_deref().map(str::parse).transpose()?;
    by_hand(core, key, Cause::Rollback, named, request.reason).await
}

/// The rows there are: a way back holds until so many more have come.
pub(crate) async fn rows_now(core: &Core, tx: &mut Transaction, key: &ModelKey) -> Result<u64> {
    Ok(facts::one(tx, key, &core.settings, Timestamp::now()).await?.facts.rows)
}

/// The version to make live: the one that is named, or the one to go back to.
async fn meant(core: &Core, view: &mut Connection, model: &Model, named: Option<VersionNumber>) -> Result<Version> {
    let key = &model.key;
    let before = match named {
        Some(number) => Some(number),
        None if core.fault.has(Mutant::RollbackByNumber) => {
            let moves = db::ledger::of(view, key).await?;
            moves.iter().map(|entry| entry.version).filter(|version| Some(*version) < model.live).max()
        }
        None => pointer::predecessor(&db::ledger::of(view, key).await?),
    };
    let Some(number) = before else {
        return Err(Error::refused(format!("{key} has no earlier live version to go back to")));
    };
    if model.live == Some(number) {
        return Err(Error::refused(format!("{number} of {key} is live already")));
    }
    let version = db::versions::get(view, key, number).await?;
    version.ok_or_else(|| Error::not_found(format!("version {number} of {key}")))
}

async fn by_hand(
    core: &Core,
    key: &ModelKey,
    cause: Cause,
    named: Option<VersionNumber>,
    reason: Option<String>,
) -> Result<LedgerView> {
    plain_if_any("reason", reason.as_deref())?;
    // The store may be slow to answer: nobody is kept from writing meanwhile.
    let found = {
        let mut view = core.db.snapshot().await?;
        let model = model::find(&mut view, key).await?;
        meant(core, &mut view, &model, named).await?
    };
    pointer::fit(&found, cause.as_str())?;
    is_there(core, &found).await?;
    let mut tx = core.db.begin().await?;
    let model = model::find(&mut tx, key).await?;
    let version = meant(core, &mut tx, &model, named).await?;
    if version.number != found.number {
        return Err(Error::refused(format!("the live version of {key} changed meanwhile: look again")));
    }
    let number = version.number;
    pointer::fit(&version, cause.as_str())?;
    let rows = match cause == Cause::Rollback || Some(number) < model.live {
        true => Some(rows_now(core, &mut tx, key).await?),
        false => None,
    };
    let entry = LedgerEntry {
        model: key.clone(),
        live_seq: model.live_seq + 1,
        cause,
        version: number,
        previous: model.live,
        job: None,
        reason: LedgerReason::of_person(reason),
        at: Timestamp::now(),
        rows,
    };
    if !pointer::move_to(&mut tx, &version, model.live, entry.clone()).await? {
        return Err(Error::refused(format!("the live version of {key} changed meanwhile: look again")));
    }
    let live = db::versions::get(&mut tx, key, number).await?.unwrap_or(version);
    tx.commit().await.map_err(db::Error::from)?;
    tracing::info!(model = %key, version = %number, %cause, "the live version changed by hand");
    core.stale.model(key);
    core.events.verdict(&present::version(live)?);
    Ok(present::ledger_entry(entry))
}

/// Whether the files of a version are in the store, though it may have lost some.
async fn is_there(core: &Core, version: &Version) -> Result<()> {
    let folder: StoreKey = version.prefix.parse()?;
    let there = keep::in_folder(core, &folder).await?;
    for name in version.manifest.files.keys() {
        if !there.contains(&folder.join(name)?) {
            return Err(Error::refused(format!(
                "{} of {1} has lost its {name}: `refit reproduce {1} {0}` trains it again, and if it comes out the same to the bit, \
                 {0} is whole again",
                version.number, version.model
            )));
        }
    }
    Ok(())
}
