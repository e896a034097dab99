//! Daily bars, their revisions, and the figures of each series.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use common::bars::Bar;
use common::vocabulary::{ModelKey, Symbol};

use super::{CHUNK, Connection, Result, Row, Scope, date_text, lists, sql};

/// The figures of a symbol's bars.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// How many.
    pub(crate) rows: u64,
    /// Date of the first.
    pub(crate) first: NaiveDate,
    /// Date of the last.
    pub(crate) last: NaiveDate,
    /// The newest import.
    pub(crate) import: i64,
    /// The newest import that changed history; 0: none did.
    pub(crate) revised: i64,
}

/// Adds bars of dates that have none.
pub(crate) async fn insert(db: &mut Connection, symbol: &Symbol, import: i64, bars: &[Bar]) -> Result<()> {
    for chunk in bars.chunks(CHUNK) {
        sql("INSERT INTO bars (symbol, date, revision, import, open, high, low, close, adj_close, volume) VALUES ")
            .rows(chunk, |bar| {
                [
                    symbol.as_str().into(),
                    date_text(bar.date).into(),
                    1_i64.into(),
                    import.into(),
                    bar.open.into(),
                    bar.high.into(),
                    bar.low.into(),
                    bar.close.into(),
                    bar.adj_close.into(),
                    bar.volume.into(),
                ]
            })
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Replaces a bar; what it was is kept.
pub(crate) async fn revise(db: &mut Connection, symbol: &Symbol, import: i64, bar: &Bar) -> Result<()> {
    sql("INSERT INTO bar_revisions
         SELECT symbol, date, revision, import, $3, open, high, low, close, adj_close, volume
         FROM bars WHERE symbol = $1 AND date = $2")
    .bind(symbol.as_str())
    .bind(date_text(bar.date))
    .bind(import)
    .execute(&mut *db)
    .await?;
    sql(
        "UPDATE bars SET revision = revision + 1, import = $3, open = $4, high = $5, low = $6, close = $7, adj_close = $8, volume = $9
         WHERE symbol = $1 AND date = $2",
    )
    .bind(symbol.as_str())
    .bind(date_text(bar.date))
    .bind(import)
    .bind(bar.open)
    .bind(bar.high)
    .bind(bar.low)
    .bind(bar.close)
    .bind(bar.adj_close)
    .bind(bar.volume)
    .execute(db)
    .await?;
    Ok(())
}

/// Brings the figures of a series up to date after an import; `history` says whether the import changed what was there before.
pub(crate) async fn refresh_series(db: &mut Connection, symbol: &Symbol, import: i64, history: bool) -> Result<()> {
    sql("INSERT INTO series (symbol, rows, first, last, import, revised)
         SELECT symbol, count(*), min(date), max(date), $2, 0 FROM bars WHERE symbol = $1 GROUP BY symbol
         ON CONFLICT (symbol) DO UPDATE SET rows = excluded.rows, first = excluded.first, last = excluded.last,
             import = excluded.import, revised = CASE WHEN $3 = 1 THEN excluded.import ELSE series.revised END")
    .bind(symbol.as_str())
    .bind(import)
    .bind(history)
    .execute(db)
    .await?;
    Ok(())
}

/// The figures of the series that a model is trained on, by symbol: its own, but the universal forecaster all of them.
pub(crate) async fn trained_on(db: &mut Connection, model: &ModelKey) -> Result<BTreeMap<Symbol, Series>> {
    if *model == ModelKey::universal_forecaster() {
        return series(db, Scope::All).await;
    }
    let symbol: Vec<Symbol> = model.name().parse().into_iter().collect();
    series(db, Scope::Of(&symbol)).await
}

/// The most of everything that any series has: what the universal forecaster goes by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Longest {
    /// Bars, of series that end by a date; …
    pub(crate) rows: u64,
    /// … and the last of them.
    pub(crate) last: Option<NaiveDate>,
    /// The newest import of any series.
    pub(crate) import: i64,
    /// The newest that changed history.
    pub(crate) revised: i64,
}

/// The most of everything that any series has. Nothing of each is read.
pub(crate) async fn longest(db: &mut Connection, until: NaiveDate) -> Result<Longest> {
    let row =
        sql("SELECT max(CASE WHEN last <= $1 THEN rows END) AS rows, max(CASE WHEN last <= $1 THEN last END) AS last,
             max(import) AS import, max(revised) AS revised FROM series")
        .bind(date_text(until))
        .fetch_one(db)
        .await?;
    Ok(Longest {
        rows: row.opt_int("rows")?.unwrap_or_default().unsigned_abs(),
        last: row.opt_parsed("last")?,
        import: row.opt_int("import")?.unwrap_or_default(),
        revised: row.opt_int("revised")?.unwrap_or_default(),
    })
}

/// The figures of the series that go on beyond a date.
pub(crate) async fn beyond(db: &mut Connection, until: NaiveDate) -> Result<BTreeMap<Symbol, Series>> {
    let series = sql("SELECT symbol, rows, first, last, import, revised FROM series WHERE last > $1");
    let read = |row: &Row| Ok((row.parsed("symbol")?, read_series(row)?));
    Ok(series.bind(date_text(until)).read_each(db, read).await?.into_iter().collect())
}

/// The figures of series, by symbol.
pub(crate) async fn series(db: &mut Connection, of: Scope<'_, Symbol>) -> Result<BTreeMap<Symbol, Series>> {
    const TEXT: &str = "SELECT symbol, rows, first, last, import, revised FROM series";
    let read = |row: &Row| Ok((row.parsed("symbol")?, read_series(row)?));
    Ok(of.read_each(db, TEXT, " WHERE symbol IN ", read).await?.into_iter().collect())
}

/// How many symbols there are, at most so many.
pub(crate) async fn symbols(db: &mut Connection, most: u32) -> Result<u32> {
    let counted = sql("SELECT count(*) AS n FROM (SELECT symbol FROM series LIMIT $1) s").bind(most);
    counted.fetch_one(db).await?.small("n")
}

fn read_series(row: &Row) -> Result<Series> {
    Ok(Series {
        rows: row.count("rows")?,
        first: row.date("first")?,
        last: row.date("last")?,
        import: row.int("import")?,
        revised: row.int("revised")?,
    })
}

/// How many bars there are up to a date, and the date of the last of them, of the series that go on beyond it.
pub(crate) async fn rows_until(
    db: &mut Connection,
    all: &BTreeMap<Symbol, Series>,
    until: NaiveDate,
) -> Result<BTreeMap<Symbol, (u64, NaiveDate)>> {
    let cut_short: Vec<&Symbol> =
        all.iter().filter(|(_, series)| series.last > until).map(|(symbol, _)| symbol).collect();
    let mut counts = BTreeMap::new();
    for part in lists(&cut_short) {
        let wanted = sql("WITH wanted (symbol, until) AS (VALUES ")
            .rows(part, |symbol| [symbol.as_str().into(), date_text(until).into()])
            .then(
                ") SELECT b.symbol, count(*) AS rows, max(b.date) AS last FROM wanted w
                 JOIN bars b ON b.symbol = w.symbol AND b.date <= w.until GROUP BY b.symbol",
            );
        for row in wanted.fetch_all(&mut *db).await? {
            counts.insert(row.parsed("symbol")?, (row.count("rows")?, row.date("last")?));
        }
    }
    Ok(counts)
}

/// All of a symbol's bars, by date.
pub(crate) async fn all(db: &mut Connection, symbol: &Symbol) -> Result<BTreeMap<NaiveDate, Bar>> {
    let rows = sql("SELECT date, open, high, low, close, adj_close, volume FROM bars WHERE symbol = $1")
        .bind(symbol.as_str())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| read_bar(row).map(|bar| (bar.date, bar))).collect()
}

/// A symbol's bars up to a date, oldest first, from row `skip` on.
pub(crate) async fn until(db: &mut Connection, symbol: &Symbol, until: NaiveDate, skip: u64) -> Result<Vec<Bar>> {
    let rows = sql("SELECT date, open, high, low, close, adj_close, volume FROM bars
         WHERE symbol = $1 AND date <= $2 ORDER BY date LIMIT 1000000000 OFFSET $3")
    .bind(symbol.as_str())
    .bind(date_text(until))
    .bind(skip as i64)
    .fetch_all(db)
    .await?;
    rows.iter().map(read_bar).collect()
}

/// The newest `count` bars of a symbol, oldest first.
pub(crate) async fn newest(db: &mut Connection, symbol: &Symbol, count: u32) -> Result<Vec<Bar>> {
    let rows = sql(
        "SELECT date, open, high, low, close, adj_close, volume FROM bars WHERE symbol = $1 ORDER BY date DESC LIMIT $2",
    )
    .bind(symbol.as_str())
    .bind(i64::from(count))
    .fetch_all(db)
    .await?;
    rows.iter().rev().map(read_bar).collect()
}

/// The symbols whose bar of a day has this adjusted close.
pub(crate) async fn closing_at(db: &mut Connection, date: NaiveDate, adj_close: f64) -> Result<BTreeSet<Symbol>> {
    let rows = sql("SELECT b.symbol FROM series s CROSS JOIN bars b
         WHERE b.symbol = s.symbol AND b.date = $1 AND b.adj_close = $2")
    .bind(date_text(date))
    .bind(adj_close)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.parsed("symbol")).collect()
}

fn read_bar(row: &Row) -> Result<Bar> {
    Ok(Bar {
        date: row.date("date")?,
        open: row.real("open")?,
        high: row.real("high")?,
        low: row.real("low")?,
        close: row.real("close")?,
        adj_close: row.real("adj_close")?,
        volume: row.real("volume")?,
    })
}
