//! `make bench-growth`: what one question about one model costs in a small and in a large company, what one about all costs, and
//! how late the leader's heartbeat comes meanwhile. 200 and 10,000 models, 1,000,000 rows; on SQLite, and on the PostgreSQL that
//! `REFIT_TEST_POSTGRES` names. Nothing is prepared but the rows.

#![allow(clippy::print_stdout, reason = "the figures are the output")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use common::losses::Contestant;
use common::settings::{Policy, Settings};
use common::vocabulary::{
    ContentHash, ContestantMetrics, Evaluation, Family, Hyper, Loss, Manifest, Mode, ModelKey, Reading, Resumption,
    Snapshot, Source, Timestamp, TrainingRecord,
};
use coordinator::service::{Coordinator, Refit};
use coordinator::views::{CheckRequest, MonitorRequest, PauseRequest, TableImportRequest};
use newtype_uuid::GenericUuid;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many models, smallest first.
const FLEETS: [u32; 2] = [200, 10_000];
/// Rows of all of them together.
const ROWS: u32 = 1_000_000;
/// Seconds that a question about one model may take.
const ONE: f64 = 0.05;
/// Seconds that a heartbeat may be late.
const LATE: f64 = 1.0;
/// Rows that come in while the heart is listened to.
const IMPORTED: u32 = 200_000;

/// Seconds that each question took.
struct Figures {
    one: f64,
    pause: f64,
    all: f64,
    monitor: f64,
    report: f64,
    late: f64,
}

#[tokio::main]
async fn main() -> Done<()> {
    measure("sqlite", None).await?;
    match std::env::var("REFIT_TEST_POSTGRES") {
        Ok(server) => measure("postgresql", Some(&server)).await,
        Err(_) => {
            println!("skipped: REFIT_TEST_POSTGRES is not set");
            Ok(())
        }
    }
}

async fn measure(name: &str, server: Option<&str>) -> Done<()> {
    let mut found = Vec::new();
    for models in FLEETS {
        let figures = company(models, server).await?;
        let Figures { one, pause, all, monitor, report, late } = figures;
        println!(
            "{name:>10}, {models:>6} models: one {:.1} ms, pause {:.1} ms, all {all:.3} s, monitor {monitor:.3} s, report {report:.3} s, \
             beat {late:.2} s late",
            1e3 * one,
            1e3 * pause
        );
        found.push(figures);
    }
    let [small, large] = found.as_slice() else { return Ok(()) };
    println!(
        "bench: growth_{name}_one {:.1} ms, goal {:.0} ms, ratio {:.2}",
        1e3 * large.one,
        1e3 * ONE,
        large.one / ONE
    );
    println!(
        "bench: growth_{name}_pause {:.1} ms, goal {:.0} ms, ratio {:.2}",
        1e3 * large.pause,
        1e3 * ONE,
        large.pause / ONE
    );
    let times = f64::from(FLEETS[1]) / f64::from(FLEETS[0]);
    for (what, small, large) in [
        ("all", small.all, large.all),
        ("monitor", small.monitor, large.monitor),
        ("report", small.report, large.report),
    ] {
        let linear = small * times;
        println!(
            "bench: growth_{name}_{what} {large:.3} s, linear from 200 models {linear:.3} s, ratio {:.2}",
            large / linear
        );
    }
    println!("bench: growth_{name}_beat {:.2} s late, goal {LATE} s, ratio {:.2}", large.late, large.late / LATE);
    Ok(())
}

/// A company of so many models: nine of ten read bars, the others three data sets.
async fn company(models: u32, server: Option<&str>) -> Done<Figures> {
    let folder = tempfile::tempdir()?;
    let mut settings = Settings::default();
    settings.data_dir = folder.path().to_owned();
    settings.coordinator.evaluate_every = Duration::ZERO;
    settings.coordinator.monitor_every = Duration::ZERO;
    let schema = format!("growth_{}", Uuid::new_v4().simple());
    if let Some(server) = server {
        let mut db = PgConnection::connect(server).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut db).await?;
        let sign = if server.contains('?') { '&' } else { '?' };
        settings.storage.database = format!("{server}{sign}options=-csearch_path%3D{schema}").as_str().into();
    }
    let url = settings.database_url();
    let coordinator = Coordinator::start(&settings).await?;
    fill(&url, models).await?;

    let heart = Heart::listen(url.clone());
    let figures = questions(&coordinator.refit(), models).await?;
    let late = heart.latest();
    coordinator.stop().await;
    if let Some(server) = server {
        let mut db = PgConnection::connect(server).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut db).await?;
    }
    Ok(Figures { late, ..figures })
}

/// Asks, while rows come in.
async fn questions(refit: &Refit, models: u32) -> Done<Figures> {
    let importing = refit.clone();
    let import = tokio::spawn(async move {
        let rows: String = (0..IMPORTED).map(|n| format!("new{n},a text,yes\n")).collect();
        let request =
            TableImportRequest { file: "more.csv".into(), key: Some("id".into()), ..TableImportRequest::default() };
        importing.import_rows(&"more".parse()?, request, format!("id,text,label\n{rows}").as_bytes()).await?;
        Done::Ok(())
    });
    let reader = format!("text/T{models:06}").parse::<ModelKey>()?;
    let check = |models: Vec<String>| refit.check(CheckRequest { models, ..CheckRequest::default() });
    let mut figures = Figures { one: 0.0, pause: 0.0, all: 0.0, monitor: 0.0, report: 0.0, late: 0.0 };
    let timed = |began: Instant| began.elapsed().as_secs_f64();
    // The median of some: the import takes the processor now and then.
    let mut ones = Vec::new();
    for key in ["forecaster/S000001", reader.as_str()].into_iter().cycle().take(20) {
        let began = Instant::now();
        check(vec![key.to_owned()]).await?;
        ones.push(timed(began));
    }
    ones.sort_by(f64::total_cmp);
    figures.one = ones[ones.len() / 2];
    let began = Instant::now();
    refit.pause_model(&reader, PauseRequest::default()).await?;
    figures.pause = timed(began);
    let began = Instant::now();
    let decided = check(Vec::new()).await?.models;
    figures.all = timed(began);
    assert_eq!(decided, models as usize, "all are decided on");
    let began = Instant::now();
    refit.monitor(MonitorRequest::default()).await?;
    figures.monitor = timed(began);
    let began = Instant::now();
    refit.incremental_report(None).await?;
    figures.report = timed(began);
    import.await??;
    Ok(figures)
}

/// Rows for a company, by SQL.
async fn fill(url: &str, models: u32) -> Done<()> {
    let readers = models / 10;
    let symbols = models - readers;
    let (bars, entries) = (ROWS * 2 / 5 / symbols, ROWS / 5);
    let source = Source {
        dataset: "set".parse()?,
        reading: Reading::Texts(serde_json::from_str(
            r#"{"text":"text","label":"label","positive":[],"weight":null,"group":null,"confirmed":[]}"#,
        )?),
    };
    let source = serde_json::to_string(&source)?;
    let (source, reading) = source.split_once("\"set").ok_or("a source names its data set")?;
    let mut text = include_str!("../src/db/plans/fill.sql").to_owned();
    for (name, value) in [
        ("symbols", symbols.to_string()),
        ("bars", bars.to_string()),
        ("readers", readers.to_string()),
        ("entries", entries.to_string()),
        ("recent", "1000".to_owned()),
        ("start", Timestamp::end_of(today()).0.to_string()),
        ("today", today().to_string()),
        (
            "schema",
            r#"{"columns":[{"name":"text","kind":"text"},{"name":"label","kind":"text"}],"key":["text"],"time":null}"#
                .to_owned(),
        ),
        ("forecaster", serde_json::to_string(&Hyper::of(Family::Forecaster))?),
        ("text", serde_json::to_string(&Hyper::of(Family::Text))?),
        ("source", format!("{source}\"set")),
        ("reading", reading.to_owned()),
        ("hash", ContentHash::of(b"").to_string()),
        ("manifest", serde_json::to_string(&manifest()?)?),
        ("decision", "{}".to_owned()),
    ] {
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    if url.starts_with("sqlite") {
        let mut db = SqliteConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {text}; COMMIT"))).execute(&mut db).await?;
    } else {
        let mut db = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(text.replace("BLOB", "BYTEA"))).execute(&mut db).await?;
        // Numbers given by hand, as here, its counters do not see.
        sqlx::raw_sql(
            "ALTER TABLE imports ALTER COLUMN id RESTART WITH 1000000; ALTER TABLE datasets ALTER COLUMN id RESTART WITH 1000000",
        )
        .execute(&mut db)
        .await?;
        sqlx::raw_sql("ANALYZE").execute(&mut db).await?;
    }
    Ok(())
}

fn today() -> NaiveDate {
    Timestamp::now().plus_days(-10.0).date()
}

fn manifest() -> Done<Manifest> {
    let metrics = |contestant| ContestantMetrics { contestant, loss: 0.1, figures: BTreeMap::new() };
    let (job, attempt) = (GenericUuid::from_untyped_uuid(Uuid::nil()), GenericUuid::from_untyped_uuid(Uuid::nil()));
    Ok(Manifest {
        format: Manifest::FORMAT,
        model: "forecaster/S000001".parse()?,
        job,
        attempt,
        mode: Mode::Complete,
        parent: None,
        snapshot: Snapshot::Bars { symbols: vec!["S000001".parse()?], parts: Vec::new() },
        split: Policy::default().split(),
        hyper: Hyper::of(Family::Forecaster),
        spec_hash: ContentHash::of(b""),
        seen_through: today(),
        data_through: today(),
        device: "cpu".into(),
        libraries: BTreeMap::new(),
        training: TrainingRecord {
            train_rows: 100,
            new_rows: 100,
            validation_rows: 20,
            left_out: 0,
            epochs: 1,
            best_epoch: 1,
            steps: 10,
            seconds: 0.5,
            curve: Vec::new(),
            resumption: Resumption::None,
            peak_memory: None,
        },
        evaluation: Evaluation {
            rows: 100,
            first: today(),
            last: today(),
            loss: Loss::Crps,
            baseline: Contestant::NoChange,
            contestants: vec![metrics(Contestant::Challenger), metrics(Contestant::NoChange)],
            forecasts: None,
            slices: Vec::new(),
            importance: Vec::new(),
            finite: true,
            varies: true,
        },
        gap: None,
        files: BTreeMap::new(),
    })
}

/// Listens to the leader's row from outside, and remembers the longest time without a beat.
struct Heart {
    stopped: Arc<AtomicBool>,
    /// Milliseconds.
    longest: Arc<AtomicU64>,
}

impl Heart {
    fn listen(url: String) -> Self {
        let heart = Self { stopped: Arc::default(), longest: Arc::default() };
        let (stopped, longest) = (heart.stopped.clone(), heart.longest.clone());
        thread::spawn(move || -> Done<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut database = Outside::connect(&url).await?;
                let (mut last, mut heard) = (database.beat().await?, Instant::now());
                while !stopped.load(Ordering::Relaxed) {
                    let beat = database.beat().await?;
                    longest.fetch_max(heard.elapsed().as_millis() as u64, Ordering::Relaxed);
                    if beat != last {
                        (last, heard) = (beat, Instant::now());
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Ok(())
            })
        });
        heart
    }

    /// How late the latest beat was, in seconds: there is one a second.
    fn latest(self) -> f64 {
        self.stopped.store(true, Ordering::Relaxed);
        (self.longest.load(Ordering::Relaxed) as f64 / 1e3 - 1.0).max(0.0)
    }
}

enum Outside {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Outside {
    async fn connect(url: &str) -> Done<Self> {
        Ok(match url.starts_with("sqlite") {
            true => Self::Sqlite(SqliteConnection::connect(url).await?),
            false => Self::Postgres(PgConnection::connect(url).await?),
        })
    }

    async fn beat(&mut self) -> Done<i64> {
        const BEAT: &str = "SELECT beat FROM leader";
        Ok(match self {
            Self::Sqlite(db) => sqlx::query(BEAT).fetch_one(db).await?.try_get(0)?,
            Self::Postgres(db) => sqlx::query(BEAT).fetch_one(db).await?.try_get(0)?,
        })
    }
}
