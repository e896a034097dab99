//! The workers as their heartbeats show them. Pure: time is told, never read.
//!
//! A lease is how long the leader has seen no change of a worker's sequence, on the leader's own monotonic time; that stands still
//! while the leader could not hear of one (the bus or the database does not answer), and starts afresh for everyone when it can.

use std::collections::HashMap;
use std::time::Duration;

use common::vocabulary::{ClaimId, Needs, Pool, Timestamp, WorkerId};
use common::wire::{Claim, Finished, Heartbeat};

use crate::db::line::Holders;
use crate::domain::offers::suits;

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
    absences: HashMap<ClaimId, u32>,
}

/// All workers.
#[derive(Debug)]
pub(crate) struct Fleet {
    lease: Duration,
    members: HashMap<WorkerId, Member>,
    listening: bool,
    /// Heartbeats have been heard, or could have been, for so long.
    heard_for: Duration,
}

impl Fleet {
    /// Nobody yet.
    pub(crate) fn new(lease: Duration) -> Self {
        Self { lease, members: HashMap::new(), listening: true, heard_for: Duration::ZERO }
    }

    /// Time passes, while heartbeats can be heard or cannot.
    pub(crate) fn advance(&mut self, by: Duration, listening: bool) {
        for member in self.members.values_mut() {
            if !listening {
                continue;
            }
            member.silence = if self.listening { member.silence + by } else { Duration::ZERO };
        }
        self.heard_for = if listening { self.heard_for + by } else { Duration::ZERO };
        self.listening = listening;
        let forgotten = self.lease * 10;
        self.members.retain(|_, member| member.silence < forgotten);
    }

    /// A new leader: everyone gets a full lease from now on.
    pub(crate) fn start_afresh(&mut self) {
        for member in self.members.values_mut() {
            member.silence = Duration::ZERO;
            member.absences.clear();
        }
    }

    /// Takes a heartbeat in. `false`: it is not newer than the one before.
    pub(crate) fn hear(&mut self, heartbeat: Heartbeat, now: Timestamp) -> bool {
        let member = self.members.entry(heartbeat.worker).or_insert_with(|| Member::unheard(now));
        if member.heartbeat.as_ref().is_some_and(|last| last.sequence >= heartbeat.sequence) {
            return false;
        }
        member.silence = Duration::ZERO;
        member.seen_at = now;
        member.heartbeat = Some(heartbeat);
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

    /// A row names this worker: if nothing is known of it (after a restart), its full lease starts now.
    pub(crate) fn expect(&mut self, worker: WorkerId, now: Timestamp) {
        self.members.entry(worker).or_insert_with(|| Member::unheard(now));
    }

    /// How long a worker has not been heard.
    pub(crate) fn silence(&self, worker: WorkerId) -> Option<Duration> {
        self.members.get(&worker).map(|member| member.silence)
    }

    /// Whether a worker's lease has run out, or nothing is known of it.
    pub(crate) fn is_lost(&self, worker: WorkerId) -> bool {
        self.members.get(&worker).is_none_or(|member| member.silence >= self.lease)
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
            .filter(|(_, member)| member.silence < self.lease && !member.has_ended())
            .filter_map(|(id, member)| member.heartbeat.as_ref().map(|heartbeat| (*id, heartbeat)))
    }

    /// Everyone heard of lately, and whether it is lost or has ended.
    pub(crate) fn everyone(&self) -> impl Iterator<Item = (WorkerId, &Member, bool)> {
        self.members.iter().map(|(id, member)| (*id, member, member.silence >= self.lease || member.has_ended()))
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
        self.heard_for >= self.lease
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
    /// It has said that it has ended. Its lease runs on all the same: what it still held is lost when that is over.
    fn has_ended(&self) -> bool {
        self.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.gone)
    }

    fn unheard(now: Timestamp) -> Self {
        Self { heartbeat: None, seen_at: now, asked_to_drain: false, silence: Duration::ZERO, absences: HashMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::{AttemptId, JobId};
    use common::wire::{Held, Outcome};

    use super::*;

    const LEASE: Duration = Duration::from_secs(12);
    const SECOND: Duration = Duration::from_secs(1);

    fn heartbeat(worker: WorkerId, sequence: u64, free: u32) -> Heartbeat {
        Heartbeat {
            worker,
            sequence,
            host: "h".into(),
            pid: 1,
            pools: vec![Pool::cpu()],
            slots: 2,
            free,
            draining: false,
            gone: false,
            devices: vec!["cpu".into()],
            hardware: Default::default(),
            memory: 0,
            version: "0".into(),
            troubles: vec![],
            held: vec![],
            finished: vec![],
        }
    }

    #[test]
    fn a_lease_ends_after_silence_and_a_repeated_sequence_is_silence() {
        let (mut fleet, worker) = (Fleet::new(LEASE), WorkerId::new_v4());
        assert!(fleet.hear(heartbeat(worker, 1, 2), Timestamp(0)));
        fleet.advance(SECOND * 11, true);
        assert!(!fleet.hear(heartbeat(worker, 1, 2), Timestamp(0)));
        assert!(!fleet.is_lost(worker));
        fleet.advance(SECOND, true);
        assert!(fleet.is_lost(worker));
        assert!(fleet.hear(heartbeat(worker, 2, 2), Timestamp(0)));
        assert!(!fleet.is_lost(worker));
    }

    /// Absence of news is not news.
    #[test]
    fn while_the_bus_is_gone_leases_stand_still_and_then_start_afresh() {
        let (mut fleet, worker) = (Fleet::new(LEASE), WorkerId::new_v4());
        fleet.hear(heartbeat(worker, 1, 2), Timestamp(0));
        fleet.advance(SECOND * 11, true);
        fleet.advance(SECOND * 3600, false);
        fleet.advance(SECOND, true);
        assert!(!fleet.is_lost(worker));
        fleet.advance(SECOND * 11, true);
        assert!(!fleet.is_lost(worker));
        fleet.advance(SECOND, true);
        assert!(fleet.is_lost(worker));
    }

    #[test]
    fn a_worker_known_only_from_a_row_gets_a_full_lease() {
        let (mut fleet, worker) = (Fleet::new(LEASE), WorkerId::new_v4());
        assert!(fleet.is_lost(worker));
        fleet.expect(worker, Timestamp(0));
        assert!(!fleet.is_lost(worker));
        fleet.advance(LEASE, true);
        assert!(fleet.is_lost(worker));
    }

    #[test]
    fn a_worker_that_has_said_farewell_is_waited_for_no_longer() {
        let (mut fleet, worker) = (Fleet::new(LEASE), WorkerId::new_v4());
        fleet.advance(LEASE, true);
        fleet.hear(heartbeat(worker, 1, 2), Timestamp(0));
        assert!(!fleet.is_deserted());
        fleet.hear(Heartbeat { gone: true, ..heartbeat(worker, 2, 0) }, Timestamp(0));
        assert!(fleet.is_deserted() && fleet.slots(&Pool::cpu()) == 0);
        assert!(!fleet.is_lost(worker), "its claims have their lease");
        assert!(!Fleet::new(LEASE).is_deserted(), "a coordinator that has just started has heard nobody yet");
    }

    #[test]
    fn free_slots_are_the_lesser_of_heartbeat_and_rows() {
        let (mut fleet, worker) = (Fleet::new(LEASE), WorkerId::new_v4());
        fleet.hear(heartbeat(worker, 1, 2), Timestamp(0));
        let busy = |n| Holders::from([(worker, vec![ClaimId::new_v4(); n])]);
        assert_eq!(fleet.free(&Pool::cpu(), &busy(0)), 2);
        assert_eq!(fleet.free(&Pool::cpu(), &busy(1)), 1);
        assert_eq!(fleet.free(&"gpu".parse().unwrap(), &busy(0)), 0);
        fleet.hear(heartbeat(worker, 2, 0), Timestamp(0));
        assert_eq!(fleet.free(&Pool::cpu(), &busy(0)), 0);
    }

    /// The next job need not wait until the result of the last is recorded.
    #[test]
    fn a_slot_is_free_when_its_claim_has_ended_though_the_row_says_running() {
        let mut fleet = Fleet::new(LEASE);
        let worker = WorkerId::new_v4();
        let claim =
            |worker| Claim { job: JobId::new_v4(), attempt: AttemptId::new_v4(), claim: ClaimId::new_v4(), worker };
        let (claim, another) = (claim(worker), claim(worker));
        let held = Held { claim, step: 1, checkpoint: None, refused: None };
        fleet.hear(Heartbeat { held: vec![held], ..heartbeat(worker, 1, 1) }, Timestamp(0));
        let rows = Holders::from([(worker, vec![claim.claim])]);
        assert_eq!(fleet.free(&Pool::cpu(), &rows), 1);
        let end = |claim| Finished { claim, outcome: Outcome::Sealed, checkpoint: None, seconds: 1.0 };
        fleet.ended(&end(another));
        assert_eq!(fleet.free(&Pool::cpu(), &rows), 1, "it holds no such claim");
        for _ in 0..2 {
            fleet.ended(&end(claim));
            assert_eq!((fleet.free(&Pool::cpu(), &rows), fleet.unheld(&Pool::cpu(), &rows)), (2, 2), "told twice, too");
        }
        let next = Holders::from([(worker, vec![claim.claim, ClaimId::new_v4()])]);
        assert_eq!(fleet.free(&Pool::cpu(), &next), 1, "the next is in a slot");
    }

    #[test]
    fn a_claim_missing_from_two_heartbeats_in_a_row_is_lost() {
        let (mut fleet, worker, claim) = (Fleet::new(LEASE), WorkerId::new_v4(), ClaimId::new_v4());
        fleet.hear(heartbeat(worker, 1, 2), Timestamp(0));
        assert!(!fleet.absent(worker, claim));
        fleet.present(worker, claim);
        assert!(!fleet.absent(worker, claim));
        assert!(fleet.absent(worker, claim));
    }
}
