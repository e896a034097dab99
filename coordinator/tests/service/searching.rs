//! Searches for hyper-parameters (E10): rungs of trials, what is found as a challenger, and all of it through crashes.

use std::collections::BTreeMap;

use common::vocabulary::{FailureClass, Hyper, JobSpec};
use common::wire::Grant;
use coordinator::views::{
    AlertFilter, CleanupRequest, JobView, ModelRequest, PauseRequest, PromoteRequest, SearchFilter, SearchRequest,
    SearchView, TableImportRequest,
};
use domain::search::SearchState;

use crate::kit::{Quality, Running, Worker, key, wait_for};

/// Nine trials, in rungs of nine, three and one, each beside what the model has.
fn asked(values: &str) -> SearchRequest {
    SearchRequest {
        model: "forecaster/AAPL".into(),
        trials: Some(9),
        eta: Some(3),
        seed: Some(1),
        as_of: None,
        space: BTreeMap::from([("hidden".to_owned(), values.to_owned())]),
    }
}

async fn until(running: &Running, id: i64, what: impl Fn(&SearchView) -> bool) -> SearchView {
    wait_for("the search", || async { running.refit.search_of(id).await.ok().filter(|search| what(search)) }).await
}

fn tried(grant: &Grant) -> (u32, u32) {
    match &grant.spec {
        JobSpec::Trial(spec) => match &spec.hyper {
            Hyper::Forecaster(hyper) => (hyper.hidden, hyper.epochs),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Does so many trials: the hidden units and epochs of each.
async fn work(worker: &mut Worker, count: usize) -> Vec<(u32, u32)> {
    let mut done = Vec::new();
    for _ in 0..count {
        let grant = worker.take().await;
        done.push(tried(&grant));
        worker.finish(&grant, Quality::GOOD).await;
    }
    done
}

/// E10: what is found goes live by the gate alone, and is what the model is trained with from then on.
#[tokio::test(flavor = "multi_thread")]
async fn e10_the_best_trial_is_a_challenger_and_adopted_when_it_goes_live() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("20..200")).await.unwrap();
    assert_eq!((search.state, search.rungs, search.asked), (SearchState::Running, 3, 9));
    let first = work(&mut worker, 9).await;
    assert!(first.iter().all(|(_, epochs)| *epochs == 3), "a ninth of 20 passes: {first:?}");
    assert!(first.iter().any(|(hidden, _)| *hidden == 50), "what the model has is among them");
    let nearest = |(hidden, _): &(u32, u32)| (f64::from(*hidden) / 100.0).ln().abs();
    let best = first.iter().copied().min_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap().0;
    let second = work(&mut worker, 4).await;
    assert!(second.iter().all(|(_, epochs)| *epochs == 7) && second.iter().any(|(hidden, _)| *hidden == 50));
    let mut third = work(&mut worker, 2).await;
    third.sort_unstable();
    assert_eq!(third, [(50.min(best), 20), (50.max(best), 20)], "the best and what the model has, whole");

    let challenging = until(&running, search.id, |search| search.state == SearchState::Challenging).await;
    assert_eq!(challenging.best.as_ref().unwrap().hyper, BTreeMap::from([("hidden".to_owned(), best.to_string())]));
    assert!(challenging.own_loss.unwrap() > challenging.best.as_ref().unwrap().loss);
    assert_eq!(
        running.refit.search(asked("20..200")).await.unwrap_err().to_string().split(" is").nth(1),
        Some(" under way, one at a time: `refit tune cancel 1` ends it")
    );
    assert_eq!(running.versions("AAPL").await.len(), 1, "trials are no versions");
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("{grant:?}") };
    let Hyper::Forecaster(hyper) = &spec.hyper else { panic!("{spec:?}") };
    assert_eq!((hyper.hidden, hyper.epochs), (best, 20));
    worker.finish(&grant, Quality(0.6)).await;
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Completed, "adopted"));
    assert_eq!(running.versions("AAPL").await[0].status, "live");
    assert_eq!(running.refit.model(&key("AAPL")).await.unwrap().hyper["hidden"], serde_json::json!(best));
}

/// E10: the gate has the last word, and the model stays as it is.
#[tokio::test(flavor = "multi_thread")]
async fn e10_what_is_found_is_judged_like_any_other() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    assert_eq!(search.asked, 3, "there are no more to draw");
    work(&mut worker, 3).await;
    work(&mut worker, 2).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::BAD).await;
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Completed, "not_better"));
    assert_eq!(running.refit.model(&key("AAPL")).await.unwrap().hyper["hidden"], serde_json::json!(50));
    assert_eq!(running.versions("AAPL").await.iter().filter(|version| version.status == "live").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn e10_where_nothing_is_better_nothing_is_trained() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("5,10")).await.unwrap();
    work(&mut worker, 3).await;
    work(&mut worker, 1).await;
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Completed, "nothing_better"));
    assert_eq!(over.challenger, None);
    let listed =
        running.refit.searches(SearchFilter { model: Some("forecaster/AAPL".into()), ..SearchFilter::default() });
    assert_eq!(listed.await.unwrap().items.iter().map(|search| search.id).collect::<Vec<_>>(), [search.id]);
}

/// E10, A9: whoever leads goes on from the rows. Nothing is tried twice because a coordinator died, and a cleanup leaves the rows.
#[tokio::test(flavor = "multi_thread")]
async fn e10_a_search_goes_on_after_a_crash() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    work(&mut worker, 2).await;
    worker.fall_silent();
    let running = running.crash().await.start().await;
    let mut worker = running.worker(1).await;
    running.refit.cleanup(CleanupRequest::default()).await.unwrap();
    work(&mut worker, 1).await;
    work(&mut worker, 2).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality(0.6)).await;
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!(over.outcome.unwrap().code, "adopted");
    assert_eq!(over.trials.len(), 5);
    assert!(over.trials.iter().all(|trial| trial.loss.is_some()), "{:?}", over.trials);
    let trials = running.jobs().await.iter().filter(|job| job.kind == "trial").count();
    assert_eq!(trials, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn e10_a_cancelled_search_is_gone_on_with() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    work(&mut worker, 1).await;
    until(&running, search.id, |search| search.trials.iter().any(|trial| trial.loss.is_some())).await;
    let cancelled = running.refit.cancel_search(search.id).await.unwrap();
    assert_eq!((cancelled.state, cancelled.outcome.unwrap().code.as_str()), (SearchState::Cancelled, "cancelled"));
    assert!(running.refit.cancel_search(search.id).await.is_err());
    let open = |job: &JobView| job.kind == "trial" && !["completed", "cancelled"].contains(&job.state.as_str());
    wait_for("the trials to be cancelled", || async {
        let open = running.jobs().await.iter().filter(|job| open(job)).count();
        (open == 0).then_some(())
    })
    .await;
    let resumed = running.refit.resume_search(search.id).await.unwrap();
    assert_eq!(resumed.state, SearchState::Running);
    assert!(running.refit.resume_search(search.id).await.is_err());
    // One is measured already.
    work(&mut worker, 2).await;
    work(&mut worker, 2).await;
    until(&running, search.id, |search| search.state == SearchState::Challenging).await;
    let refused = running.refit.cancel_search(search.id).await.unwrap_err().to_string();
    assert!(refused.starts_with("what it found is being trained"), "{refused}");
}

/// E10: trials that fail lose; if all do, the search says why, and tries again when it is told to.
#[tokio::test(flavor = "multi_thread")]
async fn e10_trials_that_fail_are_out() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    for _ in 0..3 {
        let grant = worker.take().await;
        worker.fail(grant.claim, FailureClass::Data).await;
    }
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Failed, "unmeasured"));
    running.refit.resume_search(search.id).await.unwrap();
    let mut failed = 0;
    for _ in 0..3 {
        let grant = worker.take().await;
        match tried(&grant) {
            (90, _) => {
                failed += 1;
                worker.fail(grant.claim, FailureClass::Data).await;
            }
            _ => worker.finish(&grant, Quality::GOOD).await,
        }
    }
    assert_eq!(failed, 1);
    until(&running, search.id, |search| search.rung == 2).await;
    let alerts = running.refit.alerts(AlertFilter { all: true, ..AlertFilter::default() }).await.unwrap();
    assert_eq!(alerts.items, [], "a trial that fails is nobody's trouble");
}

/// E10: trials stand behind what somebody waits for.
#[tokio::test(flavor = "multi_thread")]
async fn e10_a_training_goes_before_trials() {
    let (running, mut worker) = Running::with_versions(1).await;
    running.import("MSFT", 400).await;
    let search = running.refit.search(asked("20..200")).await.unwrap();
    until(&running, search.id, |search| search.trials.len() == 9).await;
    running.train("MSFT", None).await;
    let mut seen = 0;
    // At most what was rung for already goes first.
    loop {
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
        match &grant.spec {
            JobSpec::Trial(_) => seen += 1,
            JobSpec::Train(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(seen <= 3, "{seen} trials went before a training");
}

#[tokio::test(flavor = "multi_thread")]
async fn e10_what_makes_no_sense_is_refused_by_name() {
    let (running, _worker) = Running::with_versions(1).await;
    let refused = async |request: SearchRequest| running.refit.search(request).await.unwrap_err().to_string();
    assert!(refused(SearchRequest { model: "forecaster/AAPLE".into(), ..asked("1..2") }).await.contains("AAPL"));
    assert!(
        refused(SearchRequest { trials: Some(1), ..asked("20..200") }).await.starts_with("trials = 1 is out of range")
    );
    assert!(refused(SearchRequest { eta: Some(1), ..asked("20..200") }).await.starts_with("eta = 1 is out of range"));
    assert!(refused(asked("many")).await.starts_with("hidden = many"));
    assert!(refused(asked("2..1")).await.contains("is nothing to search"));
    let other = SearchRequest { space: BTreeMap::from([("hiden".to_owned(), "20..200".to_owned())]), ..asked("") };
    assert!(refused(other).await.contains("did you mean \"hidden\"?"));
    running.refit.pause_model(&key("AAPL"), PauseRequest::default()).await.unwrap();
    assert!(refused(asked("20..200")).await.contains("is paused"));
    assert!(running.refit.search_of(99).await.unwrap_err().to_string().contains("search 99"));
    assert!(
        running
            .refit
            .searches(SearchFilter { model: Some("forecaster/NONE".into()), ..SearchFilter::default() })
            .await
            .is_err()
    );
    running.import("NEW", 100).await;
    assert!(refused(SearchRequest { model: "forecaster/NEW".into(), ..asked("20..200") }).await.contains("100 rows"));
}

/// E10: too few rows to tell: the version waits for more, and the search with it, until somebody has another one.
#[tokio::test(flavor = "multi_thread")]
async fn e10_what_waits_for_rows_stands_in_no_ones_way() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    work(&mut worker, 3).await;
    work(&mut worker, 2).await;
    let grant = worker.take().await;
    // On the whole no better, and no worse than chance would have it.
    worker.finish_with(&grant, &|row| 0.01 * (1.0 + 0.5 * (row.index as f64 * 1.7).sin())).await;
    let waiting = until(&running, search.id, |search| search.outcome.as_ref().is_some_and(|o| o.code == "waits")).await;
    assert_eq!(waiting.state, SearchState::Challenging);
    assert_eq!(running.versions("AAPL").await[0].status, "waiting");
    assert_eq!(running.refit.cancel_search(search.id).await.unwrap().state, SearchState::Cancelled);
    assert_eq!(running.refit.search(asked("90,110")).await.unwrap().state, SearchState::Running);
}

/// E10: what the model has is cancelled, and there is nothing to compare with: nothing is trained that may be worse.
#[tokio::test(flavor = "multi_thread")]
async fn e10_without_what_the_model_has_nothing_is_found() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    for _ in 0..3 {
        let grant = worker.take().await;
        match tried(&grant) {
            (50, _) => worker.fail(grant.claim, FailureClass::Data).await,
            _ => worker.finish(&grant, Quality::GOOD).await,
        }
    }
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Failed, "own_unmeasured"));
    running.refit.resume_search(search.id).await.unwrap();
    assert_eq!(work(&mut worker, 1).await[0].0, 50, "it is tried again, and nothing else");
    until(&running, search.id, |search| search.rung == 2).await;
}

/// E10: taken over in the moment it goes live, also by hand: what somebody has set meanwhile stays.
#[tokio::test(flavor = "multi_thread")]
async fn e10_only_what_was_searched_is_taken_over_and_at_once() {
    let (running, mut worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("90,110")).await.unwrap();
    work(&mut worker, 3).await;
    work(&mut worker, 2).await;
    let grant = worker.take().await;
    let JobSpec::Train(spec) = &grant.spec else { panic!("{grant:?}") };
    let found = spec.hyper.by_name()["hidden"].clone();
    worker.finish_with(&grant, &|row| 0.01 * (1.0 + 0.5 * (row.index as f64 * 1.7).sin())).await;
    until(&running, search.id, |search| search.outcome.as_ref().is_some_and(|o| o.code == "waits")).await;
    let hyper = Some(BTreeMap::from([("epochs".to_owned(), "7".to_owned())]));
    running.refit.put_model(&key("AAPL"), ModelRequest { hyper, ..ModelRequest::default() }).await.unwrap();
    let version = running.versions("AAPL").await[0].version.clone();
    running.refit.promote(&key("AAPL"), PromoteRequest { version: Some(version), reason: None }).await.unwrap();
    let model = running.refit.model(&key("AAPL")).await.unwrap();
    assert_eq!((model.hyper["hidden"].to_string(), &model.hyper["epochs"]), (found, &serde_json::json!(7)));
    let over = running.refit.search_of(search.id).await.unwrap();
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Completed, "adopted"));
}

/// E10, A9: a coordinator that dies while it cancels leaves no trial behind.
#[tokio::test(flavor = "multi_thread")]
async fn e10_trials_of_a_cancelled_search_are_cancelled_by_whoever_leads() {
    let (running, _worker) = Running::with_versions(1).await;
    let search = running.refit.search(asked("20..200")).await.unwrap();
    until(&running, search.id, |search| search.trials.len() == 9).await;
    running.refit.cancel_search(search.id).await.unwrap();
    let running = running.crash().await.start().await;
    wait_for("the trials to be cancelled", || async {
        let jobs = running.jobs().await;
        jobs.iter().filter(|job| job.kind == "trial").all(|job| job.state == "cancelled").then_some(())
    })
    .await;
    running.refit.resume_search(search.id).await.unwrap();
    let second = running.refit.resume_search(search.id).await.unwrap_err().to_string();
    assert!(second.contains("it is running"), "{second}");
}

/// E10: whoever tells the model to read other rows has no use for what was tried on those before.
#[tokio::test(flavor = "multi_thread")]
async fn e10_a_model_that_reads_other_rows_is_not_searched_on() {
    let running = Running::new().await;
    let texts = |first: usize| {
        let row = |n: usize| format!("c{n},row {n} says this,{}\n", n % 2);
        "id,text,label\n".to_owned() + &(first..first + 600).map(row).collect::<String>()
    };
    for (name, first) in [("one", 0), ("other", 1000)] {
        let request = TableImportRequest { key: Some("id".into()), ..TableImportRequest::default() };
        running.refit.import_rows(&name.parse().unwrap(), request, texts(first).as_bytes()).await.unwrap();
    }
    let reads = |dataset: &str| ModelRequest { dataset: Some(dataset.into()), ..ModelRequest::default() };
    let model = "text/rude".parse().unwrap();
    running.refit.put_model(&model, reads("one")).await.unwrap();
    let request = SearchRequest { model: "text/rude".into(), trials: Some(3), ..SearchRequest::default() };
    let search = running.refit.search(request).await.unwrap();
    until(&running, search.id, |search| search.trials.len() == 3).await;
    running.refit.put_model(&model, reads("other")).await.unwrap();
    let over = until(&running, search.id, |search| search.state.is_over()).await;
    assert_eq!((over.state, over.outcome.unwrap().code.as_str()), (SearchState::Cancelled, "overtaken"));
    wait_for("its trials to be cancelled", || async {
        let search = running.refit.search_of(search.id).await.unwrap();
        search.trials.iter().all(|trial| trial.state.as_deref() == Some("cancelled")).then_some(())
    })
    .await;
}
