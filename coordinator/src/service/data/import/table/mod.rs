//! Rows of a table come in: put aside, looked at, added to the log of their data set, visible at once.
//!
//! ```text
//! stream ─► spool ─► plan: layout, kinds, each row checked ─► turn ─► stage, some rows at a time ─► publish
//! ```

mod infer;
mod keys;
mod layout;
pub(crate) mod left;
mod options;
mod plan;
mod records;
mod row;
mod sheet;
pub(crate) mod spool;
mod stage;
mod turn;
pub(crate) mod value;

use std::fs::File;
use std::sync::Arc;

use chrono::NaiveDate;
use common::vocabulary::{DatasetName, TableSchema, Timestamp};
use tokio::io::AsyncRead;

use self::options::Options;
use self::plan::ImportPlan;
pub(crate) use self::records::Records;
use self::stage::Tally;
use self::turn::Turn;
use crate::db::changes::LogPosition;
use crate::db::datasets::Publication;
use crate::db::{self, Database};
use crate::service::data::outcomes;
use crate::service::error::Result;
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::{Core, Refit};
use crate::service::state::transfers::Limited;
use crate::views::{ColumnView, Event, RowsEvent, TableImportReport, TableImportRequest};

/// Where every row is older, its times were no seconds since 1970: years, days of a spreadsheet, a count.
const SECONDS: Option<NaiveDate> = NaiveDate::from_ymd_opt(1973, 1, 1);

impl Refit {
    /// Takes in a CSV file of rows of a data set, which is made with the first. A row stands for the earlier one of its key from then
    /// on; one that is there already, alike, adds nothing. All rows become visible at once.
    ///
    /// # Errors
    /// The file as a whole cannot be used: it does not fit the data set, or holds no rows.
    pub async fn import_rows(
        &self,
        dataset: &DatasetName,
        request: TableImportRequest,
        source: impl AsyncRead + Send + Unpin,
    ) -> Result<TableImportReport> {
        rows(&self.core, dataset, request, source).await
    }
}

/// Takes in one file. Once its stream has ended it goes on to its end, also if nobody waits for the report any more.
pub(crate) async fn rows(
    core: &Arc<Core>,
    name: &DatasetName,
    request: TableImportRequest,
    source: impl AsyncRead + Send + Unpin,
) -> Result<TableImportReport> {
    let mut options = Options::of(request)?;
    options.accept_new_words |= core.fault.has(Mutant::OutcomesUnchecked);
    options.scratch.clone_from(&core.settings.data_dir);
    let permit = core.transfers.import()?;
    let file = spool::spool(&core.settings.data_dir, Limited::new(source, &core.settings.import)).await?;
    let (core, name) = (Arc::clone(core), name.clone());
    tokio::spawn(async move {
        let _until_it_is_done = permit;
        let report = take_in(&core.db, &name, &file, options).await?;
        core.stale.dataset(&name);
        core.events.send(|| Event::Rows(RowsEvent::from(&report)));
        Ok(report)
    })
    .await?
}

async fn take_in(
    db: &Database,
    name: &DatasetName,
    file: &Arc<File>,
    mut options: Options,
) -> Result<TableImportReport> {
    if !options.accept_new_words {
        options.outcomes = outcomes::of_dataset(&mut *db.read().await?, name).await?;
    }
    let options = Arc::new(options);
    loop {
        let now = Timestamp::now();
        let known = db::datasets::get(&mut *db.read().await?, name).await?.and_then(|dataset| dataset.schema);
        let plan = Arc::new(plan(file, &options, known.clone()).await?);
        let turn = Turn::take(db, name, &options.file, now).await?;
        // Somebody's first rows came in meanwhile: these may mean something else beside them.
        if turn.dataset.schema != known {
            turn.leave().await?;
            continue;
        }
        match bring(db, &turn, &plan, &options, now).await {
            Ok(Some(report)) => return Ok(report),
            Ok(None) => {
                tracing::warn!(dataset = %name, "an import was too slow and has lost its turn: it begins again")
            }
            Err(error) => {
                // What cannot be removed now, the next import removes.
                if let Err(error) = turn.leave().await {
                    tracing::warn!(dataset = %name, %error, "entries of a failed import are left behind");
                }
                return Err(error);
            }
        }
    }
}

async fn plan(file: &Arc<File>, options: &Arc<Options>, known: Option<TableSchema>) -> Result<ImportPlan> {
    let (file, options) = (Arc::clone(file), Arc::clone(options));
    tokio::task::spawn_blocking(move || ImportPlan::make(&file, &options, known.as_ref())).await?
}

/// Adds the rows, and makes them visible in one short transaction; none if the turn has passed on meanwhile.
async fn bring(
    db: &Database,
    turn: &Turn,
    plan: &Arc<ImportPlan>,
    options: &Options,
    now: Timestamp,
) -> Result<Option<TableImportReport>> {
    let Some(tally) = stage::rows(db, turn, plan, now).await? else { return Ok(None) };
    let before = &turn.dataset;
    let report = report(turn, plan, options, &tally, now);
    let mut tx = db.begin().await?;
    if tally.entries == 0 {
        db::datasets::leave_turn(&mut tx, before.id, turn.import).await?;
    } else {
        let (first, last) = tally.days.unzip();
        let publication = Publication {
            schema: plan.schema(),
            entries: LogPosition(report.entries),
            rows: report.total,
            first: before.first.into_iter().chain(first).min(),
            last: before.last.max(last),
        };
        if !db::datasets::publish(&mut tx, before.id, turn.import, &publication).await? {
            return Ok(None);
        }
    }
    db::imports::finish(&mut tx, turn.import, &report).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(Some(report))
}

fn report(turn: &Turn, plan: &ImportPlan, options: &Options, tally: &Tally, now: Timestamp) -> TableImportReport {
    let columns = plan.schema().columns().iter().zip(&plan.inferred);
    TableImportReport {
        dataset: turn.dataset.name.to_string(),
        file: options.file.clone(),
        rows: plan.read,
        new: tally.new,
        superseded: tally.superseded,
        unchanged: tally.unchanged,
        deleted: tally.deleted,
        repeated: plan.repeated.len(),
        refused: plan.refused.count,
        refusals: plan.refused.listed.clone(),
        columns: columns
            .map(|(column, inferred)| ColumnView {
                name: column.name.clone(),
                kind: column.kind.to_string(),
                inferred: *inferred,
            })
            .collect(),
        total: (turn.dataset.rows + tally.new).saturating_sub(tally.deleted),
        entries: turn.dataset.entries.0 + tally.entries,
        warnings: warnings(turn, plan, tally, now),
    }
}

fn warnings(turn: &Turn, plan: &ImportPlan, tally: &Tally, now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    if turn.dataset.schema.is_none() && plan.schema().key().is_empty() {
        warnings
            .push("no key was named, so a row is named by what it holds: one that changes is another row".to_owned());
    }
    if !plan.repeated.is_empty() {
        warnings.push(format!(
            "{} rows have a later one of the same key in the file, which stands for them",
            plan.repeated.len()
        ));
    }
    if tally.undated > 0 {
        let time = plan.schema().time().unwrap_or_default();
        warnings.push(format!(
            "{} rows have no {time}: they count as of today, among the newest; delete them if they are older",
            tally.undated
        ));
    }
    let (first, last) = tally.days.unzip();
    if plan.schema().time().is_some() && last.is_some() && last < SECONDS {
        warnings.push(format!(
            "its times are from {} to {}, read as seconds since 1970: write years and days as 2020-03-27",
            first.unwrap_or_default(),
            last.unwrap_or_default()
        ));
    }
    if last.is_some_and(|last| last > now.plus_days(1.0).date()) {
        warnings.push(format!("the newest row is of {}, a day that has not come", last.unwrap_or_default()));
    }
    if tally.absent > 0 {
        warnings.push(format!("{} rows to delete were not there", tally.absent));
    }
    if tally.entries == 0 {
        warnings.push("nothing has changed".to_owned());
    }
    warnings
}
