//! Cleanup by itself: what it takes, what it never takes, and who may want it back.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, FailureClass};
use common::wire::CheckpointRef;
use coordinator::views::CleanupRequest;

use crate::kit::{Environment, Quality, Running, id, wait_for};

async fn objects(running: &Running, below: &str) -> Vec<String> {
    let below: StoreKey = below.parse().unwrap();
    let entries = running.environment.ports.store.list(Some(&below)).await.unwrap();
    entries.into_iter().map(|entry| entry.key.to_string()).collect()
}

/// The leader cleans without being asked: what nothing refers to goes.
#[tokio::test(flavor = "multi_thread")]
async fn the_leader_cleans_by_itself() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.clean_every = Duration::from_millis(100);
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    let running = environment.start().await;
    let stray: StoreKey = "jobs/forgotten/checkpoint-1".parse().unwrap();
    running.environment.ports.store.put(&stray, "x".into()).await.unwrap();
    wait_for("the stray object to go", || async { objects(&running, "jobs").await.is_empty().then_some(()) }).await;
}

/// Checkpoints are most of a store: they go once the result is recorded, and nothing else does.
#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_go_once_the_result_is_recorded() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    let folder = StoreKey::claim(grant.claim.job, grant.claim.attempt, grant.claim.claim);
    let key = folder.join("checkpoint-40").unwrap();
    running.environment.ports.store.put(&key, "checkpoint".into()).await.unwrap();
    let sha256 = ContentHash::of(b"checkpoint");
    let checkpoint = CheckpointRef { key: key.to_string(), sha256, step: 40 };
    worker.fail_with(grant.claim, FailureClass::Crash, Some(checkpoint)).await;
    let grant = worker.take().await;
    assert!(objects(&running, folder.as_str()).await.contains(&key.to_string()), "the next attempt goes on from it");
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    wait_for("the checkpoint to go", || async { objects(&running, folder.as_str()).await.is_empty().then_some(()) })
        .await;
    let artifact = StoreKey::artifact(grant.claim.job, grant.claim.attempt, grant.claim.claim);
    assert!(objects(&running, artifact.as_str()).await.iter().any(|key| key.ends_with("weights.safetensors")));
}

/// A file that is just being removed is not relied on: the training waits, and freezes it anew once it is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_removed_is_frozen_anew() {
    let (running, mut worker) = Running::with_versions(1).await;
    let store = running.environment.ports.store.clone();
    let [file] = objects(&running, "snapshots").await.try_into().unwrap();
    let file: StoreKey = file.parse().unwrap();
    let database = &running.environment.database;
    // As a cleanup marks it; the moment lies ahead, so nobody takes the removal for abandoned.
    let marks = "INSERT INTO condemned (key, bytes, at, removing_at)
                 SELECT 'snapshots/' || hash || '.parquet', 1, 1, 4000000000000000 FROM snapshot_parts";
    database.execute(marks).await.unwrap();
    database.execute("DELETE FROM snapshot_parts").await.unwrap();
    let item = running.train("AAPL", Some("complete")).await;
    running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    assert_eq!(running.job(&item).await.state, "queued");
    assert!(objects(&running, "snapshots").await.contains(&file.to_string()), "nobody else removes it meanwhile");
    store.delete(&file).await.unwrap();
    database.execute("UPDATE condemned SET removed_at = 4000000000000000").await.unwrap();
    running.until(&item, "dispatched").await;
    assert_eq!(objects(&running, "snapshots").await, [file.to_string()]);
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().deleted, [] as [String; 0]);
    assert!(store.get(&file).await.is_ok());
}

/// A coordinator died while it removed a file: whoever wants the file finishes that, and writes it anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_somebody_died_with_is_finished_by_whoever_meets_it() {
    let (running, _worker) = Running::with_versions(1).await;
    let database = &running.environment.database;
    let marks = "INSERT INTO condemned (key, bytes, at, removing_at)
                 SELECT 'snapshots/' || hash || '.parquet', 1, 1, 1 FROM snapshot_parts";
    database.execute(marks).await.unwrap();
    database.execute("DELETE FROM snapshot_parts").await.unwrap();
    let item = running.train("AAPL", Some("complete")).await;
    running.until(&item, "dispatched").await;
    assert_eq!(objects(&running, "snapshots").await.len(), 1);
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().condemned, [] as [String; 0]);
}

/// Ended jobs, earlier decisions and reports of imports go when they are old; what led to a version stays.
#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_forgotten() {
    let (running, _worker) = Running::with_versions(1).await;
    let trained = running.jobs().await.remove(0);
    let item = running.train("AAPL", Some("complete")).await;
    let cancelled = running.refit.cancel(id(&item)).await.unwrap().job;
    let database = &running.environment.database;
    for old in [
        "UPDATE jobs SET ended_at = 1000",
        "UPDATE attempts SET ended_at = 1000",
        "UPDATE decision_history SET made_at = 1000",
        "UPDATE imports SET at = 1000",
    ] {
        database.execute(old).await.unwrap();
    }
    let would = running.refit.cleanup(CleanupRequest { dry_run: true }).await.unwrap();
    assert_eq!((would.jobs, would.imports), (1, 1), "{would:?}");
    let done = running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    assert_eq!((done.jobs, done.decisions, done.imports), (would.jobs, would.decisions, would.imports));
    let left = running.jobs().await;
    assert_eq!(left.iter().map(|job| job.id).collect::<Vec<_>>(), [trained.id], "{} was cancelled", cancelled.id);
    let again = running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    assert_eq!((again.jobs, again.decisions, again.imports), (0, 0, 0));
}
