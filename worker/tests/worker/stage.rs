//! A stage for one test: ports in a folder, workers as processes, and the coordinator's lines.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::connect;
use common::ports::{ArtifactStore, Cursor, EventBus, JobQueue, Level, Mailbox, StoreKey};
use common::vocabulary::{AttemptId, ContentHash, JobId, JobSpec, Pool, Seal, WorkerId};
use common::wire::codec::{self, Limits};
use common::wire::{CheckpointRef, Claim, Doorbell, Finished, Grant, Heartbeat, ToCoordinator, ToWorker};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Every wait ends here; on a busy machine starting LibTorch alone takes a while.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) bus: Arc<dyn EventBus>,
    pub(crate) store: Arc<dyn ArtifactStore>,
    heard: Cursor,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let database = format!("sqlite://{}", data.join("bus.db").display());
        Self {
            queue: connect::queue(&database).await.unwrap(),
            bus: connect::bus(&database).await.unwrap(),
            store: connect::store(&format!("file://{}", data.join("store").display())).await.unwrap(),
            folder,
            heard: Cursor::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where workers keep their own files.
    pub(crate) fn workers(&self) -> PathBuf {
        self.path("data/workers")
    }

    /// Starts a worker of one slot, with these variables.
    pub(crate) fn worker(&self, variables: &[(&str, &str)]) -> Worker {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(binary());
        command.env_clear().envs(variables.iter().copied());
        command.args(["run", "--slots", "1", "--data-dir"]).arg(self.path("data"));
        Worker(command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    /// Starts a worker whose first training waits at this step for [`Stage::go_on`], however fast the machine is.
    pub(crate) fn worker_pausing_at(&self, step: u64) -> Worker {
        let (pause, marker) = (format!("pause@training:{step}"), self.path("pause").display().to_string());
        self.worker(&[("REFIT_FAULT", &pause), ("REFIT_FAULT_ONCE", &marker)])
    }

    /// Waits until it is there.
    pub(crate) async fn pause(&self) {
        until("the training pauses", LIMIT, || self.path("pause").exists()).await;
    }

    pub(crate) fn go_on(&self) {
        std::fs::remove_file(self.path("pause")).unwrap();
    }

    /// Takes the bus away, with all it holds.
    pub(crate) fn lose_bus(&self) {
        for name in ["bus.db", "bus.db-wal", "bus.db-shm"] {
            let _ = std::fs::remove_file(self.path("data").join(name));
        }
    }

    /// What the workers have written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Sends a doorbell for a new job.
    pub(crate) async fn ring(&self) -> Doorbell {
        let doorbell = Doorbell { job: JobId::new_v4(), attempt: AttemptId::new_v4(), trace: None };
        self.ring_again(doorbell).await;
        doorbell
    }

    pub(crate) async fn ring_again(&self, doorbell: Doorbell) {
        self.queue.publish(&Pool::cpu(), Level::of_score(50.0), &[doorbell], LIMIT).await.unwrap();
    }

    /// Waits for the first message that is meant; the others are passed over.
    pub(crate) async fn receive<T>(&mut self, what: &str, mut meant: impl FnMut(ToCoordinator) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            let wait = Duration::from_millis(200);
            for post in self.bus.read(Mailbox::Coordinator, self.heard, 1, wait).await.unwrap() {
                self.heard = post.cursor;
                if let Some(found) = meant(codec::decode(&post.body, Limits::default()).unwrap()) {
                    return found;
                }
            }
        }
        panic!("waited {LIMIT:?} in vain for {what}; the log:\n{}", self.log());
    }

    pub(crate) async fn claim(&mut self) -> Claim {
        self.receive("a claim", |message| match message {
            ToCoordinator::Claim { claims } => claims.first().copied(),
            _ => None,
        })
        .await
    }

    pub(crate) async fn heartbeat(&mut self, what: &str, meant: impl Fn(&Heartbeat) -> bool) -> Heartbeat {
        self.receive(what, |message| match message {
            ToCoordinator::Heartbeat(beat) => meant(&beat).then_some(beat),
            _ => None,
        })
        .await
    }

    /// How a claim ended, as the heartbeats say.
    pub(crate) async fn end(&mut self, claim: &Claim) -> Finished {
        let mine = |finished: &&Finished| finished.claim == *claim;
        let beat = self.heartbeat("an end", |beat| beat.finished.iter().any(|f| mine(&f))).await;
        beat.finished.iter().find(mine).unwrap().clone()
    }

    /// Waits until a claim has done so many steps.
    pub(crate) async fn step(&mut self, claim: &Claim, step: u64) {
        self.receive("a step", |message| match message {
            ToCoordinator::Progress(progress) => (progress.claim == *claim && progress.step >= step).then_some(()),
            _ => None,
        })
        .await;
    }

    pub(crate) async fn send(&self, worker: WorkerId, message: &ToWorker) {
        self.bus.post(Mailbox::Worker(worker), codec::encode(message).unwrap()).await.unwrap();
    }

    pub(crate) async fn grant(&self, claim: Claim, spec: JobSpec, resume: Option<CheckpointRef>) {
        let grant = Grant { claim, number: 1, spec, resume, batch_size: None, timeout: None, trace: None };
        self.send(claim.worker, &ToWorker::Grant { grants: vec![grant] }).await;
    }

    /// Rings, waits for the claim and grants it.
    pub(crate) async fn start(&mut self, spec: JobSpec) -> Claim {
        self.ring().await;
        let claim = self.claim().await;
        self.grant(claim, spec, None).await;
        claim
    }

    pub(crate) async fn seal(&self, claim: &Claim) -> Option<Seal> {
        let bytes = self.store.get(&StoreKey::seal(claim.job, claim.attempt)).await.ok()?;
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    pub(crate) async fn revoke(&self, doorbell: Doorbell) {
        let seal = Seal::Revoked { reason: "the test took it back".into() };
        let body = Bytes::from(serde_json::to_vec(&seal).unwrap());
        self.store.create(&StoreKey::seal(doorbell.job, doorbell.attempt), body).await.unwrap();
    }

    /// Puts bytes into the store as a snapshot part.
    pub(crate) async fn part(&self, bytes: Bytes) -> ContentHash {
        let hash = ContentHash::of(&bytes);
        self.store.put(&StoreKey::snapshot(&hash), bytes).await.unwrap();
        hash
    }
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_refit-worker"))
}

/// Waits for a condition of the machine.
pub(crate) async fn until(what: &str, limit: Duration, mut met: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !met() {
        assert!(Instant::now() < deadline, "waited {limit:?} in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A running worker; killed when dropped.
pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.pid()).unwrap()), signal).unwrap();
    }

    /// Its executor: the one child that trains.
    pub(crate) fn executor(&self) -> u32 {
        *children(self.pid()).first().expect("the worker has an executor")
    }

    pub(crate) async fn ended(&mut self, limit: Duration) -> ExitStatus {
        until("the worker has ended", limit, || self.0.try_wait().unwrap().is_some()).await;
        self.0.wait().unwrap()
    }

    pub(crate) async fn killed_by(&mut self) -> Option<i32> {
        self.ended(LIMIT).await.signal()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a process exists and is no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

fn children(of: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    let text = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let mut pids: Vec<u32> = tasks
        .flat_map(|task| text(task).split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>())
        .collect();
    pids.sort_unstable();
    pids
}
