//! Schedules and their runs, for whoever looks.

use common::vocabulary::Timestamp;
use domain::schedule::{ScheduleState, put_off};

use crate::db::{self, Connection, schedule_runs::Run, schedules::Schedule};
use crate::service::error::Result;
use crate::views::{PauseView, ScheduleRunView, ScheduleView, ToldView};
use crate::wording::{self, When};

/// Due times that are shown.
const NEXT: usize = 5;

/// A schedule, with the run that was due last.
pub(super) async fn schedule(view: &mut Connection, schedule: Schedule) -> Result<ScheduleView> {
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
pub(super) fn run(run: Run) -> ScheduleRunView {
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
