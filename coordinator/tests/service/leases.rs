//! Workers that vanish, come back, or never answer: nothing finished is lost, nothing counts twice.

use std::time::Duration;

use common::ports::Created;
use common::vocabulary::FailureClass;
use common::wire::Outcome;

use crate::kit::{ClaimAnswer, Environment, Quality, Running, Worker};
use crate::results::live;

/// The lease runs out, another worker takes the job, and what the first one finishes afterwards does not count.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_lease_the_first_attempt_cannot_count_any_more() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut first = running.worker(1).await;
    let lost = first.take().await;
    first.fall_silent();
    let mut second = running.worker(1).await;
    let grant = second.take().await;
    assert_ne!(grant.claim.attempt, lost.claim.attempt);
    assert_eq!(first.seal(&lost, Quality::GOOD).await, Created::Exists, "the seal was ours first");
    first.speak_again();
    first.announce(lost.claim, Outcome::Discarded).await;
    first.confirmed(lost.claim).await;
    second.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
    assert_eq!(running.versions("AAPL").await.len(), 1);
    let job = running.until(&item, "completed").await;
    let outcomes: Vec<_> = job.attempts.iter().map(|attempt| attempt.outcome.as_deref().unwrap()).collect();
    assert_eq!(outcomes, ["lost", "result"]);
}

/// A worker given up for dead sealed before anyone took the job again: its work counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_seal_counts() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.fall_silent();
    running.until(&item, "queued").await;
    assert_eq!(worker.seal(&grant, Quality::GOOD).await, Created::Fresh);
    // Another worker comes: on handing the job out again, the seal is found.
    let mut other = running.worker(1).await;
    live(&running, "AAPL", "v1.0").await;
    assert_eq!(running.job(&item).await.attempts.len(), 1);
    assert!(other.doorbell_within(Duration::from_millis(300)).await.is_none());
}

/// Longer than any test: what is taken up sooner was not waited for.
const FOR_EVER: Duration = Duration::from_hours(1);

/// A worker that was started after another had died on its machine says so: that one's lease need not run out.
#[tokio::test(flavor = "multi_thread")]
async fn g2_a_dead_workers_job_is_taken_up_when_its_successor_starts() {
    let mut environment = Environment::new().await;
    environment.settings.dispatch.lease = FOR_EVER;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut first = running.worker(1).await;
    let lost = first.take().await;
    first.fall_silent();
    let mut successor = Worker::after(&running.environment.ports, vec![first.id]).await;
    let grant = successor.take().await;
    assert_eq!((grant.claim.job, grant.number), (lost.claim.job, 2));
    let job = running.job(&item).await;
    let ended = job.attempts[0].message.as_deref().unwrap_or_default();
    assert!(ended.starts_with("its worker is dead"), "{ended}");
    successor.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
}

/// After a restart a silent worker has time for two heartbeats, and no lease from the start: a coordinator that is restarted again and
/// again takes up its job all the same.
#[tokio::test(flavor = "multi_thread")]
async fn g2_a_restarted_coordinator_gives_nobody_a_new_lease() {
    let mut environment = Environment::new().await;
    environment.settings.dispatch.lease = FOR_EVER;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut first = running.worker(1).await;
    let lost = first.take().await;
    first.fall_silent();
    let running = running.crash().await.start().await;
    let mut other = running.worker(1).await;
    let grant = other.take().await;
    assert_eq!((grant.claim.job, grant.number), (lost.claim.job, 2));
    other.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
}

/// A claim that its worker no longer names is lost at once, and is told to stop where it is held against the row.
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_claim_is_lost_at_once() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.forget(grant.claim);
    let again = worker.take().await;
    assert_eq!(again.number, 2);
    worker.hold(grant.claim, None);
    worker.told_to_stop(grant.claim).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_doorbell_burns_nothing() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let doorbell = worker.doorbell().await;
    worker.decline(doorbell).await;
    let grant = worker.take().await;
    assert_eq!(grant.number, 1);
    assert_eq!(running.job(&item).await.attempts[0].outcome.as_deref(), Some("declined"));
}

/// A doorbell that nobody answers is rung again as a new attempt; the old one is refused from then on.
#[tokio::test(flavor = "multi_thread")]
async fn an_unclaimed_job_is_rung_again() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let unheard = worker.doorbell().await;
    let again = worker.doorbell().await;
    assert_eq!(again.job, unheard.job);
    let late = worker.claim_of(unheard);
    assert!(matches!(worker.claim(late).await, ClaimAnswer::Refused(_)));
    let claim = worker.claim_of(again);
    assert_eq!(worker.claim(claim).await.grant().number, 1);
}

/// The same claim, repeated because its answer was lost, is granted again; another one of the same attempt is refused.
#[tokio::test(flavor = "multi_thread")]
async fn one_claim_of_an_attempt_wins_and_may_ask_again() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let (mut worker, mut rival) = (running.worker(1).await, running.worker(1).await);
    let (doorbell, claim) = tokio::select! {
        doorbell = worker.doorbell() => (doorbell, worker.claim_of(doorbell)),
        doorbell = rival.doorbell() => (doorbell, worker.claim_of(doorbell)),
    };
    assert_eq!(worker.claim(claim).await.grant().number, 1);
    assert_eq!(worker.claim(claim).await.grant().number, 1);
    let other = rival.claim_of(doorbell);
    assert!(matches!(rival.claim(other).await, ClaimAnswer::Refused(_)));
}

/// A job whose training fails is tried again, and fails for good after the third time.
#[tokio::test(flavor = "multi_thread")]
async fn failures_of_its_own_burn_attempts() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    for number in 1..=3 {
        let grant = worker.take().await;
        assert_eq!(grant.number, number);
        worker.fail(grant.claim, FailureClass::Code).await;
    }
    let job = running.until(&item, "failed").await;
    assert_eq!(job.why, "attempt 3 ended as code: as told");
}

/// A drain gives the job back with its checkpoint: the next attempt goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_attempt_goes_on_from_the_checkpoint() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let sha256 = common::vocabulary::ContentHash::of(b"checkpoint");
    let checkpoint = common::wire::CheckpointRef { key: "jobs/c".into(), sha256, step: 42 };
    worker.fail_with(grant.claim, FailureClass::Released, Some(checkpoint.clone())).await;
    let again = worker.take().await;
    assert_eq!(again.resume, Some(checkpoint));
}
