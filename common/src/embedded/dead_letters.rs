//! Dead letters on SQLite, of the queue and of the bus.

use sqlx::SqliteConnection;

use super::database::Database;
use crate::ports::{DeadLetter, DeadLetters, KEPT, LetterKind};
use crate::vocabulary::Timestamp;

/// Keeps a letter, in the place of the oldest of its kind if there are too many.
pub(super) async fn keep(connection: &mut SqliteConnection, letter: &DeadLetter) -> sqlx::Result<()> {
    let kind = letter.kind.as_str();
    sqlx::query("INSERT INTO dead_letter (kind, at, reason, bytes, head) VALUES (?, ?, ?, ?, ?)")
        .bind(kind)
        .bind(letter.at.0)
        .bind(&letter.reason)
        .bind(letter.bytes as i64)
        .bind(&letter.head)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO dead_letter_count (kind, count) VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET count = count + 1",
    )
    .bind(kind)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM dead_letter WHERE kind = ?1 AND id <=
             (SELECT id FROM dead_letter WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )
    .bind(kind)
    .bind(KEPT as i64)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Those of some kinds.
pub(super) async fn of(database: &Database, kinds: &[LetterKind]) -> sqlx::Result<DeadLetters> {
    let mut found = DeadLetters::default();
    for kind in kinds {
        let count: Option<i64> = sqlx::query_scalar("SELECT count FROM dead_letter_count WHERE kind = ?")
            .bind(kind.as_str())
            .fetch_optional(&database.read)
            .await?;
        found.counted.extend(count.map(|count| (*kind, count as u64)));
        let rows: Vec<(i64, String, i64, Vec<u8>)> =
            sqlx::query_as("SELECT at, reason, bytes, head FROM dead_letter WHERE kind = ? ORDER BY id DESC")
                .bind(kind.as_str())
                .fetch_all(&database.read)
                .await?;
        found.letters.extend(rows.into_iter().map(|(at, reason, bytes, head)| DeadLetter {
            kind: *kind,
            at: Timestamp(at),
            reason,
            bytes: bytes as u64,
            head,
        }));
    }
    Ok(found)
}
