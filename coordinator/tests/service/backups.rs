//! Backups and what else may have happened to a version: thinned, damaged, unknown, its number given to another (D5).

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::files;
use coordinator::service::Refit;
use coordinator::views::{BackupRequest, BackupView, CleanupRequest, PageQuery, RestoreRequest, VersionView};

use crate::kit::{Environment, Quality, Running, key};

/// A coordinator with versions of these qualities, one complete training after the other.
async fn with_versions(environment: Environment, qualities: &[Quality]) -> Running {
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for quality in qualities {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, *quality).await;
        running.until(&item, "completed").await;
    }
    running
}

async fn backup(refit: &Refit, version: &str) -> coordinator::service::Result<BackupView> {
    let request = BackupRequest { version: Some(version.into()), note: None };
    refit.backup(&key("AAPL"), request).await
}

async fn version(running: &Running, number: &str) -> VersionView {
    running.versions("AAPL").await.into_iter().find(|version| version.version == number).unwrap()
}

/// A file of a version's artifact in the store.
async fn stored(running: &Running, number: &str, file: &str) -> StoreKey {
    let job = version(running, number).await.job;
    let below: StoreKey = format!("jobs/{job}").parse().unwrap();
    let objects = running.environment.ports.store.list(Some(&below)).await.unwrap();
    objects
        .into_iter()
        .map(|object| object.key)
        .find(|key| key.as_str().ends_with(file))
        .expect("a file of the artifact")
}

/// A version that a cleanup has thinned is whole again, and stays so while it is needed.
#[tokio::test(flavor = "multi_thread")]
async fn d5_a_thinned_version_is_whole_again() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    environment.settings.coordinator.keep_rejected_days = 0;
    let running = with_versions(environment, &[Quality::GOOD, Quality::BAD]).await;
    let (refit, aapl) = (&running.refit, key("AAPL"));
    let made = backup(refit, "v2.0").await.unwrap();
    // Only marked for deletion: the restore takes it back before it is gone.
    refit.cleanup(CleanupRequest::default()).await.unwrap();
    let kept = refit.restore(&aapl, &made.id, RestoreRequest::default()).await.unwrap();
    assert_eq!((kept.added.len(), kept.replaced.len(), kept.recorded), (0, 0, false));
    assert_eq!(refit.cleanup(CleanupRequest::default()).await.unwrap().deleted, [] as [String; 0]);

    refit.rollback(&aapl, Default::default()).await.unwrap();
    assert_eq!(version(&running, "v2.0").await.status, "retired");
    assert_eq!(refit.ledger(&aapl, PageQuery::default()).await.unwrap().items.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_files_that_a_cleanup_removed_or_something_damaged_come_back() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    environment.settings.coordinator.keep_rejected_days = 0;
    let running = with_versions(environment, &[Quality::GOOD, Quality::BAD]).await;
    let (refit, aapl, store) = (&running.refit, key("AAPL"), running.environment.ports.store.clone());
    let made = backup(refit, "v2.0").await.unwrap();
    let weights = stored(&running, "v2.0", files::WEIGHTS).await;
    let losses = stored(&running, "v2.0", files::LOSSES).await;
    for _ in 0..2 {
        refit.cleanup(CleanupRequest::default()).await.unwrap();
    }
    assert!(store.get(&weights).await.is_err(), "the cleanup has removed them");
    let refused = backup(refit, "v2.0").await.unwrap_err().to_string();
    assert!(refused.contains("v2.0 has lost its weights in a cleanup"), "{refused}");

    store.put(&losses, "nonsense".into()).await.unwrap();
    let restored = refit.restore(&aapl, &made.id, RestoreRequest::default()).await.unwrap();
    let added: Vec<String> = vec![files::SEEN.into(), files::WEIGHTS.into()];
    assert_eq!((restored.added, restored.replaced), (added, vec![files::LOSSES.to_owned()]));
    assert_eq!((restored.entry.kind.as_str(), restored.entry.previous.as_deref()), ("restore", Some("v1.0")));
    assert_eq!(version(&running, "v2.0").await.status, "live");
    for _ in 0..2 {
        refit.cleanup(CleanupRequest::default()).await.unwrap();
    }
    assert!(store.get(&weights).await.is_ok(), "it is needed, and stays");

    store.put(&weights, "nonsense".into()).await.unwrap();
    let refused = backup(refit, "v2.0").await.unwrap_err().to_string();
    assert!(refused.contains("v2.0 of forecaster/AAPL cannot be backed up: weights.safetensors"), "{refused}");
    assert_eq!(refit.backups(&aapl, PageQuery::default()).await.unwrap().items.len(), 1, "half a backup is none");
}

/// What another database did under the same number stays what it is.
#[tokio::test(flavor = "multi_thread")]
async fn d5_a_number_that_was_given_to_another_training_is_not_taken_from_it() {
    let first = with_versions(Environment::new().await, &[Quality::GOOD, Quality::GOOD]).await;
    let made = backup(&first.refit, "v2.0").await.unwrap();
    let mut environment = Environment::new().await;
    environment.settings.storage.backups = first.environment.settings.backups_url().unwrap().as_str().into();
    let second = with_versions(environment, &[Quality::GOOD]).await;
    let aapl = key("AAPL");
    let restored = second.refit.restore(&aapl, &made.id, RestoreRequest::default()).await.unwrap();
    assert_eq!((restored.recorded, restored.entry.live_seq), (true, 2), "v2.0 was free: {restored:?}");
    let again = second.refit.restore(&aapl, &made.id, RestoreRequest::default()).await.unwrap();
    assert_eq!((again.recorded, again.entry.live_seq, again.added.len()), (false, 3, 0));
    let invariants = second.refit.invariants().await.unwrap();
    assert!(invariants.iter().all(|invariant| invariant.violations == 0), "{invariants:?}");

    let taken = backup(&first.refit, "v1.0").await.unwrap();
    let refused = second.refit.restore(&aapl, &taken.id, RestoreRequest::default()).await.unwrap_err().to_string();
    assert!(refused.contains("v1.0 is another training by now"), "{refused}");
    assert_eq!(version(&second, "v2.0").await.status, "live");
}
