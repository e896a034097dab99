//! Making a backup: every file of the artifact is checked and copied, and what describes them is added.

use std::fmt::Write;

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, ModelKey, Timestamp, files};
use domain::free_text::plain;
use tempfile::{NamedTempFile, TempPath};

use super::id::BackupId;
use super::list::show;
use super::record::Record;
use super::storage::{BackupFolder, BackupStorage};
use super::{info, names, prune};
use crate::db::{self, models::Model, versions::Version};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::lookup::model;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, pointer};
use crate::views::{BackupRequest, BackupView};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 1000;

/// Copies a version, then lets the oldest backups of its model go.
pub(super) async fn create(core: &Core, key: &ModelKey, request: BackupRequest) -> Result<BackupView> {
    let note = request.note.unwrap_or_default();
    if note.chars().count() > LONGEST_NOTE {
        return Err(Error::invalid(format!("a note has at most {LONGEST_NOTE} characters")));
    }
    // It may have several lines.
    note.lines().try_for_each(|line| plain("note", line))?;
    let (model, version) = chosen(core, key, request.version.as_deref()).await?;
    pointer::fit(&version, "backup")?;
    let source = Source { core, version: &version, folder: version.prefix.parse()? };
    // Read first: what is damaged or gone leaves no folder behind.
    let manifest = source.manifest().await?;
    let storage = BackupStorage::open(&core.settings).await?;
    storage.prove().await?;
    let first = BackupId::new(Timestamp::now(), version.number);
    let record = |id| Record::of(&model, &version, manifest.len() as u64, id, &note);
    let (id, folder, record) = claim(&storage, key, first, record).await?;
    let copied = match copy(&source, &storage, &folder, &record).await {
        Ok(bytes) => bytes,
        Err(error) => {
            if let Err(left) = storage.remove(&folder).await {
                tracing::warn!(%folder, error = %left, "what was begun of a backup stays until a day is over");
            }
            return Err(error);
        }
    };
    tracing::info!(model = %key, version = %version.number, backup = %id, "backed up");
    // The backup is there, whatever becomes of older ones.
    let pruned =
        prune::older(&storage, key, id, core.settings.coordinator.backups_kept).await.unwrap_or_else(|error| {
            tracing::warn!(model = %key, %error, "older backups stay until the next one");
            Vec::new()
        });
    let files = record.files.len() as u64 + 3;
    let kept = BackupFolder { id, is_whole: true, files, bytes: copied, modified: Timestamp::now() };
    let view = show(&storage, key, &kept).await?;
    Ok(BackupView { pruned: pruned.iter().map(BackupId::to_string).collect(), ..view })
}

/// A folder that is ours alone, named after this moment or the next that is free. Its first file says what will be in it.
async fn claim(
    storage: &BackupStorage,
    key: &ModelKey,
    first: BackupId,
    record: impl Fn(BackupId) -> Result<Record>,
) -> Result<(BackupId, StoreKey, Record)> {
    let mut id = first;
    loop {
        let (folder, record) = (storage.folder(key, &id)?, record(id)?);
        if storage.create(&folder, names::INFO, info::text(&record).into()).await? {
            return Ok((id, folder, record));
        }
        id = id.next();
    }
}

/// The version asked for, or the live one.
async fn chosen(core: &Core, key: &ModelKey, named: Option<&str>) -> Result<(Model, Version)> {
    let mut view = core.db.snapshot().await?;
    let model = model::find(&mut view, key).await?;
    let number = match named {
        Some(text) => text.parse()?,
        None => {
            model.live.ok_or_else(|| Error::refused(format!("{key} has no live version: name the one to back up")))?
        }
    };
    let version = db::versions::get(&mut view, key, number).await?;
    Ok((model, version.ok_or_else(|| Error::not_found(format!("version {number} of {key}")))?))
}

/// Where the files come from.
struct Source<'a> {
    core: &'a Core,
    version: &'a Version,
    folder: StoreKey,
}

impl Source<'_> {
    /// The manifest, checked.
    async fn manifest(&self) -> Result<bytes::Bytes> {
        let (store, expect) = (self.core.ports.store.as_ref(), self.version.manifest_hash);
        artifact::file(store, &self.folder, files::MANIFEST, expect).await.map_err(|unfit| self.unfit(unfit))
    }

    /// A file of the artifact on this machine's disk, checked.
    async fn file(&self, name: &str, expect: ContentHash) -> Result<TempPath> {
        let file = NamedTempFile::new_in(&self.core.settings.data_dir)?.into_temp_path();
        let copied = artifact::copy(self.core.ports.store.as_ref(), &self.folder, name, expect, &file).await;
        copied.map_err(|unfit| self.unfit(unfit))?;
        Ok(file)
    }

    fn unfit(&self, unfit: Unfit) -> Error {
        match unfit {
            Unfit::Port(error) => error.into(),
            Unfit::Damaged { file, reason } => Error::refused(format!(
                "{} of {} cannot be backed up: {file} of its artifact is damaged: {reason}",
                self.version.number, self.version.model
            )),
        }
    }
}

/// Copies the artifact, then adds what describes it; the size of all files.
async fn copy(source: &Source<'_>, storage: &BackupStorage, folder: &StoreKey, record: &Record) -> Result<u64> {
    let taken = || Error::refused(format!("somebody else writes to {folder}: try again"));
    let (mut sums, mut bytes) = (String::new(), 0);
    let mut add = |name: &str, hash: ContentHash, size: u64| {
        bytes += size;
        let _infallible = writeln!(sums, "{hash}  {name}");
    };
    for (name, entry) in &record.files {
        // The folder has been claimed by its first file: nobody else writes here.
        let file = source.file(name, entry.sha256).await?;
        add(name, entry.sha256, tokio::fs::metadata(&file).await?.len());
        storage.upload(folder, name, &file).await?;
    }
    let (info, row) = (info::text(record).into_bytes(), serde_json::to_vec_pretty(record)?);
    add(names::INFO, ContentHash::of(&info), info.len() as u64);
    add(names::RECORD, ContentHash::of(&row), row.len() as u64);
    bytes += sums.len() as u64;
    if !storage.create(folder, names::RECORD, row.into()).await?
        || !storage.create(folder, names::SUMS, sums.into()).await?
    {
        return Err(taken());
    }
    Ok(bytes)
}
