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
mod list;
mod names;
mod opened;
mod prune;
mod record;
mod restore;
mod row;
mod storage;

use common::vocabulary::ModelKey;

use crate::service::error::Result;
use crate::service::runtime::Refit;
use crate::views::{BackupRequest, BackupView, Page, PageQuery, RestoreAnswer, RestoreRequest};

impl Refit {
    /// Copies a version to the place of backups, with everything that is needed to restore it without the store.
    ///
    /// # Errors
    /// There is no such version; it has lost its weights, is damaged or was never to go live; the place cannot be written.
    pub async fn backup(&self, key: &ModelKey, request: BackupRequest) -> Result<BackupView> {
        create::create(&self.core, key, request).await
    }

    /// A page of a model's backups, newest first.
    ///
    /// # Errors
    /// Nobody knows the model, the place does not answer, or the cursor or the limit makes no sense.
    pub async fn backups(&self, key: &ModelKey, query: PageQuery) -> Result<Page<BackupView>> {
        list::list(&self.core, key, &query).await
    }

    /// How many backups a model has.
    ///
    /// # Errors
    /// Nobody knows the model, or the place does not answer.
    pub async fn backup_count(&self, key: &ModelKey) -> Result<usize> {
        list::count(&self.core, key).await
    }

    /// Puts the files of a backup back into the store, and makes its version live: a further ledger entry.
    ///
    /// # Errors
    /// There is no such backup, or it is damaged; its number is that of another version by now.
    pub async fn restore(&self, key: &ModelKey, backup: &str, request: RestoreRequest) -> Result<RestoreAnswer> {
        restore::restore(&self.core, key, backup, request).await
    }
}
