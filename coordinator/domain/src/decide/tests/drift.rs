//! Rule 7: inputs that have drifted.

use common::drift::{Aspect, ColumnDrift, Drift};

use super::*;

fn drift(drifted: u32) -> Drift {
    let farthest = ColumnDrift { column: "age".into(), aspect: Aspect::Values, distance: 0.5, threshold: 0.2 };
    Drift { rows: 80, columns: 4, drifted, farthest: vec![farthest] }
}

fn with_drift(drifted: u32) -> Facts {
    with_live(|live| live.drift = Some(drift(drifted)))
}

/// Data quality comes before everything: of a column that is missing all at once nothing is learnt, whoever asks.
#[test]
fn a_column_that_is_missing_in_what_comes_holds_every_training_back() {
    let missing = |distance, aspect| {
        let farthest = vec![ColumnDrift { column: "age".into(), aspect, distance, threshold: 0.2 }];
        let found = Drift { rows: 80, columns: 4, drifted: 1, farthest };
        with_live(|live| live.drift = Some(found.clone()))
    };
    let broken = missing(0.9, Aspect::Missing);
    for decision in [asked(&broken), forced(&broken)] {
        assert_eq!(hold_codes(&decision), [HoldCode::ColumnEmptied]);
    }
    assert_eq!(hold_codes(&asked(&missing(0.89, Aspect::Missing))), [], "fewer are another share, and no fault");
    assert_eq!(hold_codes(&asked(&missing(0.95, Aspect::Values))), [], "other values are no fault");
    let unread = Facts { schema_changed: true, ..broken };
    assert_eq!(hold_codes(&asked(&unread)), [], "nobody reads it any more");
}

/// D8: incremental; complete when over half of the columns have drifted.
#[test]
fn drift_asks_for_a_training() {
    for (drifted, mode) in [(1, Mode::Incremental), (2, Mode::Incremental), (3, Mode::Complete), (4, Mode::Complete)] {
        let decision = asked(&with_drift(drifted));
        assert_eq!((decision.verdict, decision.mode), (Verdict::Retrain, Some(mode)), "{drifted}");
        let ground = Ground::Drift {
            version: version(1),
            rows: 80,
            columns: drifted,
            of: 4,
            column: "age".into(),
            aspect: Aspect::Values,
            distance: 0.5,
            threshold: 0.2,
        };
        assert_eq!(decision.reasons, [Reason { ground, mode }]);
    }
    assert_eq!(asked(&with_drift(0)).verdict, Verdict::NotNeeded);
}

/// A dear check: where a complete training is certain, nobody looks, and what was seen before is not told.
#[test]
fn what_is_trained_completely_is_not_looked_at() {
    let rules = rules(Policy::default());
    let certain = |facts: &Facts| complete_is_certain(facts, &rules, day(NOW));
    for (name, facts, is_certain) in [
        ("nothing", content(), false),
        ("new rows", due(), false),
        ("another schema", Facts { schema_changed: true, ..content() }, true),
        ("no live version", unborn(), true),
        ("drift itself, which may be over", with_drift(4), false),
    ] {
        assert_eq!(certain(&facts), is_certain, "{name}");
    }
    let decision = asked(&Facts { schema_changed: true, ..with_drift(4) });
    assert_eq!(decision.reasons.iter().map(Reason::code).collect::<Vec<_>>(), [ReasonCode::SchemaChanged]);
}

#[test]
fn drift_cools_down_and_can_be_switched_off() {
    let recent = Facts { last_training: Some(day(NOW - 1)), ..with_drift(4) };
    assert_eq!(asked(&recent).holds[0].code(), HoldCode::CoolDown);
    let off = rules(Policy { drift_false_alarms: 0.0, ..Policy::default() });
    assert_eq!(decide(&with_drift(4), &off, &Request::default(), day(NOW)).verdict, Verdict::NotNeeded);
}

/// What an incremental training for drift has to learn from is new rows.
#[test]
fn drift_without_anything_to_learn_from_waits() {
    let nothing = Facts { trainable: Trainable { least: 0, most: 0 }, ..with_drift(1) };
    assert_eq!(asked(&nothing).holds[0].code(), HoldCode::NothingNew);
}
