//! The names of keys, and cursors as ids of stream entries.

use uuid::Uuid;

use crate::ports::{Cursor, Key, LetterKind, Mailbox};

/// Bits of a cursor that count the messages of one millisecond.
const SEQUENCE: u32 = 20;

/// Makes the keys of one installation.
#[derive(Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    pub(super) fn mailbox(&self, mailbox: Mailbox) -> String {
        let prefix = &self.prefix;
        match mailbox {
            Mailbox::Coordinator => format!("{prefix}:mailbox:coordinator"),
            Mailbox::Worker(worker) => format!("{prefix}:mailbox:worker:{worker}"),
            Mailbox::Predictors => format!("{prefix}:mailbox:predictors"),
            Mailbox::Answers(coordinator) => format!("{prefix}:mailbox:answers:{coordinator}"),
        }
    }

    /// The dead letters of a kind, newest first.
    pub(super) fn dead_letters(&self, kind: LetterKind) -> String {
        format!("{}:dead:{kind}", self.prefix)
    }

    /// How many dead letters there have been of each kind.
    pub(super) fn dead_letters_counted(&self) -> String {
        format!("{}:dead", self.prefix)
    }

    /// What one instance writes and reads back, to see whether the server still takes anything.
    pub(super) fn probe(&self, instance: Uuid) -> String {
        format!("{}:probe:{instance}", self.prefix)
    }

    pub(super) fn key(&self, key: &Key) -> String {
        format!("{}:cell:{key}", self.prefix)
    }
}

/// The cursor of an entry: its time above, its number within the millisecond below. A server that lost everything goes on with
/// later times, so that new messages are later than any old cursor.
///
/// # Errors
/// It is no id of an entry that Redis numbered itself.
pub(super) fn cursor_of(id: &str) -> Result<Cursor, String> {
    let parts =
        id.split_once('-').and_then(|(ms, number)| Some((ms.parse::<u64>().ok()?, number.parse::<u64>().ok()?)));
    match parts {
        Some((ms, number)) if ms >> (64 - SEQUENCE) == 0 && number >> SEQUENCE == 0 => {
            Ok(Cursor(ms << SEQUENCE | number))
        }
        _ => Err(format!("an entry has the id {id}")),
    }
}

/// The id of the entry at a cursor.
pub(super) fn id_of(cursor: Cursor) -> String {
    format!("{}-{}", cursor.0 >> SEQUENCE, cursor.0 & ((1 << SEQUENCE) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_ids_and_keep_their_order() {
        let ids = ["0-0", "0-1", "1763700000000-0", "1763700000000-1048575", "1763700000001-0"];
        let cursors: Vec<Cursor> = ids.iter().map(|id| cursor_of(id).unwrap()).collect();
        assert!(cursors.is_sorted());
        assert_eq!(cursors.iter().copied().map(id_of).collect::<Vec<_>>(), ids);
        assert_eq!(cursors[0], Cursor::default());
        for id in ["", "1", "1-", "1-1048576", "17592186044416-0", "-1-0"] {
            assert!(cursor_of(id).is_err(), "{id}");
        }
    }
}
