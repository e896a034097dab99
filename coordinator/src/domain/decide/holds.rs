//! What speaks against a training now.

use common::settings::Policy;
use common::vocabulary::Timestamp;

use super::{Facts, Hold, HoldCode, Reason, ReasonCode};

/// Longest wait after rejections, days.
const MAX_BACK_OFF_DAYS: f64 = 30.0;
/// After so many complete trainings in a row without skill, a model is exhausted …
const EXHAUSTED_AFTER: u32 = 2;
/// … until so many new rows have come …
const EXHAUSTED_ROWS: u64 = 60;
/// … and so many days have passed.
const EXHAUSTED_DAYS: f64 = 30.0;

/// What makes a training impossible or pointless, whoever asks.
pub(super) fn impediments(facts: &Facts) -> Vec<Hold> {
    [paused(facts), data_quality(facts), too_few_rows(facts), active_training(facts)].into_iter().flatten().collect()
}

/// What only asks for patience; force skips it.
pub(super) fn patience(facts: &Facts, policy: &Policy, reasons: &[Reason], now: Timestamp) -> Vec<Hold> {
    [
        cool_down(facts, policy, reasons, now),
        back_off(facts, policy, now),
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

fn data_quality(facts: &Facts) -> Option<Hold> {
    let problem = facts.data_problem.as_ref()?;
    let text = format!("The data is broken, so nothing is trained on it: {problem}");
    Some(Hold { code: HoldCode::DataQuality, text, until: None })
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
    let text = format!(
        "The last training was {:.1} days ago, on {}; the next may be {} days after it.",
        now.days_since(last),
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
