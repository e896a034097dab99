//! What only a server can do: refuse, restart, and serve several coordinators.

use std::time::{Duration, Instant};

use coordinator::service::{Coordinator, Error, Fault};
use coordinator::views::{CheckRequest, PageQuery, ProbeRequest};
use sqlx::{Connection, Executor, PgConnection};

use crate::kit::{ClaimAnswer, Environment, LIMIT, Quality, Running, key, last_day};
use crate::results::live;

async fn refused(change: impl Fn(&str) -> String) -> String {
    let mut environment = Environment::new().await;
    environment.settings.storage.database = change(&environment.database.url()).as_str().into();
    Coordinator::with(environment.settings.clone(), environment.ports.clone(), Fault::None)
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_or_schema_that_is_not_there_is_named() {
    let text = refused(|url| format!("{url}&dbname=not_there")).await;
    assert!(text.contains("database \"not_there\" does not exist: create it, or correct the name"), "{text}");
    let text = refused(|url| url.replace("search_path%3Dtest_", "search_path%3Dnot_there_")).await;
    assert!(
        text.contains("no schema has been selected to create in: create the schema that search_path names"),
        "{text}"
    );
}

/// Every connection is cut while a job is under way, again and again; the loops go on, and the job ends once.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_lost_are_made_anew() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = running.train("AAPL", None).await;
    cut(&running).await;
    let grant = loop {
        // Rung again meanwhile, an earlier doorbell is refused.
        let doorbell = worker.doorbell().await;
        let claim = worker.claim_of(doorbell);
        if let ClaimAnswer::Granted(grant) = worker.claim(claim).await {
            break grant;
        }
    };
    cut(&running).await;
    worker.finish(&grant, Quality::GOOD).await;
    cut(&running).await;
    running.until(&item, "completed").await;
    live(&running, "AAPL", "v1.0").await;
    assert_eq!(running.versions("AAPL").await.len(), 1);
}

async fn cut(running: &Running) {
    for _ in 0..20 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()";
        running.environment.database.execute(cut).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Who is refused the turn has begun nothing: the next one is taken on the same connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_refused_leaves_no_transaction_open() {
    let running = Running::new().await;
    let mut other = PgConnection::connect(&running.environment.database.url()).await.unwrap();
    other.execute("SELECT pg_advisory_lock(hashtextextended('refit ' || current_schema(), 0))").await.unwrap();
    let request = || ProbeRequest::default();
    let refit = running.refit.clone();
    let asked = tokio::spawn(async move { refit.probe(request()).await });
    let until = Instant::now() + LIMIT;
    while !asked.is_finished() {
        assert!(Instant::now() < until, "the turn is never refused");
        let refuse = "SELECT pg_cancel_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
                      WHERE locktype = 'advisory' AND NOT granted AND application_name = current_setting('application_name')";
        other.execute(refuse).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(asked.await.unwrap().is_err());
    other.close().await.unwrap();
    assert_eq!(running.refit.probe(request()).await.unwrap().jobs.len(), 1);
}

/// Two coordinators on one database and one bus: each effect has its own guard, so nothing happens twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_coordinators_do_no_harm_to_each_other() {
    let running = Running::new().await;
    let (settings, ports) = (running.environment.settings.clone(), running.environment.ports.clone());
    let other = Coordinator::with(settings, ports, Fault::None).await.unwrap();
    running.import("AAPL", 400).await;
    let request = || CheckRequest { as_of: Some(last_day()), enqueue: true, ..CheckRequest::default() };
    let (one, two) = (running.refit.clone(), other.refit());
    let (one, two) = tokio::join!(one.check(request()), two.check(request()));
    let jobs = one.unwrap().enqueued + two.unwrap().enqueued;
    assert_eq!(jobs, 1, "one training, whoever asks");
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    live(&running, "AAPL", "v1.0").await;
    assert_eq!(running.refit.ledger(&key("AAPL"), PageQuery::default()).await.unwrap().items.len(), 1);
    assert!(matches!(other.refit().model(&key("MSFT")).await, Err(Error::NotFound { .. })));
    other.stop().await;
}
