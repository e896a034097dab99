//! G5: a model explains itself, from the decision to what the judges said.

use coordinator::service::Error;
use domain::estimate::Basis;

use crate::kit::{Quality, Running, key};

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
