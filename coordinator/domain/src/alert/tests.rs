//! Alerts: what is found, how it goes on, and what is told of it (A9).

use common::vocabulary::{Family, Hours, JobId, ModelKey, Timestamp, Zone};
use strum::VariantArray as _;

use super::*;

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

fn at(seconds: f64) -> Timestamp {
    Timestamp(0).plus_seconds(1.7e9 + seconds)
}

fn model(name: &str) -> ModelKey {
    format!("forecaster/{name}").parse().unwrap()
}

fn over_age(name: &str, age: f64) -> AlertCause {
    AlertCause::OverAge { model: model(name), version: "v1.0".parse().unwrap(), age, limit: 45.0 }
}

fn disk(share: f64) -> AlertCause {
    AlertCause::DiskLow { place: "data".into(), free: 1, share }
}

fn open(id: i64, cause: AlertCause) -> OpenAlert {
    let severity = cause.severity();
    OpenAlert { id, cause, severity, raised_at: at(0.0), escalated_at: at(0.0), seen_at: at(0.0), acknowledged: false }
}

/// A9: once per cause; gone by itself.
#[test]
fn a9_a_cause_is_raised_once_and_resolved_when_it_is_gone() {
    let found = vec![over_age("A", 46.0), over_age("A", 46.0), over_age("B", 50.0)];
    let raised = reconcile(Vec::new(), found, DAY, at(0.0));
    assert_eq!(raised, vec![Change::Raise(over_age("A", 46.0)), Change::Raise(over_age("B", 50.0))]);
    assert_eq!(reconcile(vec![open(1, over_age("A", 46.0))], vec![over_age("A", 46.1)], DAY, at(60.0)), vec![]);
    let gone = reconcile(vec![open(1, over_age("A", 46.0))], vec![], DAY, at(60.0));
    assert_eq!(gone, vec![Change::Resolve { id: 1, cause: over_age("A", 46.0) }]);
}

#[test]
fn numbers_are_written_anew_now_and_then_and_at_once_where_they_are_better() {
    let seen = |seconds: f64, cause| reconcile(vec![open(1, over_age("A", 46.0))], vec![cause], 0.0, at(seconds));
    assert_eq!(seen(6.0 * HOUR - 1.0, over_age("A", 46.2)), vec![]);
    let refreshed = Change::Refresh { id: 1, cause: over_age("A", 46.2), severity: Severity::Warning };
    assert_eq!(seen(6.0 * HOUR, over_age("A", 46.2)), vec![refreshed]);
    assert_eq!(seen(DAY, over_age("A", 46.0)), vec![], "the same");
    let better = reconcile(vec![open(1, disk(0.01))], vec![disk(0.05)], 0.0, at(1.0));
    assert_eq!(better, vec![Change::Refresh { id: 1, cause: disk(0.05), severity: Severity::Warning }]);
}

#[test]
fn what_is_worse_or_unheard_for_long_is_said_to_be() {
    let after = |alert: OpenAlert, cause: AlertCause, seconds| reconcile(vec![alert], vec![cause], DAY, at(seconds));
    let escalated = |cause| vec![Change::Escalate { id: 1, cause, severity: Severity::Critical }];
    assert_eq!(after(open(1, disk(0.05)), disk(0.01), 1.0), escalated(disk(0.01)), "by its numbers");
    assert_eq!(
        after(open(1, over_age("A", 46.0)), over_age("A", 46.0), DAY),
        escalated(over_age("A", 46.0)),
        "with age"
    );
    let known = OpenAlert { acknowledged: true, ..open(1, over_age("A", 46.0)) };
    assert_eq!(after(known, over_age("A", 46.0), 10.0 * DAY), vec![], "somebody knows");
    let high = OpenAlert { severity: Severity::Critical, ..open(1, over_age("A", 46.0)) };
    for seconds in [1.0, 10.0 * DAY] {
        let later = after(high.clone(), over_age("A", 46.0), seconds);
        assert_eq!(later, vec![], "there is nothing higher, and it does not sink");
    }
    assert_eq!(reconcile(vec![open(1, disk(0.05))], vec![disk(0.05)], 0.0, at(99.0 * DAY)), vec![], "turned off");
}

#[test]
fn every_kind_has_its_word_and_its_key() {
    assert_eq!(over_age("A", 46.0).key(), "over_age forecaster/A");
    let nothing_moves = AlertCause::NothingMoves { jobs: 1, seconds: 1.0, message: "x".into() };
    assert_eq!((nothing_moves.key().as_str(), nothing_moves.model()), ("nothing_moves", None));
    for kind in AlertKind::VARIANTS {
        assert_eq!(kind.to_string().parse(), Ok(*kind));
        assert!((0.0..=600.0).contains(&kind.patience()), "{kind}");
    }
    assert_eq!(AlertKind::NoWorker.patience(), 60.0);
    assert_eq!([0.019, 0.02].map(|share| disk(share).severity()), [Severity::Critical, Severity::Warning]);
    assert_eq!(
        [Severity::Info, Severity::Warning, Severity::Critical].map(|severity| severity.lower().len()),
        [0, 1, 2]
    );
    assert!(Severity::Critical.lower().iter().all(|lower| *lower < Severity::Critical));
    assert_eq!(
        [Severity::Info, Severity::Warning, Severity::Critical].map(Severity::higher),
        [Severity::Warning, Severity::Critical, Severity::Critical]
    );
}

#[test]
fn silence_is_about_something_and_ends() {
    let silence = |key: Option<&str>, kind, model: Option<ModelKey>| Silence {
        key: key.map(str::to_owned),
        kind,
        model,
        until: at(HOUR),
    };
    let cause = over_age("A", 46.0);
    for (silence, covers) in [
        (silence(None, None, None), false),
        (silence(Some("over_age forecaster/A"), None, None), true),
        (silence(Some("over_age forecaster/B"), None, None), false),
        (silence(None, Some(AlertKind::OverAge), None), true),
        (silence(None, Some(AlertKind::DiskLow), None), false),
        (silence(None, None, Some(model("A"))), true),
        (silence(None, Some(AlertKind::OverAge), Some(model("B"))), false),
    ] {
        assert_eq!(silence.covers(&cause, at(HOUR - 1.0)), covers, "{silence:?}");
        assert!(!silence.covers(&cause, at(HOUR)), "its time is over");
    }
}

#[test]
fn a_channel_takes_what_fits_everything_that_is_said() {
    let traits = Traits { family: Family::Forecaster, tags: vec!["priority".into()] };
    let takes = |route: &Route, about| route.takes(Severity::Warning, AlertKind::OverAge, about);
    let all = Route::default();
    assert!(takes(&all, Some(&traits)) && takes(&all, None) && !all.takes_training(Some(&traits)));
    assert!(!takes(&Route { severity: Severity::Critical, ..all.clone() }, None));
    assert!(!takes(&Route { kinds: vec![AlertKind::DiskLow], ..all.clone() }, None));
    let tagged = Route { tags: vec!["priority".into()], ..all.clone() };
    assert!(takes(&tagged, Some(&traits)) && !takes(&tagged, None), "what is about no model has no tag");
    let text = Route { families: vec![Family::Text], trainings: true, ..all };
    assert!(!takes(&text, Some(&traits)) && !text.takes_training(Some(&traits)));
    assert!(text.takes_training(Some(&Traits { family: Family::Text, ..traits })));
}

#[test]
fn quiet_hours_end_on_the_clock_of_their_zone() {
    let madrid: Zone = "Europe/Madrid".parse().unwrap();
    let moment = |text: &str| Timestamp(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros());
    let night: Hours = "22:00-07:00".parse().unwrap();
    let noon: Hours = "12:00-13:30".parse().unwrap();
    for (hours, now, until) in [
        (night, "2026-11-28T20:59:00Z", None),
        (night, "2026-11-28T21:00:00Z", Some("2026-11-29T06:00:00Z")),
        (night, "2026-11-29T05:59:59Z", Some("2026-11-29T06:00:00Z")),
        (night, "2026-11-29T06:00:00Z", None),
        // The clocks are set forward in that night.
        (night, "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
        (noon, "2026-07-01T10:30:00Z", Some("2026-07-01T11:30:00Z")),
        (noon, "2026-07-01T11:30:00Z", None),
    ] {
        assert_eq!(quiet_until(hours, moment(now), madrid), until.map(moment), "{hours} at {now}");
    }
}

fn news(kind: NewsKind, id: i64, cause: AlertCause) -> News {
    let (severity, raised_at) = (cause.severity(), at(0.0));
    News { kind, told: Told::Alert(ToldAlert { id, cause, severity, raised_at, ended_at: None }) }
}

/// A flood of one kind is one message: "37 models over-age".
#[test]
fn a_flood_is_one_message() {
    let flood: Vec<News> = (0..37).map(|n| news(NewsKind::Raised, n, over_age(&format!("M{n}"), 50.0))).collect();
    let mut all = flood.clone();
    all.push(news(NewsKind::Raised, 99, disk(0.05)));
    let messages = gather(all, 5, SHOWN);
    let said: Vec<_> = messages.iter().map(|(what, kind, items, count)| (*what, *kind, items.len(), *count)).collect();
    let raised = MessageKind::Raised;
    assert_eq!(said, vec![(raised, Some(AlertKind::OverAge), SHOWN, 37), (raised, Some(AlertKind::DiskLow), 1, 1)]);
    assert_eq!(gather(flood, 37, SHOWN).len(), 37, "so many are told one by one");
}

#[test]
fn what_is_told_names_whom_it_concerns() {
    let News { told, .. } = news(NewsKind::Raised, 1, disk(0.01));
    assert_eq!((told.subject(), told.severity()), ("data", Severity::Critical));
    let trained = Trained::Failed { job: JobId::max(), model: model("A"), message: "it failed".into() };
    let told = Told::Training(trained);
    assert_eq!((told.subject(), told.severity()), ("forecaster/A", Severity::Info));
}

#[test]
fn a_channel_without_a_zone_has_the_clocks_of_utc() {
    let madrid: Zone = "Europe/Madrid".parse().unwrap();
    assert_eq!(Terms::default().zone(), Zone::UTC);
    assert_eq!(Terms { zone: Some(madrid), ..Terms::default() }.zone(), madrid);
}

#[test]
fn of_an_alert_its_newest_news_is_told_and_nothing_of_what_came_and_went() {
    let cause = || over_age("A", 46.0);
    let told = |kinds: &[NewsKind]| -> Vec<MessageKind> {
        gather(kinds.iter().map(|kind| news(*kind, 1, cause())).collect(), 5, SHOWN).into_iter().map(|m| m.0).collect()
    };
    use NewsKind::{Escalated, Raised, Resolved};
    assert_eq!(told(&[Raised, Resolved]), vec![]);
    assert_eq!(told(&[Raised, Escalated]), vec![MessageKind::Raised]);
    assert_eq!(told(&[Escalated, Resolved]), vec![MessageKind::Resolved]);
    assert_eq!(told(&[Resolved]), vec![MessageKind::Resolved]);
    assert_eq!(told(&[Escalated]), vec![MessageKind::Escalated]);
}
