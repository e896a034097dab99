//! Rows that are kept for a while only: ended jobs with their attempts, changes of decisions, reports of imports, served predictions,
//! runs of schedules, alerts and messages, reports and the minutes that availability is counted from.
//! Each transaction is short.

use common::vocabulary::{Family, JobId, Timestamp};

use crate::db;
use crate::service::error::Result;
use crate::service::reports;
use crate::service::runtime::Core;
use crate::service::serving::predictions;
use crate::views::CleanupReport;

/// Rows removed in one transaction.
const AT_ONCE: usize = 500;

/// Removes what is older than the settings say, or counts it.
pub(super) async fn sweep(core: &Core, now: Timestamp, report: &mut CleanupReport) -> Result<()> {
    let retention = &core.settings.retention;
    let before = |days: u32| now.plus_days(-f64::from(days));
    let too_old = predictions::kept_since(core);
    report.jobs = jobs(core, before(retention.jobs_days), too_old, report.dry_run).await?;
    let (decisions, imports) = (before(retention.decisions_days), before(retention.imports_days));
    let reports = before(retention.reports_days);
    report.reports = reports::prune(core, reports, report.dry_run).await?;
    if report.dry_run {
        let mut view = core.db.snapshot().await?;
        report.predictions = db::predictions::count_before(&mut view, too_old).await?;
        report.decisions = db::retention::count_decisions(&mut view, decisions).await?;
        report.imports = db::retention::count_reports(&mut view, imports).await?;
        return Ok(());
    }
    report.predictions = predictions::prune(&core.db, too_old).await?;
    again_and_again(core, Old::Attempts(before(retention.jobs_days))).await?;
    report.decisions = again_and_again(core, Old::Decisions(decisions)).await?;
    report.imports = again_and_again(core, Old::Reports(imports)).await?;
    again_and_again(core, Old::Runs(before(retention.runs_days))).await?;
    again_and_again(core, Old::Alerts(before(retention.alerts_days))).await?;
    again_and_again(core, Old::Messages(before(retention.alerts_days))).await?;
    let mut tx = core.db.begin_lazily().await?;
    db::alerts::news::remove_taken(&mut tx).await?;
    db::availability::remove_before(&mut tx, reports).await?;
    for family in Family::ALL {
        db::costs::forget(&mut tx, *family).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Ended jobs that nothing refers to any more, with their attempts. `too_old`: batch predictions of before are not kept.
async fn jobs(core: &Core, before: Timestamp, too_old: Timestamp, dry_run: bool) -> Result<u64> {
    let (mut removed, mut last) = (0, None);
    loop {
        let mut view = core.db.snapshot().await?;
        let page = db::retention::ended_jobs(&mut view, last, before, AT_ONCE).await?;
        let ids: Vec<JobId> = page.iter().map(|job| job.id).collect();
        let kept = db::retention::referred_to(&mut view, &ids).await?;
        let batches = db::retention::batches(&mut view, &ids).await?;
        drop(view);
        let goes =
            page.iter().filter(|job| !kept.contains(&job.id) && (job.ended_at < too_old || !batches.contains(&job.id)));
        let goes: Vec<JobId> = goes.map(|job| job.id).collect();
        // Nothing comes to refer to a job that has ended long ago; should it, the database refuses.
        if !dry_run && !goes.is_empty() {
            let mut tx = core.db.begin_lazily().await?;
            db::retention::remove_jobs(&mut tx, &goes).await?;
            tx.commit().await.map_err(db::Error::from)?;
        }
        removed += goes.len() as u64;
        last = page.last().copied();
        if page.len() < AT_ONCE {
            return Ok(removed);
        }
    }
}

/// What is old, and from when on.
#[derive(Clone, Copy)]
enum Old {
    /// Without a result, of jobs that stay.
    Attempts(Timestamp),
    Decisions(Timestamp),
    Reports(Timestamp),
    /// Of schedules.
    Runs(Timestamp),
    /// Whose cause is gone.
    Alerts(Timestamp),
    /// That were delivered, or given up.
    Messages(Timestamp),
}

/// Removes some at a time until none is left: how many there were.
async fn again_and_again(core: &Core, old: Old) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut tx = core.db.begin_lazily().await?;
        let round = match old {
            Old::Attempts(before) => db::retention::remove_attempts(&mut tx, before, AT_ONCE).await?,
            Old::Decisions(before) => db::retention::remove_decisions(&mut tx, before, AT_ONCE).await?,
            Old::Reports(before) => db::retention::forget_reports(&mut tx, before, AT_ONCE).await?,
            Old::Runs(before) => db::schedule_runs::remove_before(&mut tx, before, AT_ONCE).await?,
            Old::Alerts(before) => db::alerts::remove_before(&mut tx, before, AT_ONCE).await?,
            Old::Messages(before) => db::alerts::messages::remove_before(&mut tx, before, AT_ONCE).await?,
        };
        tx.commit().await.map_err(db::Error::from)?;
        removed += round;
        if round < AT_ONCE as u64 {
            return Ok(removed);
        }
    }
}
