//! Preemption: a far more urgent job takes the slot of a running training, which loses nothing (G3).

use std::time::Duration;

use coordinator::views::{TrainingItem, TrainingRequest};

use crate::kit::{Environment, Quality, Running, id, last_day};

/// An environment with one margin of 30 points, no minimum run time, and two interruptions a job.
async fn with_preemption() -> Running {
    let mut environment = Environment::new().await;
    environment.settings.dispatch.preempt_margin = Some(30.0);
    environment.settings.dispatch.preempt_after = Duration::ZERO;
    environment.start().await
}

async fn train(running: &Running, symbol: &str, priority: f64) -> TrainingItem {
    let request = TrainingRequest {
        model: format!("forecaster/{symbol}"),
        force: true,
        priority: Some(priority),
        as_of: Some(last_day()),
        ..TrainingRequest::default()
    };
    running.refit.train(request).await.unwrap().items.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_an_urgent_job_takes_the_slot_and_the_other_goes_on_later() {
    let running = with_preemption().await;
    for symbol in ["AAPL", "MSFT"] {
        running.import(symbol, 400).await;
    }
    let calm = train(&running, "AAPL", 100.0).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let before = running.job(&calm).await;

    let urgent = train(&running, "MSFT", 50.0).await;
    let reason = worker.told_to_release(grant.claim).await;
    assert!(reason.contains("makes room for job") && reason.contains("more urgent by 50 points"), "{reason}");
    let checkpoint = worker.give_back(grant.claim, 42).await;
    let next = worker.take().await;
    assert_eq!(next.claim.job, id(&urgent));
    let waiting = running.job(&calm).await;
    assert_eq!((waiting.state.as_str(), waiting.preemptions), ("queued", 1));
    assert_eq!((waiting.enqueued_at, waiting.score.round()), (before.enqueued_at, before.score.round()));
    assert_eq!(waiting.attempts[0].outcome.as_deref(), Some("released"));
    assert!(waiting.attempts[0].message.is_some());
    worker.finish(&next, Quality::GOOD).await;

    let again = worker.take().await;
    assert_eq!((again.claim.job, again.number, again.resume.clone()), (id(&calm), 2, Some(checkpoint)));
    worker.finish(&again, Quality::GOOD).await;
    running.until(&calm, "completed").await;
}

/// Not for less than the margin, and not more often than the cap allows.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_job_makes_room_only_so_often() {
    let mut environment = Environment::new().await;
    environment.settings.dispatch.preempt_margin = Some(30.0);
    environment.settings.dispatch.preempt_after = Duration::ZERO;
    environment.settings.dispatch.preempt_most = 1;
    let running = environment.start().await;
    for symbol in ["AAPL", "MSFT", "KO"] {
        running.import(symbol, 400).await;
    }
    let calm = train(&running, "AAPL", 100.0).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let near = train(&running, "KO", 80.0).await;
    let urgent = train(&running, "MSFT", 20.0).await;
    worker.told_to_release(grant.claim).await;
    worker.give_back(grant.claim, 42).await;
    let next = worker.take().await;
    assert_eq!(next.claim.job, id(&urgent));
    // It runs on a level 80 points below: nobody is more urgent than that by 30.
    assert_eq!(running.job(&urgent).await.preemptions, 0);
    worker.finish(&next, Quality::GOOD).await;
    let next = worker.take().await;
    assert_eq!(next.claim.job, id(&near));
    worker.finish(&next, Quality::GOOD).await;

    let again = worker.take().await;
    assert_eq!(again.claim.job, id(&calm));
    // It has made room once: whoever comes now waits.
    let later = train(&running, "MSFT", 0.0).await;
    worker.finish(&again, Quality::GOOD).await;
    assert_eq!(running.until(&calm, "completed").await.preemptions, 1);
    assert_eq!(worker.take().await.claim.job, id(&later));
}
