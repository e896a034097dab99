//! Clients that send a byte a second, and the leader that is asked to end meanwhile.

use nix::sys::signal::Signal;
use refit_tests::slow::SlowClients;

use super::Aim;
use crate::arena::{Arena, Heal, signal};
use crate::plan::Target;

/// How many there are.
const CLIENTS: usize = 40;
/// What a coordinator may take to end, in milliseconds: 10 s for what is under way, and what a busy machine adds.
const LIMIT_MS: u64 = 30_000;

/// Asks the coordinator that leads to end, with slow clients on it.
pub(super) fn strike(arena: &mut Arena, aim: &Aim<'_>) -> bool {
    let leads = aim.view.leader();
    let led = |installation: &&refit_tests::Installation| {
        installation.coordinator.as_ref().is_some_and(|process| Some(process.pid()) == leads)
    };
    let found = arena.installations.iter().find(led).and_then(|installation| Some((installation.address()?, leads?)));
    let Some((address, pid)) = found else { return false };
    let clients = SlowClients::start(&address, CLIENTS);
    signal(&[pid], Signal::SIGTERM);
    arena.wound(Target::Coordinator, Some(pid), LIMIT_MS, Heal::Ended(pid, clients));
    true
}
