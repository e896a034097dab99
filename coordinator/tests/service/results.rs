//! From prices to live versions.

use common::vocabulary::{JobSpec, Snapshot};
use coordinator::views::{CheckRequest, PageQuery, PromoteRequest, TrainingRequest};

use crate::kit::{Quality, Running, key, last_day, prices, wait_for};

/// A2, A3, G10: the whole pipeline of one model, twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_version_goes_live_and_an_incremental_one_follows() {
    let running = Running::new().await;
    let report = running.import("AAPL", 400).await;
    assert_eq!((report.accepted, report.refused, report.symbol.as_str()), (400, 0, "AAPL"));
    let decided = running
        .refit
        .check(CheckRequest { as_of: Some(last_day()), enqueue: true, ..CheckRequest::default() })
        .await
        .unwrap()
        .items;
    assert_eq!((decided[0].verdict.as_str(), decided[0].mode.as_deref()), ("retrain", Some("complete")));
    assert!(decided[0].job.is_some());

    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    assert_eq!((spec.snapshot.rows(), spec.snapshot.last(), grant.number), (400, Some(last_day()), 1));
    worker.finish(&grant, Quality::GOOD).await;
    let live = live(&running, "AAPL", "v1.0").await;
    assert_eq!((live.status.as_str(), live.parent.as_deref()), ("live", None));
    let verdict = live.verdict.unwrap();
    assert!(verdict.promoted && verdict.beats_naive, "{verdict:?}");
    assert!(live.reliability.unwrap() > 0.9);

    // 25 new bars: the next training starts from the live version, on the same file and one for what is new.
    running.import_text("AAPL", &prices(400, 25)).await;
    let later = last_day() + chrono::Days::new(40);
    let decided = running
        .refit
        .check(CheckRequest { as_of: Some(later), enqueue: true, ..CheckRequest::default() })
        .await
        .unwrap()
        .items;
    assert_eq!(decided[0].mode.as_deref(), Some("incremental"));
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    assert_eq!(spec.parent.as_ref().unwrap().version.to_string(), "v1.0");
    let Snapshot::Bars { parts, .. } = &spec.snapshot else { panic!("bars were frozen") };
    assert_eq!(parts.iter().map(|part| part.rows).collect::<Vec<_>>(), [400, 25]);
    worker.finish(&grant, Quality::GOOD).await;
    let live = self::live(&running, "AAPL", "v1.1").await;
    assert_eq!(live.verdict.unwrap().against, "champion");
    let ledger = running.refit.ledger(&key("AAPL"), PageQuery::default()).await.unwrap().items;
    assert_eq!(ledger.iter().map(|entry| entry.live_seq).collect::<Vec<_>>(), [2, 1]);
}

/// A3: a rejected version keeps its number and its figures; the live one stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_worse_version_is_rejected_and_the_live_one_stays() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let first = running.train("AAPL", None).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&first, "completed").await;
    let second = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::BAD).await;
    let job = running.until(&second, "completed").await;
    assert!(job.why.starts_with("v2.0 was rejected"), "{}", job.why);
    let versions = running.versions("AAPL").await;
    assert_eq!(
        versions.iter().map(|v| (v.version.as_str(), v.status.as_str())).collect::<Vec<_>>(),
        [("v2.0", "rejected"), ("v1.0", "live")]
    );
    assert_eq!(running.refit.model(&key("AAPL")).await.unwrap().live_seq, 1);
}

/// The champion was moved by hand while its challenger was trained: the pair is scored again, against the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_moved_champion_has_the_pair_scored_again() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for quality in [Quality::GOOD, Quality::GOOD] {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, quality).await;
        running.until(&item, "completed").await;
    }
    running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap();
    worker.finish(&grant, Quality::GOOD).await;
    let again = worker.take().await;
    let JobSpec::Evaluate(spec) = &again.spec else { panic!("an evaluation") };
    assert_eq!(spec.challenger.version.to_string(), "v3.0");
    assert_eq!(spec.contestants.champion.as_ref().unwrap().version.to_string(), "v1.0");
    worker.finish(&again, Quality::GOOD).await;
    live(&running, "AAPL", "v3.0").await;
}

/// An altered file is found by its hash and refused by name; the job is tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_artifact_is_refused_by_name() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.seal(&grant, Quality::GOOD).await;
    let claim = grant.claim;
    let weights =
        common::ports::StoreKey::artifact(claim.job, claim.attempt, claim.claim).join("weights.safetensors").unwrap();
    running.environment.ports.store.put(&weights, "altered".into()).await.unwrap();
    worker.announce(claim, common::wire::Outcome::Sealed).await;
    worker.confirmed(claim).await;
    let attempts = running.job(&item).await.attempts;
    assert_eq!(attempts[0].outcome.as_deref(), Some("unusable"));
    assert!(attempts[0].message.as_ref().unwrap().contains("weights.safetensors of its artifact is damaged"));
    assert!(running.versions("AAPL").await.is_empty());
    let grant = worker.take().await;
    assert_eq!(grant.number, 2);
    worker.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
}

pub(crate) async fn live(running: &Running, symbol: &str, version: &str) -> coordinator::views::VersionView {
    wait_for(&format!("{version} to be live"), || async {
        running.versions(symbol).await.into_iter().find(|shown| shown.version == version && shown.status == "live")
    })
    .await
}

/// Inconclusive: the champion stays, and the pair is scored again once more rows have come.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_open_is_decided_on_more_rows() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    for quality in [Quality::GOOD, Quality(1.005)] {
        // Another recipe must be better, not only not worse: the second one is left open.
        let epochs = if quality == Quality::GOOD { "20" } else { "21" };
        let request = TrainingRequest {
            model: "forecaster/AAPL".into(),
            force: true,
            mode: Some("complete".into()),
            hyper: [("epochs".to_owned(), epochs.to_owned())].into(),
            as_of: Some(last_day()),
            ..TrainingRequest::default()
        };
        let item = running.refit.train(request).await.unwrap().items.remove(0);
        let grant = worker.take().await;
        worker.finish(&grant, quality).await;
        running.until(&item, "completed").await;
    }
    assert_eq!(running.versions("AAPL").await[0].status, "waiting");
    running.import_text("AAPL", &prices(400, 25)).await;
    let soon = last_day() + chrono::Days::new(3);
    let check = |day| CheckRequest { as_of: Some(day), enqueue: true, ..CheckRequest::default() };
    running.refit.check(check(soon)).await.unwrap();
    assert!(running.jobs().await.iter().all(|job| job.kind == "train"), "one new row decides nothing");
    // The cool-down holds a training back, but not the scoring.
    let later = last_day() + chrono::Days::new(40);
    let model = coordinator::views::ModelRequest { auto_retrain: Some(false), ..Default::default() };
    running.refit.put_model(&key("AAPL"), model).await.unwrap();
    running.refit.check(check(later)).await.unwrap();
    let grant = worker.take().await;
    let JobSpec::Evaluate(spec) = &grant.spec else { panic!("an evaluation") };
    assert_eq!((spec.challenger.version.to_string(), spec.snapshot.rows()), ("v2.0".to_owned(), 425));
    worker.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v2.0").await;
}
