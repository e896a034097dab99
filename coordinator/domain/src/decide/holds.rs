//! What speaks against a training now.

use common::drift::{Aspect, ColumnDrift};
use common::settings::{Bands, Policy};
use common::vocabulary::{Mode, Timestamp, TrainBetween, Zone};

use crate::schedule::Timing;

use super::{Facts, Hold, Instead, Obstacle, Reason, ReasonCode, Request, Rules};

/// Longest wait after rejections, days.
const MAX_BACK_OFF_DAYS: f64 = 30.0;
/// After so many complete trainings in a row without skill, a model is exhausted …
const EXHAUSTED_AFTER: u32 = 2;
/// … until so many new rows have come …
const EXHAUSTED_ROWS: u64 = 60;
/// … and so many days have passed.
const EXHAUSTED_DAYS: f64 = 30.0;

/// A column whose share of missing values has grown by so much is broken, and not only another.
const EMPTIED: f64 = 0.9;

/// Whether a complete training would be let through where an incremental one is not: only then it is advised. It takes another
/// decision to know, so only a hold that advises asks.
pub(super) type CompleteWorks<'a> = &'a dyn Fn() -> bool;

/// What makes a training impossible or pointless, whoever asks.
pub(super) fn impediments(facts: &Facts) -> Vec<Hold> {
    [
        paused(facts),
        data_quality(facts),
        column_emptied(facts),
        hindsight(facts),
        too_few_rows(facts),
        active_training(facts),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An incremental training needs something to learn. Who asks for one is refused only where it is certain that there is nothing;
/// by itself it takes place where there most probably is something.
pub(super) fn nothing_new(
    facts: &Facts,
    mode: Mode,
    request: &Request<'_>,
    complete_works: CompleteWorks<'_>,
) -> Option<Hold> {
    let live = facts.live.as_ref().filter(|_| mode == Mode::Incremental)?;
    let learnable = if request.force || request.asked { facts.trainable.most } else { facts.trainable.least };
    (learnable == 0).then(|| {
        let (rows, given, complete) = (facts.rows, live.rows, complete_works());
        lasting(Obstacle::NothingNew { version: live.version, rows, given, complete })
    })
}

/// What only asks to wait; force skips it.
pub(super) fn skippable(
    facts: &Facts,
    rules: &Rules,
    request: &Request<'_>,
    (mode, reasons): (Mode, &[Reason]),
    complete_works: CompleteWorks<'_>,
    now: Timestamp,
) -> Vec<Hold> {
    let Rules { policy, bands, zone } = rules;
    [
        failed(facts, mode, request, complete_works),
        cool_down(facts, policy, reasons, now),
        back_off(facts, policy, now),
        waiting(facts, bands),
        rolled_back(facts, bands),
        exhausted(facts, now),
        crowd(facts, reasons, now),
        outside_hours(policy, *zone, now),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A hold that time alone does not end.
fn lasting(obstacle: Obstacle) -> Hold {
    Hold { obstacle, until: None }
}

fn paused(facts: &Facts) -> Option<Hold> {
    let (since, reason) = facts.paused.as_ref()?;
    let reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
    Some(lasting(Obstacle::Paused { since: since.date(), reason }))
}

/// The very training that has failed because of these rows, and no other: any difference may be the one that matters.
fn failed(facts: &Facts, mode: Mode, request: &Request<'_>, complete_works: CompleteWorks<'_>) -> Option<Hold> {
    let live = facts.live.as_ref().map(|live| live.version);
    let failed = facts.failures.iter().find(|failed| {
        failed.mode == mode
            && (mode != Mode::Incremental || failed.parent == live)
            && request.hyper.is_none_or(|hyper| *hyper == failed.hyper)
    })?;
    let instead = match mode {
        Mode::Incremental if complete_works() => Instead::Complete,
        Mode::Incremental => Instead::Rows,
        Mode::Complete | Mode::Quick => Instead::Columns,
    };
    Some(lasting(Obstacle::Failed { mode, failure: Box::new(failed.reason.clone()), instead }))
}

fn data_quality(facts: &Facts) -> Option<Hold> {
    let problem = facts.data_problem.clone()?;
    Some(lasting(Obstacle::DataQuality { problem }))
}

/// Of a column that was there before, nearly all is missing; one that the model does not read any more is not missed.
fn column_emptied(facts: &Facts) -> Option<Hold> {
    let drift = facts.live.as_ref().filter(|_| !facts.schema_changed)?.drift.as_ref()?;
    let is_empty = |of: &&ColumnDrift| of.aspect == Aspect::Missing && of.has_drifted() && of.distance >= EMPTIED;
    let emptied = drift.farthest.iter().find(is_empty)?;
    let (column, rows, share) = (emptied.column.clone(), drift.rows, emptied.distance);
    Some(lasting(Obstacle::ColumnEmptied { column, rows, share }))
}

/// The newest rows judge, and a live version that was given later ones has seen them.
fn hindsight(facts: &Facts) -> Option<Hold> {
    let (live, through) = (facts.live.as_ref()?, facts.ends_early?);
    Some(lasting(Obstacle::Hindsight { version: live.version, through, given: live.data_through }))
}

fn too_few_rows(facts: &Facts) -> Option<Hold> {
    let (rows, newest, needed) = (facts.rows, facts.newest, facts.minimum_rows);
    (rows < needed).then_some(lasting(Obstacle::TooFewRows { rows, newest, needed }))
}

fn active_training(facts: &Facts) -> Option<Hold> {
    facts.active_job.map(|job| lasting(Obstacle::ActiveTraining { job }))
}

fn cool_down(facts: &Facts, policy: &Policy, reasons: &[Reason], now: Timestamp) -> Option<Hold> {
    let last = facts.last_training?;
    let days = policy.retrain_threshold_days;
    let until = last.plus_days(days);
    if now >= until || !reasons.iter().all(|reason| reason.code().cools_down()) {
        return None;
    }
    let age = now.days_since(last);
    let obstacle = Obstacle::CoolDown { last: last.date(), age, later: age < 0.0, days };
    Some(Hold { obstacle, until: Some(until) })
}

/// After a rejection: time, doubled with each in a row, and enough rows that the rejecting gate has not seen for half of a new
/// gate.
fn back_off(facts: &Facts, policy: &Policy, now: Timestamp) -> Option<Hold> {
    let last = facts.last_rejection.filter(|_| facts.rejections > 0)?;
    let days = back_off_days(policy, facts.rejections);
    let (rows, needed) = (facts.rows_since_rejection, u64::from(policy.holdout_rows.div_ceil(2)));
    let obstacle = Obstacle::BackOff { rejections: facts.rejections, last: last.date(), days, needed, rows };
    Wait { until: last.plus_days(days), rows, needed }.hold(obstacle, now)
}

/// Days to wait after the last of so many rejections in a row: the cool-down, doubled with each.
fn back_off_days(policy: &Policy, rejections: u32) -> f64 {
    let doublings = i32::try_from(rejections.min(30)).unwrap_or(30);
    (policy.retrain_threshold_days * 2f64.powi(doublings)).min(MAX_BACK_OFF_DAYS)
}

/// The same rows, trained on once more, would leave one more version that waits.
fn waiting(facts: &Facts, bands: &Bands) -> Option<Hold> {
    let tried = facts.tried.as_ref().filter(|tried| tried.waits)?;
    let (needed, rows) = (u64::from(bands.consider), tried.rows_since);
    let missing = needed.checked_sub(rows).filter(|missing| *missing > 0)?;
    Some(lasting(Obstacle::Waiting { version: tried.version, missing, rows, needed }))
}

/// Who went back meant it: nothing is trained by itself until there is something new to say.
fn rolled_back(facts: &Facts, bands: &Bands) -> Option<Hold> {
    let back = facts.rolled_back.as_ref()?;
    let (needed, rows) = (u64::from(bands.consider), back.rows_since);
    let reason = Box::new(back.reason.clone());
    let obstacle = Obstacle::RolledBack { from: back.from, day: back.at.date(), reason, needed, rows };
    (rows < needed).then_some(lasting(obstacle))
}

/// After complete trainings without skill: new rows and time, whichever takes longer.
fn exhausted(facts: &Facts, now: Timestamp) -> Option<Hold> {
    let completes = facts.completes_without_skill;
    let last = facts.last_complete_at.filter(|_| completes >= EXHAUSTED_AFTER)?;
    let (days, needed, rows) = (EXHAUSTED_DAYS, EXHAUSTED_ROWS, facts.rows_since_complete);
    let obstacle = Obstacle::Exhausted { completes, last: last.date(), days, needed, rows };
    Wait { until: last.plus_days(days), rows, needed }.hold(obstacle, now)
}

/// Only where nothing but the decline asks for a training.
fn crowd(facts: &Facts, reasons: &[Reason], now: Timestamp) -> Option<Hold> {
    let models = facts.live.as_ref()?.degraded?.one_of?;
    let alone = reasons.iter().all(|reason| reason.code() == ReasonCode::Degraded);
    alone.then(|| Hold { obstacle: Obstacle::Crowd { models }, until: Some(Timestamp::end_of(now.date())) })
}

/// It waits for hours in which there is little else to do.
fn outside_hours(policy: &Policy, zone: Zone, now: Timestamp) -> Option<Hold> {
    let TrainBetween::Hours(hours) = policy.train_between else { return None };
    let obstacle = Obstacle::OutsideHours { from: hours.from(), to: hours.to(), zone };
    let until = || Timing::Daily { time: hours.from() }.next_after(now, zone);
    (!hours.contain(zone.time_of_day(now))).then(|| Hold { obstacle, until: until() })
}

/// A hold that ends when both a time and a number of rows are reached.
struct Wait {
    until: Timestamp,
    rows: u64,
    needed: u64,
}

impl Wait {
    fn hold(&self, obstacle: Obstacle, now: Timestamp) -> Option<Hold> {
        let enough_rows = self.rows >= self.needed;
        (now < self.until || !enough_rows).then(|| Hold { obstacle, until: enough_rows.then_some(self.until) })
    }
}
