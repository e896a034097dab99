//! What is wrong with a model, by what its decision goes by.

use common::settings::Policy;
use common::vocabulary::{ModelKey, Timestamp};

use super::{AlertCause, AlertKind};
use crate::decide::{Decision, Facts, LiveFacts, Obstacle, Verdict};
use crate::freshness::DataAge;
use crate::monitor::Condition;

/// The chance of being better than its baseline below which a version probably is worse.
const PROBABLY_WORSE: f64 = 0.1;

/// What decisions find: each decision about a model says of all of these whether they are so.
pub const OF_DECISIONS: [AlertKind; 7] = [
    AlertKind::Degraded,
    AlertKind::Drift,
    AlertKind::WorseThanBaseline,
    AlertKind::OverAge,
    AlertKind::RetrainingDue,
    AlertKind::DataQuality,
    AlertKind::SourceSilent,
];

/// What is wrong with a model at `now`.
pub fn of_model(
    model: &ModelKey,
    facts: &Facts,
    decision: &Decision,
    policy: &Policy,
    now: Timestamp,
) -> Vec<AlertCause> {
    let live = facts.live.as_ref();
    [
        live.and_then(|live| degraded(model, live, policy)),
        live.and_then(|live| drift(model, live)),
        live.and_then(|live| worse_than_baseline(model, live)),
        live.and_then(|live| over_age(model, live, policy, now)),
        retraining_due(model, decision),
        data_quality(model, decision),
        source_silent(model, facts, policy, now),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn degraded(model: &ModelKey, live: &LiveFacts, policy: &Policy) -> Option<AlertCause> {
    let decline = live.degraded?;
    let alarming = decline.rise >= policy.performance_alert_threshold;
    Some(AlertCause::Degraded {
        model: model.clone(),
        version: live.version,
        condition: if alarming { Condition::Alarming } else { Condition::Degraded },
        rise: Some(decline.rise).filter(|rise| rise.is_finite()),
        window: decline.window,
    })
}

fn drift(model: &ModelKey, live: &LiveFacts) -> Option<AlertCause> {
    let found = live.drift.as_ref()?;
    let farthest = found.farthest.first()?;
    Some(AlertCause::Drift {
        model: model.clone(),
        version: live.version,
        rows: found.rows,
        of: found.columns,
        columns: found.drifted,
        column: farthest.column.clone(),
        distance: farthest.distance,
        threshold: farthest.threshold,
    })
}

fn worse_than_baseline(model: &ModelKey, live: &LiveFacts) -> Option<AlertCause> {
    let reliability = live.reliability.filter(|reliability| *reliability < PROBABLY_WORSE)?;
    Some(AlertCause::WorseThanBaseline { model: model.clone(), version: live.version, reliability })
}

fn over_age(model: &ModelKey, live: &LiveFacts, policy: &Policy, now: Timestamp) -> Option<AlertCause> {
    let (age, limit) = (now.days_since(live.trained_at), policy.force_retrain_age_days);
    let cause = || AlertCause::OverAge { model: model.clone(), version: live.version, age, limit };
    (age > limit).then(cause)
}

fn retraining_due(model: &ModelKey, decision: &Decision) -> Option<AlertCause> {
    let cause = || AlertCause::RetrainingDue { model: model.clone(), mode: decision.mode };
    (decision.verdict == Verdict::Recommended).then(cause)
}

fn data_quality(model: &ModelKey, decision: &Decision) -> Option<AlertCause> {
    decision.holds.iter().find_map(|hold| match &hold.obstacle {
        Obstacle::DataQuality { problem } => {
            Some(AlertCause::DataQuality { model: model.clone(), problem: problem.clone() })
        }
        Obstacle::Paused { .. }
        | Obstacle::Failed { .. }
        | Obstacle::TooFewRows { .. }
        | Obstacle::Hindsight { .. }
        | Obstacle::NothingNew { .. }
        | Obstacle::ActiveTraining { .. }
        | Obstacle::CoolDown { .. }
        | Obstacle::BackOff { .. }
        | Obstacle::Waiting { .. }
        | Obstacle::RolledBack { .. }
        | Obstacle::Exhausted { .. }
        | Obstacle::Crowd { .. }
        | Obstacle::ColumnEmptied { .. }
        | Obstacle::OutsideHours { .. } => None,
    })
}

fn source_silent(model: &ModelKey, facts: &Facts, policy: &Policy, now: Timestamp) -> Option<AlertCause> {
    let limit = policy.max_data_age_days;
    let DataAge { newest, days, old } = DataAge::of(facts.newest?, now, limit);
    old.then(|| AlertCause::SourceSilent { model: model.clone(), newest, days, limit })
}

#[cfg(test)]
mod tests {
    use common::drift::{Aspect, ColumnDrift, Drift};
    use common::vocabulary::Mode;

    use super::*;
    use crate::decide::{Band, Decline, Hold};

    fn day(text: &str) -> chrono::NaiveDate {
        text.parse().unwrap()
    }

    fn live(age: f64, now: Timestamp) -> LiveFacts {
        LiveFacts {
            version: "v1.0".parse().unwrap(),
            trained_at: now.plus_days(-age),
            reliability: Some(0.9),
            increments: 0,
            data_through: day("2026-01-01"),
            rows: 100,
            degraded: None,
            drift: None,
            regret: None,
        }
    }

    fn decision(verdict: Verdict, holds: Vec<Hold>) -> Decision {
        let (band, mode) = (Band::None, Some(Mode::Incremental));
        Decision { verdict, band, mode, reasons: Vec::new(), holds, remarks: Vec::new(), price: None }
    }

    /// A9: what is wrong with a model is what its facts say, no more.
    #[test]
    fn a9_what_is_wrong_with_a_model() {
        let now = Timestamp::end_of(day("2026-03-01"));
        let policy = Policy::default();
        let found = |facts: Facts, decision: Decision| -> Vec<AlertKind> {
            let model = "forecaster/A".parse().unwrap();
            of_model(&model, &facts, &decision, &policy, now).iter().map(AlertCause::kind).collect()
        };
        let well = || Facts { live: Some(live(3.0, now)), newest: Some(day("2026-02-28")), ..Facts::default() };
        let with = |change: fn(&mut LiveFacts)| {
            let mut facts = well();
            facts.live.iter_mut().for_each(change);
            facts
        };
        let no = || decision(Verdict::NotNeeded, Vec::new());
        let obstacle = Obstacle::DataQuality { problem: "no column label".into() };
        let broken = decision(Verdict::HeldBack, vec![Hold { obstacle, until: None }]);
        let decline = |rise| Some(Decline { rise, window: 20, one_of: None });
        assert_eq!(found(well(), no()), vec![]);
        assert_eq!(found(Facts::default(), no()), vec![], "nothing is known of it");
        assert_eq!(found(with(|live| live.reliability = Some(0.05)), no()), vec![AlertKind::WorseThanBaseline]);
        assert_eq!(found(with(|live| live.reliability = Some(0.1)), no()), vec![]);
        assert_eq!(found(Facts { live: Some(live(45.5, now)), ..well() }, no()), vec![AlertKind::OverAge]);
        assert_eq!(found(Facts { live: Some(live(45.0, now)), ..well() }, no()), vec![]);
        assert_eq!(found(well(), decision(Verdict::Recommended, Vec::new())), vec![AlertKind::RetrainingDue]);
        assert_eq!(found(well(), broken), vec![AlertKind::DataQuality]);
        let off = ColumnDrift { column: "age".into(), aspect: Aspect::Values, distance: 0.4, threshold: 0.2 };
        let drifted = Drift { rows: 80, columns: 4, drifted: 1, farthest: vec![off] };
        let mut facts = well();
        facts.live.iter_mut().for_each(|live| live.drift = Some(drifted.clone()));
        assert_eq!(found(facts, no()), vec![AlertKind::Drift]);
        let silent = Facts { newest: Some(day("2026-01-29")), ..well() };
        assert_eq!(found(silent, no()), vec![AlertKind::SourceSilent]);
        for (rise, condition) in [(0.17, Condition::Degraded), (0.2, Condition::Alarming)] {
            let mut facts = well();
            facts.live.iter_mut().for_each(|live| live.degraded = decline(rise));
            let causes = of_model(&"forecaster/A".parse().unwrap(), &facts, &no(), &policy, now);
            let [AlertCause::Degraded { condition: found, rise: Some(said), window: 20, .. }] = &causes[..] else {
                panic!("{causes:?}")
            };
            assert_eq!((*found, *said), (condition, rise));
        }
    }
}
