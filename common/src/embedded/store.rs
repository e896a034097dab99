//! The store in a directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::local::LocalFileSystem;

use crate::objects::Objects;
use crate::ports::{ArtifactStore, PortError};

/// No upload takes so long: what is half-written then was left by a process that died.
const STALE: Duration = Duration::from_hours(24);

/// Opens the store in this folder, making it if needed, and proves that it works. Objects are files; what is written is on the
/// disk before a call returns.
///
/// # Errors
/// The folder cannot be written, or lets a second create through.
pub async fn directory(root: &Path) -> Result<Objects, PortError> {
    let store = unproven(root).await?;
    store.probe().await?;
    Ok(store)
}

/// The same without the proof: what is read may lie on a disk that is full, or cannot be written.
///
/// # Errors
/// There is no such folder, and it cannot be made.
pub(crate) async fn unproven(root: &Path) -> Result<Objects, PortError> {
    let unusable = |reason: String| PortError::Unusable { what: root.display().to_string(), reason };
    std::fs::create_dir_all(root).map_err(|error| unusable(error.to_string()))?;
    let files = LocalFileSystem::new_with_prefix(root).map_err(|error| unusable(error.to_string()))?;
    let files = files.with_fsync(true).with_automatic_cleanup(true);
    let remedy = "use a file system with hard links";
    let store = Objects::new(Arc::new(files), root.display().to_string(), remedy);
    let folder = root.to_owned();
    tokio::task::spawn_blocking(move || sweep(&folder)).await.map_err(|error| unusable(error.to_string()))?;
    Ok(store)
}

/// Removes what killed processes left half-written. `object_store` stages an object as `name#1` and never lists it again, so
/// nothing else would find it.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
        let staged = number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep(&entry.path());
        } else if staged && age().is_some_and(|age| age > STALE) {
            let _already_gone = std::fs::remove_file(entry.path());
        }
    }
}
