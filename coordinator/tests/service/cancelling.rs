//! Cancelling, in each state of a job: at once, by the seal, or too late.

use common::ports::Created;
use common::wire::Outcome;
use coordinator::service::Error;

use crate::kit::{ClaimAnswer, Quality, Running, id, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_at_once() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let answer = running.refit.cancel(id(&item)).await.unwrap();
    assert_eq!((answer.job.state.as_str(), answer.outcome.as_str()), ("cancelled", "cancelled"));
    assert!(matches!(running.refit.cancel(id(&item)).await, Err(Error::Refused { .. })));
    // The model is free for another training.
    assert_eq!(running.train("AAPL", None).await.result, "requested");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_cancelled_job_is_refused() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let doorbell = worker.doorbell().await;
    assert_eq!(running.refit.cancel(id(&item)).await.unwrap().job.state, "cancelled");
    let claim = worker.claim_of(doorbell);
    assert!(matches!(worker.claim(claim).await, ClaimAnswer::Refused(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_stopped_and_cannot_seal_any_more() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let answer = running.refit.cancel(id(&item)).await.unwrap();
    assert_eq!(answer.job.state, "cancelled");
    worker.told_to_stop(grant.claim).await;
    assert_eq!(worker.seal(&grant, Quality::GOOD).await, Created::Exists);
    worker.announce(grant.claim, Outcome::Discarded).await;
    worker.confirmed(grant.claim).await;
    assert!(running.versions("AAPL").await.is_empty());
    assert_eq!(running.job(&item).await.state, "cancelled");
}

/// The result was sealed first: it is recorded, not promoted, and the answer says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_sealed_first_is_recorded_and_not_promoted() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.seal(&grant, Quality::GOOD).await;
    let answer = running.refit.cancel(id(&item)).await.unwrap();
    assert!(answer.outcome.starts_with("too late"), "{}", answer.outcome);
    worker.announce(grant.claim, Outcome::Sealed).await;
    worker.confirmed(grant.claim).await;
    running.until(&item, "completed").await;
    let versions = running.versions("AAPL").await;
    assert_eq!((versions.len(), versions[0].status.as_str()), (1, "rejected"));
    assert!(running.refit.model(&crate::kit::key("AAPL")).await.unwrap().live.is_none());
}

/// G3: the time from the request until a heartbeat shows the slot to be free is kept with the job.
#[tokio::test(flavor = "multi_thread")]
async fn g3_the_time_until_the_slot_is_free_is_reported() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let answer = running.refit.cancel(id(&item)).await.unwrap();
    assert!(answer.stopping && answer.job.slot_free_seconds.is_none());
    worker.told_to_stop(grant.claim).await;
    // Its heartbeats still name the claim: ended, the job is, and its slot is not free.
    worker.told_to_stop(grant.claim).await;
    assert_eq!(running.job(&item).await.slot_free_seconds, None);
    worker.announce(grant.claim, Outcome::Discarded).await;
    worker.confirmed(grant.claim).await;
    let seconds = wait_for("the slot to be free", || async { running.job(&item).await.slot_free_seconds }).await;
    assert!(seconds > 0.0 && seconds < 20.0, "{seconds}");
}

/// G3: a worker that dies before it has heard of it takes its slot along when its lease ends: whoever waits for the slot is told.
#[tokio::test(flavor = "multi_thread")]
async fn g3_the_slot_of_a_worker_that_died_is_no_longer_waited_for() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    worker.take().await;
    worker.fall_silent();
    assert!(running.refit.cancel(id(&item)).await.unwrap().stopping);
    let seconds = wait_for("the slot to be given up", || async { running.job(&item).await.slot_free_seconds }).await;
    assert!(seconds > 0.0 && seconds < 60.0, "{seconds}");
}
