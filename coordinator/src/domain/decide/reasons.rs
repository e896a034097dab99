//! The rules: what speaks for a training.

use common::settings::Policy;
use common::vocabulary::{Mode, Timestamp};

use super::{Band, Decline, Facts, LiveFacts, Reason, ReasonCode, Rules};

/// Every rule that applies, the strongest mode first, then in the order of the rules.
pub(super) fn collect(facts: &Facts, rules: &Rules, band: Band, now: Timestamp) -> Vec<Reason> {
    let policy = &rules.policy;
    let mut reasons: Vec<Reason> = match &facts.live {
        None => vec![no_model()],
        Some(live) => [
            too_old(live, policy, now),
            new_samples(facts, live, rules, band),
            schema_changed(facts, live),
            data_revised(facts, live),
            low_reliability(live, policy),
            degraded(live),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    if let Some(live) = &facts.live {
        reasons.extend(forgotten(facts, live, &reasons));
        reasons.extend(max_increments(live, policy, &reasons));
    }
    reasons.sort_by_key(|reason| (strength(reason.mode), reason.code));
    reasons
}

/// Lower is stronger.
fn strength(mode: Mode) -> u8 {
    match mode {
        Mode::Complete => 0,
        Mode::Incremental => 1,
        Mode::Quick => 2,
    }
}

fn no_model() -> Reason {
    Reason { code: ReasonCode::NoModel, text: "There is no live version.".into(), mode: Mode::Complete }
}

fn too_old(live: &LiveFacts, policy: &Policy, now: Timestamp) -> Option<Reason> {
    let age = now.days_since(live.trained_at);
    let (limit, mode) = if age > policy.force_retrain_age_days {
        (policy.force_retrain_age_days, Mode::Complete)
    } else if age > policy.max_model_age_days {
        (policy.max_model_age_days, Mode::Incremental)
    } else {
        return None;
    };
    let text = format!(
        "{} was trained on {}, {age:.1} days ago: over {limit} days asks for {mode}.",
        live.version,
        live.trained_at.date()
    );
    Some(Reason { code: ReasonCode::TooOld, text, mode })
}

fn new_samples(facts: &Facts, live: &LiveFacts, rules: &Rules, band: Band) -> Option<Reason> {
    let bands = &rules.bands;
    let enough = match band {
        Band::None => return None,
        Band::Consider => {
            format!("from {} on worth considering, from {} recommended", bands.consider, bands.recommended)
        }
        Band::Recommended if bands.consider == bands.recommended => format!("{} are enough", bands.recommended),
        Band::Recommended => format!("from {} on recommended", bands.recommended),
        Band::Necessary => format!("from {} on necessary", bands.necessary.unwrap_or(bands.recommended)),
    };
    let tried = facts.tried.as_ref();
    let tried = tried.map(|tried| format!(", {} of them since {} was trained", facts.untried(), tried.version));
    let text = format!(
        "{} new rows since {} ({} was given {}){}; {enough}.",
        facts.new_rows,
        live.data_through,
        live.version,
        live.rows,
        tried.unwrap_or_default()
    );
    Some(Reason { code: ReasonCode::NewSamples, text, mode: Mode::Incremental })
}

fn schema_changed(facts: &Facts, live: &LiveFacts) -> Option<Reason> {
    let text = || format!("The inputs are not those {} was fitted on.", live.version);
    facts.schema_changed.then(|| Reason { code: ReasonCode::SchemaChanged, text: text(), mode: Mode::Complete })
}

fn data_revised(facts: &Facts, live: &LiveFacts) -> Option<Reason> {
    let text = || format!("Rows up to {} that {} was given have been corrected.", live.data_through, live.version);
    facts.data_revised.then(|| Reason { code: ReasonCode::DataRevised, text: text(), mode: Mode::Complete })
}

/// No reason by itself: what is deleted is no longer used, whenever the next training takes place. But that must be one that forgets.
fn forgotten(facts: &Facts, live: &LiveFacts, others: &[Reason]) -> Option<Reason> {
    let text = || {
        format!(
            "{} rows that {} was given have been deleted or changed since: only a complete training forgets them.",
            facts.forgotten, live.version
        )
    };
    let applies = facts.forgotten > 0 && !others.is_empty();
    applies.then(|| Reason { code: ReasonCode::RowsForgotten, text: text(), mode: Mode::Complete })
}

/// A version without increments is as complete as it gets; a limit of 0 then only turns what others ask for into a complete
/// training.
fn max_increments(live: &LiveFacts, policy: &Policy, others: &[Reason]) -> Option<Reason> {
    let text = || {
        format!(
            "{} stands on {} incremental trainings; after {} comes a complete one.",
            live.version, live.increments, policy.max_increments
        )
    };
    let reached = live.increments >= policy.max_increments && (live.increments > 0 || !others.is_empty());
    reached.then(|| Reason { code: ReasonCode::MaxIncrements, text: text(), mode: Mode::Complete })
}

fn low_reliability(live: &LiveFacts, policy: &Policy) -> Option<Reason> {
    let low = live.reliability.filter(|reliability| *reliability < policy.min_reliability_for_update)?;
    let text = format!(
        "The reliability of {} is {low:.2}, below {}: new rows alone will not mend it.",
        live.version, policy.min_reliability_for_update
    );
    Some(Reason { code: ReasonCode::LowReliability, text, mode: Mode::Complete })
}

fn degraded(live: &LiveFacts) -> Option<Reason> {
    let Decline { rise, window, .. } = live.degraded?;
    let text = format!(
        "Against its baseline, the loss of {} is {:.0} % higher on the newest {window} rows than when it was promoted.",
        live.version,
        100.0 * rise
    );
    Some(Reason { code: ReasonCode::Degraded, text, mode: Mode::Complete })
}
