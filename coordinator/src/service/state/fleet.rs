//! The workers as their heartbeats show them. Pure: time is told, never read.
//!
//! A lease is how long the leader has seen no change of a worker's sequence, on the leader's own monotonic time; that stands still
//! while the leader could not hear of one (the bus or the database does not answer), and leaves everyone time to be heard when it can.
//! A worker whose successor on the same machine has found it dead needs no lease to run out.

use std::collections::HashMap;
use std::time::Duration;

use common::vocabulary::{ClaimId, Needs, Pool, Timestamp, WorkerId};
use common::wire::{Claim, Finished, Heartbeat};
use domain::lease::Lease;
use domain::offers::suits;

use crate::db::backlog::Holders;

/// Heartbeats in a row that may lack a claim its row names, before it counts as lost.
const ABSENCES: u32 = 2;

/// What is known of a worker.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its newest heartbeat; none yet, for a worker only known from a row.
    pub(crate) heartbeat: Option<Heartbeat>,
    /// When that came, for display.
    pub(crate) seen_at: Timestamp,
    /// Somebody has asked it to drain: it is told until its heartbeats say that it does.
    asked_to_drain: bool,
    silence: Duration,
    /// Its successor says so.
    dead: bool,
    absences: HashMap<ClaimId, u32>,
}

/// Why a claim's worker does nothing for it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Its lease is over, after so long a silence.
    Silent(Duration),
    /// It has said that it has ended, and not how this claim did.
    Ended,
    /// It was found dead by the one that was started after it.
    Dead,
}

/// All workers.
#[derive(Debug)]
pub(crate) struct Fleet {
    lease: Lease,
    members: HashMap<WorkerId, Member>,
    listening: bool,
    /// Heartbeats have been heard, or could have been, for so long.
    heard_for: Duration,
}

impl Fleet {
    /// Nobody yet.
    pub(crate) fn new(lease: Lease) -> Self {
        Self { lease, members: HashMap::new(), listening: true, heard_for: Duration::ZERO }
    }

    /// Time passes, while heartbeats can be heard or cannot.
    pub(crate) fn advance(&mut self, by: Duration, listening: bool) {
        if listening && self.listening {
            self.members.values_mut().for_each(|member| member.silence += by);
        } else if listening {
            self.leave_time_to_be_heard();
        }
        self.heard_for = if listening { self.heard_for + by } else { Duration::ZERO };
        self.listening = listening;
        let forgotten = self.lease.length() * 10;
        self.members.retain(|_, member| member.silence < forgotten);
    }

    /// A new leader: what it knows of the workers is as after an outage.
    pub(crate) fn start_afresh(&mut self) {
        self.leave_time_to_be_heard();
        self.members.values_mut().for_each(|member| member.absences.clear());
    }

    fn leave_time_to_be_heard(&mut self) {
        for member in self.members.values_mut() {
            member.silence = self.lease.after_an_outage(member.silence);
        }
    }

    /// Takes a heartbeat in. `false`: it is not newer than the one before.
    pub(crate) fn receive(&mut self, heartbeat: Heartbeat, now: Timestamp) -> bool {
        let unheard = self.unheard(now);
        let member = self.members.entry(heartbeat.worker).or_insert(unheard);
        let first = member.heartbeat.is_none();
        if member.heartbeat.as_ref().is_some_and(|last| last.sequence >= heartbeat.sequence) {
            return false;
        }
        let dead = if first { heartbeat.dead.clone() } else { Vec::new() };
        // Whoever speaks lives.
        (member.silence, member.dead) = (Duration::ZERO, false);
        member.seen_at = now;
        member.heartbeat = Some(heartbeat);
        for worker in dead {
            let unheard = self.unheard(now);
            self.members.entry(worker).or_insert(unheard).dead = true;
        }
        true
    }

    /// A claim that had a slot to itself has ended: its next heartbeat will say so, and that the slot is free.
    pub(crate) fn ended(&mut self, end: &Finished) {
        let known = self.members.get_mut(&end.claim.worker).and_then(|member| member.heartbeat.as_mut());
        let Some(heartbeat) = known else { return };
        let before = heartbeat.held.len();
        heartbeat.held.retain(|held| held.claim != end.claim);
        if heartbeat.held.len() < before {
            heartbeat.finished.push(end.clone());
            heartbeat.free = (heartbeat.free + 1).min(heartbeat.slots);
        }
    }

    /// A row names this worker: if nothing is known of it (after a restart), it has time to be heard from now on.
    pub(crate) fn expect(&mut self, worker: WorkerId, now: Timestamp) {
        let unheard = self.unheard(now);
        self.members.entry(worker).or_insert(unheard);
    }

    /// How long a worker has not been heard.
    pub(crate) fn silence(&self, worker: WorkerId) -> Option<Duration> {
        self.members.get(&worker).map(|member| member.silence)
    }

    /// Whether a worker's lease has run out, it has ended or is dead, or nothing is known of it.
    pub(crate) fn is_lost(&self, worker: WorkerId) -> bool {
        self.members.get(&worker).is_none_or(|member| self.is_gone(member))
    }

    /// Whether nothing can come of a claim any more, as far as its worker goes. What its worker has said of its end, is being recorded.
    pub(crate) fn gone(&self, claim: &Claim) -> Option<Gone> {
        let Some(member) = self.members.get(&claim.worker) else { return Some(Gone::Silent(Duration::MAX)) };
        let reported =
            member.heartbeat.as_ref().is_some_and(|last| last.finished.iter().any(|end| end.claim == *claim));
        match member {
            member if member.dead && !reported => Some(Gone::Dead),
            member if member.has_ended() && !reported => Some(Gone::Ended),
            member if self.lease.is_over(member.silence) => Some(Gone::Silent(member.silence)),
            _ => None,
        }
    }

    fn is_gone(&self, member: &Member) -> bool {
        member.dead || member.has_ended() || self.lease.is_over(member.silence)
    }

    fn unheard(&self, now: Timestamp) -> Member {
        Member {
            heartbeat: None,
            seen_at: now,
            asked_to_drain: false,
            silence: self.lease.after_an_outage(Duration::MAX),
            dead: false,
            absences: HashMap::new(),
        }
    }

    /// How long a worker has been silent; nothing is known of it: for ever.
    pub(crate) fn silence_of(&self, worker: WorkerId) -> Duration {
        self.members.get(&worker).map_or(Duration::MAX, |member| member.silence)
    }

    /// Why the store does not take the finished result of a claim, as its worker says.
    pub(crate) fn refused(&self, claim: Claim) -> Option<&str> {
        let heartbeat = self.members.get(&claim.worker)?.heartbeat.as_ref()?;
        heartbeat.held.iter().find(|held| held.claim == claim)?.refused.as_deref()
    }

    /// Counts a fresh heartbeat that lacks a claim its row names; `true` when that makes it lost.
    pub(crate) fn absent(&mut self, worker: WorkerId, claim: ClaimId) -> bool {
        let Some(member) = self.members.get_mut(&worker) else { return false };
        let absences = member.absences.entry(claim).or_default();
        *absences += 1;
        *absences >= ABSENCES
    }

    /// A fresh heartbeat names the claim.
    pub(crate) fn present(&mut self, worker: WorkerId, claim: ClaimId) {
        if let Some(member) = self.members.get_mut(&worker) {
            member.absences.remove(&claim);
        }
    }

    /// Workers whose lease holds and that have been heard.
    pub(crate) fn alive(&self) -> impl Iterator<Item = (WorkerId, &Heartbeat)> {
        self.members
            .iter()
            .filter(|(_, member)| !self.is_gone(member))
            .filter_map(|(id, member)| member.heartbeat.as_ref().map(|heartbeat| (*id, heartbeat)))
    }

    /// Everyone heard of lately, and whether it is lost or has ended.
    pub(crate) fn everyone(&self) -> impl Iterator<Item = (WorkerId, &Member, bool)> {
        self.members.iter().map(|(id, member)| (*id, member, self.is_gone(member)))
    }

    /// Whether it is known that no worker lives.
    pub(crate) fn is_deserted(&self) -> bool {
        self.knows_all() && self.alive().next().is_none()
    }

    /// Workers that take new work of a pool.
    pub(crate) fn serving(&self, pool: &Pool) -> impl Iterator<Item = (WorkerId, &Heartbeat)> {
        self.alive().filter(|(id, heartbeat)| {
            !heartbeat.draining && heartbeat.pools.contains(pool) && !self.is_asked_to_drain(*id)
        })
    }

    /// Whether a worker has a device such as a job needs. Of one that was not heard yet nothing is known.
    pub(crate) fn suits(&self, worker: WorkerId, needs: &Needs) -> bool {
        let heartbeat = self.members.get(&worker).and_then(|member| member.heartbeat.as_ref());
        *needs == Needs::default() || heartbeat.is_some_and(|heartbeat| suits(&heartbeat.hardware.devices, needs))
    }

    /// Whether a worker of a pool with a device such as a job needs could start it now.
    pub(crate) fn welcomes(&self, pool: &Pool, needs: &Needs) -> bool {
        let could = |heartbeat: &Heartbeat| heartbeat.free > 0 && suits(&heartbeat.hardware.devices, needs);
        *needs == Needs::default() || self.serving(pool).any(|(_, heartbeat)| could(heartbeat))
    }

    /// Whether every live worker must have been heard by now: who is not there is not alive.
    pub(crate) fn knows_all(&self) -> bool {
        self.lease.is_over(self.heard_for)
    }

    /// For how long heartbeats and claims could be heard without a break.
    pub(crate) fn heard_for(&self) -> Duration {
        self.heard_for
    }

    /// Slots of a pool, free or not.
    pub(crate) fn slots(&self, pool: &Pool) -> u32 {
        self.serving(pool).map(|(_, heartbeat)| heartbeat.slots).sum()
    }

    /// Slots of a pool that could start a job now: what heartbeats say, less what rows say has been granted since.
    pub(crate) fn free(&self, pool: &Pool, rows: &Holders) -> u32 {
        self.serving(pool).map(|(id, heartbeat)| heartbeat.free.min(unheld(id, heartbeat, rows))).sum()
    }

    /// Slots of a pool that no row names: those that are free, or will be in a moment.
    pub(crate) fn unheld(&self, pool: &Pool, rows: &Holders) -> u32 {
        self.serving(pool).map(|(id, heartbeat)| unheld(id, heartbeat, rows)).sum()
    }

    /// It shall drain. `false`: nothing is known of it.
    pub(crate) fn ask_to_drain(&mut self, worker: WorkerId) -> bool {
        self.members.get_mut(&worker).map(|member| member.asked_to_drain = true).is_some()
    }

    /// Whether somebody has asked it to drain.
    pub(crate) fn is_asked_to_drain(&self, worker: WorkerId) -> bool {
        self.members.get(&worker).is_some_and(|member| member.asked_to_drain)
    }
}

fn unheld(worker: WorkerId, heartbeat: &Heartbeat, rows: &Holders) -> u32 {
    // What has ended is in its row until it is recorded, and in no slot.
    let over = |claim: &&ClaimId| heartbeat.finished.iter().any(|end| end.claim.claim == **claim);
    let held = rows.get(&worker).map_or(0, |claims| claims.iter().filter(|claim| !over(claim)).count());
    heartbeat.slots.saturating_sub(held as u32)
}

impl Member {
    /// It has said that it has ended.
    fn has_ended(&self) -> bool {
        self.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.gone)
    }
}

#[cfg(test)]
mod tests;
