//! Objects of the store that nothing refers to: marked for deletion, then being removed, then removed. What is removed stays known for a while,
//! so that whoever saw it there before knows better.

use std::collections::HashMap;

use common::vocabulary::Timestamp;

use super::{CHUNK, Connection, Result, Row, lists, sql};

/// How far an object is on its way out of the store, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing referred to it when it was looked at.
    ForDeletion(Timestamp),
    /// It may be gone at any moment.
    Removing(Timestamp),
    /// It was gone then; it may have been written again since.
    Removed(Timestamp),
}

/// Marks objects for deletion, with their sizes in bytes; one that is marked or being removed keeps its time. `long_gone`: what was removed
/// before that and is there again is marked anew.
pub(crate) async fn mark(
    db: &mut Connection,
    objects: &[(&str, u64)],
    long_gone: Timestamp,
    now: Timestamp,
) -> Result<()> {
    for chunk in objects.chunks(CHUNK) {
        sql("WITH gone (key, before) AS (VALUES ")
            .rows(chunk, |(key, _)| [(*key).into(), long_gone.0.into()])
            .then(
                ") DELETE FROM condemned
                 WHERE key IN (SELECT key FROM gone) AND removed_at < (SELECT max(before) FROM gone)",
            )
            .execute(&mut *db)
            .await?;
        sql("INSERT INTO condemned (key, bytes, at) VALUES ")
            .rows(chunk, |(key, bytes)| [(*key).into(), (*bytes as i64).into(), now.0.into()])
            .then(" ON CONFLICT DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Takes the marks off objects again: they are needed again. What is being removed stays so.
pub(crate) async fn unmark(db: &mut Connection, keys: &[&str]) -> Result<()> {
    for keys in lists(keys) {
        sql("DELETE FROM condemned WHERE removing_at IS NULL AND key IN ")
            .one_of(keys.iter().copied())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Forgets that objects were removed: they have been written again.
pub(crate) async fn written_again(db: &mut Connection, keys: &[&str]) -> Result<()> {
    for keys in lists(keys) {
        sql("DELETE FROM condemned WHERE removed_at IS NOT NULL AND key IN ")
            .one_of(keys.iter().copied())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The marks of some objects; what has none is absent.
pub(crate) async fn of(db: &mut Connection, keys: &[&str]) -> Result<HashMap<String, Mark>> {
    let mut found = HashMap::new();
    for keys in lists(keys) {
        let marks = sql("SELECT key, at, removing_at, removed_at FROM condemned WHERE key IN ");
        found.extend(marks.one_of(keys.iter().copied()).read_each(&mut *db, read).await?);
    }
    Ok(found)
}

/// Every mark.
pub(crate) async fn all(db: &mut Connection) -> Result<HashMap<String, Mark>> {
    let marks = sql("SELECT key, at, removing_at, removed_at FROM condemned").read_each(db, read).await?;
    Ok(marks.into_iter().collect())
}

fn read(row: &Row) -> Result<(String, Mark)> {
    let mark = match (row.opt_time("removing_at")?, row.opt_time("removed_at")?) {
        (_, Some(at)) => Mark::Removed(at),
        (Some(at), None) => Mark::Removing(at),
        (None, None) => Mark::ForDeletion(row.time("at")?),
    };
    Ok((row.text("key")?, mark))
}

/// From now on these objects are being removed, those of them that still are marked, and have been since `due`: which.
pub(crate) async fn remove(db: &mut Connection, keys: &[&str], due: Timestamp, now: Timestamp) -> Result<Vec<String>> {
    let mut taken = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(CHUNK) {
        let marked = sql("WITH wanted (key, due, now) AS (VALUES ")
            .rows(chunk, |key| [(*key).into(), due.0.into(), now.0.into()])
            .then(
                ") UPDATE condemned SET removing_at = wanted.now FROM wanted
                 WHERE condemned.key = wanted.key AND condemned.at <= wanted.due AND condemned.removing_at IS NULL
                 RETURNING condemned.key AS key",
            );
        taken.extend(marked.read_each(&mut *db, |row| row.text("key")).await?);
    }
    Ok(taken)
}

/// They are gone.
pub(crate) async fn removed(db: &mut Connection, keys: &[&str], now: Timestamp) -> Result<()> {
    for chunk in keys.chunks(CHUNK) {
        sql("WITH wanted (key, now) AS (VALUES ")
            .rows(chunk, |key| [(*key).into(), now.0.into()])
            .then(
                ") UPDATE condemned SET removed_at = wanted.now FROM wanted
                 WHERE condemned.key = wanted.key AND condemned.removing_at IS NOT NULL",
            )
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Forgets what was removed before a moment.
pub(crate) async fn forget_removed(db: &mut Connection, before: Timestamp) -> Result<()> {
    sql("DELETE FROM condemned WHERE removed_at < $1").bind(before.0).execute(db).await?;
    Ok(())
}
