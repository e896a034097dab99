//! What would change the answer.

use common::settings::{Bands, Policy};

use super::{Band, Facts, Hold, HoldCode, Reason, ReasonCode, Rules};

/// Why a training that is due is not enqueued unless somebody asks.
pub(super) fn waits_to_be_asked(reasons: &[Reason], band: Band, policy: &Policy, bands: &Bands) -> Option<String> {
    let by_rows_alone = reasons.iter().all(|reason| match reason.code {
        ReasonCode::NewSamples | ReasonCode::RowsForgotten | ReasonCode::MaxIncrements => true,
        ReasonCode::NoModel
        | ReasonCode::TooOld
        | ReasonCode::SchemaChanged
        | ReasonCode::DataRevised
        | ReasonCode::LowReliability
        | ReasonCode::Degraded
        | ReasonCode::Forced => false,
    });
    if !policy.auto_retrain {
        Some("auto_retrain is off: Refit enqueues it only when asked to.".into())
    } else if band == Band::Consider && by_rows_alone {
        Some(format!("It takes place when somebody asks; from {} new rows on by itself.", bands.recommended))
    } else {
        None
    }
}

/// What force has skipped.
pub(super) fn skipped(holds: &[Hold]) -> Option<String> {
    let codes: Vec<&str> = holds.iter().map(|hold| hold.code.as_str()).collect();
    (!codes.is_empty()).then(|| format!("By force, in spite of {}.", codes.join(", ")))
}

/// When a training that is due will be let go, and whether somebody has to ask for it then.
pub(super) fn end_of_holds(holds: &[Hold], waits: Option<String>) -> Vec<String> {
    let ends: Option<Vec<_>> = holds.iter().map(|hold| hold.until).collect();
    let end = match (ends.and_then(|ends| ends.into_iter().max()), &waits) {
        (Some(end), None) => format!("It is let go on {end}"),
        (None, None) => "It is let go when every hold has ended".into(),
        (Some(end), Some(_)) => format!("Nothing holds it back after {end}"),
        (None, Some(_)) => "Nothing holds it back when every hold has ended".into(),
    };
    let force = match holds.iter().all(|hold| hold.code.yields_to_force()) {
        false => ".",
        // What failed because of its rows fails again: force is no way out of it.
        true if holds.iter().any(|hold| hold.code == HoldCode::Failed) => "; --force would repeat what has failed.",
        true => ", or at once with --force.",
    };
    [end + force].into_iter().chain(waits).collect()
}

/// For a model that needs nothing: the rules nearest to asking for something.
pub(super) fn what_would_change_it(facts: &Facts, rules: &Rules) -> String {
    let Rules { policy, bands } = rules;
    let Some(live) = &facts.live else { return String::new() };
    let missing = u64::from(bands.consider).saturating_sub(facts.untried());
    let rows = match missing {
        0 => format!(
            "more new rows (the newest only judge: of the {} so far none is to learn from yet)",
            facts.untried()
        ),
        _ => format!("{missing} more new rows ({} of {} so far)", facts.untried(), bands.consider),
    };
    let aged = live.trained_at.plus_days(policy.max_model_age_days).date();
    let reliability = match live.reliability {
        Some(now) => format!("a reliability below {} (now {now:.2})", policy.min_reliability_for_update),
        None => format!("a reliability below {} (still unknown)", policy.min_reliability_for_update),
    };
    format!("What would change it: {rows}, the age of {} after {aged}, or {reliability}.", live.version)
}
