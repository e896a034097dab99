//! Cleanup: what nothing refers to is marked for deletion, and removed when it still is marked an hour later; rows go when they are old. The
//! leader does it now and then, and whoever asks. Never leaves the store.

mod needed;
mod remove;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::ports::StoreEntry;
use common::vocabulary::Timestamp;

use self::needed::Needed;
use crate::db::{self, deletion_marks::Mark};
use crate::service::data::import::table::left;
use crate::service::error::Result;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::store::remove::{ABANDONED, finish};
use crate::service::runtime::{Core, Refit};
use crate::service::serving::predictions::kept_since;
use crate::service::state::TaskName;
use crate::views::{CleanupReport, CleanupRequest};

/// When the first cleanup of a leader comes, if not sooner: whoever has just started has other things to do.
const FIRST: Duration = Duration::from_mins(10);
/// Objects marked or unmarked, and versions thinned, in one transaction.
const AT_ONCE: usize = 500;

impl Refit {
    /// Removes from the store what nothing refers to any more, in two steps an hour apart.
    ///
    /// # Errors
    /// The store or the database fails.
    pub async fn cleanup(&self, request: CleanupRequest) -> Result<CleanupReport> {
        clean(&self.core, request).await
    }
}

/// Cleans now and then, while this coordinator leads.
#[derive(Debug, Default)]
pub(crate) struct Cleanup {
    /// Since this coordinator leads.
    has_cleaned: bool,
}

#[async_trait]
impl Task for Cleanup {
    fn name(&self) -> TaskName {
        TaskName::Cleanup
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        match core.settings.coordinator.clean_every {
            Duration::ZERO => Rhythm::Off,
            every if self.has_cleaned => Rhythm::Later(every),
            every => Rhythm::Later(every.min(FIRST)),
        }
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let report = clean(core, CleanupRequest::default()).await?;
        tracing::info!(
            condemned = report.condemned.len(),
            deleted = report.deleted.len(),
            bytes = report.bytes,
            jobs = report.jobs,
            predictions = report.predictions,
            "cleaned"
        );
        self.has_cleaned = true;
        Ok(())
    }
}

/// Removes the rows that broken imports have left.
pub(crate) async fn broken_imports(core: &Core) -> Result<()> {
    left::remove(&core.db).await?;
    Ok(())
}

/// Cleans once, or says what would be cleaned.
pub(crate) async fn clean(core: &Core, request: CleanupRequest) -> Result<CleanupReport> {
    let now = Timestamp::now();
    let objects: Vec<StoreEntry> = core.ports.store.list(None).await?.into_iter().filter(ours).collect();
    let mut report = CleanupReport { dry_run: request.dry_run, ..CleanupReport::default() };
    rows::sweep(core, now, &mut report).await?;

    // What is needed is read in a view, for it is a long read, and nobody is kept from writing meanwhile. What is marked by
    // mistake is needed the next time; what is needed again has been unmarked, which the transaction that begins a removal sees.
    let days = if core.fault.has(Mutant::RejectedThinned) { 0 } else { core.settings.coordinator.keep_rejected_days };
    let mut needed = needed::needed(&mut *core.db.snapshot().await?, kept_since(core), f64::from(days), now).await?;
    thin(core, &mut needed, &mut report).await?;
    let marks = db::deletion_marks::all(&mut *core.db.read().await?).await?;
    let due = now.plus_seconds(-core.settings.coordinator.condemned_for.as_secs_f64());
    let plan = CleanupPlan::of(&objects, &needed, &marks, due, now);
    report.condemned = plan.mark.iter().map(|(key, _)| (*key).to_owned()).collect();
    if request.dry_run {
        report.bytes = plan.remove.iter().map(|(_, bytes)| bytes).sum();
        report.deleted = plan.remove.into_iter().map(|(key, _)| key.to_owned()).collect();
        return Ok(report);
    }
    for keys in plan.unmark.chunks(AT_ONCE) {
        let mut tx = core.db.begin().await?;
        db::deletion_marks::unmark(&mut tx, keys).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    let long_gone = now.plus_seconds(-ABANDONED);
    for objects in plan.mark.chunks(AT_ONCE) {
        let mut tx = core.db.begin().await?;
        db::deletion_marks::mark(&mut tx, objects, long_gone, now).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    finish(core, &plan.abandoned).await?;
    remove::all(core, &plan.remove, due, &mut report).await?;
    let mut tx = core.db.begin().await?;
    db::deletion_marks::forget_removed(&mut tx, now.plus_days(-1.0)).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(report)
}

/// What is to be done about the objects there are.
#[derive(Default)]
struct CleanupPlan<'a> {
    unmark: Vec<&'a str>,
    mark: Vec<(&'a str, u64)>,
    remove: Vec<(&'a str, u64)>,
    abandoned: Vec<&'a str>,
}

impl<'a> CleanupPlan<'a> {
    fn of(
        objects: &'a [StoreEntry],
        needed: &Needed,
        marks: &'a HashMap<String, Mark>,
        due: Timestamp,
        now: Timestamp,
    ) -> Self {
        let mut plan = Self::default();
        for object in objects {
            let (key, bytes) = (object.key.as_str(), object.bytes);
            match (needed.holds(key), marks.get(key)) {
                (true, Some(Mark::ForDeletion(_))) => plan.unmark.push(key),
                (false, Some(Mark::ForDeletion(since))) if *since <= due => plan.remove.push((key, bytes)),
                // There again since it was removed.
                (false, None | Some(Mark::Removed(_))) => plan.mark.push((key, bytes)),
                (true, None | Some(Mark::Removing(_) | Mark::Removed(_)))
                | (false, Some(Mark::ForDeletion(_) | Mark::Removing(_))) => {}
            }
        }
        let abandoned = |(key, mark): (&'a String, &'a Mark)| match mark {
            Mark::Removing(since) if now.seconds_since(*since) > ABANDONED => Some(key.as_str()),
            Mark::Removing(_) | Mark::ForDeletion(_) | Mark::Removed(_) => None,
        };
        plan.abandoned = marks.iter().filter_map(abandoned).collect();
        plan
    }
}

/// Versions lose their weights in the books first: whoever promotes one from here on is told. One that has gone live since the view
/// keeps them.
async fn thin(core: &Core, needed: &mut Needed, report: &mut CleanupReport) -> Result<()> {
    let all = std::mem::take(&mut needed.thinned);
    for versions in all.chunks(AT_ONCE) {
        if report.dry_run {
            report.thinned.extend(versions.iter().map(|(model, number, _)| format!("{model} {number}")));
            continue;
        }
        let mut tx = core.db.begin().await?;
        for (model, number, prefix) in versions {
            match db::versions::thin(&mut tx, model, *number).await? {
                true => report.thinned.push(format!("{model} {number}")),
                false => needed.folder(prefix),
            }
        }
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// Only what Refit itself writes is ever looked at.
fn ours(object: &StoreEntry) -> bool {
    let key = object.key.as_str();
    ["snapshots/", "jobs/", "predictions/"].iter().any(|folder| key.starts_with(folder))
}
