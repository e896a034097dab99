//! Where answers and orders for claims arrive: each claim that is asked for or held has a seat here.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::ClaimId;
use common::wire::{Claim, Grant};
use tokio::sync::{oneshot, watch};

/// Why a claim must end before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Halt {
    /// Give it back, with a checkpoint.
    Release(String),
    /// Drop it at once: its row names another, or someone cancelled it.
    Stop(String),
}

/// Tells the one who works on a claim when to end.
pub(super) type HaltSignal = watch::Receiver<Option<Halt>>;

/// What the coordinator says to a claim.
#[derive(Debug)]
pub(super) enum Answer {
    /// Start.
    Granted(Box<Grant>, HaltSignal),
    /// Drop the doorbell.
    Refused(String),
}

#[derive(Debug)]
enum Seat {
    Asking(oneshot::Sender<Answer>),
    Working(watch::Sender<Option<Halt>>),
}

/// So many claims that were given up are remembered: grants come within seconds, if at all.
const REMEMBERED: usize = 1024;

/// Shared by the inbox and the claims.
#[derive(Debug, Default)]
pub(super) struct Desk {
    seats: Mutex<HashMap<ClaimId, Seat>>,
    /// Claims that were asked for and will not be started, oldest first.
    given_up: Mutex<VecDeque<ClaimId>>,
}

impl Desk {
    fn seats(&self) -> MutexGuard<'_, HashMap<ClaimId, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A claim is going to be asked for: its answer comes here.
    pub(super) fn ask(&self, claim: ClaimId) -> oneshot::Receiver<Answer> {
        let (sender, answer) = oneshot::channel();
        self.seats().insert(claim, Seat::Asking(sender));
        answer
    }

    /// A grant came in. Repeated grants change nothing. `Some`: that claim was given up before it was granted; it must be declined, for its
    /// row takes it to be running.
    pub(super) fn grant(&self, grant: Box<Grant>) -> Option<Claim> {
        let mut seats = self.seats();
        let asked = grant.claim;
        let claim = asked.claim;
        match seats.remove(&claim) {
            Some(Seat::Asking(answer)) => {
                let (sender, signal) = watch::channel(None);
                if answer.send(Answer::Granted(grant, signal)).is_ok() {
                    seats.insert(claim, Seat::Working(sender));
                }
            }
            Some(seat @ Seat::Working(_)) => drop(seats.insert(claim, seat)),
            // One that has ended is no longer known either, and may have left a result.
            None => return self.given_up().contains(&claim).then_some(asked),
        }
        None
    }

    /// A claim was refused, or stopped while it was asked for.
    pub(super) fn refuse(&self, claim: ClaimId, reason: String) {
        self.end(claim, Halt::Stop(reason));
    }

    /// Ends one claim.
    pub(super) fn end(&self, claim: ClaimId, halt: Halt) {
        let mut seats = self.seats();
        match seats.remove(&claim) {
            Some(Seat::Asking(answer)) => {
                let (Halt::Stop(reason) | Halt::Release(reason)) = halt;
                let _ = answer.send(Answer::Refused(reason));
            }
            Some(Seat::Working(sender)) => {
                signal(&sender, halt);
                seats.insert(claim, Seat::Working(sender));
            }
            None => {}
        }
    }

    /// Ends every claim that is held.
    pub(super) fn end_all(&self, halt: &Halt) {
        for seat in self.seats().values() {
            match seat {
                Seat::Working(sender) => signal(sender, halt.clone()),
                Seat::Asking(_) => {}
            }
        }
    }

    /// A claim that is not answered will not be started: a grant that still comes must be declined.
    pub(super) fn give_up(&self, claim: ClaimId) {
        self.leave(claim);
        let mut given_up = self.given_up();
        given_up.push_back(claim);
        if given_up.len() > REMEMBERED {
            given_up.pop_front();
        }
    }

    fn given_up(&self) -> MutexGuard<'_, VecDeque<ClaimId>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A claim is over: whatever comes for it is too late.
    pub(super) fn leave(&self, claim: ClaimId) {
        self.seats().remove(&claim);
    }
}

/// A stop outranks a release, and the first of each kind stands.
fn signal(sender: &watch::Sender<Option<Halt>>, halt: Halt) {
    sender.send_if_modified(|current| {
        let stronger = match (&current, &halt) {
            (None, _) | (Some(Halt::Release(_)), Halt::Stop(_)) => true,
            (Some(_), _) => false,
        };
        if stronger {
            *current = Some(halt);
        }
        stronger
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::vocabulary::{AttemptId, JobId, JobSpec, ProbeSpec, WorkerId};

    fn grant() -> Box<Grant> {
        let claim = Claim {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            claim: ClaimId::new_v4(),
            worker: WorkerId::new_v4(),
        };
        let spec = JobSpec::Probe(ProbeSpec { work_ms: 1 });
        Box::new(Grant { claim, number: 1, spec, resume: None, batch_size: None, timeout: None, trace: None })
    }

    #[test]
    fn a_claim_is_granted_once_and_a_stop_outranks_a_release() {
        let (desk, grant) = (Desk::default(), grant());
        let claim = grant.claim.claim;
        let mut answer = desk.ask(claim);
        desk.grant(grant.clone());
        desk.grant(grant);
        let Ok(Answer::Granted(_, signal)) = answer.try_recv() else { panic!("granted") };
        desk.end_all(&Halt::Release("drain".into()));
        desk.end(claim, Halt::Stop("cancelled".into()));
        desk.end(claim, Halt::Release("drain".into()));
        assert_eq!(*signal.borrow(), Some(Halt::Stop("cancelled".into())));
        desk.leave(claim);
        assert!(signal.has_changed().is_err(), "nobody can reach it any more");
    }

    /// Else its row would name it until two heartbeats lack it, or its lease is over.
    #[test]
    fn a_grant_for_a_claim_that_was_given_up_is_declined_and_one_for_a_claim_that_has_ended_is_not() {
        let (desk, late, done) = (Desk::default(), grant(), grant());
        let _answer = desk.ask(late.claim.claim);
        desk.give_up(late.claim.claim);
        for _ in 0..2 {
            assert_eq!(desk.grant(late.clone()), Some(late.claim), "each time");
        }
        let _answer = desk.ask(done.claim.claim);
        assert_eq!(desk.grant(done.clone()), None);
        desk.leave(done.claim.claim);
        assert_eq!(desk.grant(done), None, "it may have left a result");
        for _ in 0..REMEMBERED {
            desk.give_up(ClaimId::new_v4());
        }
        assert_eq!(desk.grant(late), None, "there is an end to remembering");
    }

    #[test]
    fn what_is_not_asked_for_is_dropped() {
        let (desk, grant) = (Desk::default(), grant());
        let claim = grant.claim.claim;
        desk.grant(grant.clone());
        let mut answer = desk.ask(claim);
        desk.refuse(claim, "it is cancelled".into());
        assert!(matches!(answer.try_recv(), Ok(Answer::Refused(reason)) if reason == "it is cancelled"));
        desk.grant(grant);
        desk.end(claim, Halt::Stop("late".into()));
    }
}
