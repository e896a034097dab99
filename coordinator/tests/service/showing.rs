//! What is shown is true now: decisions follow what happens to a model, and old data say so.

use common::vocabulary::Timestamp;
use coordinator::service::{Coordinator, Fault, PriceImport};
use coordinator::views::{CheckRequest, DecisionView, ModelRequest, PauseRequest, PromoteRequest};

use crate::kit::{Quality, Running, key, last_day, prices, wait_for};

impl Running {
    /// Waits until the decision about AAPL is this one, without asking for it.
    pub(crate) async fn shows(&self, what: &str, wanted: impl Fn(&DecisionView) -> bool) -> DecisionView {
        wait_for(what, || async {
            let decision = self.refit.model(&key("AAPL")).await.unwrap().decision;
            decision.filter(|decision| wanted(decision))
        })
        .await
    }
}

fn is_held_by(code: &str) -> impl Fn(&DecisionView) -> bool {
    move |decision| decision.holds.iter().any(|hold| hold.code == code)
}

fn asks_for(code: &str) -> impl Fn(&DecisionView) -> bool {
    move |decision| decision.reasons.iter().any(|reason| reason.code == code)
}

/// Each thing that happens to a model makes the decision about it anew, as of the day that was asked about; nothing enters the backlog.
#[tokio::test(flavor = "multi_thread")]
async fn a1_the_decision_follows_what_happens() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.shows("an import", asks_for("no_model")).await;
    let mut worker = running.worker(1).await;
    let mut train = async |quality| {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, quality).await;
        running.until(&item, "completed").await;
    };
    train(Quality::GOOD).await;
    let settled = running.shows("a promotion", |decision| decision.verdict == "not_needed").await;
    assert_eq!(settled.at, Timestamp::end_of(last_day()).utc(), "as of the day that was asked about");
    let jobs = running.jobs().await.len();

    running.import_text("AAPL", &prices(400, 0).replace(",1000\n", ",1001\n")).await;
    running.shows("corrected bars", asks_for("data_revised")).await;
    train(Quality::BAD).await;
    running.shows("a rejection", is_held_by("back_off")).await;
    train(Quality::GOOD).await;
    running.shows("another promotion", |decision| decision.verdict == "not_needed").await;
    running.refit.put_model(&key("AAPL"), set(&[("hidden", "16")])).await.unwrap();
    running.shows("other hyper-parameters", asks_for("schema_changed")).await;
    running.refit.put_model(&key("AAPL"), set(&[])).await.unwrap();
    running.shows("those of before", |decision| decision.verdict == "not_needed").await;
    running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap();
    running.shows("a rollback", is_held_by("rolled_back")).await;
    running.refit.pause_model(&key("AAPL"), PauseRequest::default()).await.unwrap();
    running.shows("a pause", is_held_by("paused")).await;
    running.refit.resume_model(&key("AAPL")).await.unwrap();
    let last = running.shows("its end", |decision| !is_held_by("paused")(decision)).await;
    assert_eq!(last.at, settled.at);
    assert_eq!(running.jobs().await.len(), jobs + 2, "only what was asked for has been trained");
}

fn set(hyper: &[(&str, &str)]) -> ModelRequest {
    let hyper = hyper.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    ModelRequest { hyper: Some(hyper), ..ModelRequest::default() }
}

/// A coordinator that does not lead takes an import, and makes the decision anew itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_stands_by_decides_anew_too() {
    let running = Running::new().await;
    running.import("AAPL", 100).await;
    running.shows("too few rows", is_held_by("too_few_rows")).await;
    let environment = &running.environment;
    let other = Coordinator::with(environment.settings.clone(), environment.ports.clone(), Fault::None).await.unwrap();
    let import = PriceImport { file: "AAPL.csv".into(), accept_revision: true, ..PriceImport::default() };
    other.refit().import_prices(import, prices(400, 0).as_bytes()).await.unwrap();
    running.shows("enough rows", |decision| decision.verdict == "retrain").await;
    other.stop().await;
}

/// Old data say so, as of the day that is asked about.
#[tokio::test(flavor = "multi_thread")]
async fn old_data_say_so() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let as_of = CheckRequest { as_of: Some(last_day()), ..CheckRequest::default() };
    let then = running.refit.check(as_of).await.unwrap().items.remove(0).data.unwrap();
    assert_eq!((then.newest, then.days, then.old), (last_day(), 0, false));
    let now = running.refit.check(CheckRequest::default()).await.unwrap().items.remove(0).data.unwrap();
    assert!(now.old && now.days > 365, "{now:?}");
    assert_eq!(running.refit.model(&key("AAPL")).await.unwrap().data, Some(now));
}
