//! What speaks against a training now.

use common::settings::{Bands, Policy};
use common::vocabulary::{Mode, Timestamp};

use super::{Facts, Hold, HoldCode, Reason, ReasonCode, Request, Rules};

/// Longest wait after rejections, days.
const MAX_BACK_OFF_DAYS: f64 = 30.0;
/// After so many complete trainings in a row without skill, a model is exhausted …
const EXHAUSTED_AFTER: u32 = 2;
/// … until so many new rows have come …
const EXHAUSTED_ROWS: u64 = 60;
/// … and so many days have passed.
const EXHAUSTED_DAYS: f64 = 30.0;

/// Whether a complete training would be let through where an incremental one is not: only then it is advised. It takes another
/// decision to know, so only a hold that advises asks.
pub(super) type CompleteWorks<'a> = &'a dyn Fn() -> bool;

/// What makes a training impossible or pointless, whoever asks.
pub(super) fn impediments(facts: &Facts) -> Vec<Hold> {
    [paused(facts), data_quality(facts), hindsight(facts), too_few_rows(facts), active_training(facts)]
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
    let text = || {
        let instead = if complete_works() { "; a complete one works (--mode complete)." } else { "." };
        format!(
            "What is new to {} is not enough to learn from: there are {} rows, and it was given {}; some rows only judge. An \
             incremental training must wait for more rows{instead}",
            live.version, facts.rows, live.rows
        )
    };
    (learnable == 0).then(|| Hold { code: HoldCode::NothingNew, text: text(), until: None })
}

/// What only asks for patience; force skips it.
pub(super) fn patience(
    facts: &Facts,
    rules: &Rules,
    request: &Request<'_>,
    (mode, reasons): (Mode, &[Reason]),
    complete_works: CompleteWorks<'_>,
    now: Timestamp,
) -> Vec<Hold> {
    let Rules { policy, bands } = rules;
    [
        failed(facts, mode, request, complete_works),
        cool_down(facts, policy, reasons, now),
        back_off(facts, policy, now),
        waiting(facts, bands),
        rolled_back(facts, bands),
        exhausted(facts, now),
        crowd(facts, reasons, now),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn paused(facts: &Facts) -> Option<Hold> {
    let (since, why) = facts.paused.as_ref()?;
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    let text = format!("It is paused since {}{why}, until somebody resumes it.", since.date());
    Some(Hold { code: HoldCode::Paused, text, until: None })
}

/// The very training that has failed because of these rows, and no other: any difference may be the one that matters.
fn failed(facts: &Facts, mode: Mode, request: &Request<'_>, complete_works: CompleteWorks<'_>) -> Option<Hold> {
    let live = facts.live.as_ref().map(|live| live.version);
    let failed = facts.failures.iter().find(|failed| {
        failed.mode == mode
            && (mode != Mode::Incremental || failed.parent == live)
            && request.hyper.is_none_or(|hyper| *hyper == failed.hyper)
    })?;
    let others = match mode {
        Mode::Incremental if complete_works() => "a complete training (--mode complete), other rows",
        Mode::Incremental => "other rows",
        Mode::Complete | Mode::Quick => "other rows, other columns",
    };
    let text = format!(
        "The same {mode} training of these rows has failed: {} What can work: {others} or other hyper-parameters.",
        sentence(&failed.why)
    );
    Some(Hold { code: HoldCode::Failed, text, until: None })
}

fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}

fn data_quality(facts: &Facts) -> Option<Hold> {
    let problem = facts.data_problem.as_ref()?;
    let text = format!("The data is broken, so nothing is trained on it: {problem}");
    Some(Hold { code: HoldCode::DataQuality, text, until: None })
}

/// The newest rows judge, and a live version that was given later ones has seen them.
fn hindsight(facts: &Facts) -> Option<Hold> {
    let (live, through) = (facts.live.as_ref()?, facts.ends_early?);
    let text = format!(
        "Rows through {through} count, and {} was given rows through {}: it has seen those that would judge. A training must be as \
         of a later day.",
        live.version, live.data_through
    );
    Some(Hold { code: HoldCode::Hindsight, text, until: None })
}

fn too_few_rows(facts: &Facts) -> Option<Hold> {
    let newest = facts.newest.map(|date| format!(", the newest of {date}")).unwrap_or_default();
    let text = || format!("{} rows{newest}; {} are needed to train and to judge.", facts.rows, facts.minimum_rows);
    (facts.rows < facts.minimum_rows).then(|| Hold { code: HoldCode::TooFewRows, text: text(), until: None })
}

fn active_training(facts: &Facts) -> Option<Hold> {
    let job = facts.active_job?;
    let text = format!("Job {job} is already training this model.");
    Some(Hold { code: HoldCode::ActiveTraining, text, until: None })
}

fn cool_down(facts: &Facts, policy: &Policy, reasons: &[Reason], now: Timestamp) -> Option<Hold> {
    let last = facts.last_training?;
    let until = last.plus_days(policy.retrain_threshold_days);
    if now >= until || !reasons.iter().all(|reason| reason.code.cools_down()) {
        return None;
    }
    let age = now.days_since(last);
    let ago = if age < 0.0 { "later than this day".to_owned() } else { format!("{age:.1} days ago") };
    let text = format!(
        "The last training was {ago}, on {}; the next may be {} days after it.",
        last.date(),
        policy.retrain_threshold_days
    );
    Some(Hold { code: HoldCode::CoolDown, text, until: Some(until) })
}

/// After a rejection: time, doubled with each in a row, and enough rows that the rejecting gate has not seen for half of a new
/// gate.
fn back_off(facts: &Facts, policy: &Policy, now: Timestamp) -> Option<Hold> {
    let last = facts.last_rejection.filter(|_| facts.rejections > 0)?;
    let days = back_off_days(policy, facts.rejections);
    let needed = u64::from(policy.holdout_rows.div_ceil(2));
    let wait = Wait { until: last.plus_days(days), rows: facts.rows_since_rejection, rows_needed: needed };
    let text = format!(
        "Rejected {}, last on {}: {days} days and {needed} rows no gate has seen must come first ({} so far).",
        times(facts.rejections),
        last.date(),
        facts.rows_since_rejection
    );
    wait.hold(HoldCode::BackOff, text, now)
}

/// Days to wait after the last of so many rejections in a row: the cool-down, doubled with each.
fn back_off_days(policy: &Policy, rejections: u32) -> f64 {
    let doublings = i32::try_from(rejections.min(30)).unwrap_or(30);
    (policy.retrain_threshold_days * 2f64.powi(doublings)).min(MAX_BACK_OFF_DAYS)
}

/// The same rows, trained on once more, would leave one more version that waits.
fn waiting(facts: &Facts, bands: &Bands) -> Option<Hold> {
    let tried = facts.tried.as_ref().filter(|tried| tried.waits)?;
    let (needed, came) = (u64::from(bands.consider), tried.rows_since);
    let missing = needed.checked_sub(came).filter(|missing| *missing > 0)?;
    let text = format!(
        "{} waits for {missing} more rows to be judged on ({came} of {needed} so far): it was trained on all the others.",
        tried.version
    );
    Some(Hold { code: HoldCode::Waiting, text, until: None })
}

/// Who went back meant it: nothing is trained by itself until there is something new to say.
fn rolled_back(facts: &Facts, bands: &Bands) -> Option<Hold> {
    let back = facts.rolled_back.as_ref()?;
    let needed = u64::from(bands.consider);
    let text = || {
        format!(
            "Rolled back from {} on {} ({}): {needed} rows that have come since must say otherwise ({} so far), or somebody who \
             promotes a version.",
            back.from,
            back.at.date(),
            back.reason,
            back.rows_since
        )
    };
    (back.rows_since < needed).then(|| Hold { code: HoldCode::RolledBack, text: text(), until: None })
}

/// After complete trainings without skill: new rows and time, whichever takes longer.
fn exhausted(facts: &Facts, now: Timestamp) -> Option<Hold> {
    let last = facts.last_complete_at.filter(|_| facts.completes_without_skill >= EXHAUSTED_AFTER)?;
    let (days, needed) = (EXHAUSTED_DAYS, EXHAUSTED_ROWS);
    let wait = Wait { until: last.plus_days(days), rows: facts.rows_since_complete, rows_needed: needed };
    let text = format!(
        "{} complete trainings in a row without skill, the last on {}: tried again after {days} days and {needed} new \
         rows ({} so far).",
        facts.completes_without_skill,
        last.date(),
        facts.rows_since_complete
    );
    wait.hold(HoldCode::Exhausted, text, now)
}

/// Only where nothing but the decline asks for a training.
fn crowd(facts: &Facts, reasons: &[Reason], now: Timestamp) -> Option<Hold> {
    let count = facts.live.as_ref()?.degraded?.one_of?;
    if reasons.iter().any(|reason| reason.code != ReasonCode::Degraded) {
        return None;
    }
    let text = format!(
        "{count} models declined today: that says more of the data or the world than of this one; those that declined most \
         are trained first."
    );
    Some(Hold { code: HoldCode::Crowd, text, until: Some(Timestamp::end_of(now.date())) })
}

/// A hold that ends when both a time and a number of rows are reached.
struct Wait {
    until: Timestamp,
    rows: u64,
    rows_needed: u64,
}

impl Wait {
    fn hold(&self, code: HoldCode, text: String, now: Timestamp) -> Option<Hold> {
        let enough_rows = self.rows >= self.rows_needed;
        (now < self.until || !enough_rows).then(|| Hold { code, text, until: enough_rows.then_some(self.until) })
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        more => format!("{more} times"),
    }
}
