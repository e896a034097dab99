//! Decisions and requests, over imported prices.

use coordinator::service::{Error, Refit};
use coordinator::views::{
    BatchRequest, CheckRequest, DecisionFilter, ModelRequest, MonitorRequest, TrainingRequest, VerdictCounts,
};

use tokio_util::sync::CancellationToken;

use crate::kit::{Quality, Running, key, last_day, prices};

fn as_of_last_day() -> CheckRequest {
    CheckRequest { as_of: Some(last_day()), ..CheckRequest::default() }
}

/// A1, G5: every decision is kept, the "no" included; history grows when verdict or reasons change, and only then.
#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_kept_and_history_grows_on_change() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    for _ in 0..3 {
        running.refit.check(as_of_last_day()).await.unwrap();
    }
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    let no = running.refit.check(as_of_last_day()).await.unwrap().items.remove(0);
    assert_eq!((no.verdict.as_str(), no.reasons.len()), ("not_needed", 0));
    assert!(no.note.starts_with("What would change it: 20 more new rows"), "{}", no.note);
    let history = running.refit.decision_history(&key("AAPL")).await.unwrap();
    // While it is in training, which may be over before anybody looks, it is held back.
    let verdicts: Vec<&str> = history.iter().map(|d| d.verdict.as_str()).filter(|word| *word != "held_back").collect();
    assert_eq!(verdicts, ["retrain", "retrain", "not_needed"], "the second is the request");
    assert_eq!(running.refit.decisions(DecisionFilter::default()).await.unwrap().items[0].verdict, "not_needed");
}

/// However many models there are, an answer has the most urgent decisions, and counts the others.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_all_and_shows_the_most_urgent() {
    let running = Running::new().await;
    for (symbol, rows) in [("AAPL", 400), ("MSFT", 400), ("NEW", 50)] {
        running.import(symbol, rows).await;
    }
    let check = async |limit, models: &[&str]| {
        let models = models.iter().map(|symbol| key(symbol).to_string()).collect();
        running.refit.check(CheckRequest { models, limit, ..as_of_last_day() }).await
    };
    let answer = check(Some(2), &[]).await.unwrap();
    let shown: Vec<&str> = answer.items.iter().map(|decision| decision.model.as_str()).collect();
    assert_eq!(shown, ["forecaster/AAPL", "forecaster/MSFT"]);
    let VerdictCounts { retrain, recommended, held_back, not_needed } = answer.verdicts;
    // There is one of all tickers, too.
    assert_eq!((answer.models, retrain, recommended + held_back + not_needed, answer.enqueued), (4, 3, 1, 0));
    assert_eq!(running.refit.decisions(DecisionFilter::default()).await.unwrap().items.len(), 4, "all are kept");
    assert_eq!(check(None, &["NEW", "MSFT"]).await.unwrap().items.len(), 2, "all that are named");
    assert_eq!(check(Some(1), &["NEW", "MSFT"]).await.unwrap().items[0].model, "forecaster/MSFT");
    for limit in [0, 1001] {
        assert!(matches!(check(Some(limit), &[]).await, Err(Error::Invalid { .. })), "{limit}");
    }
}

/// Whoever asks for a training joins the one that there is, or begins another: also in the moment in which it ends.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_while_a_training_ends_is_answered() {
    const TRAININGS: usize = 12;
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let done = CancellationToken::new();
    let ask = |refit: Refit, done: CancellationToken| async move {
        let mode = Some("complete".to_owned());
        let request = TrainingRequest {
            model: key("AAPL").to_string(),
            mode,
            force: true,
            as_of: Some(last_day()),
            ..TrainingRequest::default()
        };
        let mut begun = 0;
        while !done.is_cancelled() {
            begun += refit.train(request.clone()).await.unwrap().requested;
        }
        begun
    };
    let askers: Vec<_> = (0..4).map(|_| tokio::spawn(ask(running.refit.clone(), done.clone()))).collect();
    for _ in 0..TRAININGS {
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
    }
    done.cancel();
    let mut begun = 0;
    for asker in askers {
        begun += asker.await.unwrap();
    }
    assert_eq!(running.jobs().await.len() as u64, begun, "each that was begun is one job");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restated_history_asks_for_a_complete_training() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    let restated = prices(400, 0).replace(",1000\n", ",1001\n");
    let report = running.import_text("AAPL", &restated).await;
    assert_eq!((report.revised, report.unchanged), (1, 399));
    let decision = running.refit.check(as_of_last_day()).await.unwrap().items.remove(0);
    assert_eq!((decision.reasons[0].code.as_str(), decision.mode.as_deref()), ("data_revised", Some("complete")));
}

/// Refused before a job is made: unknown model, too little history, hyper-parameters out of range.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_trained_is_refused_before_a_job_is_made() {
    let running = Running::new().await;
    running.import("AAPL", 50).await;
    let train = async |model: &str, hyper: Option<(&str, &str)>| {
        let hyper = hyper.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let request = TrainingRequest { model: model.into(), force: true, hyper, ..TrainingRequest::default() };
        running.refit.train(request).await.unwrap_err()
    };
    assert!(matches!(train("forecaster/MSFT", None).await, Error::NotFound { .. }));
    assert!(matches!(train("../AAPL", None).await, Error::Invalid { .. }));
    assert!(matches!(train("forecaster/AAPL", Some(("epochs", "0"))).await, Error::Invalid { .. }));
    let short = train("forecaster/AAPL", None).await;
    assert!(matches!(&short, Error::Refused { reason: why } if why.contains("50 rows")), "{short}");
    assert!(running.jobs().await.is_empty());
}

/// A5: a batch tells requested, skipped and refused apart, and costs its later models points.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_summed_up() {
    let running = Running::new().await;
    for symbol in ["AAPL", "MSFT", "NVDA"] {
        running.import(symbol, 400).await;
    }
    running.import("TINY", 30).await;
    let models = ["AAPL", "MSFT", "NONE", "TINY"].map(|symbol| format!("forecaster/{symbol}")).to_vec();
    let request = BatchRequest { models, as_of: Some(last_day()), ..BatchRequest::default() };
    let answer = running.refit.batch(request.clone()).await.unwrap();
    assert_eq!((answer.requested, answer.already_training, answer.skipped, answer.refused), (2, 0, 0, 2));
    assert_eq!(answer.items[1].score.unwrap() - answer.items[0].score.unwrap(), 5.0);
    let again = running.refit.batch(request).await.unwrap();
    assert_eq!((again.requested, again.already_training), (0, 2));
}

/// `auto_retrain = false`: recommended, not enqueued.
#[tokio::test(flavor = "multi_thread")]
async fn without_auto_retrain_it_is_only_recommended() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let request =
        ModelRequest { auto_retrain: Some(false), category: Some("portfolio".into()), ..ModelRequest::default() };
    assert_eq!(running.refit.put_model(&key("AAPL"), request).await.unwrap().category, "portfolio");
    let decision =
        running.refit.check(CheckRequest { enqueue: true, ..as_of_last_day() }).await.unwrap().items.remove(0);
    assert_eq!((decision.verdict.as_str(), decision.score), ("recommended", Some(0.0)));
    assert!(running.jobs().await.is_empty());
    let report = running.refit.incremental_report(Some(last_day())).await.unwrap();
    assert_eq!((report.total, report.need_retraining, report.without_model), (1, 1, 1));
}

/// Bad rows are listed with their line and reason; the rest is there.
#[tokio::test(flavor = "multi_thread")]
async fn bad_rows_are_listed_and_the_rest_is_imported() {
    let running = Running::new().await;
    let mut text = prices(10, 0);
    text += "2024-06-28,1,1,1,1,1,1\n2024-07-01,NaN,1,1,1,1,1\nnonsense\n";
    let report = running.import_text("AAPL", &text).await;
    assert_eq!((report.rows, report.accepted, report.refused), (13, 10, 3));
    let lines: Vec<u64> = report.refusals.iter().map(|refused| refused.line).collect();
    assert_eq!(lines, [12, 13, 14]);
    assert!(report.refusals[0].reason.contains("was already on line 11"));
    let empty = running.import_file("MSFT.csv", "", false).await.unwrap_err();
    assert_eq!(empty.to_string(), "MSFT.csv is empty");
}

/// A day that has not come is refused wherever one is named: what is decided for it would hold back all that follow.
#[tokio::test(flavor = "multi_thread")]
async fn g5_a_day_that_has_not_come_is_refused_with_the_date_of_today() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let (refit, as_of) = (&running.refit, chrono::Utc::now().date_naive().checked_add_days(chrono::Days::new(3)));
    let model = "forecaster/AAPL".to_owned();
    let said = [
        refit.train(TrainingRequest { model, as_of, ..TrainingRequest::default() }).await.map(drop),
        refit.batch(BatchRequest { as_of, ..BatchRequest::default() }).await.map(drop),
        refit.check(CheckRequest { as_of, ..CheckRequest::default() }).await.map(drop),
        refit.monitor(MonitorRequest { as_of, ..MonitorRequest::default() }).await.map(drop),
        refit.incremental_report(as_of).await.map(drop),
    ];
    for answer in said {
        let why = answer.unwrap_err().to_string();
        assert!(why.contains("that day has not come; today is 2"), "{why}");
    }
    assert!(running.jobs().await.is_empty());
}
