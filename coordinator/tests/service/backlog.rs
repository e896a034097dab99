//! The backlog: score order, one training a model, nothing frozen twice.

use common::vocabulary::FailureClass;
use coordinator::views::TrainingRequest;

use crate::kit::{Running, last_day, prices, wait_for};

/// G4: 200 waiting jobs with distinct scores, one slot: they start in score order.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_jobs_start_in_score_order() {
    const JOBS: usize = 200;
    let running = Running::new().await;
    let text = prices(350, 0);
    for n in 0..JOBS {
        running.import_text(&format!("S{n:03}"), &text).await;
    }
    for n in 0..JOBS {
        // 77 and 200 have no common factor: every priority once, in no order.
        let priority = Some(((n * 77) % JOBS) as f64);
        let model = format!("forecaster/S{n:03}");
        let request = TrainingRequest { model, priority, as_of: Some(last_day()), ..TrainingRequest::default() };
        assert_eq!(running.refit.train(request).await.unwrap().requested, 1);
    }
    let mut worker = running.worker(1).await;
    let mut scores = Vec::new();
    for _ in 0..JOBS {
        let grant = worker.take().await;
        scores.push(running.refit.job(grant.claim.job).await.unwrap().score);
        worker.fail(grant.claim, FailureClass::Data).await;
    }
    assert!(scores.is_sorted(), "{scores:?}");
}

/// Two dispatchers, two callers: one active training a model, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn one_active_training_a_model() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let (a, b) = tokio::join!(running.train("AAPL", None), running.train("AAPL", None));
    let mut results = [a.result.as_str(), b.result.as_str()];
    results.sort_unstable();
    assert_eq!(results, ["already_training", "requested"]);
    assert_eq!(a.job, b.job);
    assert_eq!(running.jobs().await.len(), 1);
}

/// E1, E2: asked for again at a better place, a waiting job takes it; at a worse one it keeps its own. The answer shows +40.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_takes_the_better_score() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let ask = async |priority| {
        let model = "forecaster/AAPL".to_owned();
        let request = TrainingRequest { model, priority: Some(priority), force: true, ..TrainingRequest::default() };
        running.refit.train(request).await.unwrap().items.remove(0)
    };
    assert_eq!(ask(50.0).await.score, Some(30.0));
    assert_eq!(ask(90.0).await.score, Some(110.0));
    assert_eq!(running.jobs().await[0].score.round(), 30.0);
    ask(20.0).await;
    assert_eq!(running.jobs().await[0].score.round(), 0.0);
}

/// Why a job waits is said in words.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_says_why() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let why = wait_for("the bars to be frozen", || async {
        let job = running.job(&item).await;
        (job.why != "its rows are not frozen yet").then_some(job.why)
    })
    .await;
    assert_eq!(why, "waits: no live worker in pool cpu");
    assert_eq!(running.job(&item).await.position, Some(1));
}
