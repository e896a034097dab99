//! What was tried is not tried again: what failed holds back what failed and nothing else, what waits counts as tried, and a
//! rollback by hand holds (A1, A2, A4).

use chrono::Days;
use common::vocabulary::{FailureClass, JobSpec, Mode, Pool};
use common::wire::Grant;
use coordinator::service::Error;
use coordinator::views::{CheckRequest, DecisionView, PauseRequest, PromoteRequest, TrainingItem, TrainingRequest};

use crate::kit::{ClaimAnswer, Quality, Running, Worker, id, key, prices};

/// Asks for a training of AAPL as of so many days after the last of the first bars.
fn training(mode: Mode, later: u64) -> TrainingRequest {
    let as_of = Some(crate::kit::last_day() + Days::new(later));
    TrainingRequest {
        model: key("AAPL").to_string(),
        mode: Some(mode.to_string()),
        as_of,
        ..TrainingRequest::default()
    }
}

impl Running {
    async fn ask(&self, request: &TrainingRequest) -> Result<TrainingItem, Error> {
        Ok(self.refit.train(request.clone()).await?.items.remove(0))
    }

    /// Why a training is refused.
    async fn refusal(&self, request: &TrainingRequest) -> String {
        match self.ask(request).await.unwrap_err() {
            Error::Refused { reason: why } => why,
            other => panic!("{other}"),
        }
    }

    /// That a training is let into the backlog; it is taken out again.
    async fn is_let_through(&self, request: &TrainingRequest) {
        let item = self.ask(request).await.unwrap();
        assert_eq!(item.result, "requested", "{request:?}: {}", item.why);
        self.refit.cancel(id(&item)).await.unwrap();
        self.until(&item, "cancelled").await;
    }

    /// Decides as of so many days later, and enqueues what is due.
    async fn due(&self, later: u64) -> DecisionView {
        let as_of = Some(crate::kit::last_day() + Days::new(later));
        self.refit
            .check(CheckRequest { as_of, enqueue: true, ..CheckRequest::default() })
            .await
            .unwrap()
            .items
            .remove(0)
    }

    async fn completes(&self, worker: &mut Worker, request: &TrainingRequest, quality: Quality) {
        let item = self.ask(request).await.unwrap();
        let grant = granted(worker).await;
        worker.finish(&grant, quality).await;
        self.until(&item, "completed").await;
    }
}

/// The next job that is still there: doorbells of cancelled ones may have rung.
async fn granted(worker: &mut Worker) -> Grant {
    loop {
        let doorbell = worker.doorbell().await;
        if let ClaimAnswer::Granted(grant) = worker.claim(worker.claim_of(doorbell)).await {
            return *grant;
        }
    }
}

fn holds(decision: &DecisionView) -> Vec<&str> {
    decision.holds.iter().map(|hold| hold.code.as_str()).collect()
}

/// A2: an incremental training of an up-to-date model is refused before a job is made, by force too; what is advised works.
#[tokio::test(flavor = "multi_thread")]
async fn a2_what_can_learn_nothing_is_refused_before_a_job_is_made() {
    let (running, mut worker) = Running::with_versions(1).await;
    let jobs = running.jobs().await.len();
    let refusal = running.refusal(&TrainingRequest { force: true, ..training(Mode::Incremental, 0) }).await;
    assert!(refusal.contains("a complete one works (--mode complete)"), "{refusal}");
    let past = TrainingRequest { force: true, ..training(Mode::Complete, 0) };
    let past = TrainingRequest { as_of: Some(crate::kit::last_day() - Days::new(300)), ..past };
    let refusal = running.refusal(&past).await;
    assert!(refusal.contains("341 are needed"), "{refusal}");
    assert_eq!(running.jobs().await.len(), jobs);
    let complete = TrainingRequest { force: true, ..training(Mode::Complete, 0) };
    running.completes(&mut worker, &complete, Quality::GOOD).await;
}

/// A2: as of a day before what the live version was given, its gate has no rows: refused at once, by force too; the day itself works.
#[tokio::test(flavor = "multi_thread")]
async fn a2_what_the_live_version_has_seen_judges_no_training() {
    let (running, _worker) = Running::with_versions(1).await;
    let jobs = running.jobs().await.len();
    for mode in [Mode::Complete, Mode::Quick, Mode::Incremental] {
        let training = TrainingRequest { force: true, ..training(mode, 0) };
        let eve = Some(crate::kit::last_day() - Days::new(1));
        let refusal = running.refusal(&TrainingRequest { as_of: eve, ..training.clone() }).await;
        assert!(refusal.contains("it has seen those that would judge"), "{refusal}");
        assert!(!refusal.contains("--mode"), "nothing is advised that does not work: {refusal}");
    }
    let check =
        CheckRequest { as_of: Some(crate::kit::last_day() - Days::new(1)), enqueue: true, ..Default::default() };
    let decision = running.refit.check(check).await.unwrap().items.remove(0);
    assert_eq!((holds(&decision), decision.job), (vec!["hindsight"], None));
    assert_eq!(running.jobs().await.len(), jobs);
    running.is_let_through(&TrainingRequest { force: true, ..training(Mode::Complete, 0) }).await;
}

/// A2: a failure of the rows holds back the very training that failed; every other is let through, the same by force.
#[tokio::test(flavor = "multi_thread")]
async fn a2_a_failure_of_the_data_holds_back_exactly_what_failed() {
    let (running, mut worker) = Running::with_versions(1).await;
    running.import_text("AAPL", &prices(400, 25)).await;
    let incremental = training(Mode::Incremental, 40);
    for force in [false, true] {
        let item = running.ask(&TrainingRequest { force, ..incremental.clone() }).await.unwrap();
        let grant = worker.take().await;
        worker.fail(grant.claim, FailureClass::Data).await;
        running.until(&item, "failed").await;
    }
    let refusal = running.refusal(&incremental).await;
    assert!(refusal.contains("What can work: a complete training (--mode complete), other rows"), "{refusal}");
    let decision = running.due(40).await;
    assert_eq!((decision.verdict.as_str(), holds(&decision), decision.job), ("held_back", vec!["failed"], None));

    let seeded = TrainingRequest { hyper: [("seed".into(), "7".into())].into(), ..incremental.clone() };
    for other in [seeded, training(Mode::Quick, 40), TrainingRequest { force: true, ..incremental.clone() }] {
        running.is_let_through(&other).await;
    }
    running.import_text("AAPL", &prices(400, 26)).await;
    running.is_let_through(&incremental).await;
    running.completes(&mut worker, &training(Mode::Complete, 40), Quality::GOOD).await;
}

/// A2: a file that was missing says nothing of the rows: it is tried again, and holds nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn a2_a_missing_file_is_no_failure_of_the_rows() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = running.ask(&training(Mode::Complete, 0)).await.unwrap();
    for _ in 0..running.environment.settings.dispatch.max_attempts {
        let grant = worker.take().await;
        worker.fail(grant.claim, FailureClass::Damaged).await;
    }
    assert!(running.until(&item, "failed").await.why.contains("damaged"));
    let decision = running.due(0).await;
    assert_eq!((decision.verdict.as_str(), holds(&decision)), ("retrain", vec![]));
}

/// A1: corrected bars are learnt from scratch also where incremental was asked for, before they came or after, and the answer says so.
#[tokio::test(flavor = "multi_thread")]
async fn a1_corrected_bars_are_learnt_from_scratch_whatever_was_asked() {
    let (running, mut worker) = Running::with_versions(1).await;
    running.import_text("AAPL", &prices(400, 25)).await;
    running.refit.pause_pool(Pool::cpu(), PauseRequest::default()).await.unwrap();
    let before = running.ask(&training(Mode::Incremental, 40)).await.unwrap();
    assert_eq!(before.mode.as_deref(), Some("incremental"));
    let corrected = |volume: &str| prices(400, 25).replace(",1000\n", volume);
    running.import_text("AAPL", &corrected(",1001\n")).await;
    running.refit.resume_pool(Pool::cpu()).await.unwrap();
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("a training") };
    assert_eq!((spec.mode, &spec.parent), (Mode::Complete, &None), "corrected while it was in the line");
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&before, "completed").await;

    running.import_text("AAPL", &corrected(",1002\n")).await;
    let after = running.ask(&training(Mode::Incremental, 40)).await.unwrap();
    assert_eq!(after.mode.as_deref(), Some("complete"));
    assert!(after.why.contains("have been corrected: it becomes complete"), "{}", after.why);
}

/// A4: a rollback goes back to what was live before, also when that was another one than the number says.
#[tokio::test(flavor = "multi_thread")]
async fn a4_a_rollback_goes_back_to_what_was_live_before() {
    let (running, _worker) = Running::with_versions(3).await;
    let promote = PromoteRequest { version: Some("v2.0".into()), reason: None };
    running.refit.promote(&key("AAPL"), promote).await.unwrap();
    let mut back = Vec::new();
    for _ in 0..3 {
        back.push(running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap().version);
    }
    assert_eq!(back, ["v3.0", "v2.0", "v1.0"]);
}

/// A1, A2: a version that waits counts as tried: nothing is trained on its rows once more until more have come.
#[tokio::test(flavor = "multi_thread")]
async fn a2_what_waits_counts_as_tried() {
    let (running, mut worker) = Running::with_versions(1).await;
    // Not worse, and by another recipe: that takes more rows.
    let other = [("epochs".into(), "7".into())].into();
    let request = TrainingRequest { hyper: other, force: true, ..training(Mode::Complete, 0) };
    running.completes(&mut worker, &request, Quality(1.0)).await;
    assert_eq!(running.versions("AAPL").await[0].status, "waiting");
    running.import_text("AAPL", &prices(400, 10)).await;
    let decision = running.due(40).await;
    assert_eq!((decision.reasons[0].code.as_str(), holds(&decision)), ("too_old", vec!["waiting"]));
    assert!(decision.holds[0].text.starts_with("v2.0 waits for 10 more rows"), "{}", decision.holds[0].text);
    running.import_text("AAPL", &prices(400, 25)).await;
    let decision = running.due(40).await;
    assert_eq!((decision.verdict.as_str(), holds(&decision)), ("retrain", vec![]));
    assert!(decision.reasons.iter().any(|reason| reason.text.contains("25 new rows since")), "{decision:?}");
}

/// A4: a rollback by hand is not undone by the next evaluation; it holds until new rows or a person say otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a4_a_rollback_by_hand_holds() {
    let (running, _worker) = Running::with_versions(2).await;
    running.import_text("AAPL", &prices(400, 25)).await;
    let because = PromoteRequest { version: None, reason: Some("odd forecasts".into()) };
    running.refit.rollback(&key("AAPL"), because).await.unwrap();
    let decision = running.due(40).await;
    assert_eq!((decision.job, holds(&decision)), (None, vec!["rolled_back"]));
    let held = &decision.holds[0].text;
    assert!(held.contains("from v2.0 on") && held.contains("odd forecasts") && held.contains("(0 so far)"), "{held}");
    running.is_let_through(&TrainingRequest { force: true, ..training(Mode::Complete, 40) }).await;
    running.import_text("AAPL", &prices(400, 44)).await;
    assert_eq!(holds(&running.due(70).await), ["rolled_back"]);
    running.import_text("AAPL", &prices(400, 45)).await;
    let decision = running.due(70).await;
    assert_eq!((decision.verdict.as_str(), holds(&decision)), ("retrain", vec![]));
}

/// A4: whoever promotes an earlier version has gone back as well; whoever promotes a later one has not.
#[tokio::test(flavor = "multi_thread")]
async fn a4_the_promotion_of_an_earlier_version_holds_too() {
    let (running, _worker) = Running::with_versions(2).await;
    running.import_text("AAPL", &prices(400, 25)).await;
    for (version, held) in [("v1.0", vec!["rolled_back"]), ("v2.0", vec![])] {
        let request = PromoteRequest { version: Some(version.into()), reason: None };
        running.refit.promote(&key("AAPL"), request).await.unwrap();
        let as_of = Some(crate::kit::last_day() + Days::new(40));
        let decision =
            running.refit.check(CheckRequest { as_of, ..CheckRequest::default() }).await.unwrap().items.remove(0);
        assert_eq!(holds(&decision), held, "{version}");
    }
}
