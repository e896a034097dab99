//! The main pipeline: doorbell, claim, training, seal, and what is repeated until it is answered.

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, FailureClass, Manifest, Seal, files};
use common::wire::{Finished, Outcome, ToCoordinator, ToWorker};

use crate::specs;
use crate::stage::{LIMIT, Stage, until};

#[tokio::test]
async fn a2_a_training_goes_from_doorbell_to_seal() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker_pausing_at(3);
    let beat = stage.heartbeat("a free slot", |beat| beat.free == 1).await;
    assert_eq!((beat.slots, beat.draining, beat.held.len()), (1, false, 0));
    assert!(beat.memory > 0 && !beat.devices.is_empty() && !beat.host.is_empty());

    let spec = specs::training(&stage, 2).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.pause().await;
    let held = stage.heartbeat("the claim to be held", |beat| beat.held.iter().any(|held| held.claim == claim)).await;
    assert_eq!(held.free, 0);
    let phases = stage.receive("training", |message| match message {
        ToCoordinator::Progress(progress) if progress.phase == "training" => Some(progress),
        _ => None,
    });
    let progress = phases.await;
    assert!(progress.step > 0 && progress.steps >= progress.step && progress.epochs == 2);
    stage.go_on();

    let end = stage.end(&claim).await;
    assert_eq!(end.outcome, Outcome::Sealed, "{}", stage.log());
    let folder = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let bytes = stage.store.get(&folder.join(files::MANIFEST).unwrap()).await.unwrap();
    let Some(Seal::Result { claim: sealed, manifest }) = stage.seal(&claim).await else { panic!("a result") };
    assert_eq!((sealed, manifest), (claim.claim, ContentHash::of(&bytes)));
    let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((manifest.job, manifest.attempt, manifest.device.as_str()), (claim.job, claim.attempt, "cpu"));
    for (name, entry) in &manifest.files {
        let file = stage.store.get(&folder.join(name).unwrap()).await.unwrap();
        assert_eq!(ContentHash::of(&file), entry.sha256, "{name}");
    }

    // Told again and again until the coordinator has recorded it.
    let again = stage.heartbeat("the end again", |beat| beat.finished == [end.clone()]).await;
    assert_eq!(again.free, 1);
    stage.send(claim.worker, &ToWorker::Recorded { claims: vec![claim.claim] }).await;
    stage.heartbeat("silence about it", |beat| beat.finished.is_empty()).await;

    // A15: nothing stays but the snapshot part, kept for the next job.
    until("the claim's folder is gone", LIMIT, || {
        !stage.workers().join(claim.worker.to_string()).join(claim.claim.to_string()).exists()
    })
    .await;
    assert!(stage.workers().join("cache").join(spec.snapshot.files()[0].to_string()).exists());
}

#[tokio::test]
async fn a_claim_is_repeated_until_it_is_answered_and_a_refusal_frees_the_slot() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    stage.ring().await;
    let first = stage.claim().await;
    assert_eq!(stage.claim().await, first, "the same claim, not another");
    stage.send(first.worker, &ToWorker::Refuse { claim: first.claim, reason: "it is cancelled".into() }).await;
    let second = stage.start(specs::probe(1)).await;
    assert_ne!(second.claim, first.claim);
    let end = stage.end(&second).await;
    assert_eq!((&end.outcome, end.checkpoint.is_none()), (&Outcome::Done, true));
    assert_eq!(stage.seal(&second).await, None, "a probe has no seal");
}

#[tokio::test]
async fn a_full_worker_takes_no_doorbell() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let first = stage.start(specs::probe(600_000)).await;
    stage.heartbeat("the claim to be held", |beat| beat.held.len() == 1).await;
    let waiting = stage.ring().await;
    // The doorbell is still there for another worker.
    let mut consumer = stage.queue.consume(&[common::vocabulary::Pool::cpu()]).await.unwrap();
    let taken = tokio::time::timeout(LIMIT, consumer.next()).await.unwrap().unwrap();
    assert_eq!(taken.doorbells, [waiting]);
    drop(consumer);
    stage.send(first.worker, &ToWorker::Stop { claim: first.claim, reason: "enough".into() }).await;
    let claim = loop {
        let claim = stage.claim().await;
        if claim.job == waiting.job {
            break claim;
        }
    };
    assert_ne!(claim.claim, first.claim);
}

#[tokio::test]
async fn g1_a_result_that_comes_after_the_revocation_is_discarded() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::training(&stage, 1).await;
    let doorbell = stage.ring().await;
    let claim = stage.claim().await;
    stage.revoke(doorbell).await;
    stage.grant(claim, specs::train(&spec), None).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Discarded);
    assert!(matches!(stage.seal(&claim).await, Some(Seal::Revoked { .. })));
}

#[tokio::test]
async fn g3_a_stop_frees_the_slot_between_two_steps() {
    let mut stage = Stage::new().await;
    let worker = stage.worker(&[]);
    let spec = specs::endless(&stage).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.step(&claim, 10).await;
    let executor = worker.executor();
    stage.send(claim.worker, &ToWorker::Stop { claim: claim.claim, reason: "someone cancelled it".into() }).await;
    let beat = stage.heartbeat("a free slot", |beat| beat.free == 1 && !beat.finished.is_empty()).await;
    let cancelled = Outcome::Failed { class: FailureClass::Cancelled, message: "someone cancelled it".into() };
    assert_eq!(beat.finished[0].outcome, cancelled);
    assert_eq!(worker.executor(), executor, "it stopped between two steps: the child lives on");
    assert_eq!(stage.seal(&claim).await, None);
}

#[tokio::test]
async fn a_damaged_part_is_refused_by_name() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::training(&stage, 1).await;
    let hash = spec.snapshot.files()[0];
    stage.store.put(&StoreKey::snapshot(&hash), "cut off".into()).await.unwrap();
    let claim = stage.start(specs::train(&spec)).await;
    let Finished { outcome: Outcome::Failed { class, message }, .. } = stage.end(&claim).await else {
        panic!("it failed")
    };
    assert_eq!(class, FailureClass::Damaged);
    assert!(message.contains(&hash.to_string()), "{message}");
}
