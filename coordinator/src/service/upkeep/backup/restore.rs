//! Restoring: the files go back into the store, the row is there and whole, and the version is live, as one more ledger entry.

use std::collections::BTreeSet;

use common::ports::StoreKey;
use common::vocabulary::{ModelKey, Timestamp};
use domain::free_text::plain_if_any;
use domain::ledger::{Cause, LedgerReason};
use tempfile::NamedTempFile;

use super::opened::Opened;
use super::row::{self, existing_version};
use super::storage::BackupStorage;
use crate::db::{self, Connection, ledger::LedgerEntry, versions::Version};
use crate::service::error::{Error, Result, Unfit};
use crate::service::results::promote;
use crate::service::results::record::forward_scores;
use crate::service::runtime::lookup::model;
use crate::service::runtime::store::artifact;
use crate::service::runtime::store::keep::{self, Removed};
use crate::service::runtime::{Core, pointer};
use crate::service::{planning, present};
use crate::views::{RestoreAnswer, RestoreRequest};

/// How often the files are put back, should a cleanup remove them before the row says that they are needed.
const TRIES: usize = 3;

/// Makes the version of a backup live again.
pub(super) async fn restore(core: &Core, key: &ModelKey, id: &str, request: RestoreRequest) -> Result<RestoreAnswer> {
    plain_if_any("reason", request.reason.as_deref())?;
    let storage = BackupStorage::open(&core.settings).await?;
    let backup = Opened::open(&storage, key, id).await?;
    let mut view = core.db.snapshot().await?;
    let is_known = db::models::get(&mut view, key).await?.is_some();
    let known = existing_version(&mut view, &backup).await?;
    drop(view);
    let folder: StoreKey = known.map_or_else(|| backup.record.prefix.clone(), |version| version.prefix).parse()?;
    if !is_known {
        planning::model::put_back(core, key, backup.record.registration()?).await?;
    }
    let by_itself = || LedgerReason::Restored { backup: backup.id.to_string() };
    let reason = request.reason.map_or_else(by_itself, |reason| LedgerReason::Said { reason });
    for _ in 0..TRIES {
        let put = put_back(core, &storage, &backup, &folder).await?;
        if let Some(answer) = make_live(core, &backup, put, &reason).await? {
            return Ok(answer);
        }
    }
    Err(Error::refused(format!(
        "files of {} vanish from the store while they are put back: see who removes them",
        backup.id
    )))
}

/// What the store was given.
struct Put {
    folder: StoreKey,
    keys: Vec<StoreKey>,
    removed: Removed,
    added: Vec<String>,
    replaced: Vec<String>,
}

/// Writes what the store lacks, and what is damaged there.
async fn put_back(core: &Core, storage: &BackupStorage, backup: &Opened, folder: &StoreKey) -> Result<Put> {
    let store = core.ports.store.as_ref();
    let keys = backup.record.files.keys().map(|name| folder.join(name)).collect::<std::result::Result<Vec<_>, _>>()?;
    let removed = keep::before_writing(core, &keys).await?;
    let there = keep::in_folder(core, folder).await?;
    let mut put = Put { folder: folder.clone(), keys, removed, added: Vec::new(), replaced: Vec::new() };
    for ((name, entry), key) in backup.record.files.iter().zip(&put.keys) {
        let is_there = there.contains(key);
        match artifact::check(store, folder, name, entry.sha256).await {
            Ok(()) => continue,
            Err(Unfit::Port(error)) => return Err(error.into()),
            Err(Unfit::Damaged { reason, .. }) if is_there => {
                tracing::warn!(%key, reason, "a damaged object of the store is replaced from a backup");
            }
            Err(Unfit::Damaged { .. }) => {}
        }
        let file = NamedTempFile::new_in(&core.settings.data_dir)?.into_temp_path();
        backup.copy(storage, name, entry.sha256, &file).await?;
        store.upload(key, &file).await?;
        if is_there { &mut put.replaced } else { &mut put.added }.push(name.clone());
    }
    Ok(put)
}

/// Row, live pointer and ledger, in one transaction. `None`: files that were put back have been removed since.
async fn make_live(core: &Core, backup: &Opened, put: Put, reason: &LedgerReason) -> Result<Option<RestoreAnswer>> {
    let store = core.ports.store.as_ref();
    let (key, number, now) = (&backup.manifest.model, backup.record.version.version, Timestamp::now());
    let forward = forward_scores(core, &put.folder, &backup.manifest).await?;
    let kept: BTreeSet<String> =
        store.list(Some(&"snapshots".parse()?)).await?.iter().map(|e| e.key.to_string()).collect();
    if !keep::are_there(core, &put.folder, &put.keys).await? {
        return Ok(None);
    }

    let mut tx = core.db.begin().await?;
    let model = model::find(&mut tx, key).await?;
    let known = existing_version(&mut tx, backup).await?;
    let recorded = known.is_none();
    let version = match known {
        Some(version) => version,
        None => row::record(core, &mut tx, backup, forward, now).await?,
    };
    pointer::fit(&Version { thinned: false, ..version.clone() }, Cause::Restore.as_str())?;
    if !keep::keep(&mut tx, &put.keys, &put.removed).await? {
        return Ok(None);
    }
    db::versions::restore(&mut tx, key, number, now).await?;
    let rows = match Some(number) < model.live {
        true => Some(promote::rows_now(core, &mut tx, key).await?),
        false => None,
    };
    let entry = LedgerEntry {
        model: key.clone(),
        live_seq: model.live_seq + 1,
        cause: Cause::Restore,
        version: number,
        previous: model.live,
        job: None,
        reason: reason.clone(),
        at: now,
        rows,
    };
    if !pointer::move_to(&mut tx, &version, model.live, entry.clone()).await? {
        return Err(Error::refused(format!("the live version of {key} changed meanwhile: look again")));
    }
    forget_lost(&mut tx, &kept).await?;
    let live = db::versions::get(&mut tx, key, number).await?.unwrap_or(version);
    tx.commit().await.map_err(db::Error::from)?;
    tracing::info!(model = %key, version = %number, backup = %backup.id, "restored");
    core.stale.model(key);
    core.events.verdict(&present::version(live)?);
    let Put { added, replaced, .. } = put;
    Ok(Some(RestoreAnswer {
        backup: backup.id.to_string(),
        entry: present::ledger_entry(entry),
        added,
        replaced,
        recorded,
    }))
}

/// Where the store is gone, so are the frozen rows: the next training freezes them anew.
async fn forget_lost(tx: &mut Connection, kept: &BTreeSet<String>) -> Result<()> {
    let known = [db::snapshots::hashes(tx).await?, db::dataset_parts::hashes(tx).await?].concat();
    for hash in known {
        if !kept.contains(&format!("snapshots/{hash}.parquet")) {
            db::snapshots::forget(tx, &hash).await?;
            db::dataset_parts::forget(tx, &hash).await?;
        }
    }
    Ok(())
}
