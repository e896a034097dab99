//! Trainings have their hours (C5).

use common::vocabulary::TrainBetween;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros())
}

/// C5: outside of its hours a model waits for them, on the clocks of the zone; whoever forces does not.
#[test]
fn c5_what_is_due_waits_for_its_hours() {
    let madrid: Zone = "Europe/Madrid".parse().unwrap();
    let night: TrainBetween = "22:00-06:00".parse().unwrap();
    for (train_between, now, opens) in [
        (TrainBetween::Always, "2026-11-28T12:00:00Z", None),
        (night, "2026-11-28T20:59:59Z", Some("2026-11-28T21:00:00Z")),
        (night, "2026-11-28T21:00:00Z", None),
        (night, "2026-11-29T04:59:59Z", None),
        (night, "2026-11-29T05:00:00Z", Some("2026-11-29T21:00:00Z")),
        // In summer the clocks there show an hour more.
        (night, "2026-07-01T20:00:00Z", None),
        (night, "2026-07-01T04:00:00Z", Some("2026-07-01T20:00:00Z")),
    ] {
        let policy = Policy { train_between, ..Policy::default() };
        let rules = Rules { bands: policy.bands(Family::Forecaster), policy, zone: madrid };
        let due = Facts { rows: 1000, minimum_rows: 100, ..Facts::default() };
        let decided = decide(&due, &rules, &Request::default(), at(now));
        let held: Vec<(HoldCode, Option<Timestamp>)> =
            decided.holds.iter().map(|hold| (hold.code(), hold.until)).collect();
        let expected: Vec<_> = opens.map(|opens| (HoldCode::OutsideHours, Some(at(opens)))).into_iter().collect();
        assert_eq!(held, expected, "{train_between} at {now}");
        let verdict = if opens.is_some() { Verdict::HeldBack } else { Verdict::Retrain };
        assert_eq!(decided.verdict, verdict, "{train_between} at {now}");
        let forced = decide(&due, &rules, &Request { force: true, ..Request::default() }, at(now));
        assert_eq!(forced.verdict, Verdict::Retrain);
    }
    let content = decide(&content(), &Rules { zone: madrid, ..rules_of(night) }, &Request::default(), day(NOW));
    assert_eq!((content.verdict, content.holds.len()), (Verdict::NotNeeded, 0), "what is not due waits for nothing");
}

fn rules_of(train_between: TrainBetween) -> Rules {
    rules(Policy { train_between, ..Policy::default() })
}
