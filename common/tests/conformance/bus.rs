//! What every event bus promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::ports::{Cursor, DeadLetter, DeadLetters, EventBus, KEPT, LetterKind, Mailbox, PortError, Taken};
use common::vocabulary::Timestamp;
use newtype_uuid::TypedUuid;

use crate::support::{LIMIT, soon};

/// A bus under test.
pub(crate) trait Fixture {
    /// A further instance on the same bus, as another process would have.
    async fn connect(&self) -> Arc<dyn EventBus>;
}

pub(crate) fn body(number: u32) -> Bytes {
    Bytes::copy_from_slice(&number.to_le_bytes())
}

pub(crate) async fn bodies(bus: &dyn EventBus, from: Mailbox, after: Cursor) -> Vec<Bytes> {
    bus.read(from, after, 100, Duration::ZERO).await.unwrap().into_iter().map(|posted| posted.body).collect()
}

fn body_of(taken: Result<Option<Taken>, PortError>) -> Option<Bytes> {
    taken.unwrap().map(|taken| taken.body)
}

pub(crate) async fn messages_reach_another_instance_in_order(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    for number in 0..20 {
        near.post(Mailbox::Coordinator, body(number)).await.unwrap();
    }
    assert_eq!(
        bodies(far.as_ref(), Mailbox::Coordinator, Cursor::default()).await,
        (0..20).map(body).collect::<Vec<_>>()
    );
}

/// Two writers at once: a reader that goes from cursor to cursor misses none and sees none twice.
pub(crate) async fn a_reader_sees_each_message_once(fixture: &impl Fixture) {
    const EACH: u32 = 100;
    let writers = [fixture.connect().await, fixture.connect().await];
    for (writer, bus) in (0..).zip(writers) {
        tokio::spawn(async move {
            for number in 0..EACH {
                bus.post(Mailbox::Coordinator, body(writer * EACH + number)).await.unwrap();
            }
        });
    }
    let reader = fixture.connect().await;
    let (mut seen, mut cursor) = (BTreeSet::new(), Cursor::default());
    while seen.len() < 2 * EACH as usize {
        let posted = reader.read(Mailbox::Coordinator, cursor, 7, LIMIT).await.unwrap();
        assert!((1..=7).contains(&posted.len()), "{} messages", posted.len());
        for message in posted {
            assert!(message.cursor > cursor);
            cursor = message.cursor;
            assert!(seen.insert(message.body), "seen twice");
        }
    }
}

pub(crate) async fn mailboxes_are_apart(fixture: &impl Fixture) {
    let bus = fixture.connect().await;
    let (one, other) = (Mailbox::Worker(TypedUuid::new_v4()), Mailbox::Worker(TypedUuid::new_v4()));
    bus.post(one, body(1)).await.unwrap();
    bus.post(Mailbox::Coordinator, body(2)).await.unwrap();
    let asked = [Mailbox::Answers(TypedUuid::new_v4()), Mailbox::Answers(TypedUuid::new_v4())];
    bus.post(asked[0], body(3)).await.unwrap();
    assert_eq!(bodies(bus.as_ref(), one, Cursor::default()).await, [body(1)]);
    assert_eq!(bodies(bus.as_ref(), other, Cursor::default()).await, [] as [Bytes; 0]);
    assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, Cursor::default()).await, [body(2)]);
    assert_eq!(bus.take(asked[1], Duration::ZERO).await.unwrap(), None);
    assert_eq!(body_of(bus.take(asked[0], Duration::ZERO).await), Some(body(3)));
}

pub(crate) async fn the_tail_sees_only_what_comes_later(fixture: &impl Fixture) {
    let bus = fixture.connect().await;
    assert_eq!(
        bodies(bus.as_ref(), Mailbox::Coordinator, bus.tail(Mailbox::Coordinator).await.unwrap()).await.len(),
        0
    );
    bus.post(Mailbox::Coordinator, body(1)).await.unwrap();
    let tail = bus.tail(Mailbox::Coordinator).await.unwrap();
    bus.post(Mailbox::Coordinator, body(2)).await.unwrap();
    assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, tail).await, [body(2)]);
}

pub(crate) async fn a_waiting_reader_is_woken(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let reading = soon("message", far.read(Mailbox::Coordinator, Cursor::default(), 1, LIMIT));
    let (read, posted) = tokio::join!(reading, near.post(Mailbox::Coordinator, body(1)));
    posted.unwrap();
    assert_eq!(read.unwrap()[0].body, body(1));
}

pub(crate) async fn a_waiting_taker_is_woken(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let answers = Mailbox::Answers(TypedUuid::new_v4());
    let taking = soon("answer", far.take(answers, LIMIT));
    let (taken, posted) = tokio::join!(taking, near.post(answers, body(2)));
    posted.unwrap();
    assert_eq!(body_of(taken), Some(body(2)));
    near.post(Mailbox::Predictors, body(0)).await.unwrap();
    assert_eq!(body_of(far.take(Mailbox::Predictors, LIMIT).await), Some(body(0)));
    let taking = soon("message", far.take(Mailbox::Predictors, LIMIT));
    let (taken, posted) = tokio::join!(taking, near.post(Mailbox::Predictors, body(1)));
    posted.unwrap();
    assert_eq!(body_of(taken), Some(body(1)));
}

/// A read inside a `select!` is cancelled all the time; the ones after it read what it would have read.
pub(crate) async fn a_cancelled_read_loses_nothing(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let mut cursor = Cursor::default();
    for number in 0..20 {
        let read = far.read(Mailbox::Coordinator, cursor, 1, LIMIT);
        assert!(tokio::time::timeout(Duration::from_millis(u64::from(number)), read).await.is_err());
        near.post(Mailbox::Coordinator, body(number)).await.unwrap();
        let posted = soon("message", far.read(Mailbox::Coordinator, cursor, 1, LIMIT)).await.unwrap();
        assert_eq!(posted[0].body, body(number));
        cursor = posted[0].cursor;
    }
}

pub(crate) async fn an_empty_mailbox_lets_the_reader_go(fixture: &impl Fixture) {
    let bus = fixture.connect().await;
    let wait = Duration::from_millis(300);
    let started = Instant::now();
    assert_eq!(bus.read(Mailbox::Coordinator, Cursor::default(), 1, wait).await.unwrap().len(), 0);
    assert_eq!(bus.take(Mailbox::Predictors, wait).await.unwrap(), None);
    assert!(started.elapsed() >= 2 * wait);
}

pub(crate) async fn a_message_is_taken_by_one_reader(fixture: &impl Fixture) {
    const MESSAGES: u32 = 40;
    let bus = fixture.connect().await;
    let (sender, mut taken) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..2 {
        let (bus, sender) = (fixture.connect().await, sender.clone());
        tokio::spawn(async move {
            while let Some(taken) = bus.take(Mailbox::Predictors, LIMIT).await.unwrap() {
                if sender.send(taken.body).is_err() {
                    return;
                }
            }
        });
    }
    for number in 0..MESSAGES {
        bus.post(Mailbox::Predictors, body(number)).await.unwrap();
    }
    let mut seen = BTreeSet::new();
    for _ in 0..MESSAGES {
        assert!(seen.insert(soon("message", taken.recv()).await.unwrap()), "taken twice");
    }
    assert_eq!(bodies(bus.as_ref(), Mailbox::Predictors, Cursor::default()).await.len(), 0);
}

/// A deadline in it is that much nearer, whatever the clocks of the two machines say.
pub(crate) async fn a_message_that_is_taken_says_how_old_it_is(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let begun = Instant::now();
    near.post(Mailbox::Predictors, body(0)).await.unwrap();
    let lain = Instant::now();
    // Nothing comes there, so this takes its time.
    assert_eq!(
        near.read(Mailbox::Coordinator, Cursor::default(), 1, Duration::from_millis(300)).await.unwrap().len(),
        0
    );
    let least = lain.elapsed();
    let taken = far.take(Mailbox::Predictors, LIMIT).await.unwrap().unwrap();
    // Redis counts milliseconds, and a new mailbox begins in the next one.
    let slack = Duration::from_millis(3);
    assert!(taken.age + slack >= least && taken.age <= begun.elapsed() + slack, "{:?}, not {least:?}", taken.age);
}

pub(crate) async fn a_cell_keeps_the_newest_value(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    assert_eq!(far.get("forecast/AAPL").await.unwrap(), None);
    near.put("forecast/AAPL", body(1), LIMIT).await.unwrap();
    near.put("forecast/AAPL", body(2), LIMIT).await.unwrap();
    near.put("forecast/MSFT", body(3), Duration::MAX).await.unwrap();
    assert_eq!(far.get("forecast/AAPL").await.unwrap(), Some(body(2)));
    assert_eq!(far.get("forecast/MSFT").await.unwrap(), Some(body(3)));
}

pub(crate) async fn a_cell_expires(fixture: &impl Fixture) {
    let bus = fixture.connect().await;
    let ttl = Duration::from_millis(50);
    let written = Instant::now();
    bus.put("short", body(1), ttl).await.unwrap();
    soon("expiry", async { while bus.get("short").await.unwrap().is_some() {} }).await;
    assert!(written.elapsed() >= ttl, "gone too early");
}

pub(crate) async fn the_bus_answers(fixture: &impl Fixture) {
    fixture.connect().await.probe().await.unwrap();
}

pub(crate) async fn what_cannot_be_understood_is_kept_and_counted(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    assert_eq!(far.dead_letters().await.unwrap(), DeadLetters::default());
    let letter = |kind, number: u64| DeadLetter {
        kind,
        at: Timestamp(number as i64),
        reason: "a test made it".into(),
        bytes: 4000 + number,
        head: vec![0xc1, 0, 255],
    };
    let most = KEPT as u64 + 3;
    for number in 0..most {
        near.set_aside(letter(LetterKind::ToWorker, number)).await.unwrap();
    }
    near.set_aside(letter(LetterKind::Question, 7)).await.unwrap();
    let DeadLetters { counted, letters } = far.dead_letters().await.unwrap();
    assert_eq!(counted, [(LetterKind::ToWorker, most), (LetterKind::Question, 1)].into());
    let of = |kind| letters.iter().filter(|letter| letter.kind == kind).cloned().collect::<Vec<_>>();
    let newest: Vec<DeadLetter> = (3..most).rev().map(|number| letter(LetterKind::ToWorker, number)).collect();
    assert_eq!(of(LetterKind::ToWorker), newest);
    assert_eq!(of(LetterKind::Question), [letter(LetterKind::Question, 7)]);
}
