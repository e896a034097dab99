//! The end of a run, seen from outside: what was asked for has ended once, what was sealed is recorded, every file is whole, and
//! nothing is left over.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::vocabulary::{ContentHash, Manifest, Seal, files};
use domain::invariant::Invariant;
use nix::sys::signal::Signal;
use redis::aio::MultiplexedConnection;
use refit_tests::wait;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::arena::{Arena, Harm};
use crate::breaches::{Breaches, note};
use crate::history::History;

/// For what is due in seconds.
const LIMIT: Duration = Duration::from_secs(180);
/// A worker may be silent for so long because of what was done to it before, in seconds.
const AFTERMATH: f64 = 60.0;

/// Of the rows: what was taken has ended, and no version was published twice.
pub(crate) fn rows(history: &History, accepted: &[Uuid], breaches: &mut Breaches) {
    let known: BTreeSet<Uuid> = history.jobs.iter().map(|job| job.id).collect();
    for job in accepted.iter().filter(|job| !known.contains(job)) {
        note(breaches, Invariant::OneOutcome, format!("job {job} was taken, and is gone"));
    }
    for job in history.unfinished() {
        note(breaches, Invariant::OneOutcome, format!("job {} is still {}: {}", job.id, job.state, job.why));
    }
    for job in &history.published {
        note(breaches, Invariant::PublishedOnce, format!("job {job}"));
    }
    let mut recorded = BTreeSet::new();
    for version in history.versions.iter().filter(|version| !recorded.insert(version.job)) {
        note(breaches, Invariant::RecordedOnce, format!("job {}", version.job));
    }
}

/// Nobody took a job from a worker that nothing had been done to.
pub(crate) fn leases(history: &History, pids: &HashMap<Uuid, u32>, harms: &[Harm], breaches: &mut Breaches) {
    for attempt in history.attempts.iter().filter(|attempt| attempt.silence.is_some()) {
        let Some((worker, ended)) = attempt.worker.zip(attempt.ended_at()) else { continue };
        let harmed = pids.get(&worker).is_none_or(|pid| {
            let before = |harm: &Harm| (ended - harm.when).as_seconds_f64();
            harms.iter().any(|harm| harm.pid == *pid && (harm.fatal || (-1.0..AFTERMATH).contains(&before(harm))))
        });
        if !harmed {
            note(
                breaches,
                Invariant::LeaseKept,
                format!("job {}: worker {worker} was not struck before {ended}", attempt.job),
            );
        }
    }
}

/// No finished training was given up because the store had no room for it.
pub(crate) fn refused(history: &History, breaches: &mut Breaches) {
    let full = |message: &&String| message.contains("no space left while writing jobs/");
    for attempt in &history.attempts {
        if let Some(message) = attempt.message.as_ref().filter(full) {
            note(
                breaches,
                Invariant::FinishedKept,
                format!("job {}: it did not wait for the store: {message}", attempt.job),
            );
        }
    }
}

/// Every seal with a result is that of a recorded version, and every file of a version is what its manifest says. Gives how many
/// trainings were uploaded whole and not used.
pub(crate) fn store(root: &Path, history: &History, breaches: &mut Breaches) -> usize {
    let recorded: BTreeSet<Uuid> = history.versions.iter().map(|version| version.attempt).collect();
    let (trainings, mut complete) = (history.of_trainings(), 0);
    for file in all_files(&root.join("jobs")) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let attempt = file.parent().and_then(|folder| folder.file_name()?.to_str()?.parse::<Uuid>().ok());
        match (name, attempt) {
            ("seal", Some(attempt)) => {
                let seal = std::fs::read(&file).expect("a seal can be read");
                let result = matches!(serde_json::from_slice(&seal), Ok(Seal::Result { .. }));
                if result && trainings.contains(&attempt) && !recorded.contains(&attempt) {
                    let what = format!("attempt {attempt} is sealed with a result, and not recorded");
                    note(breaches, Invariant::FinishedKept, what);
                }
            }
            (files::MANIFEST, _) => {
                let attempt = file.ancestors().nth(3).and_then(|folder| folder.file_name()?.to_str()?.parse().ok());
                complete += usize::from(attempt.is_some_and(|attempt| trainings.contains(&attempt)));
            }
            _ => {}
        }
    }
    for version in &history.versions {
        if let Err(torn) = whole(&root.join(&version.prefix), &version.manifest) {
            note(breaches, Invariant::ArtifactWhole, format!("job {}: {torn}", version.job));
        }
    }
    complete - history.versions.len().min(complete)
}

/// Whether every file of an artifact has the hash that its manifest says, and the manifest that of its row.
fn whole(folder: &Path, manifest: &str) -> Result<(), String> {
    let bytes = std::fs::read(folder.join(files::MANIFEST)).map_err(|error| error.to_string())?;
    if ContentHash::of(&bytes).to_string() != manifest {
        return Err("its manifest is another".into());
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    for (name, entry) in &manifest.files {
        let found = ContentHash::of_file(&folder.join(name)).map_err(|error| format!("{name}: {error}"))?;
        if found != entry.sha256 {
            return Err(format!("{name} is not what its manifest says"));
        }
    }
    Ok(())
}

fn all_files(below: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(below).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

/// While everything is still up: every doorbell has been answered.
pub(crate) fn queues(arena: &Arena) {
    let url = format!("{}/api/queues", arena.services.variable("REFIT_TEST_AMQP_ADMIN"));
    wait::until("all doorbells to be acknowledged", LIMIT, || {
        let queues = arena.runtime.block_on(async { reqwest::get(&url).await.ok()?.json::<Value>().await.ok() })?;
        let ours =
            queues.as_array()?.iter().filter(|queue| queue["name"].as_str().is_some_and(|n| n.starts_with("refit.")));
        let left: u64 = ours.map(|queue| queue["messages"].as_u64().unwrap_or(1)).sum();
        (left == 0).then_some(())
    });
}

/// Ends everything, and looks for what stays.
pub(crate) fn leftovers(arena: &mut Arena, breaches: &mut Breaches) {
    let mut left = |what: String| note(breaches, Invariant::NothingLeft, what);
    for worker in &arena.workers {
        worker.signal(Signal::SIGTERM);
    }
    for worker in &mut arena.workers {
        let status = worker.wait(LIMIT);
        if !status.success() {
            left(format!("a worker that was asked to end: {status}"));
        }
    }
    for coordinator in arena.installations.iter_mut().filter_map(|installation| installation.coordinator.as_mut()) {
        coordinator.signal(Signal::SIGTERM);
        let status = coordinator.wait(LIMIT);
        if !status.success() {
            left(format!("a coordinator that was asked to end: {status}"));
        }
    }
    let folders: Vec<String> =
        arena.installations.iter().map(|installation| installation.folder().display().to_string()).collect();
    for process in processes_of(&folders) {
        left(format!("process {process}"));
    }
    for installation in &arena.installations {
        for entry in std::fs::read_dir(installation.data().join("workers")).into_iter().flatten().flatten() {
            if entry.file_name() != "cache" {
                left(format!("the folder {}", entry.path().display()));
            }
        }
    }
    for held in arena.runtime.block_on(held(&arena.database())).expect("PostgreSQL is up") {
        left(held);
    }
    for key in arena.runtime.block_on(eternal(arena.services.variable("REFIT_TEST_REDIS"))).expect("Redis is up") {
        left(format!("the key {key} of Redis, for ever"));
    }
}

/// Living processes that were started in one of these folders' environments.
fn processes_of(folders: &[String]) -> Vec<String> {
    let own = std::process::id().to_string();
    let ours = |process: &PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let dead = std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "));
        !dead && !process.ends_with(&own) && folders.iter().any(|folder| environment.contains(folder.as_str()))
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    processes.filter(ours).map(|process| process.display().to_string()).collect()
}

/// Locks and transactions that nobody lets go, and rows that somebody holds.
async fn held(url: &str) -> sqlx::Result<Vec<String>> {
    let mut db = PgConnection::connect(url).await?;
    let held = sqlx::query_scalar::<_, String>(
        "SELECT 'an advisory lock of process ' || pid FROM pg_locks WHERE locktype = 'advisory'
         UNION ALL SELECT 'a transaction of process ' || pid FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'
         UNION ALL SELECT 'the row of job ' || encode(id, 'hex') FROM jobs WHERE claim IS NOT NULL OR worker IS NOT NULL
         UNION ALL SELECT 'the seat of the leader' FROM leader WHERE holder IS NOT NULL",
    );
    held.fetch_all(&mut db).await
}

/// Keys that never go by themselves.
async fn eternal(url: &str) -> redis::RedisResult<Vec<String>> {
    let mut redis: MultiplexedConnection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await?;
    let mut eternal = Vec::new();
    for key in keys {
        if redis::cmd("TTL").arg(&key).query_async::<i64>(&mut redis).await? == -1 {
            eternal.push(key);
        }
    }
    Ok(eternal)
}
