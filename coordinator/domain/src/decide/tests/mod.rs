//! Every rule and every hold once alone, then how they work together.

mod again;
mod answers;
mod cost;
mod crowd;
mod drift;
mod hours;

use chrono::NaiveDate;
use common::vocabulary::{Family, Hyper, JobId, Mode, ModelKey, Timestamp, Trainable, VersionNumber, Zone};

use super::*;
use crate::job_reason::JobReason;
use crate::ledger::LedgerReason;

fn day(number: i64) -> Timestamp {
    Timestamp::end_of(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()).plus_days(number as f64)
}

const NOW: i64 = 100;

/// A model that needs nothing.
fn content() -> Facts {
    Facts {
        live: Some(LiveFacts {
            version: VersionNumber { major: 1, minor: 0 },
            trained_at: day(NOW - 10),
            reliability: Some(0.6),
            increments: 0,
            data_through: day(NOW - 10).date(),
            rows: 1000,
            degraded: None,
            drift: None,
            regret: None,
        }),
        rows: 1008,
        newest: Some(day(NOW).date()),
        new_rows: 8,
        trainable: Trainable { least: 7, most: 7 },
        minimum_rows: 341,
        last_training: Some(day(NOW - 10)),
        ..Facts::default()
    }
}

/// The same without a live version.
fn unborn() -> Facts {
    Facts { live: None, last_training: None, ..content() }
}

/// One that 20 new rows ask to retrain.
fn due() -> Facts {
    Facts { new_rows: 20, ..content() }
}

fn version(major: u32) -> VersionNumber {
    VersionNumber { major, minor: 0 }
}

fn word() -> JobReason {
    JobReason::Unusable { message: "one word tells all".into() }
}

/// A training of these rows that failed, with the defaults.
fn failed(mode: Mode) -> FailedTraining {
    let parent = (mode == Mode::Incremental).then(|| version(1));
    FailedTraining { mode, parent, hyper: Hyper::of(Family::Forecaster), reason: word() }
}

fn with_live(change: impl FnOnce(&mut LiveFacts)) -> Facts {
    let mut facts = content();
    change(facts.live.as_mut().unwrap());
    facts
}

fn rules(policy: Policy) -> Rules {
    Rules { bands: policy.bands(Family::Forecaster), policy, zone: Zone::UTC }
}

fn asked(facts: &Facts) -> Decision {
    decide(facts, &rules(Policy::default()), &Request::default(), day(NOW))
}

fn forced(facts: &Facts) -> Decision {
    decide(facts, &rules(Policy::default()), &Request { force: true, ..Request::default() }, day(NOW))
}

fn in_mode(facts: &Facts, mode: Mode) -> Decision {
    decide(facts, &rules(Policy::default()), &Request { mode: Some(mode), ..Request::default() }, day(NOW))
}

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(Reason::code).collect()
}

fn hold_codes(decision: &Decision) -> Vec<HoldCode> {
    decision.holds.iter().map(Hold::code).collect()
}

/// A1: each rule alone, on both sides of its threshold.
#[test]
fn a1_every_rule_asks_for_its_mode() {
    use Mode::{Complete, Incremental};
    use ReasonCode::*;
    let trained = |days_ago: f64| with_live(|live| live.trained_at = day(NOW).plus_days(-days_ago));
    let table = [
        ("nothing", content(), None),
        ("no live version", unborn(), Some((NoModel, Complete))),
        ("30 days old", trained(30.0), None),
        ("over 30 days old", trained(30.1), Some((TooOld, Incremental))),
        ("45 days old", trained(45.0), Some((TooOld, Incremental))),
        ("over 45 days old", trained(45.1), Some((TooOld, Complete))),
        ("19 new rows", Facts { new_rows: 19, ..content() }, None),
        ("20 new rows", Facts { new_rows: 20, ..content() }, Some((NewSamples, Incremental))),
        ("other inputs", Facts { schema_changed: true, ..content() }, Some((SchemaChanged, Complete))),
        ("corrected rows", Facts { data_revised: true, ..content() }, Some((DataRevised, Complete))),
        ("4 increments", with_live(|live| live.increments = 4), None),
        ("5 increments", with_live(|live| live.increments = 5), Some((MaxIncrements, Complete))),
        ("reliability 0.5", with_live(|live| live.reliability = Some(0.5)), None),
        ("reliability 0.49", with_live(|live| live.reliability = Some(0.49)), Some((LowReliability, Complete))),
        ("reliability unknown", with_live(|live| live.reliability = None), None),
    ];
    for (name, facts, expected) in table {
        let decision = asked(&facts);
        let found = decision.reasons.first().map(|reason| (reason.code(), reason.mode));
        assert_eq!(found, expected, "{name}");
        assert_eq!(decision.mode, expected.map(|(_, mode)| mode), "{name}");
        let verdict = if expected.is_some() { Verdict::Retrain } else { Verdict::NotNeeded };
        assert_eq!((decision.verdict, decision.reasons.len()), (verdict, usize::from(expected.is_some())), "{name}");
    }
}

/// A1: the strongest mode wins, and comes first.
#[test]
fn a1_the_strongest_mode_wins() {
    let mut facts = due();
    facts.live.as_mut().unwrap().reliability = Some(0.3);
    facts.live.as_mut().unwrap().trained_at = day(NOW - 31);
    let decision = asked(&facts);
    assert_eq!(codes(&decision), [ReasonCode::LowReliability, ReasonCode::TooOld, ReasonCode::NewSamples]);
    assert_eq!(decision.mode, Some(Mode::Complete));
}

#[test]
fn without_increments_allowed_everything_is_trained_completely() {
    let rules = rules(Policy { max_increments: 0, ..Policy::default() });
    let answer = |facts: &Facts| decide(facts, &rules, &Request::default(), day(NOW)).mode;
    assert_eq!(answer(&content()), None);
    assert_eq!(answer(&due()), Some(Mode::Complete));
}

/// A2: each hold alone, on a model that is due, and when it ends.
#[test]
fn a2_every_hold_keeps_a_due_training_back() {
    use HoldCode::*;
    let job = JobId::max();
    let rejected = |rejections, days_ago: i64, rows_since_rejection| Facts {
        rejections,
        last_rejection: Some(day(NOW - days_ago)),
        rows_since_rejection,
        ..due()
    };
    let without_skill = |completes_without_skill, days_ago: i64, rows_since_complete| Facts {
        completes_without_skill,
        last_complete_at: Some(day(NOW - days_ago)),
        rows_since_complete,
        ..due()
    };
    let tried = |came| Tried { version: version(1), waits: true, rows_since: came };
    let waits = |came| Facts { tried: Some(tried(came)), ..with_live(|live| live.trained_at = day(NOW - 31)) };
    let rolled_back = |rows_since| crate::decide::RolledBack {
        from: version(2),
        at: day(NOW - 1),
        reason: LedgerReason::ByHand,
        rows_since,
    };
    let back = |rows_since| Facts { rolled_back: Some(rolled_back(rows_since)), ..due() };
    let table = [
        ("nothing", due(), None),
        ("broken", Facts { data_problem: Some("no column".into()), ..due() }, Some((DataQuality, None))),
        ("failed", Facts { failures: vec![failed(Mode::Incremental)], ..due() }, Some((Failed, None))),
        ("failed otherwise", Facts { failures: vec![failed(Mode::Complete)], ..due() }, None),
        ("one waits, for 1 row", waits(19), Some((Waiting, None))),
        ("one waits, and the rows have come", waits(20), None),
        ("rolled back, 19 rows ago", back(19), Some((RolledBack, None))),
        ("rolled back, 20 rows ago", back(20), None),
        ("as of a day before", Facts { ends_early: Some(day(NOW - 11).date()), ..due() }, Some((Hindsight, None))),
        ("340 rows", Facts { rows: 340, ..due() }, Some((TooFewRows, None))),
        ("341 rows", Facts { rows: 341, ..due() }, None),
        ("paused", Facts { paused: Some((day(NOW - 1), "new feed".into())), ..due() }, Some((Paused, None))),
        ("in the line", Facts { active_job: Some(job), ..due() }, Some((ActiveTraining, None))),
        ("6 days ago", Facts { last_training: Some(day(NOW - 6)), ..due() }, Some((CoolDown, Some(NOW + 1)))),
        ("7 days ago", Facts { last_training: Some(day(NOW - 7)), ..due() }, None),
        ("rejected 13 days ago", rejected(1, 13, 30), Some((BackOff, Some(NOW + 1)))),
        ("rejected 14 days ago", rejected(1, 14, 30), None),
        ("rejected, few new rows", rejected(1, 14, 29), Some((BackOff, None))),
        ("rejected yesterday, and another was let through since", rejected(0, 1, 0), None),
        ("rejected twice, 27 days ago", rejected(2, 27, 30), Some((BackOff, Some(NOW + 1)))),
        ("rejected twice, 28 days ago", rejected(2, 28, 30), None),
        ("rejected often, 29 days ago", rejected(40, 29, 30), Some((BackOff, Some(NOW + 1)))),
        ("rejected often, 30 days ago", rejected(40, 30, 30), None),
        ("one without skill", without_skill(1, 1, 0), None),
        ("two without skill, time missing", without_skill(2, 29, 60), Some((Exhausted, Some(NOW + 1)))),
        ("two without skill, rows missing", without_skill(2, 30, 59), Some((Exhausted, None))),
        ("two without skill, long ago", without_skill(2, 30, 60), None),
    ];
    for (name, facts, expected) in table {
        let decision = asked(&facts);
        let found = decision.holds.first().map(|hold| (hold.code(), hold.until));
        assert_eq!(found, expected.map(|(code, until)| (code, until.map(day))), "{name}");
        assert_eq!(decision.holds.len(), usize::from(expected.is_some()), "{name}");
        let verdict = if expected.is_some() { Verdict::HeldBack } else { Verdict::Retrain };
        assert_eq!((decision.verdict, decision.mode), (verdict, Some(Mode::Incremental)), "{name}");
    }
}

/// A2: what makes the live version unusable does not wait for the cool-down; it does wait after a rejection.
#[test]
fn a2_the_cool_down_spares_models_that_cannot_be_used_as_they_are() {
    let recent = Some(day(NOW - 1));
    let table = [
        ("no live version", Facts { last_training: recent, ..unborn() }, Verdict::Retrain),
        ("other inputs", Facts { last_training: recent, schema_changed: true, ..due() }, Verdict::Retrain),
        ("corrected", Facts { last_training: recent, data_revised: true, ..due() }, Verdict::Retrain),
        ("new rows", Facts { last_training: recent, ..due() }, Verdict::HeldBack),
        ("no version, rejected", Facts { rejections: 1, last_rejection: recent, ..unborn() }, Verdict::HeldBack),
    ];
    for (name, facts, verdict) in table {
        assert_eq!(asked(&facts).verdict, verdict, "{name}");
    }
}

/// The bands of new ratings (A1): what each asks for, by itself and when somebody asks.
#[test]
fn a1_new_ratings_fall_into_bands() {
    use Verdict::{NotNeeded, Recommended, Retrain};
    let policy = Policy::default().of(Family::Recommender);
    let rules = Rules { bands: policy.bands(Family::Recommender), policy, zone: Zone::UTC };
    let request = |asked| Request { asked, ..Request::default() };
    let table = [
        (0, Band::None, NotNeeded, NotNeeded, None),
        (99, Band::None, NotNeeded, NotNeeded, None),
        (100, Band::Consider, Recommended, Retrain, Some((Asks::Consider, 100, Some(500)))),
        (499, Band::Consider, Recommended, Retrain, Some((Asks::Consider, 100, Some(500)))),
        (500, Band::Recommended, Retrain, Retrain, Some((Asks::Recommended, 500, None))),
        (999, Band::Recommended, Retrain, Retrain, Some((Asks::Recommended, 500, None))),
        (1000, Band::Necessary, Retrain, Retrain, Some((Asks::Necessary, 1000, None))),
    ];
    for (new_rows, band, by_itself, when_asked, asked_for) in table {
        let facts = Facts { new_rows, ..content() };
        let decision = decide(&facts, &rules, &request(false), day(NOW));
        assert_eq!((decision.band, decision.verdict), (band, by_itself), "{new_rows}");
        assert_eq!(decide(&facts, &rules, &request(true), day(NOW)).verdict, when_asked, "{new_rows}, asked");
        let found = decision.reasons.first().map(|reason| match reason.ground {
            Ground::NewSamples { asks, from, next, .. } => (asks, from, next),
            _ => panic!("{new_rows}: {reason:?}"),
        });
        assert_eq!(found, asked_for, "{new_rows}");
    }
    let considered = decide(&Facts { new_rows: 120, ..content() }, &rules, &request(false), day(NOW));
    assert_eq!(considered.remarks, [Remark::WhenAsked { from: 500 }]);
    // Another reason stands by itself, whatever the band.
    let mut old = Facts { new_rows: 120, ..content() };
    old.live.as_mut().unwrap().trained_at = day(NOW - 31);
    assert_eq!(decide(&old, &rules, &request(false), day(NOW)).verdict, Retrain);
    assert_eq!(decide(&Facts { new_rows: 5000, ..unborn() }, &rules, &request(false), day(NOW)).band, Band::None);
}

/// D2: what was deleted is forgotten by the next training, so that must be a complete one; it brings none about.
#[test]
fn d2_deleted_rows_make_the_next_training_complete() {
    let deleted = |facts| Facts { forgotten: 3, ..facts };
    assert_eq!(asked(&deleted(content())).verdict, Verdict::NotNeeded);
    let decision = asked(&deleted(due()));
    assert_eq!(codes(&decision), [ReasonCode::RowsForgotten, ReasonCode::NewSamples]);
    assert_eq!((decision.verdict, decision.mode), (Verdict::Retrain, Some(Mode::Complete)));
    let early = Facts { last_training: Some(day(NOW - 1)), ..deleted(due()) };
    assert_eq!(hold_codes(&asked(&early)), [HoldCode::CoolDown], "it does not jump the cool-down");
    let decision = in_mode(&deleted(due()), Mode::Incremental);
    assert_eq!(decision.mode, Some(Mode::Complete));
    assert_eq!(decision.remarks, [Remark::BecomesComplete { asked: true, reason: FromScratch::Forgotten }]);
}

#[test]
fn without_auto_retrain_it_is_only_recommended() {
    let rules = rules(Policy { auto_retrain: false, ..Policy::default() });
    let verdict = |facts: &Facts, request| decide(facts, &rules, &request, day(NOW)).verdict;
    assert_eq!(verdict(&due(), Request::default()), Verdict::Recommended);
    assert_eq!(verdict(&due(), Request { force: true, ..Request::default() }), Verdict::Retrain);
    assert_eq!(verdict(&due(), Request { asked: true, ..Request::default() }), Verdict::Retrain);
    assert_eq!(verdict(&Facts { rows: 1, ..due() }, Request::default()), Verdict::HeldBack);
    assert_eq!(verdict(&content(), Request::default()), Verdict::NotNeeded);
}

/// A2: force skips rules and patience, never what makes a training impossible.
#[test]
fn a2_force_skips_patience_but_no_impediment() {
    let decision = forced(&content());
    assert_eq!((decision.verdict, codes(&decision)), (Verdict::Retrain, vec![ReasonCode::Forced]));
    assert_eq!(decision.mode, Some(Mode::Incremental));
    let settled = Facts { new_rows: 0, trainable: Trainable::default(), ..content() };
    assert_eq!(forced(&settled).mode, Some(Mode::Complete), "nothing new to add");

    let mut impatient = due();
    impatient.last_training = Some(day(NOW));
    impatient.rejections = 3;
    impatient.last_rejection = Some(day(NOW));
    impatient.completes_without_skill = 2;
    impatient.last_complete_at = Some(day(NOW));
    let decision = forced(&impatient);
    assert_eq!(decision.verdict, Verdict::Retrain);
    let holds = vec![HoldCode::CoolDown, HoldCode::BackOff, HoldCode::Exhausted];
    assert_eq!(decision.remarks, [Remark::ByForce { holds }]);

    let job = JobId::max();
    let paused = Some((day(NOW - 1), "new feed".into()));
    let impossible = Facts {
        rows: 1,
        active_job: Some(job),
        data_problem: Some("a gap".into()),
        ends_early: Some(day(1).date()),
        paused,
        ..content()
    };
    let decision = forced(&impossible);
    assert_eq!(decision.verdict, Verdict::HeldBack);
    use HoldCode::*;
    assert_eq!(hold_codes(&decision), [Paused, DataQuality, Hindsight, TooFewRows, ActiveTraining]);
    assert_eq!(decision.remarks, [Remark::HoldsEnd { end: None, asked: false, force: Force::Useless }]);
}

/// A1: the caller's mode wins, and the answer says where it differs.
#[test]
fn a1_the_callers_mode_wins_and_the_answer_says_so() {
    let decision = in_mode(&unborn(), Mode::Incremental);
    assert_eq!(decision.mode, Some(Mode::Complete));
    assert_eq!(decision.remarks, [Remark::BecomesComplete { asked: true, reason: FromScratch::NoLive }]);

    let decision = in_mode(&Facts { schema_changed: true, ..content() }, Mode::Incremental);
    assert_eq!(decision.mode, Some(Mode::Complete));
    assert_eq!(decision.remarks, [Remark::BecomesComplete { asked: true, reason: FromScratch::OtherShape }]);

    let decision = in_mode(&due(), Mode::Complete);
    assert_eq!((decision.verdict, decision.mode), (Verdict::Retrain, Some(Mode::Complete)));
    assert_eq!(decision.remarks, [Remark::ModeAsAsked { mode: Mode::Complete, chosen: Mode::Incremental }]);

    let low = with_live(|live| live.reliability = Some(0.2));
    assert_eq!(in_mode(&low, Mode::Incremental).mode, Some(Mode::Incremental));
    assert_eq!(in_mode(&due(), Mode::Incremental).remarks, []);
    assert_eq!(in_mode(&unborn(), Mode::Quick).mode, Some(Mode::Quick));
    assert_eq!(in_mode(&content(), Mode::Complete).verdict, Verdict::NotNeeded, "a mode is no reason");
}

/// G5: every answer has its numbers, and every "no" says what would change it.
#[test]
fn g5_every_answer_explains_itself() {
    let date = |number| day(number).date();
    assert_eq!(
        asked(&content()).remarks,
        [Remark::WhatWouldChangeIt {
            version: version(1),
            missing: 12,
            rows: 8,
            needed: 20,
            ages: date(NOW + 20),
            limit: 0.5,
            reliability: Some(0.6),
        }]
    );
    let decision = asked(&Facts { last_training: Some(day(NOW - 6)), ..due() });
    assert_eq!(
        decision.reasons[0].ground,
        Ground::NewSamples {
            rows: 20,
            since: date(NOW - 10),
            version: version(1),
            given: 1000,
            tried: None,
            untried: 20,
            asks: Asks::Enough,
            from: 20,
            next: None,
        }
    );
    let cool_down = |days_ago: i64| {
        let (last, later) = (date(NOW - days_ago), days_ago < 0);
        Obstacle::CoolDown { last, age: days_ago as f64, later, days: 7.0 }
    };
    assert_eq!(decision.holds[0].obstacle, cool_down(6));
    let end = Some(day(NOW + 1).utc());
    assert_eq!(decision.remarks, [Remark::HoldsEnd { end, asked: false, force: Force::Works }]);
    let today = asked(&Facts { last_training: Some(day(NOW)), ..due() });
    assert_eq!(today.holds[0].obstacle, cool_down(0));
    let before = asked(&Facts { last_training: Some(day(NOW + 6)), ..due() });
    assert_eq!(before.holds[0].obstacle, cool_down(-6));
    let paused = |reason: &str| asked(&Facts { paused: Some((day(NOW - 1), reason.into())), ..due() });
    let since = date(NOW - 1);
    assert_eq!(paused("new feed").holds[0].obstacle, Obstacle::Paused { since, reason: Some("new feed".into()) });
    assert_eq!(paused("").holds[0].obstacle, Obstacle::Paused { since, reason: None });
    let few = asked(&Facts { rows: 12, ..unborn() });
    assert_eq!(few.holds[0].obstacle, Obstacle::TooFewRows { rows: 12, newest: Some(date(NOW)), needed: 341 });
    let rejected = Facts { rejections: 1, last_rejection: Some(day(NOW - 1)), rows_since_rejection: 1, ..due() };
    assert_eq!(
        asked(&rejected).holds[0].obstacle,
        Obstacle::BackOff { rejections: 1, last: since, days: 14.0, needed: 30, rows: 1 }
    );
}

/// Degraded: cool-down does not make it wait, a back-off does.
#[test]
fn a_decline_does_not_cool_down() {
    let decline = Decline { rise: 0.2, window: 20, one_of: None };
    let facts = Facts { last_training: Some(day(NOW - 1)), ..with_live(|live| live.degraded = Some(decline)) };
    let decision = asked(&facts);
    assert_eq!((decision.verdict, decision.mode), (Verdict::Retrain, Some(Mode::Complete)));
    assert_eq!(decision.reasons[0].ground, Ground::Degraded { version: version(1), rise: 0.2, window: 20 });
    let rejected = Facts { rejections: 1, last_rejection: Some(day(NOW - 1)), ..facts };
    assert_eq!(asked(&rejected).holds[0].code(), HoldCode::BackOff);
}

fn tell(fleet: &mut [Facts], already: u32, most: u32) -> Option<u32> {
    let key = |n: usize| -> ModelKey { format!("forecaster/S{n}").parse().unwrap() };
    let rise = |facts: &Facts| Some(facts.live.as_ref()?.degraded?.rise);
    let declined = |(n, facts)| Some(Declined { model: key(n), rise: rise(facts)?, most });
    let crowd = Crowd::of(fleet.iter().enumerate().filter_map(declined).collect(), already);
    fleet.iter_mut().enumerate().for_each(|(n, facts)| crowd.mark(&key(n), facts));
    crowd.size()
}

/// Declines of one day are merged and capped: the worst go first, the others wait unless something else asks for them.
#[test]
fn a_crowd_waits_for_its_worst() {
    let declined = |rise| with_live(|live| live.degraded = Some(Decline { rise, window: 20, one_of: None }));
    let mut fleet = [declined(0.2), declined(0.5), declined(0.3), content(), declined(0.4)];
    assert_eq!(tell(&mut fleet, 1, 3), Some(5));
    let verdicts: Vec<Verdict> = fleet.iter().map(|facts| asked(facts).verdict).collect();
    use Verdict::{HeldBack, NotNeeded, Retrain};
    assert_eq!(verdicts, [HeldBack, Retrain, HeldBack, NotNeeded, Retrain]);
    assert_eq!(asked(&fleet[0]).holds[0].code(), HoldCode::Crowd);
    assert_eq!(forced(&fleet[0]).verdict, Retrain);
    let mut small = [declined(0.2)];
    assert_eq!((tell(&mut small, 0, 3), asked(&small[0]).verdict), (None, Retrain));
    fleet[0].new_rows = 50;
    assert_ne!(asked(&fleet[0]).holds.first().map(Hold::code), Some(HoldCode::Crowd));
}
