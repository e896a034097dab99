//! Schedules: how they stand, and how their runs ended.

use std::collections::HashMap;

use common::vocabulary::Timestamp;
use domain::alert::AlertKind;
use domain::report::{ReportKind, ReportName};

use super::period::schedules;
use crate::db;
use crate::service::error::Result;
use crate::service::present::{self, COUNTED_DAYS};
use crate::service::runtime::{Core, Refit};
use crate::views::{RunCounts, ScheduleLine, SchedulerReport};

/// Schedules, and runs, that are shown.
const SHOWN: u32 = 100;
/// What schedules may be in trouble with.
const KINDS: [AlertKind; 3] = [AlertKind::ScheduleFailed, AlertKind::ScheduleMissed, AlertKind::BackupFailed];

impl Refit {
    /// How schedules stand, how their runs ended in the last 30 days, and the alerts about them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scheduler_report(&self) -> Result<SchedulerReport> {
        scheduler(&self.core).await
    }
}

/// How schedules stand.
pub(super) async fn scheduler(core: &Core) -> Result<SchedulerReport> {
    let (now, zone) = (Timestamp::now(), core.settings.schedules.zone);
    let scheduler = present::scheduler(core).await?;
    let mut view = core.db.snapshot().await?;
    let counted = db::reports::runs(&mut view, (now.plus_days(-COUNTED_DAYS), now.plus_seconds(1.0))).await?;
    let mut counted: HashMap<Option<String>, RunCounts> =
        schedules(counted).into_iter().map(|of| (of.schedule, of.runs)).collect();
    let mut lines = Vec::new();
    for schedule in db::pages::schedules::behind(&mut view, None, SHOWN).await? {
        let shown = present::schedule(&mut view, schedule).await?;
        lines.push(ScheduleLine {
            runs: counted.remove(&Some(shown.name.clone())).unwrap_or_default(),
            name: shown.name,
            state: shown.state,
            when: shown.when,
            task: shown.task.as_str().to_owned(),
            next: shown.next.first().copied(),
        });
    }
    let runs = db::pages::schedules::all_runs(&mut view, None, SHOWN).await?;
    let silences = db::alerts::silences::all(&mut view).await?;
    let alerts = db::alerts::open_of_kinds(&mut view, &KINDS).await?;
    Ok(SchedulerReport {
        name: ReportName::of(ReportKind::Scheduler, zone.date_time(now).date_naive()).to_string(),
        made_at: now.utc(),
        zone: zone.to_string(),
        scheduler,
        schedules: lines,
        runs: runs.into_iter().map(present::schedule_run).collect(),
        alerts: alerts.into_iter().map(|alert| present::alert(alert, &silences, now)).collect(),
    })
}
