//! What every job queue promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use common::ports::{Consumer, DeadLetters, JobQueue, LetterKind, Level, PortError};
use common::vocabulary::{AttemptId, JobId, Pool, Timestamp};
use common::wire::Doorbell;
use newtype_uuid::TypedUuid;

use crate::support::soon;

/// Longer than any test.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// A queue under test.
pub(crate) trait Fixture {
    /// A further instance on the same broker, as another process would have.
    async fn connect(&self) -> Arc<dyn JobQueue>;
    /// Lets a consumer vanish as if its process had died, until the broker has noticed.
    async fn kill(&self, consumer: Box<dyn Consumer>);
    /// Puts a body into a pool's queue that is no doorbell.
    async fn publish_garbage(&self, pool: &Pool);
}

pub(crate) fn doorbell() -> Doorbell {
    let (job, attempt): (JobId, AttemptId) = (TypedUuid::new_v4(), TypedUuid::new_v4());
    Doorbell { job, attempt, trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().ok() }
}

fn level(score: f64) -> Level {
    Level::of_score(score)
}

pub(crate) async fn doorbells_reach_another_instance(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let sent = doorbell();
    near.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
    let mut consumer = far.consume(&[Pool::cpu()]).await.unwrap();
    let delivery = soon("doorbell", consumer.next()).await.unwrap();
    assert_eq!((delivery.doorbells, delivery.redelivered), (vec![sent], false));
}

pub(crate) async fn the_highest_level_comes_first_and_then_the_oldest(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let sent: Vec<Doorbell> = (0..6).map(|_| doorbell()).collect();
    for (doorbell, score) in sent.iter().zip([50.0, 0.0, 90.0, 50.0, 0.0, 90.0]) {
        queue.publish(&Pool::cpu(), level(score), &[*doorbell], LONG).await.unwrap();
    }
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    for expected in [1, 4, 0, 3, 2, 5] {
        let delivery = soon("doorbell", consumer.next()).await.unwrap();
        assert_eq!(delivery.doorbells, [sent[expected]]);
        assert!(consumer.ack(&delivery).await.unwrap());
    }
}

pub(crate) async fn a_consumer_gets_only_its_pools(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let gpu: Pool = "gpu".parse().unwrap();
    let (for_cpu, for_gpu) = (doorbell(), doorbell());
    queue.publish(&gpu, Level::MAX, &[for_gpu], LONG).await.unwrap();
    queue.publish(&Pool::cpu(), level(90.0), &[for_cpu], LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    assert_eq!(soon("cpu", consumer.next()).await.unwrap().doorbells, [for_cpu]);
    let mut both = queue.consume(&[Pool::cpu(), gpu]).await.unwrap();
    assert_eq!(soon("gpu", both.next()).await.unwrap().doorbells, [for_gpu]);
}

pub(crate) async fn a_batch_of_doorbells_comes_whole(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    // A message is part of one trace: that of its first doorbell.
    let mut sent: Vec<Doorbell> = (0..64).map(|_| Doorbell { trace: None, ..doorbell() }).collect();
    sent[0].trace = doorbell().trace;
    queue.publish(&Pool::cpu(), Level::MAX, &sent, LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    let delivery = soon("batch", consumer.next()).await.unwrap();
    assert_eq!(delivery.doorbells, sent);
    assert!(consumer.ack(&delivery).await.unwrap());
}

pub(crate) async fn a_doorbell_goes_to_one_consumer(fixture: &impl Fixture) {
    const DOORBELLS: usize = 60;
    let queue = fixture.connect().await;
    for _ in 0..DOORBELLS {
        queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG).await.unwrap();
    }
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let consumers: Vec<_> = [fixture.connect().await, fixture.connect().await, queue]
        .into_iter()
        .map(|queue| {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
                loop {
                    let delivery = consumer.next().await.unwrap();
                    assert!(consumer.ack(&delivery).await.unwrap());
                    sender.send(delivery.doorbells[0].attempt).unwrap();
                }
            })
        })
        .collect();
    let mut seen = BTreeSet::new();
    for _ in 0..DOORBELLS {
        assert!(seen.insert(soon("doorbell", received.recv()).await.unwrap()), "handed out twice");
    }
    consumers.iter().for_each(tokio::task::JoinHandle::abort);
}

pub(crate) async fn a_waiting_consumer_is_woken(fixture: &impl Fixture) {
    let (near, far) = (fixture.connect().await, fixture.connect().await);
    let mut consumer = far.consume(&[Pool::cpu()]).await.unwrap();
    let (sent, pool) = (doorbell(), Pool::cpu());
    let message = [sent];
    let (received, published) =
        tokio::join!(soon("doorbell", consumer.next()), near.publish(&pool, Level::MAX, &message, LONG));
    published.unwrap();
    assert_eq!(received.unwrap().doorbells, [sent]);
}

/// `next` inside a `select!` is cancelled all the time; whenever that happens, no doorbell is stuck with nobody.
pub(crate) async fn a_cancelled_next_loses_nothing(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    let sent: BTreeSet<_> = (0..20).map(|_| doorbell().attempt).collect();
    for attempt in &sent {
        queue.publish(&Pool::cpu(), Level::MAX, &[Doorbell { attempt: *attempt, ..doorbell() }], LONG).await.unwrap();
    }
    let mut received = BTreeSet::new();
    let mut patience = 0;
    while received.len() < sent.len() {
        // Gives up after a growing number of turns: at the start, in the middle, just before the end.
        patience = (patience + 1) % 50;
        let give_up = async {
            for _ in 0..patience {
                tokio::task::yield_now().await;
            }
        };
        let next = tokio::select! {
            biased;
            delivery = consumer.next() => Some(delivery.unwrap()),
            () = give_up => None,
        };
        if let Some(delivery) = next {
            assert!(received.insert(delivery.doorbells[0].attempt), "handed out twice");
            assert!(soon("ack", consumer.ack(&delivery)).await.unwrap());
        }
    }
    assert_eq!(received, sent);
}

pub(crate) async fn a_dropped_consumer_gives_back(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let sent = doorbell();
    queue.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
    let mut first = queue.consume(&[Pool::cpu()]).await.unwrap();
    soon("doorbell", first.next()).await.unwrap();
    drop(first);
    let mut second = fixture.connect().await.consume(&[Pool::cpu()]).await.unwrap();
    let delivery = soon("redelivery", second.next()).await.unwrap();
    assert_eq!((delivery.doorbells, delivery.redelivered), (vec![sent], true));
}

pub(crate) async fn a_dead_consumer_gives_back_and_cannot_acknowledge_late(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let sent = doorbell();
    queue.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
    let mut first = queue.consume(&[Pool::cpu()]).await.unwrap();
    let held = soon("doorbell", first.next()).await.unwrap();
    fixture.kill(first).await;
    let mut second = soon("another consumer", consume_again(queue.as_ref())).await;
    let again = soon("redelivery", second.next()).await.unwrap();
    assert_eq!((again.doorbells.as_slice(), again.redelivered), ([sent].as_slice(), true));
    let mut stranger = queue.consume(&[Pool::cpu()]).await.unwrap();
    assert!(!stranger.ack(&held).await.unwrap());
    assert!(second.ack(&again).await.unwrap());
}

/// A broker whose connection has just been lost may be said to be out of reach; whoever consumes tries again, as workers do.
async fn consume_again(queue: &dyn JobQueue) -> Box<dyn Consumer> {
    loop {
        match queue.consume(&[Pool::cpu()]).await {
            Ok(consumer) => return consumer,
            Err(error) => assert!(matches!(error, PortError::Unreachable { .. }), "{error}"),
        }
    }
}

pub(crate) async fn an_acknowledged_doorbell_is_gone(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let (first, last) = (doorbell(), doorbell());
    queue.publish(&Pool::cpu(), Level::MAX, &[first], LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    let delivery = soon("doorbell", consumer.next()).await.unwrap();
    assert!(consumer.ack(&delivery).await.unwrap());
    drop(consumer);
    queue.publish(&Pool::cpu(), level(90.0), &[last], LONG).await.unwrap();
    let mut next = queue.consume(&[Pool::cpu()]).await.unwrap();
    assert_eq!(soon("doorbell", next.next()).await.unwrap().doorbells, [last]);
}

pub(crate) async fn what_cannot_be_read_is_kept_aside(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    fixture.publish_garbage(&Pool::cpu()).await;
    let sent = doorbell();
    queue.publish(&Pool::cpu(), level(90.0), &[sent], LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    assert_eq!(soon("doorbell", consumer.next()).await.unwrap().doorbells, [sent]);
    // RabbitMQ puts it there in its own time. Looking takes nothing away.
    for _ in 0..2 {
        let kept = async {
            loop {
                let found = queue.dead_letters().await.unwrap();
                if !found.letters.is_empty() {
                    return found;
                }
            }
        };
        let DeadLetters { counted, letters } = soon("dead letter", kept).await;
        assert_eq!((counted[&LetterKind::Doorbell], letters.len()), (1, 1));
        let letter = &letters[0];
        assert_eq!((letter.kind, letter.bytes, &letter.head[..]), (LetterKind::Doorbell, 1, &[0xc1][..]));
        assert_eq!(letter.reason, "the message cannot be understood: byte 0xc1 is not MessagePack");
        let age = Timestamp::now().seconds_since(letter.at);
        assert!((-5.0..60.0).contains(&age), "put aside {age} s ago");
    }
}

pub(crate) async fn a_doorbell_that_nobody_takes_expires(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let (dead, alive) = (doorbell(), doorbell());
    // Nobody can be as quick as the first: it is over when it comes.
    queue.publish(&Pool::cpu(), Level::MAX, &[dead], Duration::ZERO).await.unwrap();
    queue.publish(&Pool::cpu(), level(90.0), &[alive], LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    let delivery = soon("doorbell", consumer.next()).await.unwrap();
    assert_eq!(delivery.doorbells, [alive]);
    assert!(consumer.ack(&delivery).await.unwrap());
    drop(consumer);

    // One that is held is its holder's, however long that takes.
    let ttl = Duration::from_millis(300);
    let held = loop {
        let sent = doorbell();
        queue.publish(&Pool::cpu(), Level::MAX, &[sent], ttl).await.unwrap();
        let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
        // On a slow machine it may be over before anybody asks for it.
        if let Ok(delivery) = tokio::time::timeout(2 * ttl, consumer.next()).await {
            break (consumer, delivery.unwrap());
        }
    };
    let (mut holder, held) = held;
    assert!(tokio::time::timeout(2 * ttl, holder.next()).await.is_err(), "there is no other");
    queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG).await.unwrap();
    assert!(holder.ack(&held).await.unwrap());
    // It has gone without a trace: it is no dead letter.
    assert_eq!(queue.dead_letters().await.unwrap(), DeadLetters::default());
}

pub(crate) async fn many_may_publish_at_once(fixture: &impl Fixture) {
    let queue = fixture.connect().await;
    let mut publishers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let queue = queue.clone();
        publishers.spawn(async move {
            let sent = doorbell();
            queue.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
            sent.attempt
        });
    }
    let sent: BTreeSet<_> = soon("confirms", publishers.join_all()).await.into_iter().collect();
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    let mut received = BTreeSet::new();
    while received.len() < sent.len() {
        let delivery = soon("doorbell", consumer.next()).await.unwrap();
        assert!(consumer.ack(&delivery).await.unwrap());
        received.insert(delivery.doorbells[0].attempt);
    }
    assert_eq!(received, sent);
}

pub(crate) async fn the_queue_answers(fixture: &impl Fixture) {
    fixture.connect().await.probe().await.unwrap();
}
