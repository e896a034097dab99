//! Workers, executors and the leader: killed, frozen, asked to end.

use nix::sys::signal::Signal;
use refit_tests::process::children;

use super::Aim;
use crate::arena::{Arena, Heal, signal};
use crate::plan::{Fault, FaultPlan, Target};

/// Strikes the worker of a job that is aimed at, or its executor; any, if no worker has it.
pub(super) fn worker(arena: &mut Arena, plan: &mut FaultPlan, aim: &Aim<'_>, fault: Fault) -> bool {
    let job = aim.jobs[plan.draw(aim.jobs.len() as u64) as usize];
    let Some(pid) = arena.whole_worker(job.worker(), plan.draw(64)) else { return false };
    let executors = children(pid);
    match fault {
        Fault::WorkerKill => {
            signal(&[pid], Signal::SIGKILL);
            arena.harm(pid, true);
        }
        Fault::WorkerKillAtSeal => arena.arm(),
        Fault::WorkerEnd => {
            signal(&[pid], Signal::SIGTERM);
            arena.harm(pid, true);
        }
        Fault::WorkerFreeze => {
            // One in three is gone for longer than its lease, and comes back as a zombie.
            let for_ms = if plan.draw(3) == 0 { 14_000 + plan.draw(4000) } else { 500 + plan.draw(4000) };
            signal(&[pid], Signal::SIGSTOP);
            arena.harm(pid, false);
            arena.wound(Target::Worker, Some(pid), for_ms, Heal::Resume(vec![pid]));
        }
        // An executor is being replaced.
        _ if executors.is_empty() => return false,
        Fault::ExecutorKill => signal(&executors, Signal::SIGKILL),
        Fault::ExecutorEnd => signal(&executors, Signal::SIGTERM),
        _ => {
            let for_ms = if plan.draw(4) == 0 { 12_000 } else { 500 + plan.draw(4000) };
            signal(&executors, Signal::SIGSTOP);
            arena.wound(Target::Worker, Some(pid), for_ms, Heal::Resume(executors));
        }
    }
    true
}

/// Strikes the coordinator that leads.
pub(super) fn leader(arena: &mut Arena, plan: &mut FaultPlan, aim: &Aim<'_>, fault: Fault) -> bool {
    let leads = aim.view.leader();
    let ours = arena
        .installations
        .iter()
        .filter_map(|installation| installation.coordinator.as_ref())
        .map(|process| process.pid());
    let Some(pid) = ours.filter(|pid| Some(*pid) == leads).last() else { return false };
    match fault {
        Fault::LeaderKill => signal(&[pid], Signal::SIGKILL),
        Fault::CoordinatorsAgain => {
            arena.kill_coordinators();
            arena.wound(Target::Coordinator, None, 3000 + plan.draw(5000), Heal::KillAgain(2));
        }
        _ => {
            signal(&[pid], Signal::SIGSTOP);
            arena.wound(Target::Coordinator, Some(pid), 1000 + plan.draw(9000), Heal::Resume(vec![pid]));
        }
    }
    true
}
