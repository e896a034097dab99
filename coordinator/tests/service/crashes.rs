//! G1: the coordinator stopped at each step of a job's lifecycle; after a restart the job ends once, with exactly one version.

use coordinator::service::{Fault, Step};
use coordinator::views::{CheckRequest, DecisionView, PageQuery};
use tokio_util::sync::CancellationToken;

use crate::kit::{Environment, Quality, Worker, last_day};
use crate::results::live;

async fn survives(step: Step) {
    let halted = CancellationToken::new();
    let running = Environment::new().await.start_with(Fault::Halt(step, halted.clone())).await;
    running.import("AAPL", 400).await;
    let worker: Worker = running.worker(1).await;
    let work = tokio::spawn(do_one_job(worker));
    let refit = running.refit.clone();
    let asking = tokio::spawn(async move {
        let request = CheckRequest { as_of: Some(last_day()), enqueue: true, ..CheckRequest::default() };
        refit.check(request).await
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), halted.cancelled()).await.expect("the step is reached");
    asking.abort();

    let running = running.crash().await.start().await;
    live(&running, "AAPL", "v1.0").await;
    work.await.unwrap();
    let jobs = running.jobs().await;
    assert_eq!(jobs.iter().map(|job| job.state.as_str()).collect::<Vec<_>>(), ["completed"]);
    assert_eq!(running.versions("AAPL").await.len(), 1);
    assert_eq!(running.refit.ledger(&crate::kit::key("AAPL"), PageQuery::default()).await.unwrap().items.len(), 1);
    let outdated = |code: &str| ["no_model", "active_training"].contains(&code);
    let is_true = |decision: &DecisionView| {
        let mut codes =
            decision.reasons.iter().map(|reason| &reason.code).chain(decision.holds.iter().map(|hold| &hold.code));
        !codes.any(|code| outdated(code))
    };
    running.shows("a live version", is_true).await;
}

/// A worker that takes what it is offered until it has finished one job and heard that it is recorded.
async fn do_one_job(mut worker: Worker) {
    let grant = loop {
        let doorbell = worker.doorbell().await;
        let claim = worker.claim_of(doorbell);
        if let crate::kit::ClaimAnswer::Granted(grant) = worker.claim(claim).await {
            break grant;
        }
    };
    worker.finish(&grant, Quality::GOOD).await;
}

macro_rules! every_step {
    ($($name:ident: $step:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            survives(Step::$step).await;
        })+

        #[test]
        fn no_step_is_left_out() {
            assert_eq!(Step::ALL, [$(Step::$step),+]);
        }
    };
}

every_step! {
    stopped_when_enqueued: Enqueued,
    stopped_when_its_bars_are_stored: Stored,
    stopped_when_frozen: Frozen,
    stopped_when_dispatched: Dispatched,
    stopped_when_rung: Rung,
    stopped_when_granted: Granted,
    stopped_when_answered: Answered,
    stopped_when_the_seal_is_read: SealRead,
    stopped_when_recorded: Recorded,
    stopped_when_confirmed: Confirmed,
    stopped_when_judged: Judged,
    stopped_when_promoted: Promoted,
}
