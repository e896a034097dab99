//! What is decided is kept as codes with numbers, and told in the language of whoever asks; what earlier releases have said stands.

use coordinator::views::{CheckRequest, PageQuery, PauseRequest, PromoteRequest};
use coordinator::wording::Language;

use crate::kit::{Environment, Quality, Running, key, wait_for};
use crate::opening::lived;

/// Sentences and words that must not be kept: they are made where they are read.
const ENGLISH: [&str; 8] = [
    "There is no live version",
    "new rows since",
    "What would change it",
    "It is let go",
    "hardest naive baseline",
    "by hand",
    "is live",
    "somebody",
];

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_decided_is_told_in_both_languages_and_kept_in_neither() {
    let (running, mut worker) = Running::with_versions(2).await;
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::BAD).await;
    running.until(&item, "completed").await;
    running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap();
    let pause = PauseRequest { reason: Some("bad feed".into()) };
    running.refit.pause_model(&key("AAPL"), pause).await.unwrap();
    running.refit.check(CheckRequest::default()).await.unwrap();

    // A decision that is made anew after the pause may come between the two.
    let (english, spanish) = wait_for("the same to be told twice", || async {
        let told = (told(&running).await, Language::Spanish.spoken(told(&running)).await);
        (told.0.len() == told.1.len()).then_some(told)
    })
    .await;
    let same: Vec<&String> = english.iter().zip(&spanish).filter(|(a, b)| a == b).map(|(a, _)| a).collect();
    assert_eq!(same, Vec::<&String>::new(), "said in English only");
    let all = spanish.join("\n");
    for part in [
        "No hay ninguna versión activa",
        "(bad feed), hasta que alguien lo reanude",
        "fue rechazada: Peor que",
        "a mano",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }

    let columns = [
        "SELECT body FROM decisions",
        "SELECT body FROM decision_history",
        "SELECT verdict FROM versions WHERE verdict IS NOT NULL",
        "SELECT reason FROM ledger",
        "SELECT why FROM jobs",
        "SELECT request FROM jobs",
    ];
    for column in columns {
        let kept = running.environment.database.texts(column).await;
        assert!(!kept.is_empty(), "{column}");
        for text in kept {
            assert!(ENGLISH.iter().all(|sentence| !text.contains(sentence)), "{column}: {text}");
        }
    }
}

/// All that is told of the model and its jobs.
async fn told(running: &Running) -> Vec<String> {
    let (refit, key) = (&running.refit, key("AAPL"));
    let mut said = Vec::new();
    for decision in refit.decision_history(&key).await.unwrap() {
        said.extend(decision.reasons.into_iter().map(|reason| reason.text));
        said.extend(decision.holds.into_iter().map(|hold| hold.text));
        said.extend(Some(decision.note).filter(|note| !note.is_empty()));
    }
    let versions = refit.versions(&key, PageQuery::default()).await.unwrap().items;
    said.extend(versions.into_iter().filter_map(|version| version.verdict).flat_map(|verdict| verdict.reasons));
    said.extend(refit.ledger(&key, PageQuery::default()).await.unwrap().items.into_iter().map(|entry| entry.reason));
    said.extend(running.jobs().await.into_iter().map(|job| job.why));
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_release_has_said_is_shown_as_it_stands() {
    let environment = Environment::new().await;
    environment.database.execute(lived()).await.unwrap();
    let running = environment.start().await;
    let churn = "tabular/churn".parse().unwrap();
    let entry = running.refit.ledger(&churn, PageQuery::default()).await.unwrap().items.pop().unwrap();
    let said = "Not worse than the hardest naive baseline: with 95 % confidence its loss is not higher, and 2 % higher is allowed.";
    assert_eq!((entry.reason.as_str(), entry.told.code.as_str()), (said, "recorded"));
    let first = running.refit.versions(&churn, PageQuery::default()).await.unwrap().items.pop().unwrap();
    let verdict = first.verdict.unwrap();
    assert!(verdict.reasons.iter().any(|reason| reason == said) && verdict.findings.is_empty(), "{verdict:?}");
    let job = running.refit.job(entry.job.unwrap().to_string().parse().unwrap()).await.unwrap();
    assert_eq!((job.why, job.reason.unwrap().code), (format!("v1.0 is live: {said}"), "recorded".into()));
    let history = running.refit.decision_history(&"forecaster/AAPL".parse().unwrap()).await.unwrap();
    let reasons: Vec<_> = history.iter().flat_map(|decision| &decision.reasons).collect();
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| !reason.text.is_empty()), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.numbers.is_empty() && reason.text.contains("v2.0")), "{reasons:?}");
}
