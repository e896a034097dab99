//! Commands meet rows: each transition of a job's lifecycle in one transaction with what its attempts become, then its effects.
//!
//! What may happen when is said by [`domain::transition`] alone; here it is only carried out. Commands to many jobs share a
//! transaction, and their effects share messages.

mod follow;
mod next;
mod notice;
mod write;

use std::collections::{HashMap, HashSet};

use common::vocabulary::{JobId, Timestamp};
use domain::transition::{Command, Rejected};

pub(crate) use self::follow::{follow, hopeless, settle};
pub(crate) use self::next::{Next, failed, next, unusable};
use self::write::write_all;
pub(crate) use self::write::{write, write_whole};
use crate::db::{self, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::Core;

/// What became of a command: it applied, or it changed nothing.
pub(crate) type Applied = std::result::Result<(), Rejected>;

/// Gives a command to a job, and carries out what follows. What does not apply changes nothing, and is answered.
pub(crate) async fn command(core: &Core, id: JobId, command: Command) -> Result<Applied> {
    Ok(commands(core, vec![(id, command)]).await?.pop().flatten().unwrap_or(Ok(())))
}

/// Gives commands to jobs, in one transaction, and carries out what follows. Each is answered, unless there is no such job.
pub(crate) async fn commands(core: &Core, requested: Vec<(JobId, Command)>) -> Result<Vec<Option<Applied>>> {
    let mut answers = vec![None; requested.len()];
    let mut done = Vec::with_capacity(requested.len());
    let mut open: Vec<(usize, JobId, Command)> =
        requested.into_iter().enumerate().map(|(index, (id, command))| (index, id, command)).collect();
    while !open.is_empty() {
        let now = Timestamp::now();
        let ids: Vec<JobId> = open.iter().map(|(_, id, _)| *id).collect();
        let (rows, remembered) = rows(core, &ids).await?;
        // A job's second command is for the row that the first leaves.
        let (mut turn, mut later, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (index, id, command) in open {
            match rows.get(&id) {
                None => {}
                Some(_) if !seen.insert(id) => later.push((index, id, command)),
                Some(job) => match next(core, job, &command, now) {
                    Ok(next) => turn.push(Turn { index, command, changes: next.job != *job, next }),
                    // The row itself may say otherwise.
                    Err(_) if remembered.contains(&id) => later.push((index, id, command)),
                    Err(rejected) => {
                        tracing::debug!(job = %id, ?command, %rejected, "nothing changes");
                        answers[index] = Some(Err(rejected));
                    }
                },
            }
        }
        let changed = turn.iter_mut().filter(|turn| turn.changes).map(|turn| &mut turn.next).collect();
        let written = write_all(core, changed).await?;
        for Turn { index, command, next, changes } in turn {
            // Somebody else changed the row meanwhile: its command meets what that left.
            if changes && !written.contains(&next.job.id) {
                later.push((index, next.job.id, command));
                continue;
            }
            tracing::debug!(job = %next.job.id, state = %next.job.state(), ?command, "the job goes on");
            answers[index] = Some(Ok(()));
            done.push(next);
        }
        open = later;
    }
    // The rows say what has become of them, whatever comes of the rest: a loop finds what is still to do.
    if let Err(error) = follow(core, done).await {
        tracing::warn!(%error, "what follows from a change is done a moment later");
    }
    Ok(answers)
}

/// Jobs by their rows, and which of them are from memory.
async fn rows(core: &Core, ids: &[JobId]) -> Result<(HashMap<JobId, Job>, HashSet<JobId>)> {
    let mut rows = core.recent.take(ids);
    let remembered: HashSet<JobId> = rows.keys().copied().collect();
    let unknown: Vec<JobId> = ids.iter().copied().filter(|id| !remembered.contains(id)).collect();
    if !unknown.is_empty() {
        rows.extend(db::jobs::get_all(&mut *core.db.read().await?, &unknown).await?);
    }
    Ok((rows, remembered))
}

/// A command in its turn.
struct Turn {
    index: usize,
    command: Command,
    next: Next,
    changes: bool,
}
