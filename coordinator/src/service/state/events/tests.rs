//! Listeners of every pace, on rounds that are closed by hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::vocabulary::{JobKind, JobState};
use futures::FutureExt;
use uuid::Uuid;

use super::filter::Filter;
use super::{Events, Listener};
use crate::views::{AlertEvent, Event, EventFilter, JobEvent, ProgressView};

pub(super) fn job(id: Uuid, revision: i64) -> Event {
    let (kind, state) = (JobKind::Probe, JobState::Running);
    Event::Job(JobEvent { job: id, kind, model: None, state, attempts: 1, revision })
}

pub(super) fn progress(job: Uuid, step: u64) -> Event {
    let phase = "training".into();
    let progress = ProgressView { phase, epoch: 1, epochs: 8, step, steps: 8, loss: None, seconds_left: None };
    Event::Progress { job, model: "forecaster/AAPL".into(), progress }
}

fn hub() -> Arc<Events> {
    Events::new()
}

fn all(events: &Arc<Events>) -> Listener {
    events.listen(Filter::default(), None)
}

/// Everything that can be heard now.
fn text(listener: &mut Listener) -> String {
    let mut text = String::new();
    while let Some(piece) = listener.next().now_or_never() {
        text.push_str(std::str::from_utf8(&piece).unwrap());
    }
    text
}

fn heard(listener: &mut Listener) -> Vec<Event> {
    let text = text(listener);
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// A round of these events.
fn round(events: &Events, told: impl IntoIterator<Item = Event>) {
    told.into_iter().for_each(|event| events.send(|| event));
    events.close();
}

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

#[tokio::test]
async fn every_listener_hears_the_same_bytes_made_once() {
    let events = hub();
    let (mut one, mut other) = (all(&events), all(&events));
    round(&events, [job(A, 1), job(B, 1)]);
    let pieces: [Bytes; 2] = [one.next().await, other.next().await];
    assert_eq!(pieces[0].as_ptr(), pieces[1].as_ptr(), "shared, not copied");
    assert!(one.next().now_or_never().is_none(), "that was all");
}

#[tokio::test]
async fn nothing_is_made_where_nobody_listens() {
    let events = hub();
    events.send(|| panic!("nobody listens"));
    let mut listener = all(&events);
    round(&events, [job(A, 1)]);
    assert_eq!(heard(&mut listener), [job(A, 1)]);
}

#[tokio::test]
async fn what_was_before_is_not_told_again() {
    let events = hub();
    let _somebody = all(&events);
    events.send(|| job(A, 1));
    let mut late = all(&events);
    round(&events, [job(B, 1)]);
    assert_eq!(heard(&mut late), [job(B, 1)]);
}

#[tokio::test]
async fn a_slow_listener_hears_the_latest_of_each_job() {
    let events = hub();
    let mut slow = all(&events);
    round(&events, [job(A, 1), job(B, 1)]);
    round(&events, [job(A, 2)]);
    round(&events, [job(A, 3), progress(A, 7)]);
    let later: Vec<Event> = (1..=5).map(|revision| job(Uuid::from_u128(3), revision)).collect();
    later.iter().for_each(|event| round(&events, [event.clone()]));
    let expected = [vec![job(B, 1), job(A, 3), progress(A, 7)], later].concat();
    assert_eq!(heard(&mut slow), expected, "of what is a second old the latest, and then all");
}

#[tokio::test]
async fn one_who_stands_still_costs_little_and_is_told_what_was_missed() {
    let events = hub();
    let mut stalled = all(&events);
    for n in 0..20_u128 {
        round(&events, (0..10_000).map(|m| job(Uuid::from_u128(n * 10_000 + m), 1)));
    }
    let heard = heard(&mut stalled);
    assert_eq!(heard[0], Event::Missed);
    assert!((10_000..=32_768).contains(&(heard.len() - 1)), "{}", heard.len());
    round(&events, [job(A, 9)]);
    assert_eq!(super::tests::heard(&mut stalled), [job(A, 9)], "and it goes on from there");
}

#[tokio::test]
async fn a_filter_lets_through_what_is_wanted_and_what_was_missed() {
    let events = hub();
    let filter = Filter::of(&EventFilter { job: Some(B.to_string()), ..EventFilter::default() }).unwrap();
    let mut listener = events.listen(filter, None);
    round(&events, [job(A, 1)]);
    assert_eq!(text(&mut listener), "", "not even an id");
    round(&events, [job(A, 2), job(B, 1), Event::Missed]);
    assert_eq!(heard(&mut listener), [job(B, 1), Event::Missed]);
}

#[tokio::test]
async fn whoever_comes_again_goes_on_where_it_was() {
    let events = hub();
    let mut first = all(&events);
    round(&events, [job(A, 1)]);
    let id = text(&mut first).lines().find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).unwrap();
    drop(first);
    round(&events, [job(A, 2)]);
    let mut again = events.listen(Filter::default(), Some(&id));
    round(&events, [job(B, 1)]);
    assert_eq!(heard(&mut again), [job(A, 2), job(B, 1)]);
    assert_eq!(heard(&mut events.listen(Filter::default(), Some("of-another"))), [Event::Missed]);
}

#[tokio::test]
async fn events_are_not_kept_for_ever_for_whoever_left() {
    let events = Events::lingering(Duration::ZERO);
    let mut first = all(&events);
    round(&events, [job(A, 1)]);
    let id = text(&mut first).lines().find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).unwrap();
    drop(first);
    events.send(|| panic!("nobody listens"));
    assert_eq!(heard(&mut events.listen(Filter::default(), Some(&id))), [Event::Missed]);
}

#[tokio::test]
async fn silence_is_broken_by_a_comment_and_an_id() {
    let events = hub();
    let mut listener = all(&events).lively();
    let sign = listener.next().await;
    let sign = std::str::from_utf8(&sign).unwrap();
    assert!(sign.starts_with(": keep-alive\nid: ") && sign.ends_with("\n\n"), "{sign:?}");
}

pub(super) fn alert(model: &str) -> Event {
    Event::Alert(AlertEvent {
        id: 1,
        model: Some(model.into()),
        state: "raised".into(),
        severity: domain::alert::Severity::Warning,
        kind: domain::alert::AlertKind::Degraded,
        text: "once more".into(),
        numbers: Default::default(),
    })
}
