//! What is due: each due time that has come gets its run, and the schedule its next due time, in one transaction.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::schedule::{MissedRuns, Occasion, RunOutcome, RunState, Timetable, look, put_off};

use super::presets;
use crate::db::{
    self,
    schedule_runs::Run,
    schedules::{Next, Schedule},
};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::state::TaskName;

/// How often schedules are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is made sure that none is due later than it should be.
const MEND: Duration = Duration::from_hours(1);
/// Schedules that are read at a time.
const AT_ONCE: u32 = 100;

/// Looks at schedules, while this coordinator leads.
#[derive(Debug, Default)]
pub(crate) struct Schedules {
    mended: Option<Instant>,
}

#[async_trait]
impl Task for Schedules {
    fn name(&self) -> TaskName {
        TaskName::Schedules
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        match core.settings.schedules.enabled {
            true => Rhythm::Woken(|core| &core.schedules_changed, Some(LOOK)),
            false => Rhythm::Off,
        }
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let now = Timestamp::now();
        if self.mended.is_none_or(|last| last.elapsed() >= MEND) {
            presets::begin(core, now).await?;
            mend(core, now).await?;
            self.mended = Some(Instant::now());
        }
        if db::schedules::stopped(&mut *core.db.read().await?).await?.is_none() {
            fire(core, now).await?;
        }
        Ok(())
    }
}

/// Notes a run of all that is due, and gives the numbers of the runs that are to be done.
pub(super) async fn fire(core: &Core, now: Timestamp) -> Result<Vec<i64>> {
    let mut runs = Vec::new();
    loop {
        let due = db::schedules::due(&mut *core.db.read().await?, now, AT_ONCE).await?;
        let is_last = due.len() < AT_ONCE as usize;
        for schedule in due {
            runs.extend(fire_one(core, &schedule, now).await?);
        }
        if is_last {
            break;
        }
    }
    if !runs.is_empty() {
        core.runs_changed.notify_one();
    }
    Ok(runs)
}

/// Notes the runs of one schedule.
async fn fire_one(core: &Core, schedule: &Schedule, now: Timestamp) -> Result<Vec<i64>> {
    let Some(due) = schedule.next_due else { return Ok(Vec::new()) };
    let late = put_off(schedule.id, schedule.jitter);
    let Schedule { timing, zone, missed, .. } = schedule;
    let found = look(Timetable { timing, zone: *zone, missed: *missed }, due, late, now);
    let mut tx = core.db.begin().await?;
    if !db::schedules::advance(&mut tx, schedule.id, due, next(schedule, found.next)).await? {
        return Ok(Vec::new());
    }
    for (nth, at) in found.skipped.iter().enumerate() {
        let before = if nth == 0 { found.skipped_before } else { 0 };
        let outcome = Some(RunOutcome::Missed { before, made_up: *missed == MissedRuns::Once });
        let ended_at = Some(now);
        let state = RunState::Skipped;
        let run = Run { state, outcome, ended_at, ..run_of(schedule, *at, Occasion::Missed) };
        db::schedule_runs::insert(&mut tx, &run).await?;
    }
    let mut runs = Vec::new();
    let made_up = found.made_up.iter().map(|at| (*at, Occasion::Missed));
    for (at, occasion) in made_up.chain(found.on_time.map(|at| (at, Occasion::Due))) {
        runs.extend(db::schedule_runs::insert(&mut tx, &run_of(schedule, at, occasion)).await?);
    }
    tx.commit().await.map_err(db::Error::from)?;
    if !found.skipped.is_empty() {
        let count = found.skipped.len() as u64 + found.skipped_before;
        tracing::info!(schedule = %schedule.name, missed = count, policy = %missed, "runs were due while no coordinator ran");
    }
    Ok(runs)
}

/// A run that waits to be done.
pub(super) fn run_of(schedule: &Schedule, due: Timestamp, occasion: Occasion) -> Run {
    Run::waiting(Some((schedule.id, schedule.name.clone())), schedule.task.clone(), due, occasion)
}

/// When a schedule that is due then next is to be looked at.
pub(super) fn next(schedule: &Schedule, due: Option<Timestamp>) -> Next {
    Next { due, fire_at: due.map(|due| due.plus_seconds(put_off(schedule.id, schedule.jitter))) }
}

/// A coordinator whose clock was ahead has put off what was due then to a time that lies too far: it is due when it should be. What
/// has run by that clock already does not run again, for it has its row.
async fn mend(core: &Core, now: Timestamp) -> Result<()> {
    let mut after = None;
    loop {
        let page = db::pages::schedules::behind(&mut *core.db.read().await?, after.as_ref(), AT_ONCE).await?;
        for schedule in &page {
            let Some(due) = schedule.next_due else { continue };
            let should = schedule.timing.next_after(now, schedule.zone);
            if should.is_some_and(|should| should < due) {
                let mut tx = core.db.begin().await?;
                db::schedules::advance(&mut tx, schedule.id, due, next(schedule, should)).await?;
                tx.commit().await.map_err(db::Error::from)?;
                tracing::warn!(schedule = %schedule.name, %due, "was due later than it should be: some clock was ahead");
            }
        }
        match page.last() {
            Some(last) if page.len() == AT_ONCE as usize => after = Some(last.name.clone()),
            Some(_) | None => return Ok(()),
        }
    }
}
