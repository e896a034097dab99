//! Lists in pages: each page is what comes behind the one before, whatever comes and goes meanwhile.

use std::collections::HashSet;

use common::vocabulary::{Family, Hyper, JobState, Timestamp};
use coordinator::service::{Error, Fault, Mutant, Refit};
use coordinator::views::{
    DecisionFilter, DecisionVerdict, JobFilter, JobSummary, ModelFilter, Page, PageQuery, WorkerFilter,
};

use crate::kit::{Environment, Kind, Running, key};

/// 250 models of texts; every tenth is of a category of its own, and a decision about every fifth asks for a training.
const MODELS: &str = "
    INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 249)
    SELECT 'text/m' || substr(CAST(1000 + i AS TEXT), 2), 'text', CASE WHEN i % 10 = 0 THEN 'portfolio' ELSE 'watchlist' END, '[]',
        '{hyper}', 1, 0 FROM n";

/// Of each model a job in the backlog, one that was completed and one that failed, with ids and times that grow with the model.
const JOBS: &str = "
    INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, data_rows, data_import,
        champion_seq, ended_at, failure)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 749)
    SELECT CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), 'train',
        'text/m' || substr(CAST(1000 + i % 250 AS TEXT), 2), 'complete',
        CASE WHEN i % 2 = 0 THEN 'cpu' ELSE 'gpu' END, CASE i / 250 WHEN 0 THEN 'queued' WHEN 1 THEN 'completed' ELSE 'failed' END,
        1.0, i % 50, '[]', {now} + i, {now}, 'null', 0, 0, 0,
        CASE WHEN i < 250 THEN NULL ELSE {now} + i / 7 END,
        CASE WHEN i < 500 THEN NULL ELSE 'code' END FROM n";

/// Every row of a decision that the tests look at.
const DECISIONS: &str = "
    INSERT INTO decisions (model, at, fingerprint, body)
    SELECT key, 0, CASE WHEN substr(key, 8, 1) IN ('0', '5') THEN 'retrain|no_model|' ELSE 'not_needed||' END,
        '{\"model\":\"' || key || '\",\"verdict\":\"retrain\",\"mode\":null,\"reasons\":[],\"holds\":[],\"score\":null,\"terms\":[],'
        || '\"at\":\"2026-01-01T00:00:00Z\",\"job\":null}' FROM models";

async fn filled() -> Running {
    // What is decided here is made up, and stays.
    let running = Environment::new().await.start_with(Fault::Mutant(Mutant::DecisionsGrowOld)).await;
    let hyper = serde_json::to_string(&Hyper::of(Family::Text)).unwrap();
    let blob = if crate::DATABASE == Kind::Postgres { "BYTEA" } else { "BLOB" };
    for statement in [MODELS, JOBS, DECISIONS] {
        let statement = statement.replace("{hyper}", &hyper).replace("{now}", &Timestamp::now().0.to_string());
        let statement: &'static str = Box::leak(statement.replace("BLOB", blob).into_boxed_str());
        running.environment.database.execute(statement).await.unwrap();
    }
    running
}

/// All items of a list, and how many pages they came in; `between` is done after each page.
async fn all<T>(
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, Error>,
    between: impl AsyncFn(usize),
) -> (Vec<T>, usize) {
    let (mut items, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let Page { items: more, next } = page(cursor).await.unwrap();
        assert!(!more.is_empty() || next.is_none(), "a page of nothing ends a list");
        items.extend(more);
        pages += 1;
        cursor = next;
        between(pages).await;
        if cursor.is_none() {
            return (items, pages);
        }
    }
}

async fn models(refit: &Refit, filter: ModelFilter) -> Vec<String> {
    let page = async |cursor| refit.models(ModelFilter { cursor, limit: Some(7), ..filter.clone() }).await;
    let (models, _) = all(page, async |_| ()).await;
    models.into_iter().map(|model| model.key).collect()
}

async fn jobs(refit: &Refit, filter: JobFilter) -> Vec<JobSummary> {
    let page = async |cursor| refit.jobs(JobFilter { cursor, limit: Some(64), ..filter.clone() }).await;
    all(page, async |_| ()).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_tile_the_models_while_others_come() {
    let running = filled().await;
    let page = async |cursor| running.refit.models(ModelFilter { cursor, ..ModelFilter::default() }).await;
    // One before what has been shown, and one that is still to come.
    let between = async |pages| {
        if pages == 1 {
            for name in ["text/a", "text/z"] {
                running.refit.put_model(&name.parse().unwrap(), Default::default()).await.unwrap();
            }
        }
    };
    let (models, pages) = all(page, between).await;
    let keys: Vec<&str> = models.iter().map(|model| model.key.as_str()).collect();
    assert_eq!((keys.len(), pages, keys.last()), (251, 3, Some(&"text/z")), "100 a page, the later one among them");
    assert!(keys.is_sorted_by(|a, b| a < b), "each once, in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_chosen_in_the_database() {
    let running = filled().await;
    let refit = &running.refit;
    let other = "INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at)
        SELECT 'tabular/m000', 'tabular', category, tags, hyper, auto_retrain, created_at FROM models WHERE key = 'text/m001'";
    running.environment.database.execute(other).await.unwrap();
    let filter = ModelFilter::default();
    let of = |family| ModelFilter { family: Some(family), ..filter.clone() };
    assert_eq!(models(refit, of(Family::Text)).await.len(), 250);
    assert_eq!(models(refit, of(Family::Tabular)).await, ["tabular/m000"]);
    assert_eq!(models(refit, of(Family::Forecaster)).await.len(), 0);
    let begins = |key: &str| ModelFilter { key: Some(key.into()), ..filter.clone() };
    assert_eq!(models(refit, begins("text/m01")).await.len(), 10);
    assert_eq!(models(refit, begins("text/m011")).await, ["text/m011"]);
    assert_eq!(models(refit, begins("text/x")).await.len(), 0);
    let portfolio = ModelFilter { category: Some("portfolio".into()), ..filter.clone() };
    assert_eq!(models(refit, portfolio.clone()).await.len(), 25);
    let due = ModelFilter { verdict: Some(DecisionVerdict::Retrain), ..filter.clone() };
    assert_eq!(models(refit, due.clone()).await.len(), 50);
    let both = ModelFilter { verdict: due.verdict, ..portfolio.clone() };
    assert_eq!(models(refit, both).await.len(), 5);
    let paused = "UPDATE models SET paused_at = 1 WHERE key IN ('text/m003', 'text/m010')";
    running.environment.database.execute(paused).await.unwrap();
    let attention = ModelFilter { attention: true, ..filter.clone() };
    assert_eq!(models(refit, attention.clone()).await, ["text/m003", "text/m010"]);
    assert_eq!(models(refit, ModelFilter { attention: true, ..portfolio }).await, ["text/m010"]);
    assert_eq!(models(refit, ModelFilter { attention: true, ..due }).await, ["text/m003"]);

    let decisions = async |verdict| {
        let page = async |cursor| refit.decisions(DecisionFilter { verdict, limit: Some(9), cursor }).await;
        all(page, async |_| ()).await.0.len()
    };
    assert_eq!((decisions(Some(DecisionVerdict::NotNeeded)).await, decisions(None).await), (200, 250));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_tile_the_jobs_in_their_order() {
    let running = filled().await;
    let refit = &running.refit;
    let all = jobs(refit, JobFilter::default()).await;
    assert_eq!(all.iter().map(|job| job.id).collect::<HashSet<_>>().len(), 750, "each once");
    assert_eq!(all.len(), 750);
    let (line, ended) = all.split_at(250);
    assert!(line.iter().all(|job| job.state == JobState::Queued) && ended.iter().all(|job| job.ended_at.is_some()));
    assert!(ended.is_sorted_by(|a, b| (a.ended_at, a.id) > (b.ended_at, b.id)), "the newest first");

    let of = |state| JobFilter { state: Some(state), ..JobFilter::default() };
    assert_eq!(jobs(refit, of(JobState::Queued)).await.len(), 250);
    assert_eq!(jobs(refit, of(JobState::Completed)).await.len(), 250);
    let failed = jobs(refit, of(JobState::Failed)).await;
    assert!(failed.len() == 250 && failed.iter().all(|job| job.state == JobState::Failed));
    assert_eq!(jobs(refit, of(JobState::Cancelled)).await.len(), 0);
    let that_ended = |ended| JobFilter { ended: Some(ended), ..JobFilter::default() };
    assert_eq!(jobs(refit, that_ended(true)).await, ended);
    assert_eq!(jobs(refit, that_ended(false)).await.len(), 250);
    assert_eq!(jobs(refit, JobFilter { ended: Some(false), ..of(JobState::Failed) }).await.len(), 0);
    let of_model = JobFilter { model: Some("text/m042".into()), ..JobFilter::default() };
    let states: Vec<JobState> = jobs(refit, of_model.clone()).await.into_iter().map(|job| job.state).collect();
    assert_eq!(states, [JobState::Queued, JobState::Failed, JobState::Completed]);
    assert_eq!(jobs(refit, JobFilter { state: Some(JobState::Failed), ..of_model }).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_found_by_the_beginning_of_their_ids() {
    let running = filled().await;
    let refit = &running.refit;
    let by = |id: &str| JobFilter { id: Some(id.into()), limit: Some(64), ..JobFilter::default() };
    // The ids are digits as text: 30 is "0".
    let whole = "30303030-3030-3030-3030-303030303432";
    assert_eq!(refit.jobs(by(whole)).await.unwrap().items.len(), 1);
    let page = async |cursor| refit.jobs(JobFilter { cursor, ..by("30303030-3030-3030-3030-3030303034") }).await;
    let (found, pages) = all(page, async |_| ()).await;
    assert_eq!((found.len(), pages), (10, 1));
    let page = async |cursor| refit.jobs(JobFilter { cursor, ..by("3030") }).await;
    let (found, pages) = all(page, async |_| ()).await;
    assert_eq!((found.len(), pages), (750, 12));
    assert!(found.is_sorted_by(|a, b| a.id < b.id));
    assert!(refit.jobs(by("31")).await.unwrap().items.is_empty());
    for strange in ["", "no id", "-", "3030303030303030303030303030303030"] {
        assert!(matches!(refit.jobs(by(strange)).await, Err(Error::Invalid { .. })), "{strange:?}");
    }
    let more = JobFilter { state: Some(JobState::Failed), ..by("30") };
    assert!(matches!(refit.jobs(more).await, Err(Error::Invalid { .. })), "goes with no other filter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_of_its_list_and_a_limit_has_bounds() {
    let running = filled().await;
    let refit = &running.refit;
    let next = refit.models(ModelFilter { limit: Some(1), ..ModelFilter::default() }).await.unwrap().next;
    let cursor = next.clone().unwrap();
    let refused = |error: Error| assert!(error.to_string().contains("cursor"), "{error}");
    let others = ModelFilter { category: Some("portfolio".into()), cursor: next.clone(), ..ModelFilter::default() };
    refused(refit.models(others).await.unwrap_err());
    refused(refit.jobs(JobFilter { cursor: next.clone(), ..JobFilter::default() }).await.unwrap_err());
    refused(refit.decisions(DecisionFilter { cursor: next, ..DecisionFilter::default() }).await.unwrap_err());
    let other = if cursor.starts_with('0') { "1" } else { "0" };
    for damaged in [String::new(), cursor[1..].to_owned(), format!("{cursor}00"), other.to_owned() + &cursor[1..]] {
        let filter = ModelFilter { cursor: Some(damaged), ..ModelFilter::default() };
        refused(refit.models(filter).await.unwrap_err());
    }
    for limit in [0, 1001] {
        let limit = Some(limit);
        let query = || PageQuery { limit, cursor: None };
        let model = "text/m000".parse().unwrap();
        let all = [
            refit.models(ModelFilter { limit, ..ModelFilter::default() }).await.err(),
            refit.jobs(JobFilter { limit, ..JobFilter::default() }).await.err(),
            refit.decisions(DecisionFilter { limit, ..DecisionFilter::default() }).await.err(),
            refit.workers(WorkerFilter { limit, ..WorkerFilter::default() }).await.err(),
            refit.pools(query()).await.err(),
            refit.tokens(query()).await.err(),
            refit.datasets(query()).await.err(),
            refit.versions(&model, query()).await.err(),
            refit.ledger(&model, query()).await.err(),
        ];
        for refused in all {
            let text = refused.unwrap().to_string();
            assert!(text.contains("1 to 1000"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_ledgers_come_in_pages_too() {
    let (running, _worker) = Running::with_versions(3).await;
    let (refit, aapl) = (&running.refit, key("AAPL"));
    let page = async |cursor| refit.versions(&aapl, PageQuery { limit: Some(2), cursor }).await;
    let (versions, pages) = all(page, async |_| ()).await;
    let numbers: Vec<&str> = versions.iter().map(|version| version.version.as_str()).collect();
    assert_eq!((numbers.as_slice(), pages), (["v3.0", "v2.0", "v1.0"].as_slice(), 2));
    let page = async |cursor| refit.ledger(&aapl, PageQuery { limit: Some(1), cursor }).await;
    let (ledger, pages) = all(page, async |_| ()).await;
    assert_eq!((ledger.iter().map(|entry| entry.live_seq).collect::<Vec<_>>(), pages), (vec![3, 2, 1], 3));
    let shown = refit.models(ModelFilter::default()).await.unwrap().items;
    let live = shown[0].live.as_ref().unwrap();
    assert_eq!((shown[0].key.as_str(), live.version.as_str()), ("forecaster/AAPL", "v3.0"));
    let whole = refit.model(&aapl).await.unwrap();
    assert_eq!((shown[0].rows, shown[0].new_rows, shown[0].live_seq), (whole.rows, whole.new_rows, whole.live_seq));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_hinted_at_among_many() {
    let running = filled().await;
    let refit = &running.refit;
    running.import("AAPL", 400).await;
    for (typed, hint) in [
        ("forecaster/AAPK", "did you mean forecaster/AAPL?"),
        ("text/aapl", "did you mean forecaster/AAPL?"),
        ("text/m0042", "did you mean text/m00"),
        ("text/M042", "did you mean text/m042?"),
        ("text/nothing", "refit models"),
    ] {
        let error = refit.model(&typed.parse().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains(hint), "{typed}: {error}");
    }
}
