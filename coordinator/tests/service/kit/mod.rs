//! A coordinator in a temporary folder, prices for it, and scripted workers.

mod artifact;
mod database;
mod receiver;
mod worker;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use common::embedded::{SqliteBus, SqliteQueue, directory};
use common::settings::Settings;
use common::vocabulary::ModelKey;
use coordinator::service::{Coordinator, Error, Fault, Listener, Ports, PriceImport, Refit};
use coordinator::views::{
    Event, EventFilter, ImportReport, JobFilter, JobView, PageQuery, TrainingItem, TrainingRequest, VersionView,
};
use tokio::time::Instant;

#[allow(unused_imports, reason = "not every suite draws losses of its own")]
pub(crate) use artifact::{LossOf, Quality, Role, SEEN_ROW, ScoredRow, upload};
pub(crate) use database::{Database, Kind};
#[allow(unused_imports, reason = "not every suite is told")]
pub(crate) use receiver::{Answer, Receiver};
pub(crate) use worker::{ClaimAnswer, Worker};

/// A condition that is not met by then never will be.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A coordinator's surroundings; they outlive it.
pub(crate) struct Environment {
    pub(crate) database: Database,
    _dir: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) ports: Ports,
}

/// An environment with a coordinator that runs in it, and goes before it does.
pub(crate) struct Running {
    pub(crate) coordinator: Coordinator,
    pub(crate) refit: Refit,
    pub(crate) environment: Environment,
}

impl Environment {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::new(crate::DATABASE, dir.path()).await;
        let mut settings = Settings::default();
        settings.data_dir = dir.path().to_owned();
        settings.storage.database = database.url().as_str().into();
        settings.coordinator.evaluate_every = Duration::ZERO;
        settings.coordinator.monitor_every = Duration::ZERO;
        settings.schedules.presets = false;
        settings.dispatch.heartbeat = worker::BEAT;
        settings.dispatch.lease = Duration::from_secs(2);
        settings.dispatch.unclaimed_after = Duration::from_millis(500);
        settings.dispatch.backoff_base = Duration::from_millis(100);
        let bus = dir.path().join("bus.db");
        let ports = Ports {
            queue: Arc::new(SqliteQueue::open(&bus).await.unwrap()),
            bus: Arc::new(SqliteBus::open(&bus).await.unwrap()),
            store: Arc::new(directory(&dir.path().join("store")).await.unwrap()),
        };
        Self { database, _dir: dir, settings, ports }
    }

    pub(crate) async fn start(self) -> Running {
        self.start_with(Fault::None).await
    }

    pub(crate) async fn start_with(self, fault: Fault) -> Running {
        let plantable = matches!(fault, Fault::None) || cfg!(feature = "faults");
        assert!(
            plantable,
            "nothing can be planted in this build: make test, or cargo test --workspace --features faults"
        );
        let coordinator = Coordinator::with(self.settings.clone(), self.ports.clone(), fault).await.unwrap();
        Running { refit: coordinator.refit(), environment: self, coordinator }
    }
}

impl Running {
    pub(crate) async fn new() -> Self {
        Environment::new().await.start().await
    }

    /// With so many versions of a symbol, one after the other live, all of them good, and the worker that made them.
    pub(crate) async fn with_versions(count: usize) -> (Self, Worker) {
        let running = Self::new().await;
        running.import("AAPL", 400).await;
        let mut worker = running.worker(1).await;
        for _ in 0..count {
            let item = running.train("AAPL", Some("complete")).await;
            let grant = worker.take().await;
            worker.finish(&grant, Quality::GOOD).await;
            running.until(&item, "completed").await;
        }
        (running, worker)
    }

    /// As after a crash: the loops end where they are.
    pub(crate) async fn crash(self) -> Environment {
        self.coordinator.stop().await;
        self.environment
    }

    pub(crate) async fn worker(&self, slots: u32) -> Worker {
        Worker::start(&self.environment.ports, slots).await
    }

    /// Imports so many bars of a symbol, up to 2024-06-28.
    pub(crate) async fn import(&self, symbol: &str, bars: usize) -> ImportReport {
        self.import_text(symbol, &prices(bars, 0)).await
    }

    pub(crate) async fn import_text(&self, symbol: &str, text: &str) -> ImportReport {
        let file = format!("{symbol}.csv");
        self.import_file(&file, text, false).await.unwrap()
    }

    pub(crate) async fn import_file(
        &self,
        file: &str,
        text: &str,
        accept_revision: bool,
    ) -> Result<ImportReport, Error> {
        let import = PriceImport { file: file.into(), accept_revision, ..PriceImport::default() };
        self.refit.import_prices(import, text.as_bytes()).await
    }

    /// Asks for a training as of 2024-06-28, whatever the rules say.
    pub(crate) async fn train(&self, symbol: &str, mode: Option<&str>) -> TrainingItem {
        let request = TrainingRequest {
            model: format!("forecaster/{symbol}"),
            mode: mode.map(str::to_owned),
            force: true,
            as_of: Some(last_day()),
            ..TrainingRequest::default()
        };
        self.refit.train(request).await.unwrap().items.remove(0)
    }

    pub(crate) async fn job(&self, item: &TrainingItem) -> JobView {
        self.refit.job(id(item)).await.unwrap()
    }

    /// Waits until a job is in this state.
    pub(crate) async fn until(&self, item: &TrainingItem, state: &str) -> JobView {
        wait_for(&format!("the job to be {state}"), || async {
            let job = self.job(item).await;
            (job.state == state).then_some(job)
        })
        .await
    }

    /// Hears everything from now on.
    pub(crate) fn listen(&self) -> Listener {
        self.refit.events(&EventFilter::default(), None).unwrap()
    }

    pub(crate) async fn versions(&self, symbol: &str) -> Vec<VersionView> {
        let mut whole = Vec::new();
        for version in self.refit.versions(&key(symbol), PageQuery::default()).await.unwrap().items {
            whole.push(self.refit.version(&key(symbol), version.version.parse().unwrap()).await.unwrap());
        }
        whole
    }

    pub(crate) async fn jobs(&self) -> Vec<JobView> {
        let mut whole = Vec::new();
        for job in self.refit.jobs(JobFilter { limit: Some(1000), ..JobFilter::default() }).await.unwrap().items {
            whole.push(self.refit.job(newtype_uuid::GenericUuid::from_untyped_uuid(job.id)).await.unwrap());
        }
        whole
    }
}

/// Hears on until `found` has found what it looks for.
pub(crate) async fn receive<T>(listener: &mut Listener, what: &str, mut found: impl FnMut(Event) -> Option<T>) -> T {
    let until = Instant::now() + LIMIT;
    loop {
        let piece = tokio::time::timeout_at(until, listener.next()).await;
        let piece = piece.unwrap_or_else(|_| panic!("waited in vain to hear of {what}"));
        let lines = std::str::from_utf8(&piece).unwrap().lines();
        let mut events = lines.filter_map(|line| line.strip_prefix("data: ")).map(serde_json::from_str);
        if let Some(found) = events.find_map(|event| found(event.unwrap())) {
            return found;
        }
    }
}

pub(crate) fn id(item: &TrainingItem) -> common::vocabulary::JobId {
    newtype_uuid::GenericUuid::from_untyped_uuid(item.job.expect("a job"))
}

pub(crate) fn key(symbol: &str) -> ModelKey {
    format!("forecaster/{symbol}").parse().unwrap()
}

pub(crate) fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 6, 28).unwrap()
}

/// `bars` daily bars as CSV; the last is that of 2024-06-28, `later` more of weekdays follow.
pub(crate) fn prices(bars: usize, later: usize) -> String {
    let weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut days: Vec<NaiveDate> = (0..).map(|n| last_day() - Days::new(n)).filter(weekday).take(bars).collect();
    days.reverse();
    days.extend((1..).map(|n| last_day() + Days::new(n)).filter(weekday).take(later));
    let mut text = "date,open,high,low,close,adj_close,volume\n".to_owned();
    for (i, day) in days.iter().enumerate() {
        let close = 100.0 + 10.0 * (i as f64 * 0.37).sin();
        text += &format!("{day},{close},{},{},{close},{close},{}\n", close + 1.0, close - 1.0, 1000 + i);
    }
    text
}

/// Waits until there is something, and fails with its name if there is nothing for too long.
pub(crate) async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let until = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
