//! What would change the answer.

use common::settings::{Bands, Policy};
use common::vocabulary::Timestamp;

use super::reasons::Weighed;
use super::{Band, Facts, Force, Hold, HoldCode, Reason, ReasonCode, Remark, Rules};

/// Why a training that is due is not enqueued unless somebody asks.
pub(super) fn waits_to_be_asked(reasons: &[Reason], band: Band, policy: &Policy, bands: &Bands) -> Option<Remark> {
    let by_rows_alone = reasons.iter().all(|reason| match reason.code() {
        ReasonCode::NewSamples | ReasonCode::RowsForgotten | ReasonCode::MaxIncrements => true,
        ReasonCode::NoModel
        | ReasonCode::TooOld
        | ReasonCode::SchemaChanged
        | ReasonCode::DataRevised
        | ReasonCode::LowReliability
        | ReasonCode::Degraded
        | ReasonCode::Drift
        | ReasonCode::Regret
        | ReasonCode::Forced => false,
    });
    if !policy.auto_retrain {
        Some(Remark::NotByItself)
    } else if band == Band::Consider && by_rows_alone {
        Some(Remark::WhenAsked { from: bands.recommended })
    } else {
        None
    }
}

/// What force has skipped.
pub(super) fn skipped(holds: &[Hold]) -> Option<Remark> {
    let holds: Vec<HoldCode> = holds.iter().map(Hold::code).collect();
    (!holds.is_empty()).then_some(Remark::ByForce { holds })
}

/// When a training that is due will be let go, and whether somebody has to ask for it then.
pub(super) fn end_of_holds(holds: &[Hold], waits: Option<Remark>) -> Vec<Remark> {
    let ends: Option<Vec<_>> = holds.iter().map(|hold| hold.until).collect();
    let end = ends.and_then(|ends| ends.into_iter().max()).map(Timestamp::utc);
    let force = match holds.iter().all(|hold| hold.code().yields_to_force()) {
        false => Force::Useless,
        // What failed because of its rows fails again: force is no way out of it.
        true if holds.iter().any(|hold| hold.code() == HoldCode::Failed) => Force::Repeats,
        true => Force::Works,
    };
    [Remark::HoldsEnd { end, asked: waits.is_some(), force }].into_iter().chain(waits).collect()
}

/// For a model that needs nothing: the rules nearest to asking for something.
pub(super) fn what_would_change_it(facts: &Facts, rules: &Rules) -> Option<Remark> {
    let Rules { policy, bands, .. } = rules;
    let live = facts.live.as_ref()?;
    let ages = live.trained_at.plus_days(policy.max_model_age_days).date();
    if let Some(Weighed { regret, seconds, .. }) = Weighed::of(facts, live, policy) {
        let (version, needed) = (live.version, seconds * policy.regret_per_second);
        return Some(Remark::RegretWouldChangeIt { version, regret, needed, seconds, ages });
    }
    let (needed, rows) = (bands.consider, facts.untried());
    Some(Remark::WhatWouldChangeIt {
        version: live.version,
        missing: u64::from(needed).saturating_sub(rows),
        rows,
        needed,
        ages,
        limit: policy.min_reliability_for_update,
        reliability: live.reliability,
    })
}
