//! Whether all is well. Nothing may stand still while this says so.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::ports::PortError;
use common::telemetry;
use common::vocabulary::{Pool, Timestamp};
use domain::alert::Severity;
use newtype_uuid::GenericUuid;
use tokio::time::timeout;

use crate::db;
use crate::service::runtime::scaling::{self, Scaling};
use crate::service::runtime::{Core, Refit};
use crate::service::state::TaskName;
use crate::service::state::board::{TaskStatus, Trouble};
use crate::service::state::still::Still;
use crate::views::{AlertCounts, HealthView, StillView, TaskState, TaskView};

/// Somebody else leads within this time when a leader is gone; who has seen nobody for longer says so.
const LEADERLESS: Duration = Duration::from_secs(12);
/// What does not answer within this is not well: whoever asks for health does not wait long.
const PROBE: Duration = Duration::from_secs(3);
/// Jobs that stand still are shown up to this many.
const SHOWN: usize = 10;

impl Refit {
    /// Whether all is well.
    pub async fn health(&self) -> HealthView {
        health(&self.core, try_store(&self.core)).await
    }
}

/// Writes to the store, and remembers whether that worked.
pub(crate) async fn try_store(core: &Core) -> std::result::Result<(), PortError> {
    let answer = core.ports.store.probe().await;
    core.pulse.store_answered(answer.is_ok());
    answer
}

/// Looks at everything now; how the store is, whoever asks finds out.
pub(crate) async fn health(core: &Core, store: impl Future<Output = std::result::Result<(), PortError>>) -> HealthView {
    let (database, bus, queue, store) =
        tokio::join!(word(core.db.probe()), word(core.ports.bus.probe()), word(core.ports.queue.probe()), word(store),);
    let (telemetry, telemetry_dropped) = match telemetry::status() {
        None => ("off".into(), 0),
        Some(standing) if standing.reaches => ("ok".into(), standing.dropped),
        Some(standing) => (format!("{} does not take it", standing.endpoint), standing.dropped),
    };
    // Without the database nothing is known of it, and that is said.
    let waiting = match timeout(PROBE, scaling::all(core)).await {
        Ok(Ok(pools)) => waiting(&pools),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    let alerts = match timeout(PROBE, open_alerts(core)).await {
        Ok(Ok(alerts)) => alerts,
        Ok(Err(_)) | Err(_) => AlertCounts::default(),
    };
    let leads = core.leads();
    let led = leads || core.lead.leaderless_for() < LEADERLESS;
    let still = core.standing_still().clone();

    let answers = [("database", &database), ("bus", &bus), ("queue", &queue), ("store", &store)];
    let mut problems: Vec<String> =
        answers.iter().filter(|(_, word)| *word != "ok").map(|(what, word)| format!("{what}: {word}")).collect();
    if !led {
        let seconds = core.lead.leaderless_for().as_secs();
        problems.push(format!("no coordinator has led for {seconds} s: nothing is handed out"));
    }
    let now = Instant::now();
    problems.extend(TaskName::ALL.iter().filter_map(|name| trouble(core, *name, now)));
    problems.extend(stuck(&still));
    // Who leads no more does not look again, and would say so for ever.
    problems.extend(core.violations().torn.values().filter(|_| leads).take(SHOWN).cloned());
    HealthView {
        healthy: problems.is_empty(),
        at: Timestamp::now().utc(),
        problems,
        waiting,
        database,
        bus,
        queue,
        store,
        workers: core.fleet().alive().count() as u32,
        leads,
        led,
        standing_still: still.into_iter().take(SHOWN).map(shown).collect(),
        tasks: TaskName::ALL.iter().map(|name| task(core, *name, leads)).collect(),
        alerts,
        telemetry,
        telemetry_dropped,
    }
}

async fn open_alerts(core: &Core) -> db::Result<AlertCounts> {
    let mut counts = AlertCounts::default();
    for (severity, count) in db::alerts::count_open(&mut *core.db.read().await?).await? {
        match severity {
            Severity::Critical => counts.critical = count,
            Severity::Warning => counts.warning = count,
            Severity::Info => counts.info = count,
        }
    }
    Ok(counts)
}

/// What the services that Refit stands on answer, beside the database: without that nothing could be written down.
pub(crate) async fn services(core: &Core) -> [(&'static str, std::result::Result<(), String>); 3] {
    let store = async { if core.pulse.store_works() { Ok(()) } else { try_store(core).await } };
    let (bus, queue, store) = tokio::join!(word(core.ports.bus.probe()), word(core.ports.queue.probe()), word(store));
    let answer = |word: String| if word == "ok" { Ok(()) } else { Err(word) };
    [("bus", answer(bus)), ("queue", answer(queue)), ("store", answer(store))]
}

async fn word<E: ToString>(probe: impl Future<Output = std::result::Result<(), E>>) -> String {
    match timeout(PROBE, probe).await {
        Ok(answer) => answer.map_or_else(|error| error.to_string(), |()| "ok".into()),
        Err(_) => format!("no answer within {} s", PROBE.as_secs()),
    }
}

/// Work that only somebody outside can set going, in words.
fn waiting(pools: &BTreeMap<Pool, Scaling>) -> Vec<String> {
    let of = |(pool, scaling): (&Pool, &Scaling)| {
        let Scaling { count, closed, workers, .. } = scaling;
        let wait = |jobs: u64| if jobs == 1 { "1 job waits".to_owned() } else { format!("{jobs} jobs wait") };
        match closed {
            _ if count.queued == 0 => None,
            Some(closed) => {
                let how = if closed.drain { "drained" } else { "paused" };
                let jobs = wait(count.queued);
                Some(format!("pool {pool} is {how} {}: {jobs} until `refit pool resume {pool}`", closed.pause.words()))
            }
            None if *workers == 0 && count.queued > count.held => {
                let jobs = wait(count.queued - count.held);
                Some(format!("pool {pool}: {jobs} and no worker lives: `refit-worker run --pools {pool}` starts one"))
            }
            None => None,
        }
    };
    pools.iter().filter_map(of).collect()
}

/// What is wrong with a background task, in words.
fn trouble(core: &Core, name: TaskName, now: Instant) -> Option<String> {
    let standing = core.board().of(name);
    match standing.trouble(name, now)? {
        Trouble::Hangs(since) => Some(format!("{name} has been at the same round for {} s", since.as_secs())),
        Trouble::Fails(since) => {
            let reason = standing.error.map(|(_, reason)| reason).unwrap_or_default();
            Some(format!("{name} has been failing for {} s: {reason}", since.as_secs()))
        }
    }
}

/// Jobs that stand still, in a sentence.
fn stuck(still: &[Still]) -> Option<String> {
    let longest = still.iter().max_by_key(|still| still.waited)?;
    let others = match still.len() {
        1 => String::new(),
        more => format!("; {} others stand still, too", more - 1),
    };
    let Still { job, waited, reason, .. } = longest;
    Some(format!("job {job} stands still for {} s: {reason}{others}", waited.as_secs()))
}

fn shown(Still { job, model, waited, reason }: Still) -> StillView {
    let model = model.map(|model| model.to_string());
    StillView { job: job.into_untyped_uuid(), model, seconds: waited.as_secs_f64(), why: reason }
}

fn task(core: &Core, name: TaskName, leads: bool) -> TaskView {
    let standing = core.board().of(name);
    let state = state(&standing, name, leads);
    let TaskStatus { began, ended, due, error, panics, .. } = standing;
    let (last_error_at, last_error) = error.map(|(at, reason)| (at.utc(), reason)).unzip();
    TaskView {
        name,
        state,
        last_start: began.map(|at| at.utc()),
        last_end: ended.map(|at| at.utc()),
        next_due: due.map(|at| at.utc()),
        last_error,
        last_error_at,
        panics,
    }
}

fn state(standing: &TaskStatus, name: TaskName, leads: bool) -> TaskState {
    match standing.trouble(name, Instant::now()) {
        _ if standing.off => TaskState::Off,
        _ if name.is_leaders() && !leads => TaskState::StandsBy,
        Some(Trouble::Hangs(_)) => TaskState::Hanging,
        Some(Trouble::Fails(_)) => TaskState::Failing,
        None if standing.is_busy() => TaskState::Working,
        None => TaskState::Resting,
    }
}
