use std::collections::BTreeMap;

use common::connect::Trust;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::*;
use crate::db::entries::{self, NewEntry};
use crate::db::{Database, imports};

fn change(before: u64, entry: u64, gone: bool) -> Change {
    Change { entry: LogPosition(entry), before: LogPosition(before), at: Timestamp(0), gone }
}

fn given(entry: u64) -> Mark {
    Mark { entry: LogPosition(entry), through: Timestamp(0).date() }
}

/// A row that is corrected twice has changed once, and one that came after the mark was never given.
#[test]
fn a_row_that_was_given_changes_once() {
    let changes = Changes(vec![change(1, 5, false), change(5, 7, false), change(6, 8, true), change(2, 9, true)]);
    assert_eq!(changes.since(given(4)), Fate { changed: 2, gone: 1 });
    assert_eq!(changes.since(given(6)), Fate { changed: 3, gone: 2 });
    assert_eq!(changes.since(given(9)), Fate::default());
}

#[test]
fn what_had_not_matured_was_not_given() {
    let late = Change { at: Timestamp::end_of(Timestamp(0).date()).plus_days(1.0), ..change(1, 5, false) };
    assert_eq!(Changes(vec![late]).since(given(4)), Fate::default());
}

/// Entries of the log that is looked at in many ways.
const ENTRIES: u64 = 120;

#[tokio::test]
async fn sqlite_counts_rows_as_one_who_reads_the_whole_log() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/refit.db", folder.path().display());
    counts_rows_as_one_who_reads_the_whole_log(&url).await;
}

#[tokio::test]
async fn postgresql_counts_rows_as_one_who_reads_the_whole_log() {
    let Ok(server) = std::env::var("REFIT_TEST_POSTGRES") else {
        eprintln!("skipped: REFIT_TEST_POSTGRES is not set");
        return;
    };
    let schema = format!("changes_{}", uuid::Uuid::new_v4().simple());
    let mut db = PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut db).await.unwrap();
    let sign = if server.contains('?') { '&' } else { '?' };
    counts_rows_as_one_who_reads_the_whole_log(&format!("{server}{sign}options=-csearch_path%3D{schema}")).await;
    sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut db).await.unwrap();
}

/// The rows that stand there after so many entries, of those days that count, and when they happened.
fn rows_of(log: &[(NewEntry, Timestamp)], counts: impl Fn(Timestamp) -> bool) -> BTreeMap<&str, Timestamp> {
    let mut rows = BTreeMap::new();
    for (new, at) in log {
        if new.deleted {
            rows.remove(new.key.as_str());
        } else if counts(*at) {
            rows.insert(new.key.as_str(), *at);
        }
    }
    rows
}

/// Rows that come, are corrected, deleted and come again, half of them with a time of their own, over ten days.
async fn counts_rows_as_one_who_reads_the_whole_log(url: &str) {
    let db = Database::open(url, &Trust::default()).await.unwrap();
    let day = |n: u64| Timestamp(1_700_000_000_000_000).plus_days(n as f64);
    let mut log: Vec<(NewEntry, Timestamp)> = Vec::new();
    let mut tx = db.begin().await.unwrap();
    for entry in 1..=ENTRIES {
        let key = format!("row {}", entry * entry % 37);
        let arrived = day(entry * 10 / ENTRIES);
        let import = imports::begin(&mut tx, "f", "s", arrived).await.unwrap();
        let at = (entry % 2 == 0).then(|| day(entry * 7 % 10));
        let new = NewEntry { key, at, deleted: entry % 5 == 0, cells: "[]".into() };
        entries::insert(&mut tx, 1, import, entry, std::slice::from_ref(&new)).await.unwrap();
        log.push((new, at.unwrap_or(arrived)));
    }
    tx.commit().await.unwrap();

    let standing = |upto: u64| rows_of(&log[..upto as usize], |_| true);
    let mut view = db.snapshot().await.unwrap();
    for (upto, last) in (0..=ENTRIES).step_by(15).zip((0..10).cycle()) {
        let through = day(last).date();
        let matured = |at: Timestamp| at <= Timestamp::end_of(through);
        let until = Until { dataset: 1, upto: LogPosition(upto), through };
        let late = standing(upto).len() - rows_of(&log[..upto as usize], matured).len();
        let found = unmatured(&mut view, &[until]).await.unwrap();
        assert_eq!(found.get(&until).copied().unwrap_or(0), late as u64, "{until:?}");

        let span = Span { dataset: 1, after: LogPosition(upto.saturating_sub(20)), upto: LogPosition(ENTRIES) };
        let changes = changes(&mut view, &[span]).await.unwrap().remove(&1).unwrap_or_default();
        let now = standing(ENTRIES);
        let theirs = standing(upto).into_iter().filter(|(_, at)| matured(*at));
        let theirs: Vec<&str> = theirs.map(|(key, _)| key).collect();
        let changed = |key: &&&str| log[upto as usize..].iter().any(|(new, _)| new.key == **key);
        let gone = |key: &&&str| !now.contains_key(**key);
        let expected = Fate {
            changed: theirs.iter().filter(changed).count() as u64,
            gone: theirs.iter().filter(gone).count() as u64,
        };
        assert_eq!(changes.since(Mark { entry: LogPosition(upto), through }), expected, "given {upto} entries");
    }
    drop(view);
    db.close().await;
}
