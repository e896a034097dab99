//! `make bench-decide`: how long it takes to decide on all models, keep every decision, and put what is due into the backlog; how
//! that grows, and what memory it takes. Nothing is prepared but the rows: facts are read from the database, as in service.
//!
//! SQLite with 1,000 to 100,000 models, and a million (`REFIT_BENCH_MODELS`) on the PostgreSQL that `REFIT_TEST_POSTGRES` names: once
//! when nothing has been decided yet, and twice more when little or nothing has changed since.

#![allow(clippy::print_stdout, reason = "the figures are the output")]

mod fleet;

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use common::settings::Settings;
use coordinator::service::Coordinator;
use coordinator::views::CheckRequest;

use self::fleet::Schema;

type Done<T> = Result<T, Box<dyn Error>>;

/// How many models there are in SQLite, smallest first.
const FLEETS: [u32; 5] = [1_000, 3_000, 10_000, 30_000, 100_000];
/// Seconds that the largest may take.
const GOAL: f64 = 5.0;
/// How many there are in PostgreSQL, if nobody says otherwise.
const LARGE: u32 = 1_000_000;
/// Seconds that these may take.
const LARGE_GOAL: f64 = 60.0;
/// MiB that the process may take meanwhile.
const MEMORY_GOAL: f64 = 500.0;

/// What one evaluation took.
struct Figures {
    seconds: f64,
    /// MiB at the peak.
    memory: f64,
}

#[tokio::main]
async fn main() -> Done<()> {
    let today = NaiveDate::from_ymd_opt(2024, 6, 28).ok_or("a date")?;
    let models = std::env::var("REFIT_BENCH_MODELS").ok().and_then(|text| text.parse().ok()).unwrap_or(LARGE);
    match std::env::var("REFIT_TEST_POSTGRES") {
        Ok(server) => in_postgres(&server, models, today).await?,
        Err(_) => println!("skipped: REFIT_TEST_POSTGRES is not set"),
    }
    if std::env::var("REFIT_BENCH_MODELS").is_ok() { Ok(()) } else { in_sqlite(today).await }
}

async fn in_sqlite(today: NaiveDate) -> Done<()> {
    let mut figures: Vec<(u32, f64)> = Vec::new();
    for models in FLEETS {
        let (folder, mut settings) = (tempfile::tempdir()?, Settings::default());
        settings.data_dir = folder.path().to_owned();
        let found = evaluate(&mut settings, models, today, &["first"]).await?;
        figures.extend(found.iter().map(|found| (models, found.seconds)));
    }
    if let (Some(first), Some(last)) = (figures.first(), figures.last()) {
        println!("bench: decide_{} {:.3} s, goal {GOAL} s, ratio {:.2}", last.0, last.1, last.1 / GOAL);
        let growth = (last.1 / first.1).ln() / (f64::from(last.0) / f64::from(first.0)).ln();
        println!("bench: decide_growth {growth:.2} exponent, linear 1 exponent, ratio {growth:.2}");
    }
    Ok(())
}

async fn in_postgres(server: &str, models: u32, today: NaiveDate) -> Done<()> {
    let (schema, folder, mut settings) = (Schema::on(server).await?, tempfile::tempdir()?, Settings::default());
    settings.data_dir = folder.path().to_owned();
    settings.storage.database = schema.url().as_str().into();
    let rounds = ["first", "again", "unchanged"];
    let found = evaluate(&mut settings, models, today, &rounds).await;
    schema.remove().await?;
    for (round, Figures { seconds, memory }) in rounds.iter().zip(found?) {
        let ratio = seconds / LARGE_GOAL;
        println!("bench: decide_postgresql_{models}_{round} {seconds:.1} s, goal {LARGE_GOAL} s, ratio {ratio:.2}");
        let ratio = memory / MEMORY_GOAL;
        println!(
            "bench: decide_postgresql_{models}_{round}_memory {memory:.0} MiB, goal {MEMORY_GOAL} MiB, ratio {ratio:.2}"
        );
    }
    Ok(())
}

/// Decides on all of a fleet, once for each round.
async fn evaluate(settings: &mut Settings, models: u32, today: NaiveDate, rounds: &[&str]) -> Done<Vec<Figures>> {
    settings.coordinator.evaluate_every = Duration::ZERO;
    settings.coordinator.monitor_every = Duration::ZERO;
    let coordinator = Coordinator::start(settings).await?;
    fleet::fill(&settings.database_url(), models, today).await?;
    let mut figures = Vec::new();
    for round in rounds {
        forget_the_peak();
        let start = Instant::now();
        let request = CheckRequest { as_of: Some(today), enqueue: true, ..CheckRequest::default() };
        let answer = coordinator.refit().check(request).await?;
        let found = Figures { seconds: start.elapsed().as_secs_f64(), memory: peak()? };
        println!(
            "{:>7} models, {round}: {:6.3} s, {:.1} µs each, {} enqueued, {:.0} MiB",
            answer.models,
            found.seconds,
            found.seconds * 1e6 / f64::from(models),
            answer.enqueued,
            found.memory
        );
        figures.push(found);
    }
    coordinator.stop().await;
    Ok(figures)
}

/// What the process takes from here on is what counts.
fn forget_the_peak() {
    let _not_everywhere = fs::write("/proc/self/clear_refs", "5");
}

/// MiB that it has taken since, at the most.
fn peak() -> Done<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel says so")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
