//! A stream put aside on disk: the rows are looked at more than once, and nobody who sends slowly keeps others waiting.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::service::error::{Error, Result};
use crate::service::state::transfers::broke_off;

/// Bytes in memory.
const PIECE: usize = 256 * 1024;

/// Copies a stream into a file without a name, which goes with the process, however that ends.
pub(crate) async fn spool(folder: &Path, mut source: impl AsyncRead + Unpin) -> Result<Arc<File>> {
    let unwritable = |error: std::io::Error| {
        let folder = folder.display();
        let reason = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                format!(
                    "there is no room in {folder} to read the rows from: make room on the disk; nothing was taken in"
                )
            }
            _ => format!("the rows cannot be put aside in {folder}: {error}"),
        };
        Error::Unusable { reason }
    };
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut file = tokio::fs::File::from_std(tempfile::tempfile_in(folder).map_err(unwritable)?);
    let mut piece = vec![0; PIECE];
    loop {
        let read = source.read(&mut piece).await;
        let length = read.map_err(|error| broke_off(&error))?;
        if length == 0 {
            break;
        }
        file.write_all(&piece[..length]).await.map_err(unwritable)?;
    }
    file.flush().await.map_err(unwritable)?;
    Ok(Arc::new(file.into_std().await))
}
