//! Objects in the store that nobody can read, or that are gone: a disk that rots, a hand that slips.

use std::path::{Path, PathBuf};

use common::ports::StoreKey;

use super::Aim;
use crate::arena::Arena;
use crate::plan::{Fault, FaultPlan};

pub(super) fn strike(arena: &Arena, plan: &mut FaultPlan, aim: &Aim<'_>, fault: Fault) -> bool {
    match fault {
        Fault::SealUnreadable => spoil(&arena.store(), plan, aim),
        _ => lose(&arena.store(), plan),
    }
}

/// A seal that is no seal, where an attempt has one or is going to: of a job in the wanted state, else of one dispatched lately.
fn spoil(store: &Path, plan: &mut FaultPlan, aim: &Aim<'_>) -> bool {
    let own = aim.jobs.iter().find_map(|job| Some((job.id(), job.attempt()?)));
    let lately = || aim.view.attempts.first().map(|dispatch| (dispatch.job(), dispatch.attempt()));
    let Some((job, attempt)) = own.or_else(lately) else { return false };
    let path = store.join(StoreKey::seal(job, attempt).as_str());
    let body: &[u8] = if plan.draw(2) == 0 { b"" } else { b"{\"result\":" };
    let folder = path.parent().map(std::fs::create_dir_all);
    matches!(folder, Some(Ok(()))) && std::fs::write(path, body).is_ok()
}

/// Frozen rows that some job, or a later one, was to be trained on.
fn lose(store: &Path, plan: &mut FaultPlan) -> bool {
    let mut parts: Vec<PathBuf> = files(&store.join("snapshots"));
    parts.sort();
    if parts.is_empty() {
        return false;
    }
    std::fs::remove_file(&parts[plan.draw(parts.len() as u64) as usize]).is_ok()
}

fn files(below: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(below).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
