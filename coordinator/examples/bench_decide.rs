//! `make bench-decide`: how long it takes to decide on all models, keep every decision, and put what is due into the backlog; and
//! how that grows. Nothing is prepared but the rows: facts are read from the database, as in service.

#![allow(clippy::print_stdout, reason = "the figures are the output")]

use std::error::Error;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use common::settings::Settings;
use common::vocabulary::{Family, Hyper, Timestamp};
use coordinator::service::Coordinator;
use coordinator::views::CheckRequest;
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

/// How many models, smallest first.
const FLEETS: [u32; 5] = [1_000, 3_000, 10_000, 30_000, 100_000];
/// Seconds that the largest may take.
const GOAL: f64 = 5.0;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let today = NaiveDate::from_ymd_opt(2024, 6, 28).ok_or("a date")?;
    let mut figures: Vec<(u32, f64)> = Vec::new();
    for models in FLEETS {
        let folder = tempfile::tempdir()?;
        let mut settings = Settings::default();
        settings.data_dir = folder.path().to_owned();
        settings.coordinator.evaluate_every = Duration::ZERO;
        settings.coordinator.monitor_every = Duration::ZERO;
        let coordinator = Coordinator::start(&settings).await?;
        seed(&settings.database_url(), models, today).await?;

        let start = Instant::now();
        let request = CheckRequest { as_of: Some(today), enqueue: true, ..CheckRequest::default() };
        let enqueued = coordinator.refit().check(request).await?.enqueued;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{models:>7} models: {seconds:6.3} s, {:.1} µs each, {enqueued} enqueued",
            seconds * 1e6 / f64::from(models)
        );
        figures.push((models, seconds));
        coordinator.stop().await;
    }
    if let (Some(first), Some(last)) = (figures.first(), figures.last()) {
        println!("bench: decide_{} {:.3} s, goal {GOAL} s, ratio {:.2}", last.0, last.1, last.1 / GOAL);
        let growth = (last.1 / first.1).ln() / (f64::from(last.0) / f64::from(first.0)).ln();
        println!("bench: decide_growth {growth:.2} exponent, linear 1 exponent, ratio {growth:.2}");
    }
    Ok(())
}

/// A fleet in all states: without a model, current, outdated, with new rows, unreliable, rejected lately.
async fn seed(url: &str, models: u32, today: NaiveDate) -> Result<(), Box<dyn Error>> {
    let mut db = SqliteConnection::connect(url).await?;
    let mut tx = db.begin().await?;
    let hyper = serde_json::to_string(&Hyper::of(Family::Forecaster))?;
    sqlx::query("INSERT INTO imports (id, file, target, at, report) VALUES (1, 'all', 'ALL', 0, '{}')")
        .execute(&mut *tx)
        .await?;
    for n in 0..models {
        let symbol = format!("S{n:06}");
        let key = format!("forecaster/{symbol}");
        let rows = 1000 + i64::from(n % 40);
        let category = ["portfolio", "watchlist", "scanning", "other"][n as usize % 4];
        sqlx::query(
            "INSERT INTO series (symbol, rows, first, last, import, revised) VALUES ($1, $2, '2020-01-02', $3, 1, $4)",
        )
        .bind(&symbol)
        .bind(rows)
        .bind(today.to_string())
        .bind(if n % 50 == 0 { 2 } else { 0 })
        .execute(&mut *tx)
        .await?;
        let live = n % 5 != 0;
        sqlx::query(
            "INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at, live_major, live_minor, live_seq)
             VALUES ($1, 'forecaster', $2, '[]', $3, $4, 0, $5, $6, $7)",
        )
        .bind(&key)
        .bind(category)
        .bind(&hyper)
        .bind(n % 10 != 3)
        .bind(live.then_some(1))
        .bind(live.then_some(0))
        .bind(i64::from(live))
        .execute(&mut *tx)
        .await?;
        for (minor, status) in [(0, "live"), (1, "rejected")].into_iter().take(if !live {
            0
        } else if n % 7 == 0 {
            2
        } else {
            1
        }) {
            version(&mut tx, &key, minor, status, today - Days::new(u64::from(n % 60)), n).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn version(
    tx: &mut SqliteConnection,
    key: &str,
    minor: i64,
    status: &str,
    trained: NaiveDate,
    n: u32,
) -> Result<(), Box<dyn Error>> {
    let (job, as_of) = (Uuid::now_v7(), Timestamp::end_of(trained).0);
    sqlx::query(
        "INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request)
         VALUES ($1, 'train', $2, 'complete', 'cpu', 'completed', 0, 0, '[]', $3, $3, '{}')",
    )
    .bind(job)
    .bind(key)
    .bind(as_of)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO versions (model, major, minor, job, attempt, status, mode, as_of, recorded_at, data_through, data_rows, data_import,
             seen_through, shape, prefix, manifest_hash, manifest, reliability, skill, skill_error, skill_rows, ever_live)
         VALUES ($1, 1, $2, $3, $3, $4, 'complete', $5, $5, $6, $7, 1, $6, '2x50x60', 'p', '', '{}', $8, $9, 0.01, 60, $10)",
    )
    .bind(key)
    .bind(minor)
    .bind(job)
    .bind(status)
    .bind(as_of + minor)
    .bind(trained.to_string())
    .bind(1000)
    .bind(f64::from(n % 100) / 100.0)
    .bind(f64::from(n % 100) / 1000.0 - 0.02)
    .bind(i64::from(status == "live"))
    .execute(&mut *tx)
    .await?;
    Ok(())
}
