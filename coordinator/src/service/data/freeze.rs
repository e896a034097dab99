//! Freezing: the bars a job may see become immutable files in the store, named by what they hold.
//!
//! Jobs near the front of the backlog are kept ready; a job that is not yet frozen is passed over by dispatch. Earlier files are
//! reused, and a file is added for what is new.

use std::slice;

use chrono::NaiveDate;
use common::bars::Bar;
use common::ports::StoreKey;
use common::vocabulary::{
    ArtifactRef, BarsPart, ContentHash, Contestants, EvaluateSpec, JobKind, JobSpec, ModelKey, Snapshot, Source,
    Symbol, Timestamp, TrainSpec,
};

use super::freeze_table;
use crate::db::bars::Series;
use crate::db::changes::{LogPosition, Until};
use crate::db::datasets::Dataset;
use crate::db::jobs::{Job, Request};
use crate::db::snapshots::Part;
use crate::db::{self, Transaction};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::Core;
use crate::service::runtime::fault::Step;
use crate::service::runtime::lookup::{model, policy_by_key};
use crate::service::runtime::store::keep::{self, Removed};

/// Files a symbol's snapshot may consist of; with more, all rows are written anew as one.
const MOST_PARTS: usize = 8;

/// What one symbol's snapshot is made of.
struct FreezePlan {
    symbol: Symbol,
    series: Series,
    /// Files that are there.
    reused: Vec<Part>,
    /// The first row that is in none of them.
    from: u64,
    /// The rows from there on, up to the job's date.
    bars: Vec<Bar>,
}

impl FreezePlan {
    fn rows(&self) -> u64 {
        self.from + self.bars.len() as u64
    }
}

/// Freezes the data of a job, unless that is done.
pub(crate) async fn job(core: &Core, mut job: Job) -> Result<()> {
    if job.spec.is_some() {
        return Ok(());
    }
    let (Some(model), Some(request)) = (job.model.clone(), job.request.clone()) else { return Ok(()) };
    let mut view = core.db.snapshot().await?;
    let challenger = match request.challenger {
        Some(number) => db::serving::get(&mut view, &model, number).await?,
        None => None,
    };
    // A version is scored on what it reads itself; what is trained reads what its model says.
    let source = match &challenger {
        Some(challenger) => challenger.source.clone(),
        None => model::find(&mut view, &model).await?.source,
    };
    drop(view);
    let challenger = challenger.map(|challenger| challenger.artifact);
    let frozen = snapshot(core, &model, source, job.as_of).await?;
    core.fault.at(Step::Stored).await;
    job.spec = Some(spec(&job, request, model, frozen.snapshot, challenger)?);
    job.data_rows = frozen.rows;
    job.data_import = frozen.import;
    let mut tx = core.db.begin().await?;
    let saved = db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Frozen).await;
    if saved {
        tracing::debug!(job = %job.id, rows = frozen.rows, "frozen");
        core.backlog_changed.notify_one();
    }
    Ok(())
}

/// What a job may see.
pub(crate) struct Frozen {
    pub(crate) snapshot: Snapshot,
    /// Bars of its longest series, or rows of its log that have matured.
    pub(crate) rows: u64,
    /// The newest import among them.
    import: i64,
}

/// Freezes the rows of a model, read so, as of a moment.
pub(crate) async fn snapshot(core: &Core, key: &ModelKey, source: Option<Source>, as_of: Timestamp) -> Result<Frozen> {
    let mut view = core.db.snapshot().await?;
    match source {
        Some(source) => {
            let dataset = db::datasets::get(&mut view, &source.dataset).await?;
            let through = policy_by_key(&mut view, key, &core.settings).await?.matured_through(as_of);
            drop(view);
            rows(core, source, dataset, through).await
        }
        None => {
            let plans = plan(&mut view, key, as_of).await?;
            drop(view);
            bars(core, plans).await
        }
    }
}

/// The log of a data set, as far as it is visible; rows of days after `through` lie in its files, and are not looked at.
async fn rows(core: &Core, source: Source, dataset: Option<Dataset>, through: NaiveDate) -> Result<Frozen> {
    let Some(found) = dataset.filter(|dataset| dataset.entries > LogPosition(0)) else {
        return Err(Error::refused(format!("the data set {} has no rows: import some first", source.dataset)));
    };
    let parts = freeze_table::parts(core, &source.dataset, found.entries).await?;
    let until = Until { dataset: found.id, upto: found.entries, through };
    let unmatured = match found.last.is_some_and(|last| last > through) {
        true => db::changes::unmatured(&mut *core.db.read().await?, &[until]).await?.get(&until).copied().unwrap_or(0),
        false => 0,
    };
    let rows = found.rows.saturating_sub(unmatured);
    let import = found.import.map_or(0, |(import, ..)| import);
    let Source { dataset, reading } = source;
    Ok(Frozen { snapshot: Snapshot::Table { dataset, reading, parts, through }, rows, import })
}

async fn bars(core: &Core, plans: Vec<FreezePlan>) -> Result<Frozen> {
    let rows = plans.iter().map(FreezePlan::rows).max().unwrap_or(0);
    let import = plans.iter().map(|plan| plan.series.import).max().unwrap_or(0);
    let symbols = plans.iter().map(|plan| plan.symbol.clone()).collect();
    let mut parts = Vec::new();
    for plan in plans {
        parts.extend(write(core, plan).await?);
    }
    Ok(Frozen { snapshot: Snapshot::Bars { symbols, parts }, rows, import })
}

/// The job as far as it is known now; parent and contestants are the live versions at dispatch.
fn spec(
    job: &Job,
    request: Request,
    model: ModelKey,
    snapshot: Snapshot,
    challenger: Option<ArtifactRef>,
) -> Result<JobSpec> {
    let Request { split, hyper, yardstick, .. } = request;
    let contestants = Contestants::default();
    match (job.kind, job.mode, challenger) {
        (JobKind::Train, Some(mode), _) => Ok(JobSpec::Train(Box::new(TrainSpec {
            model,
            mode,
            snapshot,
            hyper,
            split,
            parent: None,
            contestants,
            yardstick,
            reproduces: None,
        }))),
        (JobKind::Evaluate, _, Some(challenger)) => {
            Ok(JobSpec::Evaluate(Box::new(EvaluateSpec { model, snapshot, split, challenger, contestants })))
        }
        (
            JobKind::Train | JobKind::Trial | JobKind::Evaluate | JobKind::Monitor | JobKind::Predict | JobKind::Probe,
            _,
            _,
        ) => Err(Error::invalid(format!("job {} does not say what to do", job.id))),
    }
}

/// Which rows of which symbols, and which of them lie in files already.
async fn plan(view: &mut Transaction, model: &ModelKey, as_of: Timestamp) -> Result<Vec<FreezePlan>> {
    let all = db::bars::trained_on(view, model).await?;
    let cut_short = db::bars::rows_until(view, &all, as_of.date()).await?;
    let mut plans = Vec::new();
    for (symbol, series) in all {
        let rows =
            if series.last <= as_of.date() { series.rows } else { cut_short.get(&symbol).map_or(0, |(rows, _)| *rows) };
        if rows == 0 {
            continue;
        }
        let parts = db::snapshots::parts(view, &symbol, series.revised).await?;
        let (reused, from) = reuse(&parts, rows);
        let bars = if from < rows { db::bars::until(view, &symbol, as_of.date(), from).await? } else { Vec::new() };
        plans.push(FreezePlan { symbol, series, reused, from, bars });
    }
    if plans.is_empty() {
        return Err(Error::refused(format!("{model} has no bars up to {}", as_of.date())));
    }
    Ok(plans)
}

/// The files that cover the most of the first `rows` rows without overlap, and the first row they lack.
fn reuse(parts: &[Part], rows: u64) -> (Vec<Part>, u64) {
    let mut chosen: Vec<Part> = Vec::new();
    let mut from = 0;
    while let Some(next) =
        parts.iter().filter(|p| p.first_row == from && p.first_row + p.part.rows <= rows).max_by_key(|p| p.part.rows)
    {
        from += next.part.rows;
        chosen.push(next.clone());
    }
    if from < rows && chosen.len() >= MOST_PARTS { (Vec::new(), 0) } else { (chosen, from) }
}

/// Writes what lies in no file yet, and makes sure that nothing of the snapshot is about to be deleted.
async fn write(core: &Core, plan: FreezePlan) -> Result<Vec<BarsPart>> {
    let FreezePlan { symbol, series, reused, from, bars } = plan;
    let mut parts: Vec<BarsPart> = reused.into_iter().map(|part| part.part).collect();
    let (mut added, mut removed) = (None, Removed::default());
    if let (Some(first), Some(last)) = (bars.first().map(|b| b.date), bars.last().map(|b| b.date)) {
        let (name, rows) = (symbol.clone(), bars.len() as u64);
        let file = tokio::task::spawn_blocking(move || common::bars::encode(&name, &bars)).await??;
        let hash = ContentHash::of(&file);
        let key = StoreKey::snapshot(&hash);
        removed = keep::before_writing(core, slice::from_ref(&key)).await?;
        // A file of that name holds these very bytes: whoever wrote it first, wrote the same.
        core.ports.store.create(&key, file).await.map_err(Unfit::Port)?;
        let part = BarsPart { hash, symbol, rows, first, last };
        added = Some(Part { first_row: from, part: part.clone() });
        parts.push(part);
    }
    let keys: Vec<StoreKey> = parts.iter().map(|part| StoreKey::snapshot(&part.hash)).collect();
    // The job that reads them is written after it, and waits for the disk: without it nobody knows of them.
    let mut tx = core.db.begin_lazily().await?;
    keep::keep_or_fail(&mut tx, &keys, &removed).await?;
    if let Some(part) = &added {
        db::snapshots::insert(&mut tx, series.revised, part).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(first_row: u64, rows: u64) -> Part {
        let day = "2024-01-02".parse().unwrap();
        let hash = ContentHash::of(format!("{first_row} {rows}").as_bytes());
        Part { first_row, part: BarsPart { hash, symbol: "A".parse().unwrap(), rows, first: day, last: day } }
    }

    fn reused(parts: &[Part], rows: u64) -> (Vec<(u64, u64)>, u64) {
        let (chosen, from) = reuse(parts, rows);
        (chosen.iter().map(|p| (p.first_row, p.part.rows)).collect(), from)
    }

    #[test]
    fn earlier_files_are_reused_and_never_reach_beyond_the_date() {
        let parts = [part(0, 100), part(100, 20), part(100, 25), part(125, 5)];
        assert_eq!(reused(&parts, 130), (vec![(0, 100), (100, 25), (125, 5)], 130));
        assert_eq!(reused(&parts, 122), (vec![(0, 100), (100, 20)], 120));
        assert_eq!(reused(&parts, 99), (vec![], 0));
        let many: Vec<Part> = (0..MOST_PARTS as u64).map(|i| part(i * 10, 10)).collect();
        assert_eq!(reused(&many, 85), (vec![], 0), "too many small files are merged");
        assert_eq!(reused(&many, 80).1, 80);
    }
}
