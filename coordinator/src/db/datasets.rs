//! Data sets: what is known of each, and whose turn it is to add to its log.

use chrono::NaiveDate;
use common::vocabulary::{DatasetName, TableSchema, Timestamp};

use super::changes::LogPosition;
use super::{Connection, Result, Row, Scope, date_text, sql};

/// A data set as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dataset {
    /// Its number.
    pub(crate) id: i64,
    /// Its name.
    pub(crate) name: DatasetName,
    /// What its rows look like; known from the first ones on.
    pub(crate) schema: Option<TableSchema>,
    /// Number of the newest visible entry.
    pub(crate) entries: LogPosition,
    /// Rows as they stand there.
    pub(crate) rows: u64,
    /// The earliest day of any entry.
    pub(crate) first: Option<NaiveDate>,
    /// The latest.
    pub(crate) last: Option<NaiveDate>,
    /// When its first import began.
    pub(crate) created_at: Timestamp,
    /// The newest import that brought anything: its number, its file and when.
    pub(crate) import: Option<(i64, String, Timestamp)>,
    /// The import whose turn it is, and how often it has been heard of.
    pub(crate) turn: (Option<i64>, i64),
}

const ONE: &str =
    "SELECT d.id, d.name, d.schema, d.entries, d.rows, d.first, d.last, d.created_at, d.import, d.writer, d.beat,
         i.file AS import_file, i.at AS import_at
     FROM datasets d LEFT JOIN imports i ON i.id = d.import
     WHERE d.name = $1";

/// Data sets that have had rows, by name.
pub(crate) async fn all(db: &mut Connection, of: Scope<'_, DatasetName>) -> Result<Vec<Dataset>> {
    const TEXT: &str =
        "SELECT d.id, d.name, d.schema, d.entries, d.rows, d.first, d.last, d.created_at, d.import, d.writer, d.beat,
             i.file AS import_file, i.at AS import_at
         FROM datasets d LEFT JOIN imports i ON i.id = d.import
         WHERE d.schema IS NOT NULL";
    let mut all = of.read_each(db, TEXT, " AND d.name IN ", read).await?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// One data set, also while its first rows come in.
pub(crate) async fn get(db: &mut Connection, name: &DatasetName) -> Result<Option<Dataset>> {
    sql(ONE).bind(name.as_str()).fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// Data sets whose log goes on beyond what is visible: an import is adding to it, or died while it did.
pub(crate) async fn unfinished(db: &mut Connection) -> Result<Vec<Dataset>> {
    sql("SELECT d.id, d.name, d.schema, d.entries, d.rows, d.first, d.last, d.created_at, d.import, d.writer, d.beat,
             i.file AS import_file, i.at AS import_at
         FROM datasets d LEFT JOIN imports i ON i.id = d.import
         WHERE EXISTS (SELECT 1 FROM entries e WHERE e.dataset = d.id AND e.seq > d.entries)")
    .read_each(db, read)
    .await
}

pub(super) fn read(row: &Row) -> Result<Dataset> {
    let import = match (row.opt_int("import")?, row.opt_text("import_file")?, row.opt_time("import_at")?) {
        (Some(import), Some(file), Some(at)) => Some((import, file, at)),
        _ => None,
    };
    Ok(Dataset {
        id: row.int("id")?,
        name: row.parsed("name")?,
        schema: row.opt_json("schema")?,
        entries: LogPosition(row.count("entries")?),
        rows: row.count("rows")?,
        first: row.opt_parsed("first")?,
        last: row.opt_parsed("last")?,
        created_at: row.time("created_at")?,
        import,
        turn: (row.opt_int("writer")?, row.int("beat")?),
    })
}

/// Makes sure that there is one of this name.
pub(crate) async fn create(db: &mut Connection, name: &DatasetName, now: Timestamp) -> Result<()> {
    sql("INSERT INTO datasets (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name.as_str())
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Gives the turn to an import, if nobody has taken it since it was looked at.
pub(crate) async fn take_turn(db: &mut Connection, looked_at: &Dataset, import: i64) -> Result<bool> {
    let (writer, beat) = looked_at.turn;
    let changed = sql(
        "UPDATE datasets SET writer = $2, beat = beat + 1 WHERE id = $1 AND beat = $3 AND COALESCE(writer, 0) = $4",
    )
    .bind(looked_at.id)
    .bind(import)
    .bind(beat)
    .bind(writer.unwrap_or(0))
    .execute(db)
    .await?;
    Ok(changed == 1)
}

/// Keeps the turn for a while longer; whether the import still has it. What the same transaction writes is the turn's.
pub(crate) async fn keep_turn(db: &mut Connection, id: i64, import: i64) -> Result<bool> {
    let kept = sql("UPDATE datasets SET beat = beat + 1 WHERE id = $1 AND writer = $2").bind(id).bind(import);
    Ok(kept.execute(db).await? == 1)
}

/// Gives the turn back, if the import still has it.
pub(crate) async fn leave_turn(db: &mut Connection, id: i64, import: i64) -> Result<()> {
    sql("UPDATE datasets SET writer = NULL, beat = beat + 1 WHERE id = $1 AND writer = $2")
        .bind(id)
        .bind(import)
        .execute(db)
        .await?;
    Ok(())
}

/// What an import makes visible.
#[derive(Debug)]
pub(crate) struct Publication<'a> {
    /// What the rows look like: the same as before, if there were any.
    pub(crate) schema: &'a TableSchema,
    /// Number of the newest entry from now on.
    pub(crate) entries: LogPosition,
    /// Rows there are from now on.
    pub(crate) rows: u64,
    /// The earliest day from now on.
    pub(crate) first: Option<NaiveDate>,
    /// The latest.
    pub(crate) last: Option<NaiveDate>,
}

/// Makes everything visible that an import has added, and ends its turn; `false` if it was not its turn any more.
pub(crate) async fn publish(db: &mut Connection, id: i64, import: i64, what: &Publication<'_>) -> Result<bool> {
    let changed = sql(
        "UPDATE datasets SET schema = $3, entries = $4, rows = $5, first = $6, last = $7, import = $2, writer = NULL,
             beat = beat + 1
         WHERE id = $1 AND writer = $2",
    )
    .bind(id)
    .bind(import)
    .bind(serde_json::to_string(what.schema)?)
    .bind(what.entries.0 as i64)
    .bind(what.rows as i64)
    .bind(what.first.map(date_text))
    .bind(what.last.map(date_text))
    .execute(db)
    .await?;
    Ok(changed == 1)
}
