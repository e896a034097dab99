//! G5: a model explains itself, from the decision to what the judges said.

use chrono::{Days, NaiveDate};
use coordinator::service::Error;
use coordinator::views::{CheckRequest, ModelRequest, MonitorRequest, NamedPolicy, PolicyValue, ReplayRequest};
use domain::estimate::Basis;

use crate::kit::{Quality, Running, key, last_day, prices, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn g5_a_model_says_why_what_would_change_it_where_its_job_stands_and_what_the_judges_said() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let first = running.refit.explain(&key("AAPL")).await.unwrap();
    assert_eq!((first.decision.verdict.as_str(), first.decision.reasons[0].code.as_str()), ("retrain", "no_model"));
    assert_eq!((first.job, first.estimate, first.versions.len(), first.live), (None, None, 0, None));
    assert_eq!(running.jobs().await.len(), 0, "who explains asks for nothing");

    let mut worker = running.worker(1).await;
    for promoted in [true, false] {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        let quality = if promoted { Quality::GOOD } else { Quality::BAD };
        worker.finish(&grant, quality).await;
        running.until(&item, "completed").await;
    }
    let after = running.refit.explain(&key("AAPL")).await.unwrap();
    let live = after.live.unwrap();
    assert_eq!((live.version.as_str(), after.versions.len()), ("v1.0", 2));
    let verdicts: Vec<bool> = after.versions.iter().map(|version| version.verdict.as_ref().unwrap().promoted).collect();
    assert_eq!(verdicts, [false, true], "newest first");
    assert!(!after.changes.is_empty() && after.changes.len() <= 5);
    let estimate = after.estimate.unwrap();
    assert_eq!((estimate.trainings, estimate.basis), (2, Basis::OwnMode));
    assert_eq!((estimate.starts_at, estimate.ends_at), (None, None), "nothing of it waits or runs");

    // One that waits behind another, which the only worker holds.
    running.import("MSFT", 400).await;
    running.train("MSFT", Some("complete")).await;
    let _held = worker.take().await;
    let waiting = running.train("AAPL", Some("complete")).await;
    let explained = running.refit.explain(&key("AAPL")).await.unwrap();
    let job = explained.job.unwrap();
    assert_eq!((Some(job.id), explained.decision.job), (waiting.job, waiting.job));
    assert!(!job.why.is_empty(), "it says what it waits for");
    let estimate = explained.estimate.unwrap();
    assert!(estimate.starts_at.is_some() && estimate.ends_at >= estimate.starts_at, "{estimate:?}");
    let other = running.refit.explain(&key("MSFT")).await.unwrap();
    assert_eq!(other.estimate.unwrap().basis, Basis::Family, "it has none of its own yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_what_is_not_there_is_not_explained() {
    let running = Running::new().await;
    let refused = running.refit.explain(&key("AAPL")).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound { .. }), "{refused}");
}

/// What a training will cost is learned of those before it; each decision has its price, and how far expectations were off.
#[tokio::test(flavor = "multi_thread")]
async fn g6_a_decision_has_the_price_that_trainings_before_it_have_taught() {
    let (running, mut worker) = Running::with_versions(4).await;
    running.import_text("AAPL", &prices(400, 30)).await;
    let request = |model: &str| CheckRequest { models: vec![model.into()], ..CheckRequest::default() };
    let decision = running.refit.check(request("forecaster/AAPL")).await.unwrap().items.remove(0);
    let price = decision.price.unwrap();
    assert!(
        (price.seconds / 0.5 - 1.0).abs() < 0.3 && price.low < price.seconds && price.seconds < price.high,
        "{price:?}"
    );
    assert_eq!((price.trainings, price.memory), (4, None));
    assert!(price.error.is_some_and(|error| error < 0.3), "{price:?}");
    let explained = running.refit.explain(&key("AAPL")).await.unwrap();
    assert_eq!(explained.estimate.map(|estimate| estimate.basis), Some(Basis::Learned));

    // By cost, new rows alone are worth nothing: nobody has lost anything yet.
    let policy = Some([("retrain_when".to_owned(), PolicyValue::Text("cost".into()))].into());
    running.refit.put_model(&key("AAPL"), ModelRequest { policy, ..ModelRequest::default() }).await.unwrap();
    let job = running.refit.monitor(MonitorRequest::default()).await.unwrap().jobs[0];
    let grant = worker.take().await;
    worker.finish(&grant, Quality(0.8)).await;
    let job = newtype_uuid::GenericUuid::from_untyped_uuid(job);
    wait_for("the scores", async || (running.refit.job(job).await.unwrap().state == "completed").then_some(())).await;
    let by_cost = running.refit.explain(&key("AAPL")).await.unwrap().decision;
    let codes: Vec<&str> = by_cost.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert!(!codes.contains(&"new_samples"), "{by_cost:?}");
    assert!(running.refit.model(&key("AAPL")).await.unwrap().watch.unwrap().regret.is_some());
}

/// What another policy would have come to stands beside what happened, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn g6_other_policies_are_replayed_over_the_days_that_were() {
    let (running, _worker) = Running::with_versions(3).await;
    let jobs = running.jobs().await.len();
    let seldom = NamedPolicy {
        name: "seldom".into(),
        values: [("min_new_samples", 100.0), ("max_model_age_days", 3000.0), ("force_retrain_age_days", 3000.0)]
            .map(|(key, value)| (key.to_owned(), PolicyValue::Number(value)))
            .into(),
    };
    let from = last_day().checked_sub_days(Days::new(150));
    let request = |policies| ReplayRequest { from, to: Some(last_day()), policies, ..ReplayRequest::default() };
    let replay = running.refit.replay(request(vec![seldom])).await.unwrap();
    assert_eq!((replay.models, replay.happened.trainings), (1, 3), "{replay:?}");
    let [now, seldom] = &replay.policies[..] else { panic!("{replay:?}") };
    assert_eq!((now.name.as_str(), seldom.name.as_str()), ("as set", "seldom"));
    assert!(now.trainings > 1 && seldom.trainings == 1, "{now:?} and {seldom:?}");
    assert!(now.seconds > seldom.seconds && now.rows > 50 && now.weeks.len() > 10, "{now:?}");
    assert!(now.loss.is_some_and(|loss| loss > 0.5 && loss < 1.5), "{now:?}");
    assert_eq!(running.jobs().await.len(), jobs);

    let policy = |key: &str, value: &str| {
        vec![NamedPolicy { name: "odd".into(), values: [(key.to_owned(), PolicyValue::Text(value.into()))].into() }]
    };
    for (odd, said) in [
        (request(policy("min_new_sample", "7")), "did you mean"),
        (request(policy("min_new_samples", "-7")), "min_new_samples"),
        (request(policy("retrain_when", "never")), "retrain_when"),
        (ReplayRequest { from: None, ..request(vec![]) }, "from which day"),
        (ReplayRequest { to: NaiveDate::from_ymd_opt(1999, 1, 1), ..request(vec![]) }, "there is no day"),
        (ReplayRequest { models: vec!["forecaster/NONE".into()], ..request(vec![]) }, "forecaster/NONE"),
    ] {
        let refused = running.refit.replay(odd).await.unwrap_err().to_string();
        assert!(refused.contains(said), "{said}: {refused}");
    }
}
