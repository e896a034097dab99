//! How the database is opened: by several at once, and never by a release that is too old for it.

use coordinator::service::{Coordinator, Fault};
use coordinator::views::{AuditFilter, CheckRequest, ModelFilter, PageQuery, PoolState, PredictionFilter};

use crate::kit::{Environment, Kind, Quality, Running};

#[tokio::test(flavor = "multi_thread")]
async fn coordinators_that_start_at_once_find_one_schema() {
    let environment = Environment::new().await;
    let starting = (0..6).map(|_| {
        let (settings, ports) = (environment.settings.clone(), environment.ports.clone());
        tokio::spawn(async move { Coordinator::with(settings, ports, Fault::None).await })
    });
    for started in starting.collect::<Vec<_>>() {
        started.await.unwrap().unwrap().stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_release_is_left_alone() {
    let environment = Running::new().await.crash().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, '', 0)";
    environment.database.execute(later).await.unwrap();
    let refused =
        Coordinator::with(environment.settings.clone(), environment.ports.clone(), Fault::None).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("cannot be opened: it belongs to a later release of Refit (its schema has step 9999"),
        "{text}"
    );
}

/// While an installation is upgraded, coordinators of both releases work on the database that the later one has added to; and whoever
/// goes back to the release before finds such a one.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_a_later_release_has_only_added_to_is_worked_on() {
    let (running, worker) = Running::with_versions(1).await;
    drop(worker);
    let environment = running.crash().await;
    for added in [
        "ALTER TABLE jobs ADD COLUMN later TEXT",
        "ALTER TABLE models ADD COLUMN later INTEGER NOT NULL DEFAULT 7",
        "CREATE TABLE later (id TEXT PRIMARY KEY)",
        "CREATE INDEX jobs_later ON jobs (later)",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, 'later', TRUE, '', 0)",
    ] {
        environment.database.execute(added).await.unwrap();
    }
    let running = environment.start().await;
    running.import("MSFT", 400).await;
    assert!(running.refit.check(CheckRequest::default()).await.unwrap().models >= 2);
    let mut worker = running.worker(1).await;
    let item = running.train("AAPL", Some("complete")).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
    assert_eq!(running.versions("AAPL").await.len(), 2);
}

/// What an installation wrote that has lived: all families, trainings, verdicts, promotions, a rollback, a batch, labels, pauses, a
/// cancelled job, tokens. Written by the release whose schema ends with that step, and never changed.
pub(crate) fn lived() -> &'static str {
    match crate::DATABASE {
        Kind::Sqlite => include_str!("earlier/step_0008.sqlite.sql"),
        Kind::Postgres => include_str!("earlier/step_0008.postgres.sql"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_release_opens_with_all_that_is_in_it() {
    let environment = Environment::new().await;
    environment.database.execute(lived()).await.unwrap();
    let count = async |statement| environment.database.texts(statement).await.len();
    let jobs = count("SELECT state FROM jobs").await;
    let versions = count("SELECT status FROM versions").await;
    let ledger = count("SELECT model FROM ledger").await;
    let predictions = count("SELECT output FROM predictions").await;
    let calls = count("SELECT method FROM audit").await;
    assert!(jobs >= 9 && versions >= 6 && ledger >= 8 && predictions >= 60 && calls >= 30, "it has lived");

    let running = environment.start().await;
    let refit = &running.refit;
    let models = refit.models(ModelFilter::default()).await.unwrap().items;
    let is_live: Vec<_> = models.iter().map(|model| (model.key.as_str(), model.live.is_some())).collect();
    let expected = [
        ("forecaster/AAPL", true),
        ("forecaster/MSFT", false),
        ("forecaster/universal", false),
        ("recommender/movies", true),
        ("tabular/churn", true),
        ("text/toxicity", true),
    ];
    assert_eq!(is_live, expected);
    assert_eq!(running.jobs().await.len(), jobs);
    let (mut of_models, mut promotions, mut served) = (0, 0, 0);
    for model in &models {
        let key = model.key.parse().unwrap();
        of_models += refit.versions(&key, PageQuery::default()).await.unwrap().items.len();
        promotions += refit.ledger(&key, PageQuery::default()).await.unwrap().items.len();
        let filter = PredictionFilter { limit: Some(1000), ..PredictionFilter::default() };
        served += refit.predictions(&key, filter).await.unwrap().page.items.len();
    }
    assert_eq!((of_models, promotions, served), (versions, ledger, predictions));
    let filter = AuditFilter { limit: Some(1000), ..AuditFilter::default() };
    assert_eq!(refit.audit(filter).await.unwrap().items.len(), calls);
    assert_eq!(refit.tokens(PageQuery::default()).await.unwrap().items[0].name, "ci");
    assert_eq!(refit.datasets(PageQuery::default()).await.unwrap().items.len(), 3);
    let pools = refit.pools(PageQuery::default()).await.unwrap().items;
    let closed = pools.into_iter().find(|pool| pool.scaling.pool == "cpu").unwrap();
    assert_eq!(closed.state, PoolState::Paused);
    // It goes on living: decided on anew, and rows come in.
    assert_eq!(refit.check(CheckRequest::default()).await.unwrap().models, models.len());
    running.import("NVDA", 400).await;
    assert_eq!(refit.models(ModelFilter::default()).await.unwrap().items.len(), models.len() + 1);
}
