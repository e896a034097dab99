//! Trainings that would only repeat what was tried: failed ones, versions that wait, rollbacks by hand, rows that only judge.

use super::*;

/// A2: what has failed because of the rows holds back that very training, and what its hold advises is let through.
#[test]
fn a2_a_failure_of_the_data_holds_back_what_has_failed_and_nothing_else() {
    let defaults = Hyper::of(Family::Forecaster);
    let seeded = defaults.with([("seed", "7")]).unwrap();
    let table = [
        ("the same", Mode::Incremental, &defaults, false, Verdict::HeldBack),
        ("by force", Mode::Incremental, &defaults, true, Verdict::Retrain),
        ("another seed", Mode::Incremental, &seeded, false, Verdict::Retrain),
        ("completely", Mode::Complete, &defaults, false, Verdict::Retrain),
        ("quickly", Mode::Quick, &defaults, false, Verdict::Retrain),
    ];
    let facts = Facts { failures: vec![failed(Mode::Incremental)], ..due() };
    for (name, mode, hyper, force, verdict) in table {
        let request = Request { mode: Some(mode), force, asked: true, hyper: Some(hyper), ..Request::default() };
        assert_eq!(decide(&facts, &rules(Policy::default()), &request, day(NOW)).verdict, verdict, "{name}");
    }
    let held = asked(&facts);
    let (mode, failure) = (Mode::Incremental, Box::new(word()));
    assert_eq!(held.holds[0].obstacle, Obstacle::Failed { mode, failure, instead: Instead::Complete });
    let mut moved = facts;
    moved.live.as_mut().unwrap().version = version(3);
    assert_eq!(asked(&moved).verdict, Verdict::Retrain, "it would start from another version");
}

/// A2: an incremental training that can learn nothing is refused, whoever asks, and the complete one that is advised is not.
#[test]
fn a2_an_incremental_training_needs_something_new() {
    let with = |trainable| Facts { trainable, ..with_live(|live| live.trained_at = day(NOW - 31)) };
    let nothing = with(Trainable::default());
    assert_eq!(hold_codes(&asked(&nothing)), [HoldCode::NothingNew], "too old, and nothing has come");
    let insist = |facts: &Facts, mode| {
        let request = Request { mode: Some(mode), force: true, asked: true, ..Request::default() };
        decide(facts, &rules(Policy::default()), &request, day(NOW))
    };
    let refused = insist(&nothing, Mode::Incremental);
    assert_eq!((refused.verdict, hold_codes(&refused)), (Verdict::HeldBack, vec![HoldCode::NothingNew]));
    let obstacle = Obstacle::NothingNew { version: version(1), rows: 1008, given: 1000, complete: true };
    assert_eq!(refused.holds[0].obstacle, obstacle);
    assert_eq!(insist(&nothing, Mode::Complete).verdict, Verdict::Retrain);
    let perhaps = with(Trainable { least: 0, most: 8 });
    assert_eq!(asked(&perhaps).verdict, Verdict::HeldBack, "by itself only what is sure to learn");
    assert_eq!(insist(&perhaps, Mode::Incremental).verdict, Verdict::Retrain);
    for (asked, force) in [(true, false), (false, true)] {
        let request = Request { asked, force, ..Request::default() };
        let decision = decide(&perhaps, &rules(Policy::default()), &request, day(NOW));
        assert_eq!(decision.verdict, Verdict::Retrain, "asked for {asked}, by force {force}");
    }
}

/// A1: new rows that only judge promise nothing.
#[test]
fn a1_rows_that_only_judge_are_in_no_band() {
    let held_out = Facts { new_rows: 1200, trainable: Trainable { least: 0, most: 1200 }, ..content() };
    let decision = asked(&held_out);
    assert_eq!((decision.band, decision.verdict), (Band::None, Verdict::NotNeeded));
    assert!(matches!(decision.remarks[..], [Remark::WhatWouldChangeIt { missing: 0, rows: 1200, .. }]), "{decision:?}");
}

/// A1: corrected rows are learnt anew also where incremental was asked for, and the answer says so.
#[test]
fn a1_corrected_rows_are_learnt_from_scratch_whatever_was_asked() {
    let decision = in_mode(&Facts { data_revised: true, ..due() }, Mode::Incremental);
    assert_eq!(decision.mode, Some(Mode::Complete));
    assert_eq!(decision.remarks, [Remark::BecomesComplete { asked: true, reason: FromScratch::Revised }]);
    let request = Request { mode: Some(Mode::Incremental), other_shape: true, ..Request::default() };
    assert_eq!(decide(&due(), &rules(Policy::default()), &request, day(NOW)).mode, Some(Mode::Complete));
}

/// A2: what was tried since counts as tried, and a rollback by hand holds until rows or a person say otherwise.
#[test]
fn a2_what_waits_and_what_was_taken_back_explain_themselves() {
    let tried = Tried { version: version(2), waits: true, rows_since: 8 };
    let waits =
        asked(&Facts { tried: Some(tried.clone()), new_rows: 8, ..with_live(|live| live.reliability = Some(0.2)) });
    let obstacle = Obstacle::Waiting { version: version(2), missing: 12, rows: 8, needed: 20 };
    assert_eq!(waits.holds[0].obstacle, obstacle);
    let rejected = Facts { tried: Some(Tried { waits: false, rows_since: 20, ..tried }), ..due() };
    let ground = asked(&rejected).reasons[0].ground.clone();
    assert!(
        matches!(ground, Ground::NewSamples { tried: Some(tried), untried: 20, .. } if tried == version(2)),
        "{ground:?}"
    );
    let reason = LedgerReason::Said { reason: "odd forecasts".into() };
    let back = RolledBack { from: version(2), at: day(NOW - 1), reason: reason.clone(), rows_since: 3 };
    let back = Facts { rolled_back: Some(back), ..due() };
    let reason = Box::new(reason);
    let obstacle = Obstacle::RolledBack { from: version(2), day: day(NOW - 1).date(), reason, needed: 20, rows: 3 };
    assert_eq!(asked(&back).holds[0].obstacle, obstacle);
    assert_eq!(forced(&back).verdict, Verdict::Retrain);
}

/// A2: a complete training is advised only where it would be let through.
#[test]
fn a2_a_complete_training_is_advised_only_where_it_works() {
    let live = |trainable| Facts { trainable, ..with_live(|live| live.trained_at = day(NOW - 31)) };
    let few = Facts { rows: 12, ..live(Trainable::default()) };
    let paused = Facts { paused: Some((day(NOW - 1), String::new())), ..live(Trainable::default()) };
    for (facts, name) in [(few, "too few rows"), (paused, "paused")] {
        let request = Request { mode: Some(Mode::Incremental), force: true, asked: true, ..Request::default() };
        let refused = decide(&facts, &rules(Policy::default()), &request, day(NOW));
        let last = refused.holds.last().map(|hold| &hold.obstacle);
        assert!(matches!(last, Some(Obstacle::NothingNew { complete: false, .. })), "{name}: {last:?}");
    }
    let both = Facts { failures: vec![failed(Mode::Incremental), failed(Mode::Complete)], ..due() };
    let held = asked(&both);
    assert!(matches!(held.holds[0].obstacle, Obstacle::Failed { instead: Instead::Rows, .. }), "{:?}", held.holds);
}

/// A2: what failed because of its rows is not advised to be forced, though it can be.
#[test]
fn a2_force_is_no_way_out_of_a_failure_of_the_data() {
    let held = asked(&Facts { failures: vec![failed(Mode::Incremental)], ..due() });
    assert_eq!(held.remarks, [Remark::HoldsEnd { end: None, asked: false, force: Force::Repeats }]);
}

/// A1: a model that is only trained when asked for says so also while something holds it back.
#[test]
fn a1_what_is_held_back_says_whether_it_must_be_asked_for() {
    let facts = Facts { last_training: Some(day(NOW - 6)), ..due() };
    let policy = Policy { auto_retrain: false, ..Policy::default() };
    let held = decide(&facts, &rules(policy), &Request::default(), day(NOW));
    assert_eq!(held.verdict, Verdict::HeldBack);
    let end = Some(day(NOW + 1).utc());
    assert_eq!(held.remarks, [Remark::HoldsEnd { end, asked: true, force: Force::Works }, Remark::NotByItself]);
}
