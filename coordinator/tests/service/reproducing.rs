//! Versions that are trained again from their manifest: compared, without a number of their own, and of use where weights were lost.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::{JobSpec, files};
use common::wire::Claim;
use coordinator::views::{CleanupRequest, JobView, PageQuery, PromoteRequest, TrainingRequest, WorkerFilter};

use crate::kit::{Environment, Quality, Running, Worker, key, last_day, wait_for};

/// Trains a version again and waits until it is compared.
async fn reproduced(running: &Running, worker: &mut Worker, version: &str) -> JobView {
    let job = running.refit.reproduce(&key("AAPL"), version.parse().unwrap()).await.unwrap();
    assert_eq!((job.reproduces.as_deref(), &job.version), (Some(version), &None), "marked from the start");
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    wait_for("the comparison", || async {
        let jobs = running.jobs().await;
        jobs.into_iter().find(|shown| shown.id == job.id).filter(|shown| shown.state == "completed")
    })
    .await
}

/// Trains completely: where the weights of the version lie.
async fn trained(running: &Running, worker: &mut Worker, quality: Quality) -> StoreKey {
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, quality).await;
    running.until(&item, "completed").await;
    let Claim { job, attempt, claim, .. } = grant.claim;
    StoreKey::artifact(job, attempt, claim).join(files::WEIGHTS).unwrap()
}

/// G8, A3: it is no version, and the next training gets the number that comes next.
#[tokio::test(flavor = "multi_thread")]
async fn g8_a_reproduction_is_compared_and_takes_no_number() {
    let (running, mut worker) = Running::with_versions(1).await;
    let job = reproduced(&running, &mut worker, "v1.0").await;
    assert_eq!((job.reproduces.as_deref(), &job.version), (Some("v1.0"), &None));
    assert!(job.comparison.as_ref().unwrap().identical, "{job:?}");
    assert_eq!(job.why, "the weights are those of v1.0 to the bit");
    let versions = running.versions("AAPL").await;
    assert_eq!(
        versions.iter().map(|v| (v.version.as_str(), v.status.as_str())).collect::<Vec<_>>(),
        [("v1.0", "live")]
    );
    trained(&running, &mut worker, Quality::GOOD).await;
    assert_eq!(running.versions("AAPL").await[0].version, "v2.0");
    assert_eq!(running.refit.ledger(&key("AAPL"), PageQuery::default()).await.unwrap().items.len(), 2);
}

/// A4, G8: the weights of a rejected version stay for a month. After that the refusal says what to do, and that then works.
#[tokio::test(flavor = "multi_thread")]
async fn a4_g8_lost_weights_come_back_by_a_reproduction() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    trained(&running, &mut worker, Quality::GOOD).await;
    let weights = trained(&running, &mut worker, Quality::BAD).await;
    let (refit, aapl, store) = (&running.refit, key("AAPL"), running.environment.ports.store.clone());
    let clean = async || {
        for _ in 0..2 {
            refit.cleanup(CleanupRequest::default()).await.unwrap();
        }
        store.get(&weights).await.is_ok()
    };
    assert!(clean().await, "fresh weights stay");
    running
        .environment
        .database
        .execute("UPDATE versions SET recorded_at = recorded_at - 31 * 86400000000")
        .await
        .unwrap();
    assert!(!clean().await, "after a month they go");

    let promote = || PromoteRequest { version: Some("v2.0".into()), reason: None };
    let refused = refit.promote(&aapl, promote()).await.unwrap_err().to_string();
    assert!(refused.contains("`refit reproduce forecaster/AAPL v2.0`"), "{refused}");
    let job = reproduced(&running, &mut worker, "v2.0").await;
    assert_eq!(job.why, "the weights are those of v2.0 to the bit: v2.0 is whole again");
    assert!(clean().await, "what was just brought back stays, though its version is old");
    assert_eq!(refit.promote(&aapl, promote()).await.unwrap().version, "v2.0");
    assert!(clean().await, "it is live");
    let invariants = refit.invariants().await.unwrap();
    assert!(invariants.iter().all(|invariant| invariant.violations == 0), "{invariants:?}");
}

/// G8: what the store has lost of a live version, though nobody took it, comes back the same way.
#[tokio::test(flavor = "multi_thread")]
async fn g8_what_the_store_has_lost_comes_back_by_a_reproduction() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let weights = trained(&running, &mut worker, Quality::GOOD).await;
    let store = running.environment.ports.store.clone();
    store.delete(&weights).await.unwrap();
    let job = reproduced(&running, &mut worker, "v1.0").await;
    assert_eq!(job.why, "the weights are those of v1.0 to the bit: v1.0 is whole again");
    assert!(store.get(&weights).await.is_ok());
    let job = reproduced(&running, &mut worker, "v1.0").await;
    assert_eq!(job.why, "the weights are those of v1.0 to the bit", "it lacks nothing any more");
}

/// G8: what was trained from lost weights cannot be trained again before those are there.
#[tokio::test(flavor = "multi_thread")]
async fn g8_lost_parents_come_first() {
    let (running, mut worker) = Running::with_versions(1).await;
    running.import_text("AAPL", &crate::kit::prices(400, 25)).await;
    let request = coordinator::views::TrainingRequest {
        model: "forecaster/AAPL".into(),
        mode: Some("incremental".into()),
        force: true,
        as_of: Some(crate::kit::last_day() + chrono::Days::new(40)),
        ..Default::default()
    };
    let item = running.refit.train(request).await.unwrap().items.remove(0);
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    assert_eq!(spec.parent.as_ref().unwrap().version.to_string(), "v1.0");
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    running.environment.database.execute("UPDATE versions SET thinned = 1 WHERE minor = 0").await.unwrap();
    let refused = running.refit.reproduce(&key("AAPL"), "v1.1".parse().unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("`refit reproduce forecaster/AAPL v1.0` first"), "{refused}");
    let job = reproduced(&running, &mut worker, "v1.0").await;
    assert!(job.why.ends_with("v1.0 is whole again"), "{}", job.why);
    reproduced(&running, &mut worker, "v1.1").await;
}

/// F1, G8: the bits of a GPU come from one: it is trained again where it was trained, and not on whoever is free.
#[tokio::test(flavor = "multi_thread")]
async fn f1_g8_a_version_of_a_gpu_is_trained_again_on_one() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.pools = ["cpu", "gpu=cuda:24GiB"].map(|text| text.parse().unwrap()).into();
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let _idle = Worker::with_devices(&running.environment.ports, "cpu".parse().unwrap(), 1, &["cpu"]).await;
    let mut gpu = Worker::with_devices(&running.environment.ports, "gpu".parse().unwrap(), 1, &["cuda:0", "cpu"]).await;
    let request = TrainingRequest {
        model: "forecaster/AAPL".into(),
        force: true,
        as_of: Some(last_day()),
        pool: Some("gpu".into()),
        device: Some("cuda".into()),
        ..TrainingRequest::default()
    };
    wait_for("both to be heard", || async {
        (running.refit.workers(WorkerFilter::default()).await.unwrap().items.len() == 2).then_some(())
    })
    .await;
    let item = running.refit.train(request).await.unwrap().items.remove(0);
    let grant = gpu.take().await;
    gpu.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    let job = reproduced(&running, &mut gpu, "v1.0").await;
    assert_eq!(job.pool, "gpu");
    assert!(job.comparison.unwrap().identical);
}
