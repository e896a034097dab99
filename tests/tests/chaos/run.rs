//! One seed, from an installation that comes up to one that has ended.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::Utc;
use newtype_uuid::GenericUuid;
use refit_tests::installation::LIMIT;
use refit_tests::{prices, wait};
use uuid::Uuid;

use crate::arena::Arena;
use crate::breaches::{self, Auditor, note};
use crate::checks;
use crate::fairness::Fairness;
use crate::faults;
use crate::history::History;
use crate::load::{BARS, Client, Load};
use crate::outages::Outages;
use crate::plan::{Fault, FaultPlan, Target};
use crate::report::Report;
use crate::stuck::{Physician, Stuck};
use crate::watch::{View, Watch};
use crate::weather::{Weather, is_shared};

/// Between two looks at the rows.
const LOOK: Duration = Duration::from_millis(25);
/// Nothing can be struck for so long: something is stuck.
const STUCK: Duration = Duration::from_secs(150);
/// All jobs end within this time after the last fault.
const SETTLED: Duration = Duration::from_secs(240);

/// What a run is to be.
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) faults: usize,
    /// What strikes.
    pub(crate) which: Vec<Fault>,
    /// What the coordinators lack.
    pub(crate) mutant: Option<&'static str>,
}

/// Faults that can strike on this machine.
pub(crate) fn possible() -> Vec<Fault> {
    let disk = refit_tests::limits::SmallDisk::mount(1).is_some();
    Fault::ALL.iter().copied().filter(|fault| disk || fault.target() != Target::Store).collect()
}

/// Lets a seed happen. A mutant's ends at the first breach.
pub(crate) fn run(order: &Order) -> Report {
    let began = Instant::now();
    let mut arena = Arena::start(order.mutant);
    let symbols = prices::symbols();
    for symbol in &symbols {
        arena.installations[0].import(symbol, 0..BARS);
    }
    println!("seed {}: up after {:.0} s", order.seed, began.elapsed().as_secs_f64());
    let runtime = arena.runtime.clone();
    let mut storm = Storm {
        plan: FaultPlan::new(order.seed, order.faults, &order.which),
        fairness: Fairness::default(),
        stuck: Stuck::default(),
        physician: None,
        outages: Outages::default(),
        live: HashMap::new(),
        weather: Weather::of(order.seed),
        calm_since: Instant::now(),
        next: Instant::now(),
        journal: Vec::new(),
        report: Report::default(),
    };
    let load = Load::start(&arena, order.seed, symbols);
    let auditor = Auditor::start(Client::of(&arena));
    storm.physician = Some(Physician::start(Client::of(&arena)));
    let mut watch = Watch::new(&runtime, arena.database());
    let mut struck = Instant::now();
    while storm.plan.left() > 0 && (order.mutant.is_none() || auditor.found().is_empty()) {
        arena.care();
        storm.outages.see(arena.is_whole(), Utc::now());
        if watch.turn(|view| storm.see(&mut arena, view)) == Some(true) {
            struck = Instant::now();
        }
        assert!(struck.elapsed() < STUCK, "these cannot be struck: {:?}\n{}", storm.plan.pending(), logs(&arena));
        std::thread::park_timeout(LOOK);
    }
    println!("seed {}: {} faults after {:.0} s", order.seed, storm.report.faults(), began.elapsed().as_secs_f64());
    let accepted = load.stop();
    arena.heal_all();
    if order.mutant.is_none() {
        settle(&mut arena, &mut watch, &mut storm);
    }
    storm.physician.into_iter().for_each(Physician::stop);
    let (mut report, journal, outages, weather) = (storm.report, storm.journal, storm.outages, storm.weather);
    report.stuck = storm.stuck.found;
    (report.displaced, report.dispatched) = (storm.fairness.displaced, storm.fairness.dispatched);
    report.unfair = storm.fairness.unfair;
    for (name, found) in auditor.stop() {
        report.breaches.entry(name).or_default().extend(found);
    }
    if order.mutant.is_none() {
        conclude(&mut arena, &mut report, &accepted, (&outages, weather));
        let wanted = std::env::var_os("REFIT_CHAOS_LOGS").is_some();
        if wanted || !report.breaches.is_empty() || !report.stuck.is_empty() {
            println!("seed {}: the logs are in {}", order.seed, keep_logs(&arena, order.seed, &journal).display());
        }
    }
    println!("seed {}: over after {:.0} s", order.seed, began.elapsed().as_secs_f64());
    report
}

/// What goes on while faults strike.
struct Storm {
    plan: FaultPlan,
    fairness: Fairness,
    stuck: Stuck,
    physician: Option<Physician>,
    outages: Outages,
    /// `live_seq` of every model, as last seen.
    live: HashMap<String, i64>,
    weather: Weather,
    /// Since when all that jobs need is whole and was not struck.
    calm_since: Instant,
    next: Instant,
    /// What struck, and when.
    journal: Vec<String>,
    report: Report,
}

impl Storm {
    /// A look at rows that cannot change now. `true`: a fault struck.
    fn see(&mut self, arena: &mut Arena, view: &View) -> bool {
        self.follow(arena, view);
        if !arena.is_whole() {
            self.calm_since = Instant::now();
        }
        if Instant::now() < self.next {
            return false;
        }
        let (weather, calm) = (self.weather, self.calm_since.elapsed());
        let can = |fault: Fault| weather.allows(fault.target(), calm) && arena.can_strike(fault.target());
        let Some(cell) = self.plan.take(&view.present(), can) else { return false };
        if !faults::strike(arena, &mut self.plan, view, cell) {
            self.plan.again(cell);
            return false;
        }
        if is_shared(cell.0.target()) {
            self.calm_since = Instant::now();
        }
        *self.report.struck.entry(cell).or_default() += 1;
        self.journal.push(format!("{} {} at a job that is {}", Utc::now().to_rfc3339(), cell.0.name(), cell.1));
        self.next = Instant::now() + Duration::from_millis(100 + self.plan.draw(700));
        true
    }

    /// The backlog is left in its order, and `live_seq` only grows.
    fn follow(&mut self, arena: &Arena, view: &View) {
        self.fairness.see(view, arena.tap.received().window());
        let healthy_since = self.physician.as_ref().and_then(Physician::healthy_since);
        let heard = arena.tap.received();
        self.stuck.see(view, |job| heard.steps(job), healthy_since, arena.is_whole(), Instant::now());
        for (model, now) in &view.live {
            let before = self.live.insert(model.clone(), *now).unwrap_or_default();
            if *now < before {
                let what = format!("model {model}: from {before} to {now}");
                note(&mut self.report.breaches, domain::invariant::Invariant::LiveSeqGrows, what);
            }
        }
    }
}

/// Waits until every job has ended.
fn settle(arena: &mut Arena, watch: &mut Watch<'_>, storm: &mut Storm) {
    let end = Instant::now() + SETTLED;
    while Instant::now() < end {
        arena.care();
        storm.outages.see(arena.is_whole(), Utc::now());
        let left = watch.turn(|view| {
            storm.follow(arena, view);
            view.jobs.len()
        });
        if left == Some(0) {
            return;
        }
        std::thread::park_timeout(LOOK);
    }
}

/// Everything is checked, and ended.
fn conclude(arena: &mut Arena, report: &mut Report, accepted: &[Uuid], (outages, weather): (&Outages, Weather)) {
    let client = Client::of(arena);
    for installation in 0..2 {
        wait::until("a coordinator's own checks", LIMIT, || {
            breaches::ask(&client, installation, &mut report.breaches).then_some(())
        });
    }
    let history = History::read(arena);
    let pids: HashMap<Uuid, u32> =
        arena.tap.received().workers().map(|(worker, pid)| (worker.into_untyped_uuid(), pid)).collect();
    checks::rows(&history, accepted, &mut report.breaches);
    checks::leases(&history, &pids, &arena.harms, &mut report.breaches);
    checks::refused(&history, &mut report.breaches);
    report.duplicates = checks::store(&arena.store(), &history, &mut report.breaches);
    checks::queues(arena);
    let fatal = arena.harms.iter().filter(|harm| harm.fatal);
    let died: BTreeMap<u32, i64> = fatal.map(|harm| (harm.pid, harm.when.timestamp_micros())).collect();
    let deaths = pids.iter().filter_map(|(worker, pid)| Some((*worker, *died.get(pid)?))).collect();
    report.figures = history.figures(&deaths, outages, weather);
    (report.jobs, report.lost) = (history.jobs.len(), history.unfinished().len());
    report.published_twice = history.published.len();
    checks::leftovers(arena, &mut report.breaches);
    report.surprises = std::mem::take(&mut arena.surprises);
}

/// Keeps the logs and the journal of a seed in which something was broken.
fn keep_logs(arena: &Arena, seed: u64, journal: &[String]) -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-seed-{seed}"));
    let _none_yet = std::fs::remove_dir_all(&kept);
    std::fs::create_dir_all(&kept).expect("a folder for logs");
    std::fs::write(kept.join("journal"), journal.join("\n")).expect("the journal can be written");
    for (number, installation) in arena.installations.iter().enumerate() {
        for entry in std::fs::read_dir(installation.folder()).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "log") {
                let name = format!("{number}-{}", entry.file_name().to_string_lossy());
                std::fs::copy(entry.path(), kept.join(name)).expect("a log can be kept");
            }
        }
    }
    kept
}

/// The end of all logs.
fn logs(arena: &Arena) -> String {
    arena.installations.iter().map(refit_tests::Installation::logs).collect()
}
