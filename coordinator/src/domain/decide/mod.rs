//! To retrain or not: rules and holds over given facts.
//!
//! The facts go through `reasons` (what speaks for a training), `holds` (what speaks against it now) and `outlook` (what would
//! change the answer); [`decide`] draws the conclusion.

mod band;
mod decision;
mod facts;
mod fleet;
mod holds;
mod outlook;
mod reasons;
#[cfg(test)]
mod tests;

use common::settings::{Bands, Policy};
use common::vocabulary::{Mode, Timestamp};

pub use band::Band;
pub use decision::{Decision, Hold, HoldCode, Reason, ReasonCode, Verdict};
pub use facts::{Decline, Facts, LiveFacts};
pub use fleet::Crowd;

/// What a caller asks beyond "is it due?". The default asks nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request {
    /// Wins over the mode the reasons ask for.
    pub mode: Option<Mode>,
    /// Skips the rules and the holds that only ask for patience; never those that make a training impossible.
    pub force: bool,
    /// A person or a schedule asks: what is only worth considering, or only recommended, is done.
    pub asked: bool,
}

/// By what a model is decided about.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Of its family.
    pub policy: Policy,
    /// What new rows ask for.
    pub bands: Bands,
}

/// Decides for one model as of `now`: the same facts always give the same answer.
pub fn decide(facts: &Facts, rules: &Rules, request: &Request, now: Timestamp) -> Decision {
    let Rules { policy, bands } = rules;
    let band = Band::of(facts, bands);
    let mut reasons = reasons::collect(facts, rules, band, now);
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

    let waits = outlook::waits_to_be_asked(&reasons, band, policy, bands).filter(|_| !request.force && !request.asked);
    let verdict = match (reasons.is_empty(), holds.is_empty(), &waits) {
        (true, _, _) => Verdict::NotNeeded,
        (false, false, _) => Verdict::HeldBack,
        (false, true, None) => Verdict::Retrain,
        (false, true, Some(_)) => Verdict::Recommended,
    };
    match verdict {
        Verdict::Retrain => {}
        Verdict::Recommended => remarks.extend(waits),
        Verdict::HeldBack => remarks.push(outlook::end_of_holds(&holds)),
        Verdict::NotNeeded => remarks = vec![outlook::what_would_change_it(facts, rules)],
    }
    let mode = (verdict != Verdict::NotNeeded).then_some(mode);
    Decision { verdict, band, mode, reasons, holds, note: remarks.join(" ") }
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
        Some(Mode::Incremental) if facts.forgotten > 0 => {
            let remark = "Incremental was asked for, but it would not forget rows that have been deleted or changed: it becomes \
                          complete.";
            (Mode::Complete, Some(remark.into()))
        }
        Some(asked) if asked != chosen && !reasons.is_empty() => {
            (asked, Some(format!("The mode is {asked}, as asked for; the reasons ask for {chosen}.")))
        }
        Some(asked) => (asked, None),
    }
}
