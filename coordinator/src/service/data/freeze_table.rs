//! Freezing a data set: its log up to an entry becomes immutable files in the store, named by what they hold.
//!
//! Earlier files are reused, and files are added for what is new; with too many, all is written anew. What is visible of a log
//! never changes, so it is read page by page, and written to disk group by group: its size does not matter to the memory.

use std::slice;

use common::ports::StoreKey;
use common::table::{Cell, Entries, Entry, Writer};
use common::vocabulary::{ColumnKind, ContentHash, DatasetName, TablePart, TableSchema, Timestamp};

use crate::db::changes::LogPosition;
use crate::db::datasets::Dataset;
use crate::db::entries::Stored;
use crate::db::{self};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::Core;
use crate::service::runtime::lookup::dataset;
use crate::service::runtime::store::keep::{self, Removed};

/// Files a log may consist of; with more, all entries are written anew.
const MOST_PARTS: usize = 8;
/// Entries of one file at most: what a reader holds in memory.
const LARGEST: u64 = 10_000_000;
/// Entries read from the database at a time.
const PAGE: u64 = 10_000;

/// The entries 1 to `through` of a log as files, oldest first.
pub(crate) async fn parts(core: &Core, name: &DatasetName, through: LogPosition) -> Result<Vec<TablePart>> {
    let mut view = core.db.snapshot().await?;
    let Some(found) = db::datasets::get(&mut view, name).await? else {
        drop(view);
        return Err(dataset::unknown(core, name).await?);
    };
    if through == LogPosition(0) || through > found.entries {
        let (there, asked) = (found.entries.0, through.0);
        return Err(Error::refused(format!("{name} has {there} entries, and {asked} are asked for")));
    }
    let known = db::dataset_parts::of(&mut view, &found).await?;
    drop(view);
    let through = through.0;
    let mut parts = reuse(&known, through);
    let mut next = parts.last().map_or(1, |part| part.last_seq() + 1);
    let (reused, mut removed) = (parts.len(), Removed::default());
    while next <= through {
        let (part, before) = write(core, &found, next, through.min(next + LARGEST - 1)).await?;
        removed.and(before);
        next = part.last_seq() + 1;
        parts.push(part);
    }
    let keys: Vec<StoreKey> = parts.iter().map(|part| StoreKey::snapshot(&part.hash)).collect();
    // As for bars: whoever reads them is written after it.
    let mut tx = core.db.begin_lazily().await?;
    keep::keep_or_fail(&mut tx, &keys, &removed).await?;
    for part in &parts[reused..] {
        db::dataset_parts::insert(&mut tx, found.id, part).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(parts)
}

/// Writes a file anew that the store has lost; its hash, which is another one if what it holds has changed. None where its log is gone.
pub(crate) async fn again(core: &Core, part: &TablePart) -> Result<Option<ContentHash>> {
    let found = db::datasets::get(&mut *core.db.read().await?, &part.dataset).await?;
    match found {
        Some(found) => Ok(Some(write(core, &found, part.first_seq, part.last_seq()).await?.0.hash)),
        None => Ok(None),
    }
}

/// The files that cover the most of the first entries without overlap; none if too many would come of it.
fn reuse(known: &[TablePart], through: u64) -> Vec<TablePart> {
    let mut chosen: Vec<TablePart> = Vec::new();
    let mut next = 1;
    while let Some(part) =
        known.iter().filter(|part| part.first_seq == next && part.last_seq() <= through).max_by_key(|part| part.entries)
    {
        next = part.last_seq() + 1;
        chosen.push(part.clone());
    }
    if next <= through && chosen.len() >= MOST_PARTS { Vec::new() } else { chosen }
}

/// Writes one file, and says what had been removed under its name before.
async fn write(core: &Core, dataset: &Dataset, first: u64, last: u64) -> Result<(TablePart, Removed)> {
    let Some(schema) = &dataset.schema else {
        return Err(Error::refused(format!("{} has no rows yet", dataset.name)));
    };
    let file = tempfile::NamedTempFile::new_in(&core.settings.data_dir)?;
    let mut writer = Writer::new(std::io::BufWriter::new(file.reopen()?), schema)?;
    let mut next = first;
    while next <= last {
        let page = db::entries::range(&mut *core.db.read().await?, dataset.id, next, last.min(next + PAGE - 1)).await?;
        if page.is_empty() {
            return Err(Error::refused(format!("the log of {} lacks entry {next}", dataset.name)));
        }
        next += page.len() as u64;
        let schema = schema.clone();
        writer = tokio::task::spawn_blocking(move || {
            writer.write(&entries(&schema, page)?)?;
            Ok::<_, Error>(writer)
        })
        .await??;
    }
    let (path, hash) = tokio::task::spawn_blocking(move || {
        use std::io::Write as _;
        writer.finish()?.flush()?;
        let hash = ContentHash::of_file(file.path())?;
        Ok::<_, Error>((file.into_temp_path(), hash))
    })
    .await??;
    // A file of that name holds these very bytes: whoever wrote it first, wrote the same.
    let key = StoreKey::snapshot(&hash);
    let removed = keep::before_writing(core, slice::from_ref(&key)).await?;
    core.ports.store.upload(&key, &path).await.map_err(Unfit::Port)?;
    Ok((TablePart { hash, dataset: dataset.name.clone(), first_seq: first, entries: last - first + 1 }, removed))
}

fn entries(schema: &TableSchema, page: Vec<Stored>) -> Result<Entries> {
    let mut entries = Entries::new(schema);
    for Stored { seq, arrived, entry } in page {
        let cells = cells(schema, &entry.cells).ok_or_else(|| db::Error::Corrupt {
            column: "cells",
            value: entry.cells.chars().take(80).collect(),
            reason: "not the cells of a row".into(),
        })?;
        entries.push(&Entry { seq, key: entry.key, at: entry.at, arrived, deleted: entry.deleted, cells });
    }
    Ok(entries)
}

/// Cells as they are stored; those of a deleted row are all missing.
fn cells(schema: &TableSchema, stored: &str) -> Option<Vec<Option<Cell>>> {
    use serde_json::Value;
    let values: Vec<Value> = serde_json::from_str(stored).ok()?;
    let columns = schema.columns();
    if values.is_empty() {
        return Some(vec![None; columns.len()]);
    }
    let cell = |(value, kind): (Value, ColumnKind)| match (kind, value) {
        (_, Value::Null) => Some(None),
        (ColumnKind::Number, Value::Number(number)) => number.as_f64().map(|number| Some(Cell::Number(number))),
        (ColumnKind::Time, Value::Number(micros)) => micros.as_i64().map(|micros| Some(Cell::Time(Timestamp(micros)))),
        (ColumnKind::Text, Value::String(text)) => Some(Some(Cell::Text(text))),
        _ => None,
    };
    let same = values.len() == columns.len();
    same.then(|| values.into_iter().zip(columns.iter().map(|column| column.kind)).map(cell).collect::<Option<_>>())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(first_seq: u64, entries: u64) -> TablePart {
        let hash = ContentHash::of(format!("{first_seq} {entries}").as_bytes());
        TablePart { hash, dataset: "movies".parse().unwrap(), first_seq, entries }
    }

    fn reused(parts: &[TablePart], through: u64) -> Vec<(u64, u64)> {
        reuse(parts, through).iter().map(|part| (part.first_seq, part.entries)).collect()
    }

    #[test]
    fn earlier_files_are_reused_and_never_reach_beyond_what_is_asked_for() {
        let parts = [part(1, 100), part(101, 20), part(101, 25), part(126, 5)];
        assert_eq!(reused(&parts, 130), [(1, 100), (101, 25), (126, 5)]);
        assert_eq!(reused(&parts, 122), [(1, 100), (101, 20)]);
        assert_eq!(reused(&parts, 99), []);
        let many: Vec<TablePart> = (0..MOST_PARTS as u64).map(|i| part(i * 10 + 1, 10)).collect();
        assert_eq!(reused(&many, 85), [], "too many small files are merged");
        assert_eq!(reused(&many, 80).len(), MOST_PARTS);
    }
}
