//! Clocks that are wrong: what another machine wrote, or this one before it was set back by an hour, holds nothing up.

use crate::kit::Running;

#[tokio::test(flavor = "multi_thread")]
async fn a_doorbell_dated_ahead_is_rung_again() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let unanswered = worker.doorbell().await;
    let ahead = "UPDATE jobs SET dispatched_at = dispatched_at + 3600000000, revision = revision + 1";
    running.environment.database.execute(ahead).await.unwrap();
    let again = worker.doorbell().await;
    assert_eq!(again.job, unanswered.job);
    assert_ne!(again.attempt, unanswered.attempt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_dated_ahead_by_more_than_it_can_be_put_off_is_made() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let ahead = "UPDATE jobs SET not_before = enqueued_at + 3600000000, revision = revision + 1";
    running.environment.database.execute(ahead).await.unwrap();
    let mut worker = running.worker(1).await;
    let doorbell = worker.doorbell().await;
    let claim = worker.claim_of(doorbell);
    worker.claim(claim).await.grant();
}

/// A grant is young for one heartbeat, not for an hour: a worker that does not know of it has lost it.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_dated_ahead_is_missed_when_its_worker_does_not_know_it() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let ahead = "UPDATE jobs SET started_at = started_at + 3600000000, revision = revision + 1";
    running.environment.database.execute(ahead).await.unwrap();
    worker.forget(grant.claim);
    let again = worker.take().await;
    assert_ne!(again.claim.attempt, grant.claim.attempt);
}
