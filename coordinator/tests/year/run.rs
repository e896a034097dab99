//! The year itself: from one due time to the next.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use common::vocabulary::{ModelKey, Timestamp, Zone};
use coordinator::service::{Coordinator, Fault, PriceImport, Refit};
use coordinator::views::{JobFilter, ModelRequest, TableImportRequest, TrainingRequest};

use serde_json::json;

use crate::calendar::{self, Watched, ZONE};
use crate::hands::Hands;
use crate::incidents::{self, Incident};
use crate::kit::{Environment, wait_for};
use crate::plan::Plan;
use crate::process::Process;
use crate::{checks, clock, market};

/// Days of bars before the year.
const BEFORE: u64 = 600;
/// Rows a day of the other fleets.
const ROWS_A_DAY: u32 = 25;
/// Scripted workers.
const HANDS: usize = 6;
/// What has not ended within this time never will.
const LIMIT: Duration = Duration::from_secs(240);
/// Of so many looks at the calendar, at one all coordinators look in the same moment.
const TOGETHER: u64 = 250;
/// The pool of the real worker.
const REAL: &str = "real";

/// All of it.
pub(crate) struct Year {
    pub(crate) plan: Plan,
    pub(crate) environment: Environment,
    coordinators: Vec<Coordinator>,
    pub(crate) watched: Vec<(Watched, Timestamp)>,
    process: Arc<Process>,
    hands: Hands,
    /// Days whose rows have come.
    delivered: NaiveDate,
    /// Trainings of workers that are gone.
    pub(crate) trainings: u64,
    /// How often the calendar was looked at.
    looks: u64,
}

/// Lives through it, and says what is broken.
pub(crate) async fn year(plan: Plan) -> Vec<String> {
    let began = Instant::now();
    let mut year = Year::begin(plan).await;
    println!("year: begun in {:.0} s", began.elapsed().as_secs_f64());
    let mut incidents = incidents::plan(year.plan.days);
    let end = instant(year.plan.end(), 0);
    let mut day = year.plan.from;
    loop {
        let now = Timestamp::now();
        let next = year.next_event(now).await;
        if next >= end {
            break;
        }
        clock::set(next.plus_seconds(1.0));
        let today = zone().date_time(next).date_naive();
        if today.month() != day.month() {
            println!("year: {today}, {} trainings, {:.0} s", year.trained(), began.elapsed().as_secs_f64());
        }
        day = today;
        let number = (day - year.plan.from).num_days().unsigned_abs();
        while let Some((_, incident)) = incidents.first().copied().filter(|(due, _)| *due <= number) {
            incidents.remove(0);
            year.happen(incident).await;
        }
        year.deliver().await;
        year.look().await;
        year.idle().await;
    }
    clock::set(end);
    year.look().await;
    year.idle().await;
    checks::of(&year, began.elapsed()).await
}

pub(crate) fn zone() -> Zone {
    ZONE.parse().unwrap()
}

/// An hour of a day, by the clocks of the zone.
fn instant(day: NaiveDate, hour: u32) -> Timestamp {
    zone().instant(day.and_time(NaiveTime::from_hms_opt(hour, 15, 0).unwrap()))
}

impl Year {
    async fn begin(plan: Plan) -> Self {
        clock::set(instant(plan.from, 0));
        let mut environment = Environment::new().await;
        environment.settings.schedules.presets = true;
        environment.settings.schedules.zone = zone();
        environment.settings.coordinator.pools = vec!["cpu".parse().unwrap(), REAL.parse().unwrap()];
        environment.settings.alerts.look_every = Duration::from_millis(500);
        environment.settings.alerts.disk_free = 0.0;
        let process = Arc::new(Process::default());
        let hands = Hands::start(&environment.ports, &process, HANDS).await;
        let (delivered, watched) = (plan.from, Vec::new());
        let mut year = Self {
            plan,
            environment,
            coordinators: Vec::new(),
            watched,
            process,
            hands,
            delivered,
            trainings: 0,
            looks: 0,
        };
        year.start_coordinators().await;
        year.found().await;
        year
    }

    pub(crate) fn refit(&self) -> Refit {
        self.coordinators[0].refit()
    }

    pub(crate) fn trained(&self) -> u64 {
        self.trainings + self.hands.trainings.load(Ordering::SeqCst)
    }

    /// Two, of which one leads.
    async fn start_coordinators(&mut self) {
        while self.coordinators.len() < 2 {
            let (settings, ports) = (self.environment.settings.clone(), self.environment.ports.clone());
            self.coordinators.push(Coordinator::with(settings, ports, Fault::None).await.unwrap());
        }
        wait_for("a leader", async || self.leader().await).await;
    }

    async fn leader(&self) -> Option<usize> {
        for (index, coordinator) in self.coordinators.iter().enumerate() {
            if coordinator.refit().health().await.leads {
                return Some(index);
            }
        }
        None
    }

    /// The fleets, and what is done by the calendar.
    async fn found(&mut self) {
        let refit = self.refit();
        let from = self.plan.from - Days::new(BEFORE);
        for (index, name) in self.plan.names().iter().enumerate() {
            import(&refit, index, name, from, self.plan.from).await;
            let tags = (index % 25 == 0).then(|| vec!["priority".to_owned()]);
            let is_real = index < self.plan.real;
            if is_real || tags.is_some() {
                let policy = is_real.then(|| serde_json::from_value(json!({ "auto_retrain": false })).unwrap());
                let request = ModelRequest { tags, policy, ..ModelRequest::default() };
                refit.put_model(&key(name), request).await.unwrap();
            }
        }
        self.rows(self.plan.from - Days::new(60), self.plan.from).await;
        for family in ["recommender", "text", "tabular"] {
            let predict = (family == "tabular").then(|| "rating".to_owned());
            let model = format!("{family}/rows").parse().unwrap();
            refit.put_model(&model, ModelRequest { predict, ..ModelRequest::default() }).await.unwrap();
        }
        for watched in calendar::watched() {
            let made = match &watched.request {
                Some(request) => {
                    let request = serde_json::from_value(request.clone()).unwrap();
                    refit.put_schedule(watched.name, request).await.unwrap()
                }
                None => wait_for(watched.name, async || refit.schedule(watched.name).await.ok()).await,
            };
            self.watched.push((watched, Timestamp(made.created_at.timestamp_micros())));
        }
        self.really_train().await;
    }

    async fn rows(&self, from: NaiveDate, to: NaiveDate) {
        let request =
            TableImportRequest { key: Some("id".into()), time: Some("day".into()), ..TableImportRequest::default() };
        let text = market::rows(market::trading_days(from, to), ROWS_A_DAY);
        self.refit().import_rows(&"rows".parse().unwrap(), request, text.as_bytes()).await.unwrap();
    }

    /// A few models are trained by a real worker: real networks, real losses.
    async fn really_train(&self) {
        if self.plan.real == 0 {
            return;
        }
        let _worker = RealWorker::start(&self.environment);
        for name in self.plan.names().iter().take(self.plan.real) {
            let request = TrainingRequest {
                model: key(name).to_string(),
                mode: Some("complete".into()),
                force: true,
                pool: Some(REAL.into()),
                hyper: [("epochs".to_owned(), "2".to_owned())].into(),
                ..TrainingRequest::default()
            };
            self.refit().train(request).await.unwrap();
        }
        self.idle().await;
    }

    /// What is due next: a schedule, or the delivery of a week's rows on a Friday evening.
    async fn next_event(&self, now: Timestamp) -> Timestamp {
        let due = self.refit().scheduler().await.unwrap().next;
        let due = due.first().map(|due| Timestamp(due.due.timestamp_micros())).unwrap();
        assert!(due > now, "{} is due still", due);
        let today = zone().date_time(now).date_naive();
        let fridays = (0..8).map(|n| today + Days::new(n)).filter(|day| day.weekday() == chrono::Weekday::Fri);
        let delivery = fridays.map(|day| instant(day, 22)).find(|at| *at > now).unwrap();
        due.min(delivery)
    }

    /// The rows of a week come.
    async fn deliver(&mut self) {
        let now = zone().date_time(Timestamp::now());
        let today = now.date_naive();
        if now.time() < NaiveTime::from_hms_opt(22, 0, 0).unwrap() || (today - self.delivered).num_days() < 4 {
            return;
        }
        let (from, to) = (self.delivered, today + Days::new(1));
        for (index, name) in self.plan.names().iter().enumerate() {
            import(&self.refit(), index, name, from, to).await;
        }
        self.rows(from, to).await;
        self.delivered = to;
    }

    /// All coordinators look: what is due is done once all the same. Now and then at once; else the leader first, who does at once what it
    /// finds itself, and what another one has found within five seconds.
    async fn look(&mut self) {
        self.looks += 1;
        let looks = self.coordinators.iter().map(|coordinator| {
            let refit = coordinator.refit();
            async move { refit.look_at_schedules().await.unwrap() }
        });
        if self.looks.is_multiple_of(TOGETHER) {
            futures::future::join_all(looks).await;
            return;
        }
        let mut looks: Vec<_> = looks.collect();
        let leader = self.leader().await.unwrap_or_default();
        looks.swap(0, leader);
        for look in looks {
            look.await;
        }
    }

    /// Waits until nothing is under way.
    async fn idle(&self) {
        let began = Instant::now();
        loop {
            let open = self.refit().scheduler().await.unwrap().open;
            let filter = JobFilter { ended: Some(false), limit: Some(3), ..JobFilter::default() };
            let jobs = self.refit().jobs(filter).await.unwrap().items;
            if open == 0 && jobs.is_empty() {
                return;
            }
            assert!(!self.hands.are_broken(), "a scripted worker has panicked");
            assert!(began.elapsed() < LIMIT, "{}: {open} runs and {jobs:#?} do not end", Timestamp::now());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn happen(&mut self, incident: Incident) {
        println!("year: {}: {incident:?}", Timestamp::now());
        match incident {
            Incident::LeaderKilled => {
                let leader = self.leader().await.unwrap();
                drop(self.coordinators.remove(leader));
                self.start_coordinators().await;
            }
            Incident::AllAway => {
                self.coordinators.clear();
                clock::set(Timestamp::now().plus_days(3.0));
                self.start_coordinators().await;
            }
            Incident::WorkersGone => {
                // They take what comes with them: a training that somebody asks for is taken by others once they are missed.
                self.hands.frozen.store(true, Ordering::SeqCst);
                let name = self.plan.names().pop().unwrap();
                let request =
                    TrainingRequest { model: key(&name).to_string(), force: true, ..TrainingRequest::default() };
                self.refit().train(request).await.unwrap();
                wait_for("somebody to have it", async || {
                    let filter = JobFilter { ended: Some(false), ..JobFilter::default() };
                    let jobs = self.refit().jobs(filter).await.unwrap().items;
                    jobs.iter().any(|job| job.state.as_str() == "running").then_some(())
                })
                .await;
                self.trainings = self.trained();
                self.hands = Hands::start(&self.environment.ports, &self.process, HANDS).await;
                self.idle().await;
            }
            Incident::ClockBack => {
                let now = Timestamp::now();
                clock::set(now.plus_seconds(-7200.0));
                self.look().await;
                clock::set(now);
            }
        }
    }
}

fn key(name: &str) -> ModelKey {
    format!("forecaster/{name}").parse().unwrap()
}

async fn import(refit: &Refit, index: usize, name: &str, from: NaiveDate, to: NaiveDate) {
    let text = market::bars(index, market::trading_days(from, to));
    let import = PriceImport { file: format!("{name}.csv"), ..PriceImport::default() };
    refit.import_prices(import, text.as_bytes()).await.unwrap();
}

/// A worker process, as people start it; it goes with its owner.
struct RealWorker(Child);

impl RealWorker {
    fn start(environment: &Environment) -> Self {
        let tests = std::env::current_exe().unwrap();
        let binary: PathBuf = tests.parent().unwrap().parent().unwrap().join("refit-worker");
        let log = std::fs::File::create(environment.settings.data_dir.join("worker.log")).unwrap();
        let child = Command::new(&binary)
            .args(["run", "--pools", REAL])
            .env("REFIT_DATA_DIR", &environment.settings.data_dir)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        Self(child.unwrap_or_else(|error| panic!("{}: {error}: cargo build --workspace --bins", binary.display())))
    }
}

impl Drop for RealWorker {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _waited = self.0.wait();
    }
}
