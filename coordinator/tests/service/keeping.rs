//! What is kept and what goes: the store's cleanup, and forecasts with their cache.

use std::time::Duration;

use common::ports::{Mailbox, StoreKey};
use common::wire::codec::{self, Limits};
use common::wire::{Forecast, PredictAnswer, PredictRequest, Prediction, ToAsker};
use coordinator::views::{
    CleanupRequest, ForecastOutcome, ForecastRequest, GivenLabel, LabelRequest, PredictionFilter, WorkerFilter,
    WorkerState,
};

use crate::kit::{Environment, Quality, Running, wait_for};

async fn trained(running: &Running, qualities: &[Quality]) {
    let mut worker = running.worker(1).await;
    for quality in qualities {
        let item = running.train("AAPL", Some("complete")).await;
        let grant = worker.take().await;
        worker.finish(&grant, *quality).await;
        running.until(&item, "completed").await;
    }
}

/// A4: what nothing refers to is marked first and deleted later; a rejected version keeps manifest and losses.
#[tokio::test(flavor = "multi_thread")]
async fn cleanup_takes_two_steps_and_keeps_what_is_needed() {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.condemned_for = Duration::ZERO;
    environment.settings.coordinator.keep_rejected_days = 0;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    trained(&running, &[Quality::GOOD, Quality::BAD]).await;
    let store = running.environment.ports.store.clone();
    let stray: StoreKey = "jobs/forgotten/file".parse().unwrap();
    let foreign: StoreKey = "somebody/elses".parse().unwrap();
    for key in [&stray, &foreign] {
        store.put(key, "x".into()).await.unwrap();
    }
    let before = store.list(None).await.unwrap().len();

    let dry = running.refit.cleanup(CleanupRequest { dry_run: true }).await.unwrap();
    assert!(dry.condemned.contains(&stray.to_string()) && dry.deleted.is_empty(), "{dry:?}");
    assert_eq!(dry.thinned, ["forecaster/AAPL v2.0"]);
    assert!(dry.condemned.iter().any(|key| key.ends_with("weights.safetensors")));
    let first = running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    assert_eq!((first.condemned, first.deleted.len()), (dry.condemned.clone(), 0), "a dry run had changed nothing");
    assert_eq!(store.list(None).await.unwrap().len(), before);
    let second = running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    assert_eq!(second.deleted, dry.condemned);
    assert_eq!(store.list(None).await.unwrap().len(), before - second.deleted.len());
    assert!(store.get(&foreign).await.is_ok());

    // The live version is whole, the rejected one can still be read, and its promotion is refused.
    let promote = coordinator::views::PromoteRequest { version: Some("v2.0".into()), reason: None };
    let refused = running.refit.promote(&crate::kit::key("AAPL"), promote).await.unwrap_err();
    assert!(refused.to_string().contains("lost its weights"), "{refused}");
    trained(&running, &[Quality::GOOD]).await;
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().condemned, [] as [String; 0]);
}

/// E3, E9: a reliable version answers, the second time from the cache; without one the answer says why there is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_says_what_answered_and_is_kept() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let ask = async |refresh| {
        let request = ForecastRequest { symbols: vec!["AAPL".into()], refresh };
        running.refit.forecast(request).await.unwrap().remove(0)
    };
    let none = ask(false).await;
    assert_eq!(none.model_type, "none");
    assert_eq!(none.because, "forecaster/AAPL has no live version; forecaster/universal has no live version");

    trained(&running, &[Quality::GOOD]).await;
    let alive = running.worker(1).await;
    let bus = running.environment.ports.bus.clone();
    let predictor = tokio::spawn(async move {
        let mut asked = 0;
        while let Some(question) = bus.take(Mailbox::Predictors, Duration::from_secs(3)).await.unwrap() {
            let question: PredictRequest = codec::decode(&question.body, Limits::default()).unwrap();
            asked += 1;
            let forecast = Forecast {
                location: 0.001,
                scale: 0.01,
                degrees: 5.0,
                p_up: 0.54,
                confidence: 0.08,
                direction: "up".into(),
                change_percent: 0.1,
                interval_percent: (-1.0, 1.2),
            };
            let answer = PredictAnswer { id: question.id, prediction: Ok(Prediction::Forecast(forecast)) };
            let said = codec::encode(&ToAsker::Answer(answer)).unwrap();
            bus.post(Mailbox::Answers(question.asker), said).await.unwrap();
        }
        asked
    });
    let (first, second, third) = (ask(false).await, ask(false).await, ask(true).await);
    assert_eq!((first.model_type.as_str(), first.version.as_deref(), first.cached), ("own", Some("v1.0"), false));
    assert!(first.because.contains("has reliability"), "{}", first.because);
    let warning = first.warning.unwrap();
    assert!(warning.contains("of 2024-06-28") && first.data_age_days.unwrap() > 30, "{warning}");
    assert_eq!((second.cached, second.direction.as_deref()), (true, Some("up")));
    assert!(!third.cached);
    assert_eq!(predictor.await.unwrap(), 2);

    // Where it is known that nobody could answer, nobody is waited for.
    drop(alive);
    wait_for("all workers to be lost", || async {
        running
            .refit
            .workers(WorkerFilter::default())
            .await
            .unwrap()
            .items
            .iter()
            .all(|worker| worker.state == WorkerState::Lost)
            .then_some(())
    })
    .await;
    let begin = std::time::Instant::now();
    let nobody = ask(true).await;
    assert!(
        nobody.because.ends_with("no live worker could answer; `refit-worker run` starts one"),
        "{}",
        nobody.because
    );
    assert_eq!(nobody.outcome, ForecastOutcome::Failed);
    assert!(begin.elapsed() < running.environment.settings.coordinator.predict_within / 2);

    // Each answer is in the log, also the cached one, under the id it came with; the next bar says what came of it.
    let key = crate::kit::key("AAPL");
    let logged = running.refit.predictions(&key, PredictionFilter::default()).await.unwrap();
    let ids: Vec<_> = logged.page.items.iter().map(|entry| Some(entry.id)).collect();
    assert_eq!(ids, [third.id, second.id, first.id]);
    let entry = &logged.page.items[0];
    assert_eq!((entry.kind.as_str(), entry.version.as_str(), entry.label.as_ref()), ("forecast", "v1.0", None));
    assert_eq!(entry.output["direction"], "up");
    assert_eq!(entry.inputs_hash, logged.page.items[2].inputs_hash);
    let labels = vec![GivenLabel { prediction: entry.id.into(), value: "1".into() }];
    let refused = running.refit.label(&key, LabelRequest { labels }).await.unwrap_err().to_string();
    assert!(refused.contains("forecasts prices"), "{refused}");
    let none =
        running.refit.predictions(&key, PredictionFilter { limit: Some(0), ..PredictionFilter::default() }).await;
    assert!(none.unwrap_err().to_string().contains("1 to 1000"));
}

/// Predictions are removed when they are older than they are kept.
#[tokio::test(flavor = "multi_thread")]
async fn old_predictions_are_forgotten() {
    let mut environment = Environment::new().await;
    environment.settings.predictions.kept_for = Duration::ZERO;
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    trained(&running, &[Quality::GOOD]).await;
    let forecast = codec::encode(&Forecast {
        location: 0.001,
        scale: 0.01,
        degrees: 5.0,
        p_up: 0.54,
        confidence: 0.08,
        direction: "up".into(),
        change_percent: 0.1,
        interval_percent: (-1.0, 1.2),
    });
    let model = running.refit.model(&crate::kit::key("AAPL")).await.unwrap();
    let cell = format!("forecast/AAPL/forecaster/AAPL/{}/{}", model.live_seq, crate::kit::last_day());
    running.environment.ports.bus.put(&cell, forecast.unwrap(), Duration::from_secs(60)).await.unwrap();
    let request = ForecastRequest { symbols: vec!["AAPL".into()], refresh: false };
    let answer = running.refit.forecast(request).await.unwrap().remove(0);
    assert!(answer.cached && answer.id.is_some(), "{answer:?}");
    let logged = async || {
        running.refit.predictions(&crate::kit::key("AAPL"), PredictionFilter::default()).await.unwrap().page.items.len()
    };
    assert_eq!(logged().await, 1);
    let would = running.refit.cleanup(CleanupRequest { dry_run: true }).await.unwrap();
    assert_eq!((would.predictions, logged().await), (1, 1));
    assert_eq!(running.refit.cleanup(CleanupRequest::default()).await.unwrap().predictions, 1);
    assert_eq!(logged().await, 0);
}
