//! What a worker will not do after all, and what it cannot hand over yet.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::{FailureClass, Seal};

use crate::kit::{Environment, Quality, Running, wait_for};

/// With leases that are over after the test.
async fn patient() -> Running {
    let mut environment = Environment::new().await;
    environment.settings.dispatch.lease = Duration::from_secs(600);
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    running
}

/// G1: a claim that is declined while it is granted goes back at once; nothing is burnt, and nobody waits for the lease.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_claim_that_was_given_up_while_it_was_granted_goes_back_at_once() {
    let running = patient().await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(2).await;
    let mut grant = worker.take().await;
    // More often than a job may fail or be lost.
    for _ in 0..6 {
        worker.give_up(grant.claim).await;
        let again = worker.take().await;
        assert_ne!(again.claim.attempt, grant.claim.attempt);
        // Not earlier, or it might be missed in its heartbeats instead.
        worker.forget(grant.claim);
        grant = again;
    }
    worker.finish(&grant, Quality::GOOD).await;
    let job = running.until(&item, "completed").await;
    let outcomes: Vec<&str> = job.attempts.iter().filter_map(|attempt| attempt.outcome.as_deref()).collect();
    assert_eq!(outcomes, [["declined"; 6].as_slice(), &["result"]].concat());
}

/// Whoever says farewell holds nothing any more, whatever its last heartbeat names.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_held_when_it_ended_is_not_waited_for() {
    let running = patient().await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    worker.take().await;
    worker.farewell().await;
    let mut other = running.worker(1).await;
    let grant = other.take().await;
    other.finish(&grant, Quality::GOOD).await;
    let job = running.until(&item, "completed").await;
    assert_eq!(job.attempts[0].message.as_deref(), Some("its worker has ended"));
}

/// G1: a worker whose store answered unclearly says that it failed, and had sealed: the result counts.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_job_fails_only_once_its_attempt_is_revoked() {
    let running = patient().await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.seal(&grant, Quality::GOOD).await;
    worker.fail(grant.claim, FailureClass::Data).await;
    running.until(&item, "completed").await;
    assert_eq!(running.versions("AAPL").await.len(), 1);

    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.fail(grant.claim, FailureClass::Data).await;
    assert_eq!(running.job(&item).await.state, "failed");
    let seal =
        running.environment.ports.store.get(&StoreKey::seal(grant.claim.job, grant.claim.attempt)).await.unwrap();
    let Seal::Revoked { reason } = serde_json::from_slice(&seal).unwrap() else { panic!("a result") };
    assert_eq!(reason, "the job has failed");
}

/// What a finished result waits for is said where people look.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_the_store_refuses_is_waited_for_and_shown() {
    let running = patient().await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.wait_for_the_store(grant.claim, "no space left");
    let why = async || Some(running.job(&item).await.why).filter(|why| why.contains("its result waits for the store"));
    let why = wait_for("the reason", why).await;
    assert!(why.ends_with("its result waits for the store: no space left"), "{why}");
    worker.hold(grant.claim, None);
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
}
