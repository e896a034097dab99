//! Life after promotion: rows that come are scored once, and what they show has consequences.

use chrono::Days;
use common::drift::{Aspect, ColumnDrift, Drift, InputDrift};
use common::vocabulary::JobSpec;
use coordinator::views::{CheckRequest, DecisionView, Event, ModelView, MonitorRequest, PageQuery, PromoteRequest};
use domain::alert::AlertKind;
use newtype_uuid::GenericUuid;

use crate::kit::{Quality, Running, Worker, key, last_day, prices, receive, wait_for};

fn request(later: usize) -> MonitorRequest {
    MonitorRequest { models: vec![], as_of: Some(last_day() + Days::new(2 * later as u64)) }
}

/// So many bars come, and are scored: how the model stands then.
pub(crate) async fn monitored(running: &Running, worker: &mut Worker, later: usize, quality: Quality) -> ModelView {
    running.import_text("AAPL", &prices(400, later)).await;
    let jobs = running.refit.monitor(request(later)).await.unwrap().jobs;
    assert_eq!(jobs.len(), 1);
    let grant = worker.take().await;
    let JobSpec::Monitor(spec) = &grant.spec else { panic!("a monitoring") };
    assert_eq!(spec.subjects[0].model, key("AAPL"));
    worker.finish(&grant, quality).await;
    let id = common::vocabulary::JobId::from_untyped_uuid(jobs[0]);
    wait_for("the monitoring to end", || async {
        let job = running.refit.job(id).await.unwrap();
        (job.state == "completed").then_some(())
    })
    .await;
    running.refit.model(&key("AAPL")).await.unwrap()
}

async fn decided(running: &Running, later: usize) -> DecisionView {
    let as_of = Some(last_day() + Days::new(2 * later as u64));
    running.refit.check(CheckRequest { as_of, ..CheckRequest::default() }).await.unwrap().items.remove(0)
}

/// G10: each row that comes is scored once; reliability follows.
#[tokio::test(flavor = "multi_thread")]
async fn g10_what_comes_is_scored_once() {
    let (running, mut worker) = Running::with_versions(1).await;
    assert_eq!(running.refit.monitor(request(0)).await.unwrap().jobs.len(), 0, "nothing has come");
    let model = monitored(&running, &mut worker, 10, Quality::GOOD).await;
    let watch = model.watch.unwrap();
    assert_eq!((watch.condition.as_str(), watch.rows, watch.version.as_str()), ("unknown", 10, "v1.0"));
    assert_eq!(running.refit.monitor(request(10)).await.unwrap().jobs.len(), 0, "all of it is scored");
    let model = monitored(&running, &mut worker, 35, Quality::GOOD).await;
    let watch = model.watch.unwrap();
    assert_eq!((watch.condition.as_str(), watch.rows, watch.window), ("well", 35, 20));
    assert!(watch.rise.unwrap().abs() < 0.05, "{watch:?}");
    assert!(model.live.unwrap().reliability.unwrap() > 0.9);
}

/// Reason 6 of DECISIONS: a version that declines is trained completely anew, cool-down or not, and somebody is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_decline_asks_for_a_training() {
    let (running, mut worker) = Running::with_versions(1).await;
    let mut events = running.listen();
    let model = monitored(&running, &mut worker, 25, Quality(1.1)).await;
    assert_eq!(model.watch.unwrap().condition, "alarming");
    let alert = receive(&mut events, "the alert", |event| match event {
        Event::Alert(alert) if alert.kind == AlertKind::Degraded => Some(alert.text),
        _ => None,
    });
    let text = alert.await;
    assert!(text.contains("forecaster/AAPL v1.0 is alarming"), "{text}");
    let decision = decided(&running, 2).await;
    assert_eq!((decision.verdict.as_str(), decision.mode.as_deref()), ("retrain", Some("complete")), "{decision:?}");
    assert_eq!(decision.reasons.iter().filter(|reason| reason.code == "degraded").count(), 1);
    assert!(decision.holds.is_empty(), "{decision:?}");
}

/// G7: a live version that does worse than the one before it is taken back by itself, once.
#[tokio::test(flavor = "multi_thread")]
async fn g7_what_does_worse_is_taken_back_once() {
    let (running, mut worker) = Running::with_versions(2).await;
    let model = monitored(&running, &mut worker, 12, Quality(0.9)).await;
    assert_eq!(model.live.unwrap().version, "v2.0", "too few rows");
    let model = monitored(&running, &mut worker, 40, Quality(0.9)).await;
    assert_eq!(model.live.unwrap().version, "v1.0");
    let entry = running.refit.ledger(&key("AAPL"), PageQuery::default()).await.unwrap().items.remove(0);
    assert_eq!((entry.kind.as_str(), entry.previous.as_deref()), ("taken_back", Some("v2.0")));
    assert!(entry.reason.contains("v2.0 does worse than v1.0 on 40 rows"), "{}", entry.reason);

    // A person who knows better has the last word.
    let back = PromoteRequest { version: Some("v2.0".into()), reason: None };
    running.refit.promote(&key("AAPL"), back).await.unwrap();
    let model = monitored(&running, &mut worker, 80, Quality(0.9)).await;
    assert_eq!(model.live.unwrap().version, "v2.0");
}

/// The version before stays where the live one does as well.
#[tokio::test(flavor = "multi_thread")]
async fn g7_what_does_as_well_stays() {
    let (running, mut worker) = Running::with_versions(2).await;
    let model = monitored(&running, &mut worker, 60, Quality(0.801)).await;
    assert_eq!(model.live.unwrap().version, "v2.0");
    let shadow = model.watch.unwrap().shadow.unwrap();
    assert_eq!((shadow.version.as_str(), shadow.rows), ("v1.0", 60));
    assert!(shadow.low < 0.0 && shadow.difference.abs() < 0.02, "{shadow:?}");
}

fn compared(rows: u64, drifted: u32) -> Option<InputDrift> {
    let farthest = ColumnDrift { column: "range".into(), aspect: Aspect::Values, distance: 0.62, threshold: 0.3 };
    Some(InputDrift::Compared(Drift { rows, columns: 5, drifted, farthest: vec![farthest] }))
}

/// Reason 7 of DECISIONS, D8: rows unlike those of the training ask for a training, until later ones are like them again.
#[tokio::test(flavor = "multi_thread")]
async fn d8_drift_of_the_inputs_asks_for_a_training() {
    let (running, mut worker) = Running::with_versions(1).await;
    worker.inputs = Some(InputDrift::FewNewRows { rows: 4, needed: 40 });
    let model = monitored(&running, &mut worker, 4, Quality::GOOD).await;
    let inputs = model.watch.unwrap().inputs.unwrap();
    assert_eq!((inputs.state.as_str(), inputs.rows, inputs.drifted), ("few_new_rows", 4, 0));

    worker.inputs = compared(40, 1);
    let model = monitored(&running, &mut worker, 10, Quality::GOOD).await;
    let inputs = model.watch.unwrap().inputs.unwrap();
    assert_eq!((inputs.state.as_str(), inputs.rows, inputs.drifted, inputs.columns), ("compared", 40, 1, 5));
    assert_eq!((inputs.farthest[0].column.as_str(), inputs.farthest[0].aspect.as_str()), ("range", "values"));
    let decision = decided(&running, 10).await;
    let reason = decision.reasons.iter().find(|reason| reason.code == "drift");
    let reason = reason.unwrap_or_else(|| panic!("{decision:?}"));
    assert_eq!(reason.mode, "incremental");
    let said = "1 of 5 inputs has drifted: in the 40 rows that have come since, the shares of some values of range differ by 62 \
                percentage points from what v1.0 was trained on; up to 30 would be no drift.";
    assert_eq!(reason.text, said);

    worker.inputs = compared(50, 3);
    monitored(&running, &mut worker, 12, Quality::GOOD).await;
    let decision = decided(&running, 12).await;
    assert!(decision.reasons.iter().any(|of| of.code == "drift" && of.mode == "complete"), "{decision:?}");

    worker.inputs = compared(70, 0);
    let model = monitored(&running, &mut worker, 14, Quality::GOOD).await;
    assert_eq!(model.watch.unwrap().inputs.unwrap().drifted, 0);
    let decision = decided(&running, 14).await;
    assert!(decision.reasons.iter().all(|reason| reason.code != "drift"), "{decision:?}");
}
