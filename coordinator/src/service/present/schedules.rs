//! Schedules, their runs and the scheduler as they are shown.

use common::vocabulary::Timestamp;
use domain::schedule::{RunState, ScheduleState, put_off};

use crate::db::{self, Connection, schedule_runs::Run, schedules::Schedule};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::views::{DueView, PauseView, RunCounts, ScheduleRunView, ScheduleView, SchedulerView, ToldView};
use crate::wording::{self, When};

/// Due times that are shown.
const NEXT: usize = 5;
/// Days that runs are counted over.
pub(crate) const COUNTED_DAYS: f64 = 30.0;
/// Schedules that are shown as due next.
const SHOWN: usize = 5;

/// A schedule, with the run that was due last.
pub(crate) async fn schedule(view: &mut Connection, schedule: Schedule) -> Result<ScheduleView> {
    let last = db::schedule_runs::newest(view, schedule.id).await?;
    let (timing, zone) = (schedule.timing, schedule.zone);
    let has_next = schedule.next_due.is_some();
    let state = ScheduleState::of(schedule.paused.is_some(), has_next, last.as_ref().map(|run| run.state));
    let further = schedule.next_due.into_iter().flat_map(|due| timing.upcoming(due, zone));
    let late = put_off(schedule.id, schedule.jitter);
    let begins = |due: Timestamp| due.plus_seconds(late).utc();
    let next = schedule.next_due.into_iter().chain(further).take(NEXT).map(begins).collect();
    Ok(ScheduleView {
        name: schedule.name.to_string(),
        state,
        when: wording::text(&When { timing: timing.clone(), zone }),
        timing,
        zone: zone.to_string(),
        task: schedule.task,
        missed: schedule.missed,
        jitter_seconds: schedule.jitter,
        put_off_seconds: late as u32,
        next,
        paused: schedule.paused.as_ref().map(PauseView::from),
        last_run: last.map(run),
        created_at: schedule.created_at.utc(),
        changed_at: schedule.changed_at.utc(),
    })
}

/// A run.
pub(crate) fn run(run: Run) -> ScheduleRunView {
    let until = run.ended_at.unwrap_or_else(Timestamp::now);
    ScheduleRunView {
        id: run.id,
        schedule: run.schedule.map(|(_, name)| name.to_string()),
        task: run.task,
        due: run.due.utc(),
        occasion: run.occasion,
        state: run.state,
        tries: run.tries,
        begun_at: run.begun_at.map(Timestamp::utc),
        ended_at: run.ended_at.map(Timestamp::utc),
        seconds: run.begun_at.map(|begun| until.seconds_since(begun).max(0.0)),
        outcome: run.outcome.as_ref().map(ToldView::of),
    }
}

/// The scheduler as a whole.
pub(crate) async fn scheduler(core: &Core) -> Result<SchedulerView> {
    let mut view = core.db.snapshot().await?;
    let stopped = db::schedules::stopped(&mut view).await?;
    let totals = db::schedules::totals(&mut view).await?;
    let next = db::schedules::due_next(&mut view, SHOWN).await?;
    let open = db::schedule_runs::count_open(&mut view).await?;
    let since = Timestamp::now().plus_days(-COUNTED_DAYS);
    let (states, seconds) = db::schedule_runs::ended_since(&mut view, since).await?;
    let enabled = core.settings.schedules.enabled;
    Ok(SchedulerView {
        running: enabled && stopped.is_none(),
        enabled,
        stopped: stopped.as_ref().map(PauseView::from),
        schedules: totals.all,
        paused: totals.paused,
        open,
        next: next.into_iter().map(|(name, due)| DueView { schedule: name.to_string(), due: due.utc() }).collect(),
        last_30_days: run_counts(|state| states.get(<&str>::from(state)).copied().unwrap_or_default(), seconds),
    })
}

/// How many runs ended in each state, and the seconds that those that were done took together.
pub(crate) fn run_counts(of: impl Fn(RunState) -> u64, seconds: f64) -> RunCounts {
    let (completed, failed, skipped) = (of(RunState::Completed), of(RunState::Failed), of(RunState::Skipped));
    let done = completed + failed;
    let per_run = |sum: f64| (done > 0).then(|| sum / done as f64);
    RunCounts { completed, failed, skipped, success_rate: per_run(completed as f64), mean_seconds: per_run(seconds) }
}
