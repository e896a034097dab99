//! The rules: what speaks for a training.

use common::settings::{Policy, RetrainWhen};
use common::vocabulary::{Mode, Timestamp};

use super::{Asks, Band, Decline, Facts, Ground, LiveFacts, Reason, Rules};

/// Every rule that applies, the strongest mode first, then in the order of the rules.
pub(super) fn collect(facts: &Facts, rules: &Rules, band: Band, now: Timestamp) -> Vec<Reason> {
    let policy = &rules.policy;
    let mut reasons: Vec<Reason> = match &facts.live {
        None => vec![no_model()],
        Some(live) => {
            let always = [too_old(live, policy, now), schema_changed(facts, live), data_revised(facts, live)];
            let weighed = match Weighed::of(facts, live, policy) {
                Some(weighed) => [weighed.reason(live, policy), None, None],
                None => [new_samples(facts, live, rules, band), low_reliability(live, policy), degraded(live)],
            };
            always.into_iter().chain(weighed).flatten().collect()
        }
    };
    if let Some(live) = &facts.live {
        if Weighed::of(facts, live, policy).is_none() {
            reasons.extend(drift(live, policy, &reasons));
        }
        reasons.extend(forgotten(facts, live, &reasons));
        reasons.extend(max_increments(live, policy, &reasons));
    }
    reasons.sort_by_key(|reason| (strength(reason.mode), reason.code()));
    reasons
}

/// What a live version has to regret, against what a training would cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weighed {
    pub(super) regret: f64,
    pub(super) seconds: f64,
    mode: Mode,
}

impl Weighed {
    /// Of a model that is weighed by cost. Nothing where that cannot be said yet, as of a family whose first trainings are still to come: then
    /// the rules hold.
    pub(super) fn of(facts: &Facts, live: &LiveFacts, policy: &Policy) -> Option<Self> {
        if policy.retrain_when != RetrainWhen::Cost {
            return None;
        }
        // What has clearly declined is not gone on from.
        let mode = if live.degraded.is_some() { Mode::Complete } else { Mode::Incremental };
        let price = facts.prices.of(mode)?;
        Some(Self { regret: live.regret?, seconds: price.seconds, mode })
    }

    fn reason(&self, live: &LiveFacts, policy: &Policy) -> Option<Reason> {
        let Self { regret, seconds, mode } = *self;
        let per_second = policy.regret_per_second;
        let ground = Ground::Regret { version: live.version, regret, seconds, per_second };
        (regret > per_second * seconds).then_some(Reason { ground, mode })
    }
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
    Reason { ground: Ground::NoModel, mode: Mode::Complete }
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
    let ground = Ground::TooOld { version: live.version, trained: live.trained_at.date(), age, limit };
    Some(Reason { ground, mode })
}

fn new_samples(facts: &Facts, live: &LiveFacts, rules: &Rules, band: Band) -> Option<Reason> {
    let bands = &rules.bands;
    let (asks, from, next) = match band {
        Band::None => return None,
        Band::Consider => (Asks::Consider, bands.consider, Some(bands.recommended)),
        Band::Recommended if bands.consider == bands.recommended => (Asks::Enough, bands.recommended, None),
        Band::Recommended => (Asks::Recommended, bands.recommended, None),
        Band::Necessary => (Asks::Necessary, bands.necessary.unwrap_or(bands.recommended), None),
    };
    let ground = Ground::NewSamples {
        rows: facts.new_rows,
        since: live.data_through,
        version: live.version,
        given: live.rows,
        tried: facts.tried.as_ref().map(|tried| tried.version),
        untried: facts.untried(),
        asks,
        from,
        next,
    };
    Some(Reason { ground, mode: Mode::Incremental })
}

fn schema_changed(facts: &Facts, live: &LiveFacts) -> Option<Reason> {
    let ground = Ground::SchemaChanged { version: live.version };
    facts.schema_changed.then_some(Reason { ground, mode: Mode::Complete })
}

fn data_revised(facts: &Facts, live: &LiveFacts) -> Option<Reason> {
    let ground = Ground::DataRevised { version: live.version, through: live.data_through };
    facts.data_revised.then_some(Reason { ground, mode: Mode::Complete })
}

/// No reason by itself: what is deleted is no longer used, whenever the next training takes place. But that must be one that forgets.
fn forgotten(facts: &Facts, live: &LiveFacts, others: &[Reason]) -> Option<Reason> {
    let ground = Ground::RowsForgotten { version: live.version, rows: facts.forgotten };
    let applies = facts.forgotten > 0 && !others.is_empty();
    applies.then_some(Reason { ground, mode: Mode::Complete })
}

/// A version without increments is as complete as it gets; a limit of 0 then only turns what others ask for into a complete
/// training.
fn max_increments(live: &LiveFacts, policy: &Policy, others: &[Reason]) -> Option<Reason> {
    let (increments, limit) = (live.increments, policy.max_increments);
    let reached = increments >= limit && (increments > 0 || !others.is_empty());
    let ground = Ground::MaxIncrements { version: live.version, increments, limit };
    reached.then_some(Reason { ground, mode: Mode::Complete })
}

fn low_reliability(live: &LiveFacts, policy: &Policy) -> Option<Reason> {
    let limit = policy.min_reliability_for_update;
    let reliability = live.reliability.filter(|reliability| *reliability < limit)?;
    let ground = Ground::LowReliability { version: live.version, reliability, limit };
    Some(Reason { ground, mode: Mode::Complete })
}

fn degraded(live: &LiveFacts) -> Option<Reason> {
    let Decline { rise, window, .. } = live.degraded?;
    Some(Reason { ground: Ground::Degraded { version: live.version, rise, window }, mode: Mode::Complete })
}

/// Where a complete training is certain, what has drifted is learnt anew anyhow.
fn drift(live: &LiveFacts, policy: &Policy, others: &[Reason]) -> Option<Reason> {
    let drift = live.drift.as_ref().filter(|_| policy.drift_chance().is_some())?;
    let farthest = drift.farthest.first()?;
    let ground = Ground::Drift {
        version: live.version,
        rows: drift.rows,
        columns: drift.drifted,
        of: drift.columns,
        column: farthest.column.clone(),
        aspect: farthest.aspect,
        distance: farthest.distance,
        threshold: farthest.threshold,
    };
    let mode = if drift.is_everywhere() { Mode::Complete } else { Mode::Incremental };
    (drift.drifted > 0 && !complete_is_certain(others)).then_some(Reason { ground, mode })
}

/// Whether one of these asks for a complete training.
pub(super) fn complete_is_certain(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| reason.mode == Mode::Complete)
}
