//! How every statement finds its rows, on both databases: a table that grows for years is read by an index, or there is a reason.

mod steps;
mod texts;

use common::connect::Trust;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use self::steps::{Step, Types};
use self::texts::Text;
use super::Database;

/// Tables that grow with every row, job or decision.
const GROWING: [&str; 20] = [
    "alert_messages",
    "alert_news",
    "alerts",
    "attempts",
    "audit",
    "bar_revisions",
    "bars",
    "batches",
    "dataset_parts",
    "decision_history",
    "entries",
    "forward_scores",
    "imports",
    "jobs",
    "ledger",
    "predictions",
    "schedule_run_jobs",
    "schedule_runs",
    "snapshot_parts",
    "versions",
];

/// What reads a growing table from end to end all the same, and why it may: a whole statement, or one that begins so.
const MAY_READ_ALL: [(&str, &str, &str); 16] = [
    (
        "alerts/news.rs",
        "SELECT id FROM alert_news ORDER BY id DESC LIMIT 1",
        "the newest alone, at the end of the index",
    ),
    ("bars.rs", "SELECT b.symbol FROM series…", "a file is held: whose prices they may be, one bar a symbol"),
    ("batches.rs", "SELECT b.*…", "cleanup, now and then"),
    ("dataset_parts.rs", "SELECT DISTINCT hash FROM dataset_parts", "cleanup, now and then"),
    ("datasets.rs", "SELECT d.id, d.name…", "the end of each log, now and then: one step of its index"),
    ("entries.rs", "SELECT COALESCE(max(seq), 0) AS last…", "the last entry alone, at the end of the index"),
    ("facts.rs", "SELECT model, major, minor, mode, status…", "the whole fleet is decided on, in one pass"),
    ("imports.rs", "INSERT INTO imports…", "who refers to imports; SQLite skips it as long as no reference is broken"),
    ("invariants.rs", "SELECT …", "what must always hold is checked over all rows, now and then"),
    ("ledger.rs", "SELECT * FROM ledger", "the whole fleet is looked through, in one pass"),
    ("models.rs", "SELECT min(v.as_of)…", "the live version of every model, for the gauges"),
    (
        "schedules.rs",
        "DELETE FROM schedule_run_jobs…",
        "a schedule is deleted with its history: one in twenty of all runs here",
    ),
    ("snapshots.rs", "SELECT DISTINCT hash FROM snapshot_parts", "cleanup, now and then"),
    ("versions.rs", "SELECT * FROM versions", "cleanup, now and then"),
    ("versions.rs", "SELECT m.key, v.skill…", "the live version of every model of a family"),
    ("versions.rs", "SELECT v.model, v.manifest FROM models m…", "the live version of every model"),
];

/// Whether a step reads a growing table from end to end. Of a log, its data set alone or one end says too little.
fn reads_all(step: &Step) -> bool {
    let has = |part: &str| step.condition.contains(part);
    let finds = match step.table.as_str() {
        "entries" => ["key=", "key>", "import=", "at>", "seq="].into_iter().any(has) || (has("seq>") && has("seq<")),
        _ => !step.condition.is_empty(),
    };
    GROWING.contains(&step.table.as_str()) && !step.partial && !finds
}

/// What is wrong with a statement's plan.
fn complaint(text: &Text, steps: &[Step]) -> Option<String> {
    let may = |(file, all, _): &(&str, &str, &str)| {
        let beginning = all.strip_suffix('…');
        let is_meant = beginning.map_or(text.text == *all, |beginning| text.text.starts_with(beginning));
        text.file == *file && is_meant && !["IN (?)", "BETWEEN ? AND ?"].into_iter().any(|few| text.text.contains(few))
    };
    let step = steps.iter().find(|step| reads_all(step)).filter(|_| !MAY_READ_ALL.iter().any(may))?;
    Some(format!("{}: {}\n    {}", text.file, text.text, step.words))
}

#[tokio::test]
async fn sqlite_reads_no_growing_table_from_end_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/refit.db", folder.path().display());
    Database::open(&url, &Trust::default()).await.unwrap().close().await;
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    let mut complaints = Vec::new();
    for text in texts::all() {
        let steps = steps::of_sqlite(&mut db, &text.text).await;
        let steps = steps.unwrap_or_else(|error| panic!("{}: {}: {error}", text.file, text.text));
        complaints.extend(complaint(&text, &steps));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// With rows as a company has them: 2,000 models, 120,000 entries.
#[tokio::test]
async fn postgresql_reads_no_growing_table_from_end_to_end() {
    let Ok(server) = std::env::var("REFIT_TEST_POSTGRES") else {
        eprintln!("skipped: REFIT_TEST_POSTGRES is not set");
        return;
    };
    let schema = format!("plans_{}", uuid::Uuid::new_v4().simple());
    let mut db = PgConnection::connect(&server).await.unwrap();
    let mut run = async |text: String| sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut db).await.unwrap();
    run(format!("CREATE SCHEMA {schema}")).await;
    let sign = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{sign}options=-csearch_path%3D{schema}");
    let opened = Database::open(&url, &Trust::default()).await.unwrap();
    opened.close().await;
    run(format!("SET search_path = {schema}; SET random_page_cost = 1.1; SET plan_cache_mode = force_generic_plan"))
        .await;
    run(filled(1800, 100, 200, 40_000)).await;
    run("ANALYZE".into()).await;
    let types = Types::read(&mut db).await.unwrap();
    let mut complaints = Vec::new();
    for text in texts::all() {
        match steps::of_postgres(&mut db, &types, &text.text).await {
            Ok(steps) => complaints.extend(complaint(&text, &steps)),
            Err(error) => complaints.push(format!("{}: {}: {error}", text.file, text.text)),
        }
    }
    sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut db).await.unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Rows for PostgreSQL: so many models of bars with so many each, so many of data sets with so many entries each.
fn filled(symbols: u32, bars: u32, readers: u32, entries: u32) -> String {
    let numbers = [("symbols", symbols), ("bars", bars), ("readers", readers), ("entries", entries), ("recent", 1000)];
    let text = include_str!("fill.sql").replace("BLOB", "BYTEA").replace("{start}", "1500000000000000");
    let text = text.replace("{today}", "2024-06-28").replace("'{source}'", "'{}'");
    let text = ["schema", "forecaster", "text", "reading", "hash", "manifest", "decision"]
        .iter()
        .fold(text, |text, name| text.replace(&format!("{{{name}}}"), ""));
    numbers.iter().fold(text, |text, (name, number)| text.replace(&format!("{{{name}}}"), &number.to_string()))
}
