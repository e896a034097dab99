//! Nothing stands still: what is wrong with one job holds up no other, what fails is begun again, and health says what does not move.

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, FailureClass, FileEntry, JobSpec, Manifest, Seal, files};
use common::wire::{Grant, Outcome};
use coordinator::service::{Fault, Step, TaskName};
use coordinator::views::{HealthView, ProbeRequest, PromoteRequest, TaskState};
use tokio_util::sync::CancellationToken;

use crate::kit::{Environment, Quality, Running, Worker, key, wait_for};

/// What a worker seals that nobody can read.
#[derive(Debug, Clone, Copy)]
enum Bad {
    /// Nothing at all.
    EmptySeal,
    /// Something else.
    ForeignSeal,
    /// Losses whose hash is right, and that are no Parquet.
    Losses,
    /// The list of seen rows, likewise.
    Seen,
    /// A manifest that is of another job.
    Alien,
}

/// Seals it, and says so.
async fn seal(running: &Running, worker: &mut Worker, grant: &Grant, bad: Bad) {
    let store = running.environment.ports.store.as_ref();
    let claim = grant.claim;
    let (seal, folder) =
        (StoreKey::seal(claim.job, claim.attempt), StoreKey::artifact(claim.job, claim.attempt, claim.claim));
    let body = match bad {
        Bad::EmptySeal => Vec::new(),
        Bad::ForeignSeal => b"{\"result\": 7}".to_vec(),
        Bad::Losses | Bad::Seen | Bad::Alien => {
            crate::kit::upload(store, grant, Quality::GOOD).await;
            let key = folder.join(files::MANIFEST).unwrap();
            let mut manifest: Manifest = serde_json::from_slice(&store.get(&key).await.unwrap()).unwrap();
            let name = match bad {
                Bad::Seen => files::SEEN,
                _ => files::LOSSES,
            };
            if matches!(bad, Bad::Alien) {
                manifest.job = common::vocabulary::JobId::new_v4();
            } else {
                let garbage = b"PAR1 is how it begins".to_vec();
                let entry = FileEntry { sha256: ContentHash::of(&garbage), bytes: garbage.len() as u64 };
                manifest.files.insert(name.to_owned(), entry);
                store.put(&folder.join(name).unwrap(), garbage.into()).await.unwrap();
            }
            let body = serde_json::to_vec(&manifest).unwrap();
            let hash = ContentHash::of(&body);
            store.put(&key, body.into()).await.unwrap();
            serde_json::to_vec(&Seal::Result { claim: claim.claim, manifest: hash }).unwrap()
        }
    };
    store.create(&seal, body.into()).await.unwrap();
    worker.announce(claim, Outcome::Sealed).await;
}

/// G2, G10: whatever cannot be read is an attempt without a result; its job is tried again, and another goes on beside it.
#[tokio::test(flavor = "multi_thread")]
async fn one_bad_result_holds_up_nobody() {
    for bad in [Bad::EmptySeal, Bad::ForeignSeal, Bad::Losses, Bad::Seen, Bad::Alien] {
        let running = Running::new().await;
        running.import("AAPL", 400).await;
        running.import("MSFT", 400).await;
        let mut worker = running.worker(2).await;
        let item = running.train("AAPL", None).await;
        let grant = worker.take().await;
        seal(&running, &mut worker, &grant, bad).await;
        let other = running.train("MSFT", None).await;
        let mut done = 0;
        // The other one, and the same again, in any order.
        while done < 2 {
            let grant = worker.take().await;
            worker.finish(&grant, Quality::GOOD).await;
            done += 1;
        }
        running.until(&other, "completed").await;
        let job = running.until(&item, "completed").await;
        assert_eq!(job.attempts[0].outcome.as_deref(), Some("unusable"), "{bad:?}: {:?}", job.attempts);
        assert_eq!(running.versions("AAPL").await.len(), 1, "{bad:?}");
    }
}

/// A seal that cannot be read lets nobody in any more: its job can be cancelled, and handed out again.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_seal_is_in_nobodys_way() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for cancel in [true, false] {
        let item = running.train("AAPL", None).await;
        let grant = worker.take().await;
        let seal = StoreKey::seal(grant.claim.job, grant.claim.attempt);
        running.environment.ports.store.create(&seal, "{".into()).await.unwrap();
        if cancel {
            running.refit.cancel(crate::kit::id(&item)).await.unwrap();
            running.until(&item, "cancelled").await;
            worker.told_to_stop(grant.claim).await;
            worker.forget(grant.claim);
        } else {
            worker.fail(grant.claim, FailureClass::Crash).await;
            let grant = worker.take().await;
            worker.finish(&grant, Quality::GOOD).await;
            running.until(&item, "completed").await;
        }
    }
}

/// G10: frozen rows that the store has lost are written anew, and nobody waits for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_snapshot_part_holds_up_nobody() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let mut worker = running.worker(2).await;
    let item = running.train("AAPL", None).await;
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    for hash in spec.snapshot.files() {
        running.environment.ports.store.delete(&StoreKey::snapshot(&hash)).await.unwrap();
    }
    worker.fail(grant.claim, FailureClass::Damaged).await;
    let other = running.train("MSFT", None).await;
    for _ in 0..2 {
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
    }
    running.until(&other, "completed").await;
    running.until(&item, "completed").await;
}

/// A4: whoever judges looks at the version as it is then: what a person has promoted meanwhile stays live.
#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_comes_late_leaves_the_live_version_alone() {
    let (reached, go_on) = (CancellationToken::new(), CancellationToken::new());
    let (running, mut worker) = Running::with_versions(2).await;
    running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap();
    worker.finish(&grant, Quality::GOOD).await;
    // The champion has moved: the pair is scored again, and its verdict hangs while somebody promotes it.
    let again = worker.take().await;
    drop(worker);
    let environment = running.crash().await;
    let fault = Fault::Pause { at: Step::Judged, reached: reached.clone(), go_on: go_on.clone() };
    let running = environment.start_with(fault).await;
    let mut worker = running.worker(1).await;
    let again = match wait_for_grant(&mut worker, again).await {
        Some(grant) => grant,
        None => panic!("the evaluation is handed out again"),
    };
    worker.seal(&again, Quality::BAD).await;
    worker.announce(again.claim, Outcome::Sealed).await;
    reached.cancelled().await;
    let by_hand = PromoteRequest { version: Some("v3.0".into()), reason: None };
    running.refit.promote(&key("AAPL"), by_hand).await.unwrap();
    go_on.cancel();
    let job = newtype_uuid::GenericUuid::into_untyped_uuid(again.claim.job);
    let why = wait_for("the evaluation to end", || async {
        let job = running.jobs().await.into_iter().find(|shown| shown.id == job)?;
        (job.state == "completed").then_some(job.why)
    })
    .await;
    assert_eq!(why, "v3.0 is live by now: nothing to judge");
    let statuses: Vec<_> = running.versions("AAPL").await.into_iter().map(|v| (v.version, v.status)).collect();
    assert_eq!(statuses[0], ("v3.0".into(), "live".into()));
}

/// The same job, granted to another worker after a restart.
async fn wait_for_grant(worker: &mut Worker, before: Grant) -> Option<Grant> {
    let grant = worker.take().await;
    (grant.claim.job == before.claim.job).then_some(grant)
}

/// A4: the database itself keeps what the pointer names live.
#[tokio::test(flavor = "multi_thread")]
async fn a_live_version_stays_live() {
    let running = Running::with_versions(2).await.0;
    for status in ["rejected", "waiting", "retired"] {
        let change = format!("UPDATE versions SET status = '{status}' WHERE major = 2");
        let refused = running.environment.database.execute(change.leak()).await.unwrap_err();
        assert!(refused.to_string().contains("stays live until its pointer has moved"), "{refused}");
    }
    running.environment.database.execute("UPDATE versions SET status = 'rejected' WHERE major = 1").await.unwrap();
}

/// Each background task panics once, and is begun again: a training goes its whole way, and health says what has happened.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_no_background_task() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.evaluate_every = std::time::Duration::from_secs(600);
    environment.settings.coordinator.monitor_every = std::time::Duration::from_millis(100);
    environment.settings.coordinator.check_every = std::time::Duration::from_millis(100);
    environment.settings.coordinator.clean_every = std::time::Duration::from_millis(100);
    let running = environment.start_with(Fault::Panic).await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    // Those that are rung for, too, have been.
    let health = wait_for("each task to be begun again", || async {
        let health = running.refit.health().await;
        let again = |name: TaskName| {
            let task = health.tasks.iter().find(|task| task.name == name).unwrap();
            task.state == TaskState::Off
                || task.panics == 1 && matches!(task.state, TaskState::Resting | TaskState::Working)
        };
        TaskName::ALL.iter().all(|name| again(*name)).then_some(health)
    })
    .await;
    assert!(health.healthy, "{:?}", health.problems);
    let dispatch = health.tasks.iter().find(|task| task.name == TaskName::Dispatch).unwrap();
    assert_eq!(dispatch.last_error.as_deref(), Some("a fault of Refit (panic): planted in dispatch"));
    assert!(health.tasks.iter().any(|task| task.name == TaskName::Gauges && task.state == TaskState::Off));
}

/// Nothing stands still while health says that all is well: here a worker says that it is free, and hears no doorbell.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_starts_shows_in_health() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    assert!(running.refit.health().await.healthy);
    let item = running.train("AAPL", None).await;
    let sick = unhealthy(&running).await;
    assert!(sick.problems[0].contains("was handed out is not started, while a slot is free"), "{:?}", sick.problems);
    assert_eq!(sick.standing_still[0].model.as_deref(), Some("forecaster/AAPL"));
    let claim = loop {
        // It was rung again and again: the newest doorbell counts.
        let doorbell = worker.doorbell().await;
        let claim = worker.claim_of(doorbell);
        if let crate::kit::ClaimAnswer::Granted(grant) = worker.claim(claim).await {
            break grant;
        }
    };
    worker.finish(&claim, Quality::GOOD).await;
    running.until(&item, "completed").await;
    wait_for("health to see it", || async { running.refit.health().await.healthy.then_some(()) }).await;
    let probes = running.refit.probe(ProbeRequest::default()).await;
    assert!(probes.is_ok());
}

async fn unhealthy(running: &Running) -> HealthView {
    wait_for("health to say that something is wrong", || async {
        let health = running.refit.health().await;
        (!health.healthy).then_some(health)
    })
    .await
}
