//! What must always hold: a healthy pipeline breaks nothing, and each thing that is broken is found by its name.

use std::time::Duration;

use crate::kit::{Quality, Running, SEEN_ROW, wait_for};
use crate::results::live;

/// The names of what was found broken.
async fn broken(running: &Running) -> Vec<String> {
    let all = running.refit.invariants().await.unwrap();
    assert!(all.iter().all(|invariant| (invariant.violations == 0) == invariant.breaches.is_empty()));
    all.into_iter().filter(|invariant| invariant.violations > 0).map(|invariant| invariant.name).collect()
}

/// A version goes live; its second attempt, for nobody answered the first doorbell.
async fn one_live_version() -> Running {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    worker.doorbell().await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_nothing_is_broken_on_a_healthy_road() {
    let running = one_live_version().await;
    assert_eq!(broken(&running).await, [""; 0]);
    // Cancelled in each waiting state, and lost by a silent worker whose late result counts.
    let item = running.train("AAPL", Some("complete")).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.fall_silent();
    running.until(&item, "queued").await;
    worker.seal(&grant, Quality::GOOD).await;
    let _other = running.worker(1).await;
    running.until(&item, "completed").await;
    assert_eq!(broken(&running).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_what_is_broken_is_found_by_its_name() {
    let cases: [(&str, &'static str); 8] = [
        ("one_outcome", "UPDATE jobs SET ended_at = NULL"),
        ("recorded_once", "UPDATE jobs SET state = 'failed', failure = 'code'"),
        ("live_seq_grows", "UPDATE models SET live_seq = 7"),
        ("one_live", "UPDATE models SET live_major = 9"),
        ("one_holder", "UPDATE jobs SET claim = attempt, worker = id"),
        ("one_holder", "UPDATE jobs SET claim = id"),
        ("nothing_left", "UPDATE jobs SET attempt = id"),
        ("lease_kept", "UPDATE attempts SET outcome = 'lost', silence = 0.1"),
    ];
    for (name, harm) in cases {
        let running = one_live_version().await;
        running.environment.database.execute(harm).await.unwrap();
        let found = broken(&running).await;
        assert!(found.iter().any(|found| found == name), "{harm}: {found:?}, not {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_result_that_was_thrown_away_and_a_torn_artifact_are_found() {
    let running = one_live_version().await;
    running.environment.database.execute("UPDATE attempts SET outcome = 'lost'").await.unwrap();
    assert_eq!(broken(&running).await, ["finished_kept"]);

    let running = one_live_version().await;
    let version = running.versions("AAPL").await.remove(0);
    let job: common::vocabulary::JobId = newtype_uuid::GenericUuid::from_untyped_uuid(version.job);
    let below = format!("jobs/{job}").parse().unwrap();
    let weights = running.environment.ports.store.list(Some(&below)).await.unwrap();
    let weights = weights.into_iter().find(|object| object.key.as_str().ends_with("weights.safetensors")).unwrap();
    running.environment.ports.store.put(&weights.key, "torn".into()).await.unwrap();
    assert_eq!(broken(&running).await, ["artifact_whole"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn g9_a_version_that_is_scored_on_a_row_it_was_given_is_found() {
    let running = one_live_version().await;
    let scored = |key: &str, arrived: u8| {
        let insert = "INSERT INTO forward_scores (model, major, minor, date, key, unit, loss, baseline, arrived)";
        let row = format!("'forecaster/AAPL', 1, 0, '2030-01-0{}', '{key}', 'u', 1.0, 1.0, {arrived}", arrived + 1);
        format!("{insert} VALUES ({row})").leak() as &'static str
    };
    for innocent in [scored("unseen", 1), scored(SEEN_ROW, 0)] {
        running.environment.database.execute(innocent).await.unwrap();
        assert_eq!(broken(&running).await, [""; 0], "{innocent}");
    }
    running.environment.database.execute(scored(SEEN_ROW, 1)).await.unwrap();
    assert_eq!(broken(&running).await, ["seen_rows_unscored"]);
}

/// How long something has been broken, and whether it still is.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_breach_says_when_it_was_seen() {
    let running = one_live_version().await;
    let breach = || async {
        let all = running.refit.invariants().await.unwrap();
        all.into_iter().flat_map(|invariant| invariant.breaches).next()
    };
    let before = chrono::Utc::now();
    running.environment.database.execute("UPDATE models SET live_seq = 7").await.unwrap();
    let first = breach().await.unwrap();
    assert!(before <= first.first_seen && first.first_seen == first.last_seen, "{first:?}");
    let again = breach().await.unwrap();
    assert_eq!((&again.what, again.first_seen), (&first.what, first.first_seen));
    assert!(again.last_seen > first.last_seen, "it still is");
    running.environment.database.execute("UPDATE models SET live_seq = 1").await.unwrap();
    assert_eq!(breach().await.unwrap(), again, "mended: it is remembered, and not seen again");
}

/// The leader looks by itself.
#[tokio::test(flavor = "multi_thread")]
async fn g1_the_leader_checks_by_itself() {
    let mut environment = crate::kit::Environment::new().await;
    environment.settings.coordinator.check_every = Duration::from_millis(50);
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    running.environment.database.execute("UPDATE models SET live_seq = 7").await.unwrap();
    let counted = || async {
        let found = running.refit.violations();
        found.iter().any(|(invariant, count)| invariant.name() == "live_seq_grows" && *count == 1).then_some(())
    };
    wait_for("the breach to be counted", counted).await;
}
