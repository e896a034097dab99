//! Where answers and orders for claims arrive: each claim that is asked for or held has its state here.

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
pub(super) enum ClaimAnswer {
    /// Start.
    Granted(Box<Grant>, HaltSignal),
    /// Drop the doorbell.
    Refused(String),
}

#[derive(Debug)]
enum ClaimState {
    Asking(oneshot::Sender<ClaimAnswer>),
    Working(watch::Sender<Option<Halt>>),
}

/// So many claims that were given up are remembered: grants come within seconds, if at all.
const REMEMBERED: usize = 1024;

/// Shared by the inbox and the claims.
#[derive(Debug, Default)]
pub(super) struct ClaimRegistry {
    claims: Mutex<HashMap<ClaimId, ClaimState>>,
    /// Claims that were asked for and will not be started, oldest first.
    given_up: Mutex<VecDeque<ClaimId>>,
}

impl ClaimRegistry {
    fn claims(&self) -> MutexGuard<'_, HashMap<ClaimId, ClaimState>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A claim is going to be asked for: its answer comes here.
    pub(super) fn ask(&self, claim: ClaimId) -> oneshot::Receiver<ClaimAnswer> {
        let (sender, answer) = oneshot::channel();
        self.claims().insert(claim, ClaimState::Asking(sender));
        answer
    }

    /// A grant came in. Repeated grants change nothing. `Some`: that claim was given up before it was granted; it must be declined, for its
    /// row takes it to be running.
    pub(super) fn grant(&self, grant: Box<Grant>) -> Option<Claim> {
        let mut claims = self.claims();
        let asked = grant.claim;
        let claim = asked.claim;
        match claims.remove(&claim) {
            Some(ClaimState::Asking(answer)) => {
                let (sender, signal) = watch::channel(None);
                if answer.send(ClaimAnswer::Granted(grant, signal)).is_ok() {
                    claims.insert(claim, ClaimState::Working(sender));
                }
            }
            Some(state @ ClaimState::Working(_)) => drop(claims.insert(claim, state)),
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
        let mut claims = self.claims();
        match claims.remove(&claim) {
            Some(ClaimState::Asking(answer)) => {
                let (Halt::Stop(reason) | Halt::Release(reason)) = halt;
                let _ = answer.send(ClaimAnswer::Refused(reason));
            }
            Some(ClaimState::Working(sender)) => {
                signal(&sender, halt);
                claims.insert(claim, ClaimState::Working(sender));
            }
            None => {}
        }
    }

    /// Ends every claim that is held.
    pub(super) fn end_all(&self, halt: &Halt) {
        for state in self.claims().values() {
            match state {
                ClaimState::Working(sender) => signal(sender, halt.clone()),
                ClaimState::Asking(_) => {}
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
        self.claims().remove(&claim);
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
        let (registry, grant) = (ClaimRegistry::default(), grant());
        let claim = grant.claim.claim;
        let mut answer = registry.ask(claim);
        registry.grant(grant.clone());
        registry.grant(grant);
        let Ok(ClaimAnswer::Granted(_, signal)) = answer.try_recv() else { panic!("granted") };
        registry.end_all(&Halt::Release("drain".into()));
        registry.end(claim, Halt::Stop("cancelled".into()));
        registry.end(claim, Halt::Release("drain".into()));
        assert_eq!(*signal.borrow(), Some(Halt::Stop("cancelled".into())));
        registry.leave(claim);
        assert!(signal.has_changed().is_err(), "nobody can reach it any more");
    }

    /// Else its row would name it until two heartbeats lack it, or its lease is over.
    #[test]
    fn a_grant_for_a_claim_that_was_given_up_is_declined_and_one_for_a_claim_that_has_ended_is_not() {
        let (registry, late, done) = (ClaimRegistry::default(), grant(), grant());
        let _answer = registry.ask(late.claim.claim);
        registry.give_up(late.claim.claim);
        for _ in 0..2 {
            assert_eq!(registry.grant(late.clone()), Some(late.claim), "each time");
        }
        let _answer = registry.ask(done.claim.claim);
        assert_eq!(registry.grant(done.clone()), None);
        registry.leave(done.claim.claim);
        assert_eq!(registry.grant(done), None, "it may have left a result");
        for _ in 0..REMEMBERED {
            registry.give_up(ClaimId::new_v4());
        }
        assert_eq!(registry.grant(late), None, "there is an end to remembering");
    }

    #[test]
    fn what_is_not_asked_for_is_dropped() {
        let (registry, grant) = (ClaimRegistry::default(), grant());
        let claim = grant.claim.claim;
        registry.grant(grant.clone());
        let mut answer = registry.ask(claim);
        registry.refuse(claim, "it is cancelled".into());
        assert!(matches!(answer.try_recv(), Ok(ClaimAnswer::Refused(reason)) if reason == "it is cancelled"));
        registry.grant(grant);
        registry.end(claim, Halt::Stop("late".into()));
    }
}
