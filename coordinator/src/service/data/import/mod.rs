//! Prices come in: read line by line, checked row by row, merged with what is there, visible at once.
//!
//! A file is one symbol's daily bars, so what is kept in memory is bounded by the calendar; everything is staged there, and one
//! short transaction makes it visible.

mod lines;
mod merge;
mod row;
pub(crate) mod table;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use common::settings::Import;
use common::vocabulary::{Category, Family, ModelKey, Symbol, Timestamp};
use domain::revision::{self, Coming, Doubt, Limits, Revision};
use tokio::io::{AsyncBufRead, AsyncRead, BufReader};

use self::lines::Line;
use self::merge::{Incoming, Merge};
use self::row::{Columns, Row};
use crate::db::{self, models::Model};
use crate::service::error::{Error, Result};
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::{Core, Refit};
use crate::service::state::transfers::{Limited, broke_off};
use crate::views::{Event, ImportEvent, ImportReport, RefusedRow};

/// Refusals that are listed; all are counted.
const LISTED: usize = 100;
/// Days between two bars that are worth a warning: longer than any holiday.
const LONG_GAP: i64 = 10;

impl Refit {
    /// Takes in a CSV file of daily bars (`date,open,high,low,close,adj_close,volume`). The symbol is the one given, or that of the
    /// column `symbol`, or the file's name; a model `forecaster/SYMBOL` is registered with the first bars.
    ///
    /// # Errors
    /// The file as a whole cannot be used: no or renamed columns, no row that can be taken, no symbol. [`Error::Held`]: it
    /// contradicts many of the bars there are, and nobody has said that it is right.
    pub async fn import_prices(
        &self,
        import: PriceImport,
        source: impl AsyncRead + Send + Unpin,
    ) -> Result<ImportReport> {
        prices(&self.core, import, source).await
    }
}

/// What was read from a file, before it meets what is there.
struct Reading {
    symbol: Symbol,
    rows: u64,
    incoming: BTreeMap<NaiveDate, Incoming>,
    refused: Refusals,
    sorted: bool,
}

#[derive(Default)]
struct Refusals {
    count: u64,
    listed: Vec<RefusedRow>,
}

impl Refusals {
    fn add(&mut self, line: u64, reason: String) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(RefusedRow { line, reason });
        }
    }
}

/// A file of daily bars, as far as it is said what it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceImport {
    /// Its name.
    pub file: String,
    /// Whose bars; else the file says it, or its name.
    pub symbol: Option<Symbol>,
    /// The category of a model that is new with these bars.
    pub category: Option<Category>,
    /// It is right, also where it contradicts many of the bars there are.
    pub accept_revision: bool,
}

/// Takes in one file.
pub(crate) async fn prices(
    core: &Core,
    import: PriceImport,
    source: impl AsyncRead + Send + Unpin,
) -> Result<ImportReport> {
    let now = Timestamp::now();
    let _until_it_is_in = core.transfers.import()?;
    let source = Limited::new(source, &core.settings.import);
    let reading = read(&import.file, import.symbol.clone(), source, now.date()).await?;
    let report = store(core, import, reading, now).await?;
    if let Ok(symbol) = report.symbol.parse() {
        [ModelKey::forecaster(&symbol), ModelKey::universal_forecaster()]
            .iter()
            .for_each(|model| core.stale.model(model));
    }
    core.events.send(|| Event::Import(ImportEvent::from(&report)));
    Ok(report)
}

/// Reads the whole file; nothing is changed yet.
async fn read(file: &str, given: Option<Symbol>, source: impl AsyncRead + Unpin, today: NaiveDate) -> Result<Reading> {
    let mut source = BufReader::with_capacity(64 * 1024, source);
    let too_long =
        || Error::invalid(format!("the first line of {file} is longer than {} bytes: not a CSV file", lines::LONGEST));
    let columns = match next(&mut source).await? {
        None => return Err(Error::invalid(format!("{file} is empty"))),
        Some(Line::TooLong) => return Err(too_long()),
        Some(Line::Bytes(header)) => Columns::of(&header)?,
    };
    let mut symbol = given;
    let (mut rows, mut number, mut sorted) = (0, 1, true);
    let mut incoming: BTreeMap<NaiveDate, Incoming> = BTreeMap::new();
    let mut refused = Refusals::default();
    let mut company: Option<String> = None;
    while let Some(line) = next(&mut source).await? {
        number += 1;
        let row = match line {
            Line::Bytes(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
            Line::Bytes(bytes) => columns.row(&bytes, today),
            Line::TooLong => Err(format!("it is longer than {} bytes", lines::LONGEST)),
        };
        rows += 1;
        if let Ok(Row { company: Some(found), .. }) = &row
            && let first = company.get_or_insert_with(|| found.clone())
            && first != found
        {
            return Err(Error::invalid(format!(
                "{file} holds the bars of more than one company ({first}, and {found} on line {number}), and nothing of it was taken: \
                 a price file is one symbol's; write a file for each, as {first}.csv and {found}.csv, and import those"
            )));
        }
        let taken = row.and_then(|row| {
            let named = row.symbol.clone();
            if let (Some(expected), Some(found)) = (&symbol, &named)
                && expected != found
            {
                return Err(format!("it is of {found}, and this import is of {expected}: one file, one symbol"));
            }
            if let Some(first) = incoming.get(&row.bar.date) {
                return Err(format!("date {} was already on line {}", row.bar.date, first.line));
            }
            symbol = symbol.take().or(named);
            Ok(row.bar)
        });
        match taken {
            Ok(bar) => {
                sorted &= incoming.last_key_value().is_none_or(|(last, _)| *last < bar.date);
                incoming.insert(bar.date, Incoming { line: number, bar });
            }
            Err(reason) => refused.add(number, reason),
        }
    }
    if rows == 0 {
        return Err(Error::invalid(format!("{file} holds no rows below its first line")));
    }
    let symbol = symbol.map_or_else(|| symbol_of(file), Ok)?;
    Ok(Reading { symbol, rows, incoming, refused, sorted })
}

async fn next(source: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<Line>> {
    lines::next(source).await.map_err(|error| broke_off(&error))
}

/// The symbol a file is named after: `data/AAPL.csv` is AAPL's.
fn symbol_of(file: &str) -> Result<Symbol> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.parse()
        .map_err(|e| Error::invalid(format!("{file} does not say whose prices it holds ({e}): name the symbol")))
}

/// Merges with what is there and makes it visible, in one transaction.
async fn store(
    core: &Core,
    PriceImport { file, category, accept_revision, .. }: PriceImport,
    reading: Reading,
    now: Timestamp,
) -> Result<ImportReport> {
    let Reading { symbol, rows, incoming, mut refused, sorted } = reading;
    let mut tx = core.db.begin().await?;
    let import = db::imports::begin(&mut tx, &file, symbol.as_str(), now).await?;
    let existing = db::bars::all(&mut tx, &symbol).await?;
    let merged = merge::merge(&existing, &incoming);
    let compared = merged.revised.len() + merged.unchanged as usize;
    let coming = Coming { revised: &merged.revised, new: &merged.new, compared };
    let revision = revision::judge(&existing, coming, limits(&core.settings.import));
    if let Revision::Doubtful(doubt) = &revision
        && !accept_revision
        && !core.fault.has(Mutant::RevisionsTaken)
    {
        return Err(held(&mut tx, &file, &symbol, doubt).await?);
    }
    for (line, reason) in &merged.refused {
        refused.add(*line, reason.clone());
    }
    db::bars::insert(&mut tx, &symbol, import, &merged.new).await?;
    for bar in &merged.revised {
        db::bars::revise(&mut tx, &symbol, import, bar).await?;
    }
    let mut last = existing.keys().next_back().copied();
    if !(merged.new.is_empty() && merged.revised.is_empty()) {
        db::bars::refresh_series(&mut tx, &symbol, import, merged.history).await?;
        last = last.max(merged.new.last().map(|bar| bar.date));
        register(&mut tx, &symbol, category, now).await?;
    }
    let report = ImportReport {
        file,
        symbol: symbol.to_string(),
        rows,
        accepted: merged.new.len() as u64,
        unchanged: merged.unchanged,
        revised: merged.revised.len() as u64,
        refused: refused.count,
        refusals: refused.listed,
        last,
        warnings: warnings(&merged, &revision, sorted, last),
    };
    db::imports::finish(&mut tx, import, &report).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(report)
}

fn limits(settings: &Import) -> Limits {
    Limits {
        revision: settings.max_revision_percent,
        correction: settings.max_correction_percent,
        jump: settings.max_jump_percent,
    }
}

/// A file is held, and nothing of it taken: what differs, whose prices it may hold, and how to go on.
async fn held(tx: &mut db::Connection, file: &str, symbol: &Symbol, doubt: &Doubt) -> Result<Error> {
    let mut alike: Option<BTreeSet<Symbol>> = None;
    for (date, close) in doubt.witnesses() {
        let there = db::bars::closing_at(tx, date, close).await?;
        alike = Some(match alike {
            None => there,
            Some(before) => before.intersection(&there).cloned().collect(),
        });
    }
    let alike = alike.and_then(|alike| alike.into_iter().find(|other| other != symbol));
    let whose = alike.map(|other| format!("; these are the prices of {other}")).unwrap_or_default();
    Ok(Error::Held {
        reason: format!("{file} contradicts what is known of {symbol}, and nothing of it was taken: {doubt}{whose}"),
        hint: format!(
            "if these are the prices of {symbol}, import it again with --accept-revision (the API's accept_revision=true)"
        ),
    })
}

/// The first bars of a symbol register its model, the second symbol's the universal one; a category given is taken over.
async fn register(tx: &mut db::Connection, symbol: &Symbol, category: Option<Category>, now: Timestamp) -> Result<()> {
    let key = ModelKey::forecaster(symbol);
    let other = || Category::Other("other".into());
    let fresh = Model::new(key.clone(), Family::Forecaster, category.clone().unwrap_or_else(other));
    if !db::models::register(tx, &fresh, now).await?
        && let Some(category) = category
        && let Some(model) = db::models::get(tx, &key).await?
    {
        db::models::update(tx, &Model { category, ..model }).await?;
    }
    if db::bars::symbols(tx, 3).await? == 2 {
        db::models::register(tx, &Model::new(ModelKey::universal_forecaster(), Family::Forecaster, other()), now)
            .await?;
    }
    Ok(())
}

fn warnings(merged: &Merge, revision: &Revision, sorted: bool, last: Option<NaiveDate>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !sorted {
        warnings.push("the rows were not in order of date: they have been sorted".to_owned());
    }
    for pair in merged.new.windows(2) {
        let days = (pair[1].date - pair[0].date).num_days();
        if days > LONG_GAP {
            warnings.push(format!("{days} days without a bar between {} and {}", pair[0].date, pair[1].date));
        }
    }
    if merged.history {
        let before = last.map(|last| format!(" up to {last}")).unwrap_or_default();
        let how = match revision {
            Revision::Restated { factor } => format!(" by a steady factor of {factor:.4}"),
            Revision::Corrections | Revision::Doubtful(_) => String::new(),
        };
        warnings.push(format!("the price history{before} was restated{how}: the next training will be complete"));
    }
    warnings.truncate(20);
    warnings
}
