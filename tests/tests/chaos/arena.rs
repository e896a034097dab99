//! The installation that is struck: two coordinators and four workers on services of their own, behind proxies; and what heals.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::connect;
use common::ports::{EventBus, JobQueue};
use common::vocabulary::WorkerId;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use refit_tests::Installation;
use refit_tests::limits::SmallDisk;
use refit_tests::private::PrivateServices;
use refit_tests::process::Process;
use refit_tests::proxy::Proxy;
use refit_tests::slow::SlowClients;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime::Runtime;

use crate::faults::redis;
use crate::plan::{Fault, Target};
use crate::tap::Tap;

/// Workers of one slot each.
const WORKERS: usize = 4;
/// Of everything in PostgreSQL, Redis and RabbitMQ.
const NAME: &str = "chaos";

/// What makes a fault undone.
pub(crate) enum Heal {
    /// These processes go on.
    Resume(Vec<u32>),
    /// A service goes on.
    Thaw(&'static str),
    /// A service is being restarted: this is who does it, and how often it may try again on a machine that is too slow.
    Restart(Child, u32),
    /// There is room again.
    Room,
    /// Redis takes writes again, where it did before.
    Redis(Fault),
    /// Nothing is: the coordinators die so many times more, in the same rhythm.
    KillAgain(u32),
    /// A host that had vanished is there again: which proxy leads to it.
    Found(usize),
    /// This process has ended by now, whoever holds on to it.
    Ended(u32, SlowClients),
}

/// Something that is not whole.
struct Wound {
    target: Target,
    /// Which of several.
    pid: Option<u32>,
    /// How long it lasts.
    length: Duration,
    until: Instant,
    heal: Heal,
}

/// A worker's process and what was done to it.
pub(crate) struct Harm {
    pub(crate) pid: u32,
    pub(crate) when: chrono::DateTime<chrono::Utc>,
    /// It did not live on.
    pub(crate) fatal: bool,
}

/// Everything there is.
pub(crate) struct Arena {
    pub(crate) installations: Vec<Installation>,
    pub(crate) workers: Vec<Process>,
    wounds: Vec<Wound>,
    /// What was done to workers.
    pub(crate) harms: Vec<Harm>,
    /// Processes that ended although nothing had been done to them.
    pub(crate) surprises: Vec<String>,
    pub(crate) tap: Tap,
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) bus: Arc<dyn EventBus>,
    pub(crate) proxies: [Proxy; 3],
    pub(crate) disk: Option<SmallDisk>,
    pub(crate) services: PrivateServices,
    /// Another Redis, to be failed over to.
    pub(crate) spare: PrivateServices,
    mutant: Option<&'static str>,
    started: usize,
    pub(crate) runtime: Arc<Runtime>,
}

impl Arena {
    /// Everything up, and bars imported for all symbols.
    pub(crate) fn start(mutant: Option<&'static str>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = Arc::new(runtime.expect("a runtime"));
        let services = PrivateServices::start();
        let url = |name: &str| services.variable(name).to_owned();
        let (amqp, redis, postgres) = (url("REFIT_TEST_AMQP"), url("REFIT_TEST_REDIS"), url("REFIT_TEST_POSTGRES"));
        let before = |url: &str| runtime.block_on(Proxy::before(url));
        let ((queue_proxy, to_queue), (bus_proxy, to_bus)) = (before(&amqp), before(&redis));
        let (database_proxy, to_database) = before(&postgres);
        let disk = SmallDisk::mount(192);
        let mut first = Installation::new();
        let store = disk.as_ref().map_or_else(|| first.folder().join("store"), |disk| disk.path().join("store"));
        for (setting, value) in [
            ("STORAGE__QUEUE", to_queue),
            ("STORAGE__BUS", format!("{to_bus}?prefix={NAME}")),
            ("STORAGE__DATABASE", database(&to_database)),
            ("STORAGE__STORE", format!("file://{}", store.display())),
            ("COORDINATOR__CHECK_EVERY", "5s".into()),
            // Executors that are frozen for longer are replaced.
            ("WORKER__STALL_TIMEOUT", "10s".into()),
            // A fault burns an attempt now and then: a job must not be given up for that.
            ("DISPATCH__MAX_ATTEMPTS", "50".into()),
            ("DISPATCH__MAX_LOST", "50".into()),
            ("DISPATCH__BACKOFF_BASE", "500ms".into()),
            ("DISPATCH__BACKOFF_MAX", "2s".into()),
        ] {
            first.set(&format!("REFIT_{setting}"), &value);
        }
        runtime.block_on(async {
            let mut db = PgConnection::connect(&postgres).await.expect("PostgreSQL is up");
            db.execute(AssertSqlSafe(format!("CREATE SCHEMA {NAME}"))).await.expect("a schema");
        });
        let bus = runtime.block_on(connect::bus(&format!("{redis}?prefix={NAME}"))).expect("Redis is up");
        let queue = runtime.block_on(connect::queue(&amqp)).expect("RabbitMQ is up");
        let second = Installation::beside(&first);
        let mut arena = Self {
            installations: vec![first, second],
            workers: Vec::new(),
            wounds: Vec::new(),
            harms: Vec::new(),
            surprises: Vec::new(),
            tap: Tap::start(&runtime, bus.clone()),
            queue,
            bus,
            proxies: [queue_proxy, bus_proxy, database_proxy],
            disk,
            services,
            spare: PrivateServices::of("redis"),
            mutant,
            started: 0,
            runtime,
        };
        redis::prepare_spare(&arena);
        arena.disarm();
        let fault = mutant.map(|name| format!("mutant:{name}"));
        let fault: Vec<(&str, &str)> = fault.iter().map(|fault| ("REFIT_FAULT", fault.as_str())).collect();
        for installation in &mut arena.installations {
            installation.start_coordinator(&fault);
        }
        for _ in 0..WORKERS {
            arena.add_worker();
        }
        arena
    }

    /// PostgreSQL itself, past the proxy.
    pub(crate) fn database(&self) -> String {
        database(self.services.variable("REFIT_TEST_POSTGRES"))
    }

    /// Where the store lies.
    pub(crate) fn store(&self) -> PathBuf {
        match &self.disk {
            Some(disk) => disk.path().join("store"),
            None => self.installations[0].folder().join("store"),
        }
    }

    fn marker(&self) -> PathBuf {
        self.installations[0].folder().join("planted")
    }

    /// The next worker that seals a result dies of it.
    pub(crate) fn arm(&self) {
        let _already_armed = std::fs::remove_file(self.marker());
    }

    /// No worker dies of a seal.
    pub(crate) fn disarm(&self) {
        std::fs::write(self.marker(), "").expect("a marker");
    }

    fn add_worker(&mut self) {
        self.started += 1;
        let installation = &self.installations[0];
        let log = installation.folder().join(format!("worker-{}.log", self.started));
        let mut command = installation.command("refit-worker");
        command.args(["run", "--slots", "1"]).env("REFIT_FAULT", "kill@after_seal");
        command.env("REFIT_FAULT_ONCE", self.marker());
        self.workers.push(Process::start(&mut command, &log));
    }

    /// Whether a fault of this target may strike now: what it strikes is whole, and not too much is broken at once.
    pub(crate) fn can_strike(&self, target: Target) -> bool {
        let wounded = |target| self.wounds.iter().any(|wound| wound.target == target);
        let fine = match target {
            // Of several workers one is always whole.
            Target::Worker => self.wounds.iter().filter(|wound| wound.target == target).count() < WORKERS - 1,
            Target::Objects => !wounded(Target::Store),
            Target::Messages => !wounded(Target::Redis) && !wounded(Target::RabbitMq),
            // One that is not up yet could not take over.
            Target::Coordinator => {
                !wounded(target) && self.installations.iter().all(|installation| installation.address().is_some())
            }
            Target::Store => self.disk.is_some() && !wounded(target),
            Target::RabbitMq | Target::Redis | Target::Postgres => !wounded(target),
        };
        fine && self.wounds.len() < 4
    }

    /// Something is broken, for so long.
    pub(crate) fn wound(&mut self, target: Target, pid: Option<u32>, for_ms: u64, heal: Heal) {
        let length = Duration::from_millis(for_ms);
        self.wounds.push(Wound { target, pid, length, until: Instant::now() + length, heal });
    }

    /// Keeps what was done to a worker.
    pub(crate) fn harm(&mut self, pid: u32, fatal: bool) {
        self.harms.push(Harm { pid, when: chrono::Utc::now(), fatal });
    }

    /// A worker that is alive and has nothing done to it: the one that is this worker, if it is whole.
    pub(crate) fn whole_worker(&self, wanted: Option<WorkerId>, draw: u64) -> Option<u32> {
        let wounded = |pid: u32| self.wounds.iter().any(|wound| wound.pid == Some(pid));
        let whole: Vec<u32> = self.workers.iter().map(Process::pid).filter(|pid| !wounded(*pid)).collect();
        let wanted = wanted.and_then(|worker| self.tap.received().pid(worker)).filter(|pid| whole.contains(pid));
        wanted.or_else(|| whole.get(draw as usize % whole.len().max(1)).copied())
    }

    /// SIGKILL for all coordinators; they are started anew.
    pub(crate) fn kill_coordinators(&self) {
        let all: Vec<u32> = self
            .installations
            .iter()
            .filter_map(|installation| installation.coordinator.as_ref())
            .map(Process::pid)
            .collect();
        signal(&all, Signal::SIGKILL);
    }

    /// Whether every service and coordinator is as it should be.
    pub(crate) fn is_whole(&self) -> bool {
        self.wounds.iter().all(|wound| wound.target == Target::Worker)
    }

    /// Undoes what is due, and starts anew what has ended.
    pub(crate) fn care(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.wounds).into_iter().partition(|wound| wound.until <= now);
        self.wounds = later;
        for wound in due {
            self.heal(wound);
        }
        self.revive();
    }

    /// Undoes everything, whenever it would have been due.
    pub(crate) fn heal_all(&mut self) {
        for wound in std::mem::take(&mut self.wounds) {
            self.heal(wound);
        }
        // Those that take their time.
        while !self.wounds.is_empty() {
            self.care();
            std::thread::park_timeout(Duration::from_millis(100));
        }
        self.disarm();
    }

    fn heal(&mut self, wound: Wound) {
        match wound.heal {
            Heal::Resume(pids) => signal(&pids, Signal::SIGCONT),
            Heal::Thaw(service) => drop(self.services.run(&["thaw", service])),
            Heal::Found(proxy) => self.proxies[proxy].lose(false),
            Heal::Ended(pid, clients) => {
                let lives = |installation: &mut Installation| {
                    installation
                        .coordinator
                        .as_mut()
                        .is_some_and(|process| process.pid() == pid && process.ended().is_none())
                };
                if self.installations.iter_mut().any(lives) {
                    let logs = || self.installations.iter().map(Installation::logs).collect::<String>();
                    assert!(
                        Instant::now() < wound.until,
                        "coordinator {pid} was asked to end, and does not\n{}",
                        logs()
                    );
                    self.wounds.push(Wound { heal: Heal::Ended(pid, clients), ..wound });
                }
            }
            Heal::Room => self.disk.as_ref().into_iter().for_each(SmallDisk::free),
            Heal::Redis(fault) => {
                if !redis::heal(self, fault) {
                    let until = Instant::now() + Duration::from_millis(100);
                    self.wounds.push(Wound { until, heal: Heal::Redis(fault), ..wound });
                }
            }
            Heal::KillAgain(0) => {}
            Heal::KillAgain(times) => {
                self.kill_coordinators();
                let until = Instant::now() + wound.length;
                self.wounds.push(Wound { until, heal: Heal::KillAgain(times - 1), ..wound });
            }
            Heal::Restart(mut child, tries) => {
                let until = Instant::now() + Duration::from_millis(100);
                let heal = match child.try_wait().expect("a child can be waited for") {
                    Some(status) if status.success() => return,
                    Some(_) => {
                        assert!(tries > 0, "{:?} does not come up again", wound.target);
                        let again = self.services.command(&["up"]).spawn().expect("services.sh can be started");
                        Heal::Restart(again, tries - 1)
                    }
                    None => Heal::Restart(child, tries),
                };
                self.wounds.push(Wound { heal, until, ..wound });
            }
        }
    }

    /// Whatever has ended is started again.
    fn revive(&mut self) {
        for index in 0..self.workers.len() {
            let Some(status) = self.workers[index].ended() else { continue };
            let pid = self.workers[index].pid();
            // Dead of its seal: planted, and nobody has written it down yet. One that was frozen before may be.
            if !self.harms.iter().any(|harm| harm.pid == pid && harm.fatal) {
                // With a full disk no worker starts, and says so.
                let refused = self.wounds.iter().any(|wound| wound.target == Target::Store);
                if status.signal() != Some(Signal::SIGKILL as i32) && !refused {
                    let output = self.workers[index].output();
                    let last = output.lines().last().unwrap_or_default();
                    self.surprises.push(format!("worker {pid} ended: {status}: {last}"));
                }
                self.harm(pid, true);
            }
            self.wounds.retain(|wound| wound.pid != Some(pid));
            self.add_worker();
            self.workers.swap_remove(index);
        }
        for installation in &mut self.installations {
            let Some(process) = &mut installation.coordinator else { continue };
            if process.ended().is_some() {
                let pid = process.pid();
                self.wounds.retain(|wound| wound.pid != Some(pid));
                let log = installation.folder().join("coordinator.log");
                let _gone = std::fs::remove_file(installation.data().join("api.address"));
                let mut command = installation.command("refit");
                command.arg("serve").envs(self.mutant.map(|name| ("REFIT_FAULT", format!("mutant:{name}"))));
                installation.coordinator = Some(Process::start(&mut command, &log));
            }
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // One that is frozen would not notice that its supervisor is gone.
        for wound in &self.wounds {
            if let Heal::Resume(pids) = &wound.heal {
                signal(pids, Signal::SIGCONT);
            }
        }
    }
}

fn database(url: &str) -> String {
    format!("{url}?options=-csearch_path%3D{NAME}")
}

/// Sends a signal to processes; fine if they have ended.
pub(crate) fn signal(pids: &[u32], signal: Signal) {
    for pid in pids {
        let _ended = kill(Pid::from_raw(*pid as i32), signal);
    }
}
