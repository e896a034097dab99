//! What is wrong with the installation now: each part is looked at by itself, and said in few statements, however large the fleet.

use std::collections::BTreeMap;
use std::time::Instant;

use common::vocabulary::{JobKind, Pool, Timestamp};
use domain::alert::{AlertCause, AlertKind};
use domain::schedule::{RunOutcome, RunState, Task};
use nix::sys::statvfs::statvfs;

use crate::db::{self, Connection};
use crate::service::error::Result;
use crate::service::runtime::scaling::{self, Scaling};
use crate::service::runtime::{Core, backlogs};
use crate::service::state::TaskName;
use crate::service::state::board::Trouble;
use crate::service::upkeep::health;

/// What is looked for here.
pub(super) const KINDS: [AlertKind; 12] = [
    AlertKind::RolledBack,
    AlertKind::TrainingsFail,
    AlertKind::ScheduleFailed,
    AlertKind::ScheduleMissed,
    AlertKind::BackupFailed,
    AlertKind::NoWorker,
    AlertKind::BacklogOld,
    AlertKind::NothingMoves,
    AlertKind::ServiceTrouble,
    AlertKind::DiskLow,
    AlertKind::TaskFails,
    AlertKind::ChannelFails,
];

/// What a leader must have watched for a while to know that it is over.
pub(super) const REMEMBERED: [AlertKind; 4] =
    [AlertKind::NoWorker, AlertKind::NothingMoves, AlertKind::ServiceTrouble, AlertKind::TaskFails];

/// A rollback longer ago is history.
const ROLLED_BACK_DAYS: f64 = 7.0;
/// Trainings that failed longer ago are nobody's trouble any more.
const FAILED_DAYS: f64 = 30.0;
/// Tries that failed after which a channel is in trouble.
const TRIES: u64 = 5;
/// Messages that were given up longer ago are nobody's trouble any more.
const GIVEN_UP_DAYS: f64 = 1.0;

/// All there are.
pub(super) async fn find(core: &Core) -> Result<Vec<AlertCause>> {
    let mut causes = in_memory(core);
    causes.extend(disk(core));
    causes.extend(health::services(core).await.into_iter().filter_map(|(service, answer)| {
        let trouble = |message| AlertCause::ServiceTrouble { service: service.into(), message };
        answer.err().map(trouble)
    }));
    let pools = scaling::all(core).await?;
    let lacking = scaling::lacking(core, &pools);
    causes.extend(lacking.map(|(pool, jobs)| AlertCause::NoWorker { pool: pool.clone(), jobs }));
    let now = Timestamp::now();
    let mut view = core.db.snapshot().await?;
    causes.extend(backlog(core, &mut view, &pools, now).await?);
    causes.extend(schedules(&mut view).await?);
    let (since, failures) = (now.plus_days(-FAILED_DAYS), core.settings.alerts.failures);
    causes.extend(db::alerts::causes::trainings_that_fail(&mut view, since, failures).await?);
    causes.extend(db::alerts::causes::rolled_back(&mut view, now.plus_days(-ROLLED_BACK_DAYS)).await?);
    causes.extend(channels(&mut view, now.plus_days(-GIVEN_UP_DAYS)).await?);
    Ok(causes)
}

/// What this coordinator remembers.
fn in_memory(core: &Core) -> Vec<AlertCause> {
    let still = core.standing_still().clone();
    let longest = still.iter().max_by_key(|still| still.waited);
    let nothing_moves = longest.map(|longest| AlertCause::NothingMoves {
        jobs: still.len() as u64,
        seconds: longest.waited.as_secs_f64(),
        message: longest.reason.clone(),
    });
    let now = Instant::now();
    let failing = TaskName::ALL.iter().filter_map(|name| {
        let status = core.board().of(*name);
        let message = match status.trouble(*name, now)? {
            Trouble::Fails(_) => status.error.map(|(_, reason)| reason).unwrap_or_default(),
            Trouble::Hangs(since) => format!("it has been at the same round for {} s", since.as_secs()),
        };
        Some(AlertCause::TaskFails { task: name.to_string(), message })
    });
    nothing_moves.into_iter().chain(failing).collect()
}

/// Whether the disk of the embedded parts is nearly full.
fn disk(core: &Core) -> Option<AlertCause> {
    let found = statvfs(&core.settings.data_dir).ok()?;
    let (free, all) = (found.blocks_available(), found.blocks());
    let share = free as f64 / all.max(1) as f64;
    let free = free.saturating_mul(found.fragment_size());
    let place = core.settings.data_dir.display().to_string();
    (share < core.settings.alerts.disk_free).then_some(AlertCause::DiskLow { place, free, share })
}

/// Pools whose first job has waited for long; a job that is held by a pause waits for nothing else.
async fn backlog(
    core: &Core,
    view: &mut Connection,
    pools: &BTreeMap<Pool, Scaling>,
    now: Timestamp,
) -> Result<Vec<AlertCause>> {
    let limit = core.settings.alerts.backlog_age.as_secs_f64();
    let mut causes = Vec::new();
    for backlog in backlogs::open(core, view).await? {
        let Some(first) = backlog.first(core, view, 1).await?.into_iter().next() else { continue };
        // Trials stand behind everybody: where one is the first, nobody waits.
        if first.kind == JobKind::Trial {
            continue;
        }
        let seconds = now.seconds_since(first.enqueued_at);
        if seconds > limit {
            let jobs = pools.get(&first.pool).map_or(1, |scaling| scaling.count.queued);
            causes.push(AlertCause::BacklogOld { pool: first.pool, jobs, seconds, limit });
        }
    }
    Ok(causes)
}

/// Schedules whose last run did not do what it should.
async fn schedules(view: &mut Connection) -> Result<Vec<AlertCause>> {
    let runs = db::alerts::causes::last_runs_amiss(view).await?;
    let cause = |run: db::schedule_runs::Run| {
        let (_, schedule) = run.schedule?;
        Some(match (run.state, run.task, run.outcome) {
            (RunState::Skipped, _, Some(RunOutcome::Missed { made_up: true, .. })) => return None,
            (RunState::Skipped, ..) => AlertCause::ScheduleMissed { schedule, run: run.id },
            (RunState::Failed, Task::Backup { .. }, _) => AlertCause::BackupFailed { schedule, run: run.id },
            (RunState::Failed, task, _) => {
                AlertCause::ScheduleFailed { schedule, run: run.id, task: task.as_str().to_owned() }
            }
            (RunState::Due | RunState::Running | RunState::Completed, ..) => return None,
        })
    };
    Ok(runs.into_iter().filter_map(cause).collect())
}

/// Channels that cannot be reached, or could not be before messages were given up.
async fn channels(view: &mut Connection, since: Timestamp) -> Result<Vec<AlertCause>> {
    let mut causes = Vec::new();
    for channel in db::alerts::channels::all(view).await? {
        let waiting = db::alerts::messages::waiting(view, &channel.name, since).await?;
        if channel.paused.is_none() && (waiting.tries >= TRIES || waiting.given_up > 0) {
            causes.push(AlertCause::ChannelFails {
                channel: channel.name.to_string(),
                messages: waiting.messages + waiting.given_up,
                message: waiting.error.unwrap_or_default(),
            });
        }
    }
    Ok(causes)
}
