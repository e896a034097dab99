//! To retrain or not: rules and holds over given facts.
//!
//! The facts go through `reasons` (what speaks for a training), `holds` (what speaks against it now) and `outlook` (what would
//! change the answer); [`decide`] draws the conclusion.

mod action;
mod band;
mod decision;
mod facts;
mod fleet;
mod from_scratch;
mod ground;
mod holds;
mod obstacle;
mod outlook;
mod reasons;
mod remark;
#[cfg(test)]
mod tests;

use common::settings::{Bands, Policy};
use common::vocabulary::{Hyper, Mode, Timestamp, Zone};

pub use action::Action;
pub use band::Band;
pub use decision::{Decision, Hold, Reason, Verdict};
pub use facts::{Decline, Facts, FailedTraining, LiveFacts, ModePrices, RolledBack, Tried};
pub use fleet::{Crowd, Declined};
pub use from_scratch::{Continuation, FromScratch};
pub use ground::{Asks, Ground, ReasonCode};
pub use obstacle::{HoldCode, Instead, Obstacle};
pub use remark::{Force, Remark};

/// What a caller asks beyond "is it due?". The default asks nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Request<'a> {
    /// Wins over the mode the reasons ask for.
    pub mode: Option<Mode>,
    /// Skips the rules and the holds that only ask to wait; never those that make a training impossible.
    pub force: bool,
    /// A person or a schedule asks: what is only worth considering, or only recommended, is done.
    pub asked: bool,
    /// The hyper-parameters it would be trained with.
    pub hyper: Option<&'a Hyper>,
    /// With them the live version cannot be gone on from, though it can with the model's own.
    pub other_shape: bool,
}

/// By what a model is decided about.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Of its family.
    pub policy: Policy,
    /// What new rows ask for.
    pub bands: Bands,
    /// Whose clocks say when it may be trained.
    pub zone: Zone,
}

/// Decides for one model as of `now`: the same facts always give the same answer.
pub fn decide(facts: &Facts, rules: &Rules, request: &Request<'_>, now: Timestamp) -> Decision {
    let Rules { policy, bands, .. } = rules;
    let band = Band::of(facts, bands);
    let mut reasons = reasons::collect(facts, rules, band, now);
    let (mode, remark) = choose_mode(facts, &reasons, request);
    let mut remarks: Vec<Remark> = remark.into_iter().collect();
    let complete_works = || complete_works(facts, rules, request, now);
    let mut holds = holds::impediments(facts);
    if !reasons.is_empty() || request.force {
        holds.extend(holds::nothing_new(facts, mode, request, &complete_works));
    }
    let skippable = match reasons.is_empty() {
        true => Vec::new(),
        false => holds::skippable(facts, rules, request, (mode, &reasons), &complete_works, now),
    };
    if request.force {
        remarks.extend(outlook::skipped(&skippable));
        reasons.extend(forced(&reasons, mode));
    } else {
        holds.extend(skippable);
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
        Verdict::HeldBack => remarks.extend(outlook::end_of_holds(&holds, waits)),
        Verdict::NotNeeded => remarks = outlook::what_would_change_it(facts, rules).into_iter().collect(),
    }
    let mode = (verdict != Verdict::NotNeeded).then_some(mode);
    let price = mode.and_then(|mode| facts.prices.of(mode));
    Decision { verdict, band, mode, reasons, holds, remarks, price }
}

/// Whether a complete training is certain whatever the inputs look like: then nobody needs to look at them.
pub fn complete_is_certain(facts: &Facts, rules: &Rules, now: Timestamp) -> bool {
    let live = facts.live.clone().map(|live| LiveFacts { drift: None, ..live });
    let unseen = Facts { live, ..facts.clone() };
    reasons::complete_is_certain(&reasons::collect(&unseen, rules, Band::of(facts, &rules.bands), now))
}

/// Whether the same request would be let through if it were complete.
fn complete_works(facts: &Facts, rules: &Rules, request: &Request<'_>, now: Timestamp) -> bool {
    let instead = decide(facts, rules, &Request { mode: Some(Mode::Complete), ..*request }, now);
    instead.verdict != Verdict::HeldBack
}

/// The reason of a forced training that no rule asks for.
fn forced(reasons: &[Reason], mode: Mode) -> Option<Reason> {
    reasons.is_empty().then_some(Reason { ground: Ground::Forced, mode })
}

/// The mode of the training, and what to say where it is not the one that was asked for or that the rules chose.
fn choose_mode(facts: &Facts, reasons: &[Reason], request: &Request<'_>) -> (Mode, Option<Remark>) {
    let chosen = match reasons.first() {
        Some(strongest) => strongest.mode,
        None if facts.live.is_some() && facts.trainable.most > 0 => Mode::Incremental,
        None => Mode::Complete,
    };
    let wanted = request.mode.unwrap_or(chosen);
    match continuation(facts, request).breaks().filter(|_| wanted == Mode::Incremental) {
        Some(reason) => (Mode::Complete, Some(Remark::BecomesComplete { asked: request.mode.is_some(), reason })),
        None if wanted != chosen && !reasons.is_empty() => (wanted, Some(Remark::ModeAsAsked { mode: wanted, chosen })),
        None => (wanted, None),
    }
}

/// What is known of the live version that an incremental training would go on from.
fn continuation(facts: &Facts, request: &Request<'_>) -> Continuation {
    Continuation {
        live: facts.live.is_some(),
        same_shape: !facts.schema_changed && !request.other_shape,
        revised: facts.data_revised,
        forgotten: facts.forgotten > 0,
    }
}
