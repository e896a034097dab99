//! Schedules are made, changed, paused, resumed and deleted.

use common::vocabulary::{Timestamp, Zone};
use domain::free_text::plain_if_any;
use domain::schedule::presets::{Preset, from_the_start, offered};
use domain::schedule::{Occasion, ScheduleName, ScheduleState, Task};

use super::fire::{next, run_of};
use super::{perform, presets, runs};
use crate::db::{self, pauses::Pause, schedule_runs::Run, schedules::Schedule};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::reports;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit, lookup};
use crate::views::{Page, PageQuery, PauseRequest, ScheduleRequest, ScheduleRunView, ScheduleView};

/// Longest time that a schedule may be put off by, seconds.
const MOST_JITTER: u32 = 86_400;

impl Refit {
    /// A page of the schedules, by name.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn schedules(&self, query: PageQuery) -> Result<Page<ScheduleView>> {
        let asked = PageRequest::new("schedules", query.limit, query.cursor.as_deref())?;
        let mut view = self.core.db.snapshot().await?;
        let found = db::pages::schedules::behind(&mut view, asked.after.as_ref(), asked.rows()).await?;
        let page = asked.page(found, |schedule| schedule.name.clone())?;
        let mut items = Vec::with_capacity(page.items.len());
        for schedule in page.items {
            items.push(present::schedule(&mut view, schedule).await?);
        }
        Ok(Page { items, next: page.next })
    }

    /// One schedule.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn schedule(&self, name: &str) -> Result<ScheduleView> {
        let mut view = self.core.db.snapshot().await?;
        let schedule = find(&mut view, name).await?;
        present::schedule(&mut view, schedule).await
    }

    /// Makes a schedule, or changes it. What is left out stays as it is.
    ///
    /// # Errors
    /// A name, number or zone makes no sense, or it would never be due.
    pub async fn put_schedule(&self, name: &str, request: ScheduleRequest) -> Result<ScheduleView> {
        put(&self.core, name.parse()?, request).await
    }

    /// Takes a schedule away, with its runs. What these have asked for goes on.
    ///
    /// # Errors
    /// There is none of that name, or one of its runs is under way.
    pub async fn delete_schedule(&self, name: &str) -> Result<ScheduleView> {
        let mut tx = self.core.db.begin().await?;
        let schedule = find(&mut tx, name).await?;
        let shown = present::schedule(&mut tx, schedule.clone()).await?;
        if shown.state == ScheduleState::Running {
            let next = format!("`refit schedules pause {name}`, and delete it when its run has ended");
            return Err(Error::refused(format!("a run of {name} is under way, and would be forgotten: {next}")));
        }
        db::schedules::delete(&mut tx, schedule.id).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(shown)
    }

    /// Lets a schedule rest: it is not due until it is resumed. A run that is under way goes on.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn pause_schedule(&self, name: &str, request: PauseRequest) -> Result<ScheduleView> {
        plain_if_any("reason", request.reason.as_deref())?;
        change(&self.core, name, |schedule, now| {
            let before = schedule.paused.take();
            // Whoever pauses once more without a reason does not take away the one that was given.
            let reason = request.reason.or_else(|| before.as_ref()?.given_reason()).unwrap_or_default();
            schedule.paused = Some(Pause { at: before.map_or(now, |before| before.at), reason });
            (schedule.next_due, schedule.fire_at) = (None, None);
        })
        .await
    }

    /// Lets a schedule go on: it is due the next time from now. What it was due meanwhile is not made up for.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn resume_schedule(&self, name: &str) -> Result<ScheduleView> {
        change(&self.core, name, |schedule, now| {
            schedule.paused = None;
            begin(schedule, now);
        })
        .await
    }

    /// Does now what a schedule does when it is due, which stays when it is.
    ///
    /// # Errors
    /// There is none of that name, or nobody leads.
    pub async fn run_schedule(&self, name: &str) -> Result<ScheduleRunView> {
        let mut tx = self.core.db.begin().await?;
        let schedule = find(&mut tx, name).await?;
        let run = run_of(&schedule, Timestamp::now(), Occasion::ByHand);
        let Some(id) = db::schedule_runs::insert(&mut tx, &run).await? else {
            return Err(Error::refused(format!("{name} was begun in this very moment: ask again")));
        };
        tx.commit().await.map_err(db::Error::from)?;
        self.core.runs_changed.notify_one();
        Ok(present::schedule_run(Run { id, ..run }))
    }

    /// Does a task now, without a schedule.
    ///
    /// # Errors
    /// The task makes no sense.
    pub async fn run_task(&self, task: Task) -> Result<ScheduleRunView> {
        check_task(&self.core, &task).await?;
        let run = Run::waiting(None, task, Timestamp::now(), Occasion::ByHand);
        let mut tx = self.core.db.begin().await?;
        let id = db::schedule_runs::insert(&mut tx, &run).await?.unwrap_or_default();
        tx.commit().await.map_err(db::Error::from)?;
        self.core.runs_changed.notify_one();
        Ok(present::schedule_run(Run { id, ..run }))
    }
}

/// The schedule of a name, which must be there.
pub(super) async fn find(view: &mut db::Connection, name: &str) -> Result<Schedule> {
    let unknown = || Error::NotFound {
        what: format!("schedule {}", name.chars().take(80).collect::<String>()),
        hint: Some("`refit schedules` lists those there are".into()),
    };
    let parsed: ScheduleName = name.parse().map_err(|_| unknown())?;
    db::schedules::get(view, &parsed).await?.ok_or_else(unknown)
}

async fn put(core: &Core, name: ScheduleName, request: ScheduleRequest) -> Result<ScheduleView> {
    let now = Timestamp::now();
    let preset = request.preset.as_deref().map(preset).transpose()?;
    let zone = request.zone.as_deref().map(|zone| zone.parse::<Zone>().map_err(Error::invalid)).transpose()?;
    if let Some(task) = &request.task {
        check_task(core, task).await?;
    }
    let mut tx = core.db.begin().await?;
    let there = db::schedules::get(&mut tx, &name).await?;
    let before = there.clone();
    let mut schedule = match (there, preset) {
        (Some(there), None) => there,
        (Some(there), Some(Preset { timing, task, missed, .. })) => Schedule { timing, task, missed, ..there },
        (None, Some(preset)) => presets::of(core, name, preset, now),
        (None, None) => new(core, name, &request, now)?,
    };
    schedule.timing = request.timing.unwrap_or(schedule.timing);
    schedule.task = request.task.unwrap_or(schedule.task);
    schedule.zone = zone.unwrap_or(schedule.zone);
    schedule.missed = request.missed.unwrap_or(schedule.missed);
    schedule.jitter = request.jitter_seconds.unwrap_or(schedule.jitter);
    if schedule.jitter > MOST_JITTER {
        return Err(Error::invalid(format!("jitter_seconds is out of range: 0 to {MOST_JITTER}")));
    }
    schedule.timing.check(schedule.zone, now).map_err(|reason| Error::invalid(reason.to_string()))?;
    schedule.changed_at = now;
    let is_due_as_before =
        before.as_ref().is_some_and(|before| (&before.timing, before.zone) == (&schedule.timing, schedule.zone));
    if before.is_none() {
        schedule.id = db::schedules::insert(&mut tx, &schedule).await?.unwrap_or_default();
    }
    match (&schedule.paused, is_due_as_before) {
        (Some(_), _) => {}
        (None, false) => begin(&mut schedule, now),
        // What has just come due is not forgotten because something else about it is changed.
        (None, true) => schedule.fire_at = next(&schedule, schedule.next_due).fire_at,
    }
    db::schedules::save(&mut tx, &schedule).await?;
    let shown = present::schedule(&mut tx, schedule).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.schedules_changed.notify_one();
    Ok(shown)
}

/// A schedule that is made of what a request says.
fn new(core: &Core, name: ScheduleName, request: &ScheduleRequest, now: Timestamp) -> Result<Schedule> {
    let lacks = |what: &str| Error::NotFound {
        what: format!("schedule {name}"),
        hint: Some(format!("a new one needs {what}, or a preset")),
    };
    let timing = request.timing.clone().ok_or_else(|| lacks("a timing"))?;
    let task = request.task.clone().ok_or_else(|| lacks("a task"))?;
    Ok(Schedule::new(name.clone(), timing, task, core.settings.schedules.zone, now))
}

/// It is due the next time from now.
pub(super) fn begin(schedule: &mut Schedule, now: Timestamp) {
    let next = next(schedule, schedule.timing.next_after(now, schedule.zone));
    (schedule.next_due, schedule.fire_at) = (next.due, next.fire_at);
}

async fn change(core: &Core, name: &str, how: impl FnOnce(&mut Schedule, Timestamp)) -> Result<ScheduleView> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let mut schedule = find(&mut tx, name).await?;
    how(&mut schedule, now);
    schedule.changed_at = now;
    db::schedules::save(&mut tx, &schedule).await?;
    let shown = present::schedule(&mut tx, schedule).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.schedules_changed.notify_one();
    Ok(shown)
}

fn preset(name: &str) -> Result<Preset> {
    let all: Vec<Preset> = from_the_start().into_iter().chain(offered()).collect();
    let names = all.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
    let shown: String = name.chars().take(80).collect();
    let found = all.into_iter().find(|preset| preset.name == name);
    found.ok_or_else(|| Error::invalid(format!("{shown:?} is no preset: there are {names}")))
}

/// Refuses a task that could never be done: models that there are not, numbers out of range.
async fn check_task(core: &Core, task: &Task) -> Result<()> {
    if let Some(of) = task.selection() {
        let mut view = core.db.read().await?;
        for key in &of.models {
            lookup::model::find(&mut view, key).await?;
        }
        if let Some(reason) = of.contradiction() {
            return Err(Error::invalid(reason));
        }
        plain_if_any("category", of.category.as_deref())?;
        plain_if_any("tag", of.tag.as_deref())?;
    }
    if let Task::Report { parameters } = task {
        reports::check(core, parameters).await?;
    }
    if let Task::Retrain { of, parameters } = task {
        runs::check(parameters)?;
        if !parameters.hyper.is_empty() {
            runs::fits(&perform::selected(core, of).await?, parameters)?;
        }
    }
    Ok(())
}
