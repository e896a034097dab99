//! Pools and models that are paused, drained and resumed; workers that are asked to drain (G3).

use std::time::Duration;

use common::vocabulary::Pool;
use coordinator::service::Error;
use coordinator::views::{
    BackupRequest, CheckRequest, ModelRequest, PageQuery, PauseRequest, PoolState, PromoteRequest, RestoreRequest,
    WorkerFilter,
};

use crate::kit::{ClaimAnswer, Quality, Running, key, last_day, wait_for};

/// Longer than dispatch takes to look at the backlog.
const A_WHILE: Duration = Duration::from_millis(700);

fn because(reason: &str) -> PauseRequest {
    PauseRequest { reason: Some(reason.into()) }
}

/// What runs goes on, what waits says why, and a restart changes nothing about it.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_paused_pool_hands_out_nothing_new() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    running.train("AAPL", None).await;
    let mut worker = running.worker(2).await;
    let grant = worker.take().await;
    let pool = running.refit.pause_pool(Pool::cpu(), because("new driver")).await.unwrap();
    assert_eq!((pool.state, pool.scaling.running), (PoolState::Paused, 1));
    let waiting = running.train("MSFT", None).await;
    let why = running.job(&waiting).await.why;
    assert!(why.starts_with("pool cpu is paused since") && why.ends_with("(new driver)"), "{why}");
    assert!(worker.doorbell_within(A_WHILE).await.is_none());
    worker.finish(&grant, Quality::GOOD).await;

    let running = running.crash().await.start().await;
    assert!(worker.doorbell_within(A_WHILE).await.is_none(), "it is a row");
    assert_eq!(running.refit.pools(PageQuery::default()).await.unwrap().items[0].state, PoolState::Paused);
    running.refit.resume_pool(Pool::cpu()).await.unwrap();
    let grant = worker.take().await;
    assert_eq!(grant.claim.job, crate::kit::id(&waiting));
    worker.finish(&grant, Quality::GOOD).await;
}

/// Handed out and not claimed: it is taken back, and whoever claims it then is refused.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_pause_takes_back_what_nobody_has_claimed() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let doorbell = worker.doorbell().await;
    running.refit.pause_pool(Pool::cpu(), PauseRequest::default()).await.unwrap();
    let job = running.job(&item).await;
    assert_eq!((job.state.as_str(), job.attempts[0].outcome.as_deref()), ("queued", Some("recalled")));
    let claim = worker.claim_of(doorbell);
    assert!(matches!(worker.claim(claim).await, ClaimAnswer::Refused(_)));
    running.refit.resume_pool(Pool::cpu()).await.unwrap();
    assert_eq!(worker.take().await.number, 1, "nothing is burnt");
}

/// What runs is asked for, again and again until it comes, and goes on from its checkpoint after the resume. However often.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_drained_pool_gets_its_jobs_back() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let enqueued_at = running.job(&item).await.enqueued_at;
    for round in 1..=6 {
        let grant = worker.take().await;
        assert_eq!(grant.number, round);
        let pool = running.refit.drain_pool(Pool::cpu(), because("maintenance")).await.unwrap();
        assert_eq!(pool.state, PoolState::Draining);
        assert_eq!(worker.told_to_release(grant.claim).await, "pool cpu is drained");
        assert_eq!(worker.told_to_release(grant.claim).await, "pool cpu is drained", "the first may have been lost");
        let why = running.job(&item).await.why;
        assert!(why.contains("has been asked to give it back (pool cpu is drained)"), "{why}");
        // Always the same checkpoint: being asked is no loss, so the job does not fail after the fifth.
        let checkpoint = worker.give_back(grant.claim, 42).await;
        let job = running.until(&item, "queued").await;
        assert_eq!(job.attempts.last().unwrap().outcome.as_deref(), Some("released"));
        assert_eq!((job.enqueued_at, job.preemptions), (enqueued_at, 0));
        assert_eq!(running.refit.pools(PageQuery::default()).await.unwrap().items[0].state, PoolState::Drained);
        assert!(round > 1 || worker.doorbell_within(A_WHILE).await.is_none());
        running.refit.resume_pool(Pool::cpu()).await.unwrap();
        if round == 6 {
            let grant = worker.take().await;
            assert_eq!(grant.resume, Some(checkpoint));
            worker.finish(&grant, Quality::GOOD).await;
        }
    }
    running.until(&item, "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_nobody_knows_is_a_slip() {
    let running = Running::new().await;
    let refused = running.refit.pause_pool("cqu".parse().unwrap(), PauseRequest::default()).await;
    assert!(matches!(&refused, Err(error @ Error::NotFound { .. }) if error.to_string().contains("there are cpu")));
}

/// A paused model is not enqueued, not handed out and not asked for; others are, also from behind it in the backlog.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_paused_model_waits_and_says_so() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let first = running.train("AAPL", None).await;
    running.train("MSFT", None).await;
    let model = running.refit.pause_model(&key("AAPL"), because("bad feed")).await.unwrap();
    assert_eq!(model.paused.unwrap().reason, "bad feed");
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    assert_ne!(grant.claim.job, crate::kit::id(&first), "the other goes first, though it came later");
    worker.finish(&grant, Quality::GOOD).await;
    assert!(worker.doorbell_within(A_WHILE).await.is_none());
    let why = running.job(&first).await.why;
    assert!(why.starts_with("its model is paused since") && why.ends_with("(bad feed)"), "{why}");
    let again = running.train("AAPL", None).await;
    assert_eq!(again.result, "already_training");
    assert!(again.why.contains("held: It is paused since"), "{}", again.why);

    running.refit.resume_model(&key("AAPL")).await.unwrap();
    let grant = worker.take().await;
    assert_eq!(grant.claim.job, crate::kit::id(&first));
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&first, "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_a_paused_model_is_neither_enqueued_nor_asked_for() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let model = running.refit.pause_model(&key("AAPL"), PauseRequest::default()).await.unwrap();
    let hold = &model.decision.as_ref().unwrap().holds[0];
    assert_eq!(hold.code, "paused", "the decision was made anew: {hold:?}");
    let request = CheckRequest { as_of: Some(last_day()), enqueue: true, ..CheckRequest::default() };
    let decided = running.refit.check(request.clone()).await.unwrap().items;
    assert_eq!((decided[0].verdict.as_str(), decided[0].job), ("held_back", None));
    let asked = coordinator::views::TrainingRequest {
        model: "forecaster/AAPL".into(),
        force: true,
        as_of: Some(last_day()),
        ..Default::default()
    };
    let Err(Error::Refused { reason: why }) = running.refit.train(asked).await else { panic!("refused") };
    assert!(why.contains("It is paused since") && why.ends_with("`refit resume forecaster/AAPL`"), "{why}");
    assert!(running.jobs().await.is_empty());
    running.refit.resume_model(&key("AAPL")).await.unwrap();
    assert_eq!(running.refit.check(request).await.unwrap().items[0].verdict, "retrain");
}

/// It is told until it says that it does, and gets nothing new from the moment it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_worker_is_asked_to_drain_until_it_does() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    wait_for("the worker to be heard", || async {
        (!running.refit.workers(WorkerFilter::default()).await.unwrap().items.is_empty()).then_some(())
    })
    .await;
    running.refit.drain_worker(worker.id).await.unwrap();
    worker.told_to_drain().await;
    worker.told_to_drain().await;
    running.train("AAPL", None).await;
    assert!(worker.doorbell_within(A_WHILE).await.is_none());
    let nobody = running.refit.drain_worker(common::vocabulary::WorkerId::new_v4()).await;
    assert!(matches!(nobody, Err(Error::NotFound { .. })));
}

/// What people write is refused with control characters in it, on every database alike, and nothing is done.
#[tokio::test(flavor = "multi_thread")]
async fn g4_no_control_character_gets_into_what_people_read() {
    let (running, _worker) = Running::with_versions(2).await;
    let (refit, aapl) = (&running.refit, key("AAPL"));
    let made = refit.backup(&aapl, BackupRequest { note: Some("two\nlines".into()), version: None }).await.unwrap();
    for bad in ["a\0b", "\u{1b}[2Jab", "\u{9b}31m"] {
        let (why, reason) = (|| because(bad), Some(bad.to_owned()));
        let back = PromoteRequest { version: Some("v1.0".into()), reason: reason.clone() };
        let tags = ModelRequest { tags: Some(vec!["good".into(), bad.into()]), ..ModelRequest::default() };
        let category = ModelRequest { category: reason.clone(), ..ModelRequest::default() };
        let said = [
            refit.pause_model(&aapl, why()).await.map(drop),
            refit.pause_pool(Pool::cpu(), why()).await.map(drop),
            refit.promote(&aapl, back.clone()).await.map(drop),
            refit.rollback(&aapl, back).await.map(drop),
            refit.put_model(&aapl, tags).await.map(drop),
            refit.put_model(&aapl, category).await.map(drop),
            refit.backup(&aapl, BackupRequest { note: reason.clone(), version: None }).await.map(drop),
            refit.restore(&aapl, &made.id, RestoreRequest { reason }).await.map(drop),
        ];
        for answer in said {
            let refused = answer.unwrap_err();
            assert!(
                matches!(&refused, Error::Invalid { reason: why } if why.contains("control character U+")),
                "{refused}"
            );
        }
    }
    let model = refit.model(&aapl).await.unwrap();
    assert_eq!((model.paused, model.tags.len(), model.live.unwrap().version.as_str()), (None, 0, "v2.0"));
    assert_eq!(refit.pools(PageQuery::default()).await.unwrap().items[0].state, PoolState::Open);
}
