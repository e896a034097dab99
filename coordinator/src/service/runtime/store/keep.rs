//! Files that somebody writes, or relies on, stay in the store, though a cleanup may be at work.
//!
//! What is marked for deletion is unmarked in the transaction that makes it needed; what is being removed cannot be had back, and what was
//! removed counts only if it was known to be gone before it was written again. So nobody holds a transaction while the store answers.

use std::collections::{BTreeSet, HashMap};

use common::ports::{PortError, StoreKey};
use common::vocabulary::Timestamp;

use super::remove::{ABANDONED, finish};
use crate::db::{self, Connection, deletion_marks::Mark};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::Core;

/// What a cleanup had removed before it was written again.
#[derive(Debug, Default)]
pub(crate) struct Removed(HashMap<String, Timestamp>);

impl Removed {
    /// Those of another write as well.
    pub(crate) fn and(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Looks before files are written: they can be once none of them is being removed.
///
/// # Errors
/// [`Error::Artifact`]: one of them is. A removal that somebody died with is finished here.
pub(crate) async fn before_writing(core: &Core, keys: &[StoreKey]) -> Result<Removed> {
    let mut marks = marks(core, keys).await?;
    let now = Timestamp::now();
    let abandoned = |mark: &Mark| matches!(mark, Mark::Removing(since) if now.seconds_since(*since) > ABANDONED);
    let left: Vec<&str> = marks.iter().filter(|(_, mark)| abandoned(mark)).map(|(key, _)| key.as_str()).collect();
    if !left.is_empty() {
        finish(core, &left).await?;
        marks = self::marks(core, keys).await?;
    }
    let removed = |(key, mark): (String, Mark)| match mark {
        Mark::ForDeletion(_) => None,
        Mark::Removed(at) => Some(Ok((key, at))),
        Mark::Removing(_) => Some(Err(taken(&key))),
    };
    Ok(Removed(marks.into_iter().filter_map(removed).collect::<Result<_>>()?))
}

async fn marks(core: &Core, keys: &[StoreKey]) -> Result<HashMap<String, Mark>> {
    Ok(db::deletion_marks::of(&mut *core.db.read().await?, &names(keys)).await?)
}

fn names(keys: &[StoreKey]) -> Vec<&str> {
    keys.iter().map(StoreKey::as_str).collect()
}

/// Keeps files, in the transaction that makes them needed. `false`: one has been removed since it was written, or since it was seen.
pub(crate) async fn keep(tx: &mut Connection, keys: &[StoreKey], before: &Removed) -> Result<bool> {
    let names = names(keys);
    let marks = db::deletion_marks::of(tx, &names).await?;
    let stays = |(key, mark): (&String, &Mark)| match mark {
        Mark::ForDeletion(_) => true,
        Mark::Removing(_) => false,
        Mark::Removed(at) => before.0.get(key) == Some(at),
    };
    if !marks.iter().all(stays) {
        return Ok(false);
    }
    if !marks.is_empty() {
        db::deletion_marks::unmark(tx, &names).await?;
        db::deletion_marks::written_again(tx, &names).await?;
    }
    Ok(true)
}

/// The same, where the whole request is simply made again.
pub(crate) async fn keep_or_fail(tx: &mut Connection, keys: &[StoreKey], before: &Removed) -> Result<()> {
    match keep(tx, keys, before).await? {
        true => Ok(()),
        false => Err(taken(keys.first().map_or("an object", StoreKey::as_str))),
    }
}

fn taken(key: &str) -> Error {
    let reason = "a cleanup is removing it; it is written anew after that".into();
    Unfit::Port(PortError::Unreachable { what: key.to_owned(), reason }).into()
}

/// A file that a worker has just written: what had been removed under its name before. None: it is being removed, or is gone again.
pub(crate) async fn written(core: &Core, key: &StoreKey) -> Result<Option<Removed>> {
    let marks = marks(core, std::slice::from_ref(key)).await?;
    let removed = match marks.get(key.as_str()) {
        None | Some(Mark::ForDeletion(_)) => return Ok(Some(Removed::default())),
        Some(Mark::Removing(_)) => return Ok(None),
        Some(Mark::Removed(at)) => Removed([(key.to_string(), *at)].into()),
    };
    match core.ports.store.read(key).await {
        Ok(_) => Ok(Some(removed)),
        Err(PortError::NotFound { .. }) => Ok(None),
        Err(error) => Err(Unfit::Port(error).into()),
    }
}

/// Whether each of these is in its folder of the store.
pub(crate) async fn are_there(core: &Core, folder: &StoreKey, keys: &[StoreKey]) -> Result<bool> {
    let there = in_folder(core, folder).await?;
    Ok(keys.iter().all(|key| there.contains(key)))
}

/// What lies in a folder of the store.
pub(crate) async fn in_folder(core: &Core, folder: &StoreKey) -> Result<BTreeSet<StoreKey>> {
    Ok(core.ports.store.list(Some(folder)).await?.into_iter().map(|entry| entry.key).collect())
}
