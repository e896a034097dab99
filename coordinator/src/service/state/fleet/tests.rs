//! Heartbeats, leases and claims, without a clock.

use common::vocabulary::{AttemptId, JobId};
use common::wire::{Held, Outcome};

use super::*;

const LEASE: Duration = Duration::from_secs(12);
const SECOND: Duration = Duration::from_secs(1);

fn fleet() -> Fleet {
    Fleet::new(Lease::of(&common::settings::Dispatch::default()))
}

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
        dead: vec![],
    }
}

#[test]
fn a_lease_ends_after_silence_and_a_repeated_sequence_is_silence() {
    let (mut fleet, worker) = (fleet(), WorkerId::new_v4());
    assert!(fleet.receive(heartbeat(worker, 1, 2), Timestamp(0)));
    fleet.advance(SECOND * 11, true);
    assert!(!fleet.receive(heartbeat(worker, 1, 2), Timestamp(0)));
    assert!(!fleet.is_lost(worker));
    fleet.advance(SECOND, true);
    assert!(fleet.is_lost(worker));
    assert!(fleet.receive(heartbeat(worker, 2, 2), Timestamp(0)));
    assert!(!fleet.is_lost(worker));
}

/// Absence of news is not news. Who was silent before has time for two heartbeats and half a second, and no whole lease again: else a
/// bus that fails now and then would keep a dead worker's jobs for ever.
#[test]
fn while_the_bus_is_gone_leases_stand_still_and_then_leave_time_to_be_heard() {
    let (mut fleet, worker) = (fleet(), WorkerId::new_v4());
    fleet.receive(heartbeat(worker, 1, 2), Timestamp(0));
    fleet.advance(SECOND * 11, true);
    fleet.advance(SECOND * 3600, false);
    assert!(!fleet.is_lost(worker));
    fleet.advance(SECOND, true);
    fleet.advance(SECOND * 6, true);
    assert!(!fleet.is_lost(worker));
    fleet.advance(SECOND / 2, true);
    assert!(fleet.is_lost(worker));
}

#[test]
fn an_outage_leaves_a_lease_as_long_as_it_was_where_that_is_enough() {
    let (mut fleet, worker) = (fleet(), WorkerId::new_v4());
    fleet.receive(heartbeat(worker, 1, 2), Timestamp(0));
    fleet.advance(SECOND * 3, true);
    fleet.advance(SECOND * 2, false);
    fleet.advance(SECOND, true);
    assert_eq!(fleet.silence(worker), Some(SECOND * 3));
}

/// A coordinator that is restarted every eight seconds takes up what a dead worker held.
#[test]
fn a_worker_known_only_from_a_row_and_one_that_a_new_leader_knows_have_time_to_be_heard() {
    let (mut fleet, worker, silent) = (fleet(), WorkerId::new_v4(), WorkerId::new_v4());
    assert!(fleet.is_lost(worker));
    fleet.receive(heartbeat(silent, 1, 2), Timestamp(0));
    fleet.advance(SECOND * 11, true);
    fleet.expect(worker, Timestamp(0));
    fleet.start_afresh();
    fleet.advance(SECOND * 6, true);
    assert!(!fleet.is_lost(worker) && !fleet.is_lost(silent));
    fleet.advance(SECOND / 2, true);
    assert!(fleet.is_lost(worker) && fleet.is_lost(silent));
}

fn claim(worker: WorkerId) -> Claim {
    Claim { job: JobId::new_v4(), attempt: AttemptId::new_v4(), claim: ClaimId::new_v4(), worker }
}

fn end(claim: Claim) -> Finished {
    Finished { claim, outcome: Outcome::Sealed, checkpoint: None, seconds: 1.0 }
}

/// Its successor has found its folder and nobody in it: no lease need run out. What it had said of ends before is recorded first.
#[test]
fn g2_a_worker_that_its_successor_found_dead_is_lost_at_once() {
    let (mut fleet, worker, successor) = (fleet(), WorkerId::new_v4(), WorkerId::new_v4());
    let (held, ended, unheard) = (claim(worker), claim(worker), claim(WorkerId::new_v4()));
    fleet.receive(Heartbeat { finished: vec![end(ended)], ..heartbeat(worker, 1, 2) }, Timestamp(0));
    assert_eq!(fleet.gone(&held), None);
    let first = Heartbeat { dead: vec![worker, unheard.worker], ..heartbeat(successor, 1, 2) };
    fleet.receive(first.clone(), Timestamp(0));
    assert_eq!([held, unheard].map(|claim| fleet.gone(&claim)), [Some(Gone::Dead); 2]);
    assert_eq!(fleet.gone(&ended), None, "its end is being recorded");
    assert_eq!(fleet.alive().map(|(id, _)| id).collect::<Vec<_>>(), [successor]);
    // Whoever speaks lives, and is not called dead again for what was said before.
    fleet.receive(heartbeat(worker, 2, 2), Timestamp(0));
    fleet.receive(Heartbeat { sequence: 2, ..first }, Timestamp(0));
    assert_eq!(fleet.gone(&held), None);
    fleet.advance(LEASE, true);
    assert_eq!(fleet.gone(&ended), Some(Gone::Silent(LEASE)));
}

#[test]
fn a_worker_that_has_said_farewell_is_waited_for_no_longer() {
    let (mut fleet, worker) = (fleet(), WorkerId::new_v4());
    fleet.advance(LEASE, true);
    fleet.receive(heartbeat(worker, 1, 2), Timestamp(0));
    assert!(!fleet.is_deserted());
    let (held, ended) = (claim(worker), claim(worker));
    let last = Heartbeat { gone: true, finished: vec![end(ended)], ..heartbeat(worker, 2, 0) };
    fleet.receive(last, Timestamp(0));
    assert!(fleet.is_deserted() && fleet.slots(&Pool::cpu()) == 0);
    assert_eq!([held, ended].map(|claim| fleet.gone(&claim)), [Some(Gone::Ended), None]);
    assert!(!self::fleet().is_deserted(), "a coordinator that has just started has heard nobody yet");
}

#[test]
fn free_slots_are_the_lesser_of_heartbeat_and_rows() {
    let (mut fleet, worker) = (fleet(), WorkerId::new_v4());
    fleet.receive(heartbeat(worker, 1, 2), Timestamp(0));
    let busy = |n| Holders::from([(worker, vec![ClaimId::new_v4(); n])]);
    assert_eq!(fleet.free(&Pool::cpu(), &busy(0)), 2);
    assert_eq!(fleet.free(&Pool::cpu(), &busy(1)), 1);
    assert_eq!(fleet.free(&"gpu".parse().unwrap(), &busy(0)), 0);
    fleet.receive(heartbeat(worker, 2, 0), Timestamp(0));
    assert_eq!(fleet.free(&Pool::cpu(), &busy(0)), 0);
}

/// The next job need not wait until the result of the last is recorded.
#[test]
fn a_slot_is_free_when_its_claim_has_ended_though_the_row_says_running() {
    let mut fleet = fleet();
    let worker = WorkerId::new_v4();
    let (claim, another) = (claim(worker), claim(worker));
    let held = Held { claim, step: 1, checkpoint: None, refused: None };
    fleet.receive(Heartbeat { held: vec![held], ..heartbeat(worker, 1, 1) }, Timestamp(0));
    let rows = Holders::from([(worker, vec![claim.claim])]);
    assert_eq!(fleet.free(&Pool::cpu(), &rows), 1);
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
    let (mut fleet, worker, claim) = (fleet(), WorkerId::new_v4(), ClaimId::new_v4());
    fleet.receive(heartbeat(worker, 1, 2), Timestamp(0));
    assert!(!fleet.absent(worker, claim));
    fleet.present(worker, claim);
    assert!(!fleet.absent(worker, claim));
    assert!(fleet.absent(worker, claim));
}
