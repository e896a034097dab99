//! Files that go up and come down, in pieces.

use std::path::Path;

use bytes::BytesMut;
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::error::{file_failed, source_failed};
use super::{Objects, path_of};
use crate::ports::{ArtifactStore, PortError, StoreKey};
use crate::vocabulary::ContentHash;

/// The size of a piece. S3 takes none below 5 MiB but the last, and at most 10,000.
const PIECE: usize = 8 << 20;

/// Pieces under way at once.
const UNDER_WAY: usize = 3;

/// Uploads a file: one that is a single piece at once, a longer one piece by piece.
pub(super) async fn upload(store: &Objects, key: &StoreKey, file: &Path) -> Result<(), PortError> {
    let mut source = File::open(file).await.map_err(|error| source_failed(file, error))?;
    let first = piece(&mut source, file).await?;
    if first.len() < PIECE {
        return store.put(key, first.freeze()).await;
    }
    let failed = |error| store.failed(key, &error);
    let upload = store.objects.put_multipart(&path_of(key)?).await.map_err(failed)?;
    let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE);
    let sent = async {
        let mut next = first;
        while !next.is_empty() {
            writer.wait_for_capacity(UNDER_WAY).await.map_err(failed)?;
            writer.put(next.freeze());
            next = piece(&mut source, file).await?;
        }
        Ok(())
    };
    match sent.await {
        Ok(()) => writer.finish().await.map(|_| ()).map_err(failed),
        Err(error) => {
            let _nothing_was_published = writer.abort().await;
            Err(error)
        }
    }
}

/// Downloads an object into a new file; returns the hash of what came.
pub(super) async fn receive(store: &Objects, key: &StoreKey, file: &Path) -> Result<ContentHash, PortError> {
    let failed = |error| store.failed(key, &error);
    let mut pieces = store.objects.get(&path_of(key)?).await.map_err(failed)?.into_stream();
    let mut out = File::create(file).await.map_err(|error| file_failed(file, error))?;
    let mut hasher = Sha256::new();
    while let Some(piece) = pieces.try_next().await.map_err(failed)? {
        hasher.update(&piece);
        out.write_all(&piece).await.map_err(|error| file_failed(file, error))?;
    }
    out.flush().await.map_err(|error| file_failed(file, error))?;
    Ok(hasher.into())
}

/// The next piece of a file; shorter only at its end.
async fn piece(source: &mut File, file: &Path) -> Result<BytesMut, PortError> {
    let mut piece = BytesMut::with_capacity(PIECE);
    let limit = PIECE as u64;
    let mut source = source.take(limit);
    while source.read_buf(&mut piece).await.map_err(|error| source_failed(file, error))? > 0 {}
    Ok(piece)
}
