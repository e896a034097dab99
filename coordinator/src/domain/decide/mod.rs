//! To retrain or not: rules and holds over given facts.
//!
//! The facts go through `reasons` (what speaks for a training), `holds` (what speaks against it now) and `outlook` (what would
//! change the answer); [`decide`] draws the conclusion.

mod decision;
mod facts;
mod fleet;
mod holds;
mod outlook;
mod reasons;
#[cfg(test)]
mod tests;

use common::settings::Policy;
use common::vocabulary::{Mode, Timestamp};

pub use decision::{Decision, Hold, HoldCode, Reason, ReasonCode, Verdict};
pub use facts::{Decline, Facts, LiveFacts};
pub use fleet::crowd;

/// What a caller asks beyond "is it due?". The default asks nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request {
    /// Wins over the mode the reasons ask for.
    pub mode: Option<Mode>,
    /// Skips the rules and the holds that only ask for patience; never those that make a training impossible.
    pub force: bool,
}

/// Decides for one model as of `now`: the same facts always give the same answer.
pub fn decide(facts: &Facts, policy: &Policy, request: &Request, now: Timestamp) -> Decision {
    let mut reasons = reasons::collect(facts, policy, now);
    let mut holds = holds::impediments(facts);
    let patience = if reasons.is_empty() { Vec::new() } else { holds::patience(facts, policy, &reasons, now) };
    let mut remarks = Vec::new();
    let (mode, remark) = choose_mode(facts, &reasons, request);
    remarks.extend(remark);
    if request.force {
        remarks.extend(outlook::skipped(&patience));
        reasons.extend(forced(&reasons, mode));
    } else {
        holds.extend(patience);
    }

    let verdict = match (reasons.is_empty(), holds.is_empty()) {
        (true, _) => Verdict::NotNeeded,
        (false, false) => Verdict::HeldBack,
        (false, true) if policy.auto_retrain || request.force => Verdict::Retrain,
        (false, true) => Verdict::Recommended,
    };
    match verdict {
        Verdict::Retrain => {}
        Verdict::Recommended => remarks.push("auto_retrain is off: Refit enqueues it only when asked to.".into()),
        Verdict::HeldBack => remarks.push(outlook::end_of_holds(&holds)),
        Verdict::NotNeeded => remarks = vec![outlook::what_would_change_it(facts, policy)],
    }
    let mode = (verdict != Verdict::NotNeeded).then_some(mode);
    Decision { verdict, mode, reasons, holds, note: remarks.join(" ") }
}

/// The reason of a forced training that no rule asks for.
fn forced(reasons: &[Reason], mode: Mode) -> Option<Reason> {
    let text = "Asked for by force; no rule asks for it.".into();
    reasons.is_empty().then_some(Reason { code: ReasonCode::Forced, text, mode })
}

/// The mode of the training, and what to say where it is not the one that was asked for or that the rules chose.
fn choose_mode(facts: &Facts, reasons: &[Reason], request: &Request) -> (Mode, Option<String>) {
    let chosen = match reasons.first() {
        Some(strongest) => strongest.mode,
        None if facts.live.is_some() && facts.new_rows > 0 => Mode::Incremental,
        None => Mode::Complete,
    };
    match request.mode {
        None => (chosen, None),
        Some(Mode::Incremental) if facts.live.is_none() => {
            let remark = "Incremental was asked for, but there is no live version to start from: it becomes complete.";
            (Mode::Complete, Some(remark.into()))
        }
        Some(Mode::Incremental) if facts.schema_changed => {
            let remark =
                "Incremental was asked for, but the live version does not fit the inputs: it becomes complete.";
            (Mode::Complete, Some(remark.into()))
        }
        Some(asked) if asked != chosen && !reasons.is_empty() => {
            (asked, Some(format!("The mode is {asked}, as asked for; the reasons ask for {chosen}.")))
        }
        Some(asked) => (asked, None),
    }
}
