//! Small jobs: they leave the backlog together, and each has a life of its own.

use common::vocabulary::JobId;
use coordinator::views::{JobView, ProbeRequest};
use newtype_uuid::GenericUuid;

use crate::kit::{Running, wait_for};

async fn probe(running: &Running, count: u32, priority: f64) -> Vec<JobId> {
    let request = ProbeRequest { count, priority: Some(priority), ..ProbeRequest::default() };
    let answer = running.refit.probe(request).await.unwrap();
    answer.jobs.into_iter().map(JobId::from_untyped_uuid).collect()
}

async fn all_in(running: &Running, jobs: &[JobId], state: &str) -> Vec<JobView> {
    wait_for(&format!("{} jobs to be {state}", jobs.len()), || async {
        let mut views = Vec::new();
        for id in jobs {
            views.push(running.refit.job(*id).await.unwrap());
        }
        views.iter().all(|job| job.state == state).then_some(views)
    })
    .await
}

fn outcomes(job: &JobView) -> Vec<&str> {
    job.attempts.iter().filter_map(|attempt| attempt.outcome.as_deref()).collect()
}

/// F1: ten small jobs and two slots make two batches, in the order of the backlog; each job ends once, by itself.
#[tokio::test(flavor = "multi_thread")]
async fn small_jobs_leave_the_backlog_together() {
    let running = Running::new().await;
    let later = probe(&running, 8, 90.0).await;
    let sooner = probe(&running, 2, 10.0).await;
    let mut worker = running.worker(2).await;
    let (first, second) = (worker.take_batch().await, worker.take_batch().await);
    assert_eq!((first.len(), second.len()), (5, 5));
    let taken: Vec<JobId> = first.iter().chain(&second).map(|claim| claim.job).collect();
    assert_eq!(taken, [sooner, later].concat());
    worker.done(&second[..2]).await;
    worker.done(&first).await;
    worker.done(&second[2..]).await;
    for job in all_in(&running, &taken, "completed").await {
        assert_eq!(outcomes(&job), ["result"], "{job:?}");
    }
}

/// G2: a worker that dies with a batch gives all of it back; nothing is burnt, what had ended has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_lost_with_its_worker_and_run_again() {
    let running = Running::new().await;
    let jobs = probe(&running, 6, 50.0).await;
    let mut worker = running.worker(1).await;
    let claims = worker.take_batch().await;
    worker.done(&claims[..2]).await;
    drop(worker);
    let mut other = running.worker(1).await;
    let again = other.take_batch().await;
    assert_eq!(again.iter().map(|claim| claim.job).collect::<Vec<_>>(), jobs[2..]);
    other.done(&again).await;
    let ended = all_in(&running, &jobs, "completed").await;
    assert!(ended[..2].iter().all(|job| outcomes(job) == ["result"]), "{ended:?}");
    assert!(ended[2..].iter().all(|job| outcomes(job) == ["lost", "result"]), "{ended:?}");
}

/// G3: one job of a batch is cancelled; the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_batch_is_cancelled() {
    let running = Running::new().await;
    let jobs = probe(&running, 3, 50.0).await;
    let mut worker = running.worker(1).await;
    let claims = worker.take_batch().await;
    running.refit.cancel(jobs[1]).await.unwrap();
    worker.told_to_stop(claims[1]).await;
    worker.forget(claims[1]);
    worker.done(&[claims[0], claims[2]]).await;
    all_in(&running, &[jobs[0], jobs[2]], "completed").await;
    all_in(&running, &jobs[1..2], "cancelled").await;
}

/// One batch for each slot is sent ahead, and no more: what comes later at a better place is not behind thousands.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_a_batch_a_slot_leaves_the_backlog_ahead() {
    let running = Running::new().await;
    probe(&running, 500, 90.0).await;
    let mut worker = running.worker(1).await;
    let first = worker.take_batch().await;
    let ahead = worker.take_batch().await;
    assert_eq!((first.len(), ahead.len()), (64, 64));
    let urgent = probe(&running, 1, 0.0).await;
    worker.done(&first).await;
    worker.done(&ahead).await;
    let mut before = 0;
    loop {
        let doorbells = worker.take_batch().await;
        worker.done(&doorbells).await;
        if doorbells.iter().any(|claim| claim.job == urgent[0]) {
            break;
        }
        before += doorbells.len();
    }
    assert!(before <= 64, "{before} less urgent jobs went first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_makes_no_sense_is_refused() {
    let running = Running::new().await;
    let bad = [
        ProbeRequest { count: 0, ..ProbeRequest::default() },
        ProbeRequest { count: 10_001, ..ProbeRequest::default() },
        ProbeRequest { work_ms: u64::MAX, ..ProbeRequest::default() },
        ProbeRequest { priority: Some(f64::NAN), ..ProbeRequest::default() },
        ProbeRequest { pool: Some("no such, pool".into()), ..ProbeRequest::default() },
    ];
    for request in bad {
        assert!(running.refit.probe(request).await.is_err());
    }
    assert!(running.jobs().await.is_empty());
}
