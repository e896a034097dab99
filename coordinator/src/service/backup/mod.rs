//! Backups: whole copies of versions in a place of their own, from which they can be live again with the store gone.
//!
//! ```text
//! <place>/<model key>/<UTC time stamp>-<version>/
//!     INFO.txt                 for people; claims the folder
//!     weights.safetensors …    the files of the artifact, manifest.json among them
//!     backup.json              the version's row
//!     SHA256SUMS               every file above, as `sha256sum -c` reads it; written last: with it, the backup is whole
//! ```

mod create;
mod id;
mod info;
mod opened;
mod place;
mod prune;
mod record;
mod restore;
mod row;

use common::vocabulary::ModelKey;

use self::id::BackupId;
use self::place::{Kept, Place};
use self::record::Record;
use super::core::Core;
use super::{Error, Refit, Result, model};
use crate::views::{BackupRequest, BackupView, RestoreAnswer, RestoreRequest};

impl Refit {
    /// Copies a version to the place of backups, with everything that is needed to restore it without the store.
    ///
    /// # Errors
    /// There is no such version; it has lost its weights, is damaged or was never to go live; the place cannot be written.
    pub async fn backup(&self, key: &ModelKey, request: BackupRequest) -> Result<BackupView> {
        create::create(&self.core, key, request).await
    }

    /// A model's backups, newest first.
    ///
    /// # Errors
    /// Nobody knows the model, or the place does not answer.
    pub async fn backups(&self, key: &ModelKey) -> Result<Vec<BackupView>> {
        list(&self.core, key).await
    }

    /// Puts the files of a backup back into the store, and makes its version live: a further ledger entry.
    ///
    /// # Errors
    /// There is no such backup, or it is damaged; its number is that of another version by now.
    pub async fn restore(&self, key: &ModelKey, backup: &str, request: RestoreRequest) -> Result<RestoreAnswer> {
        restore::restore(&self.core, key, backup, request).await
    }
}

/// The names of the files of a backup, beside those of the artifact.
mod names {
    /// For people.
    pub(super) const INFO: &str = "INFO.txt";
    /// The version's row.
    pub(super) const RECORD: &str = "backup.json";
    /// Hashes of all the others.
    pub(super) const SUMS: &str = "SHA256SUMS";
}

/// A model's backups, newest first. The database need not know the model: it may be gone as well.
async fn list(core: &Core, key: &ModelKey) -> Result<Vec<BackupView>> {
    let place = Place::open(&core.settings).await?;
    let mut kept: Vec<Kept> = place.list(key).await?.into_iter().filter(|kept| kept.is_whole).collect();
    if kept.is_empty() {
        model::known(&mut *core.db.read().await?, key).await?;
    }
    kept.sort_by_key(|kept| std::cmp::Reverse(kept.id));
    futures::future::try_join_all(kept.iter().map(|kept| show(&place, key, kept))).await
}

/// A backup as a list shows it: what cannot be read is said, and hides none of the others.
async fn show(place: &Place, key: &ModelKey, kept: &Kept) -> Result<BackupView> {
    let folder = place.folder(key, &kept.id)?;
    let (record, damaged) = match Record::read(place, &folder).await {
        Ok(record) => (Some(record), None),
        Err(Error::Refused { why }) => (None, Some(why)),
        Err(error) => return Err(error),
    };
    Ok(BackupView {
        id: kept.id.to_string(),
        model: key.to_string(),
        version: kept.id.version().to_string(),
        made_at: kept.id.at().utc(),
        note: record.as_ref().map(|record| record.note.clone()).unwrap_or_default(),
        mode: record.as_ref().map(|record| record.version.mode.clone()),
        data_through: record.as_ref().map(|record| record.version.data_through),
        reliability: record.as_ref().and_then(|record| record.version.reliability),
        files: kept.files,
        bytes: kept.bytes,
        place: place.shown(&folder),
        damaged,
        pruned: Vec::new(),
    })
}
