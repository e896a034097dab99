//! Rows to be predicted become immutable files in the store: read from the file that was put aside, some at a time.

use std::fs::File;
use std::slice;
use std::sync::Arc;

use common::ports::StoreKey;
use common::rows::Rows;
use common::vocabulary::{ContentHash, Reading, RowsPart};
use common::wire::PredictQuestion;
use domain::columns;
use tokio::sync::mpsc;

use crate::service::data::import::table::Records;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::store::keep::{self, Removed};

/// Rows of one file, unless they are long: what a reader holds in memory.
const ROWS: usize = 50_000;
/// Bytes of cells after which a file ends, too.
const BYTES: usize = 16 << 20;

/// Puts the rows of a CSV file into the store, as far as the reading needs them, and says what had been removed under their names before.
pub(super) async fn freeze(core: &Core, reading: &Reading, file: Arc<File>) -> Result<(Vec<RowsPart>, Removed)> {
    // One is written to the store while the next is read.
    let (sender, mut coming) = mpsc::channel(1);
    let reading = reading.clone();
    let reader = tokio::task::spawn_blocking(move || read(&file, &reading, |rows| sender.blocking_send(rows).is_ok()));
    let (mut parts, mut removed) = (Vec::new(), Removed::default());
    while let Some(rows) = coming.recv().await {
        let body = rows.encode()?;
        let part = RowsPart { hash: ContentHash::of(&body), rows: rows.len() as u64 };
        // A file of that name holds these very bytes: whoever wrote it first, wrote the same.
        let key = StoreKey::snapshot(&part.hash);
        removed.and(keep::before_writing(core, slice::from_ref(&key)).await?);
        core.ports.store.put(&key, body).await?;
        parts.push(part);
    }
    reader.await??;
    if parts.is_empty() {
        return Err(Error::invalid("there are no rows below the first line"));
    }
    Ok((parts, removed))
}

/// Reads rows, and hands them on in pieces; stops when nobody takes them.
fn read(file: &Arc<File>, reading: &Reading, mut take: impl FnMut(Rows) -> bool) -> Result<()> {
    let mut records = Records::open(file)?;
    let names = reading.inputs();
    columns::complete(reading, records.names().iter().map(String::as_str)).map_err(Error::invalid)?;
    let indices: Vec<usize> =
        names.iter().filter_map(|name| records.names().iter().position(|there| there == name)).collect();
    let empty = || Rows::new(names.iter().copied());
    let (mut rows, mut bytes, mut first) = (empty(), 0, 1);
    loop {
        let record = records.next()?;
        let more = record.is_some();
        if let Some(record) = record {
            let cells = indices.iter().map(|index| record.get(*index).filter(|cell| !cell.is_empty()));
            bytes += cells.clone().flatten().map(str::len).sum::<usize>();
            rows.push(cells);
        }
        if (!more && !rows.is_empty()) || rows.len() == ROWS || bytes >= BYTES {
            let count = rows.len() as u64;
            // Said now, and not by a worker in an hour.
            let all = (0..rows.len()).map(|index| rows.cells(index)).collect();
            PredictQuestion::of_rows(reading, all, first).map_err(Error::invalid)?;
            if !take(std::mem::replace(&mut rows, empty())) {
                return Ok(());
            }
            (bytes, first) = (0, first + count);
        }
        if !more {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use common::vocabulary::Family;

    use super::*;

    fn pieces(family: Family, text: &str) -> Result<Vec<Rows>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut pieces = Vec::new();
        read(&Arc::new(file), &Reading::of(family).unwrap(), |rows| {
            pieces.push(rows);
            true
        })?;
        Ok(pieces)
    }

    #[test]
    fn what_the_model_reads_is_taken_and_the_rest_is_left() {
        let rows = pieces(Family::Recommender, "item,when,user\n7,1997,ann\n8,,\"b\nc\"\n").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].names(), ["user", "item"]);
        assert_eq!(rows[0].cells(1), [Some("b\nc".to_owned()), Some("8".to_owned())]);
    }

    #[test]
    fn other_dialects_are_read_and_nothing_is_endless() {
        let rows = pieces(Family::Text, "\u{feff}id;text\n1;a, b\n").unwrap();
        assert_eq!(rows[0].cells(0), [Some("a, b".to_owned())]);
        let refused = |text: &str| pieces(Family::Text, text).unwrap_err().to_string();
        let endless = "a".repeat(3 << 20);
        for text in [endless.clone(), format!("text\n{endless}\n")] {
            let reason = refused(&text);
            assert!(
                reason.len() < 300 && reason.contains("longer than 1048576 bytes"),
                "{}",
                &reason[..reason.len().min(300)]
            );
        }
        let wide = refused(&format!("id,{}\n", "b".repeat(1 << 20).split_at(1000).0));
        assert!(wide.len() < 300, "{wide}");
    }

    #[test]
    fn many_rows_come_in_pieces() {
        let text: String = (0..ROWS + 3).map(|n| format!("text {n}\n")).collect();
        let rows = pieces(Family::Text, &format!("text\n{text}")).unwrap();
        assert_eq!(rows.iter().map(Rows::len).collect::<Vec<_>>(), [ROWS, 3]);
        assert_eq!(rows[1].cells(2), [Some(format!("text {}", ROWS + 2))]);
    }

    #[test]
    fn what_cannot_be_asked_about_is_said_with_its_row() {
        let refused = |text| pieces(Family::Text, text).unwrap_err().to_string();
        assert_eq!(refused("id,body\n1,a\n"), "there is no column text. The rows have body, id");
        assert_eq!(refused("text\na\n\"\"\n"), "row 2 has no text");
        assert_eq!(refused("text,id\na,1\nb\n"), "line 3 has 1 fields, and the first line names 2 columns");
        assert_eq!(refused(""), "the file is empty");
    }
}
