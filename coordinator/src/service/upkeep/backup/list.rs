//! The backups there are, as they are shown.

use std::cmp::Reverse;

use common::vocabulary::ModelKey;

use super::record::Record;
use super::storage::{BackupFolder, BackupStorage};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::lookup::model;
use crate::service::runtime::pages::PageRequest;
use crate::views::{BackupView, Page, PageQuery};

/// A page of a model's backups, newest first; of these alone the records are read. The database need not know the model: it may be
/// gone as well.
pub(super) async fn list(core: &Core, key: &ModelKey, query: &PageQuery) -> Result<Page<BackupView>> {
    let asked = PageRequest::new(format!("backups {key}"), query.limit, query.cursor.as_deref())?;
    let storage = BackupStorage::open(&core.settings).await?;
    let mut kept = whole(core, &storage, key).await?;
    kept.sort_by_key(|kept| Reverse(kept.id));
    let page = asked.of_all(kept, |kept| Reverse(kept.id))?;
    let items = futures::future::try_join_all(page.items.iter().map(|kept| show(&storage, key, kept))).await?;
    Ok(Page { items, next: page.next })
}

/// How many backups a model has.
pub(super) async fn count(core: &Core, key: &ModelKey) -> Result<usize> {
    Ok(whole(core, &BackupStorage::open(&core.settings).await?, key).await?.len())
}

async fn whole(core: &Core, storage: &BackupStorage, key: &ModelKey) -> Result<Vec<BackupFolder>> {
    let kept: Vec<BackupFolder> = storage.list(key).await?.into_iter().filter(|kept| kept.is_whole).collect();
    if kept.is_empty() {
        model::find(&mut *core.db.read().await?, key).await?;
    }
    Ok(kept)
}

/// A backup as a list shows it: what cannot be read is said, and hides none of the others.
pub(super) async fn show(storage: &BackupStorage, key: &ModelKey, kept: &BackupFolder) -> Result<BackupView> {
    let folder = storage.folder(key, &kept.id)?;
    let (record, damaged) = match Record::read(storage, &folder).await {
        Ok(record) => (Some(record), None),
        Err(Error::Refused { reason }) => (None, Some(reason)),
        Err(error) => return Err(error),
    };
    Ok(BackupView {
        id: kept.id.to_string(),
        model: key.to_string(),
        version: kept.id.version().to_string(),
        made_at: kept.id.at().utc(),
        note: record.as_ref().map(|record| record.note.clone()).unwrap_or_default(),
        mode: record.as_ref().map(|record| record.version.mode.to_string()),
        data_through: record.as_ref().map(|record| record.version.data_through),
        reliability: record.as_ref().and_then(|record| record.version.reliability),
        files: kept.files,
        bytes: kept.bytes,
        place: storage.shown(&folder),
        damaged,
        pruned: Vec::new(),
    })
}
