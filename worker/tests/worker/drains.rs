//! Going down in order: nothing is lost, and what goes on elsewhere ends with the same bits.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, FailureClass, Manifest, Resumption, TrainSpec, files};
use common::wire::{Claim, Doorbell, Outcome, ToCoordinator, ToWorker};
use nix::sys::signal::Signal;

use crate::specs;
use crate::stage::{LIMIT, Stage};

async fn manifest(stage: &Stage, claim: &Claim) -> Manifest {
    let folder = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    serde_json::from_slice(&stage.store.get(&folder.join(files::MANIFEST).unwrap()).await.unwrap()).unwrap()
}

fn weights(manifest: &Manifest) -> ContentHash {
    manifest.files[files::WEIGHTS].sha256
}

async fn uninterrupted(spec: &TrainSpec) -> Manifest {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    specs::training(&stage, 1).await;
    let claim = stage.start(specs::train(spec)).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Sealed);
    manifest(&stage, &claim).await
}

#[tokio::test]
async fn g2_g3_a_drained_training_goes_on_elsewhere_to_the_same_bits() {
    let mut stage = Stage::new().await;
    let mut first = stage.worker_pausing_at(10);
    let spec = specs::training(&stage, 40).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.pause().await;
    first.signal(Signal::SIGTERM);
    stage.heartbeat("the drain", |beat| beat.draining).await;
    stage.go_on();
    let end = stage.end(&claim).await;
    assert!(matches!(end.outcome, Outcome::Failed { class: FailureClass::Released, .. }), "{end:?}");
    let checkpoint = end.checkpoint.expect("a checkpoint");
    assert!(checkpoint.step >= 10);
    stage.send(claim.worker, &ToWorker::Recorded { claims: vec![claim.claim] }).await;
    assert_eq!(first.ended(Duration::from_secs(30)).await.code(), Some(0));
    assert!(!stage.workers().join(claim.worker.to_string()).exists(), "A15: its folder is gone");

    let _second = stage.worker(&[]);
    stage.ring().await;
    let again = stage.claim().await;
    stage.grant(again, specs::train(&spec), Some(checkpoint.clone())).await;
    assert_eq!(stage.end(&again).await.outcome, Outcome::Sealed);
    let resumed = manifest(&stage, &again).await;
    assert_eq!(resumed.training.resumption, Resumption::BitIdentical { from_step: checkpoint.step });
    assert_eq!(weights(&resumed), weights(&uninterrupted(&spec).await));
}

#[tokio::test]
async fn a_damaged_checkpoint_costs_time_not_the_job() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::training(&stage, 1).await;
    let key: StoreKey = "jobs/checkpoint-7".parse().unwrap();
    stage.store.put(&key, "not what it was".into()).await.unwrap();
    let resume = common::wire::CheckpointRef { key: key.to_string(), sha256: ContentHash::of(b"what it was"), step: 7 };
    stage.ring().await;
    let claim = stage.claim().await;
    stage.grant(claim, specs::train(&spec), Some(resume)).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Sealed);
    let resumption = manifest(&stage, &claim).await.training.resumption;
    assert!(matches!(resumption, Resumption::StartedOver { .. }), "it says so: {resumption:?}");
}

#[tokio::test]
async fn checkpoints_are_written_by_time_and_the_newest_two_stay() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::endless(&stage).await;
    let claim = stage.start(specs::train(&spec)).await;
    let mut seen = 0;
    for _ in 0..3 {
        let newer =
            |step: u64| move |held: &common::wire::Held| held.checkpoint.as_ref().is_some_and(|c| c.step > step);
        let beat = stage.heartbeat("a newer checkpoint", |beat| beat.held.iter().any(newer(seen))).await;
        let checkpoint = beat.held[0].checkpoint.clone().unwrap();
        let bytes = stage.store.get(&checkpoint.key.parse().unwrap()).await.unwrap();
        assert_eq!(ContentHash::of(&bytes), checkpoint.sha256);
        seen = checkpoint.step;
    }
    let folder = StoreKey::claim(claim.job, claim.attempt, claim.claim);
    let deadline = std::time::Instant::now() + LIMIT;
    while stage.store.list(Some(&folder)).await.unwrap().len() > 2 {
        assert!(std::time::Instant::now() < deadline, "the oldest went");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_worker_that_drains_declines_what_it_has_asked_for() {
    let mut stage = Stage::new().await;
    let mut worker = stage.worker(&[]);
    let doorbell = stage.ring().await;
    let claim = stage.claim().await;
    stage.send(claim.worker, &ToWorker::Drain).await;
    let declined = stage.receive("a decline", |message| match message {
        ToCoordinator::Declined { claims, .. } => claims.first().copied(),
        _ => None,
    });
    assert_eq!(declined.await, claim);
    assert_eq!(worker.ended(LIMIT).await.code(), Some(0));
    // It was acknowledged: no other worker gets this doorbell.
    let mut consumer = stage.queue.consume(&[common::vocabulary::Pool::cpu()]).await.unwrap();
    let next: Doorbell = stage.ring().await;
    assert_ne!(next, doorbell);
    assert_eq!(tokio::time::timeout(LIMIT, consumer.next()).await.unwrap().unwrap().doorbells, [next]);
}
