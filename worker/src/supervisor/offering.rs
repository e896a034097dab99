//! A finished result is offered to the store until it is taken. The store may be out of reach, full, or refuse whoever asks: a person can
//! mend that, and nobody can give back the time that the training took.

use std::time::Duration;

use common::ports::PortError;
use common::vocabulary::ClaimId;

use super::held_claims::HeldClaims;

/// How soon it is offered again at first.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How soon at most, each time twice as long.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Offers the files of one claim; heartbeats say why they are not taken.
#[derive(Debug)]
pub(super) struct Offer<'a> {
    held_claims: &'a HeldClaims,
    claim: ClaimId,
    first_pause: Duration,
}

impl<'a> Offer<'a> {
    /// Of a claim that is held, and whose result lies on this machine.
    pub(super) fn new(held_claims: &'a HeldClaims, claim: ClaimId) -> Self {
        Self { held_claims, claim, first_pause: FIRST_PAUSE }
    }

    /// Repeats an operation until the store has carried it out. Whoever calls bounds it from outside: a claim that is stopped drops it.
    ///
    /// # Errors
    /// What is to be written is not there, or cannot be read: no store can help that.
    pub(super) async fn until_taken<T, F>(&self, mut operation: impl FnMut() -> F) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, PortError>>,
    {
        let mut pause = self.first_pause;
        loop {
            let answer = operation().await;
            match answer {
                Err(error @ (PortError::Unreachable { .. } | PortError::Full { .. } | PortError::Unusable { .. })) => {
                    tracing::warn!(claim = %self.claim, %error, "the result waits for the store");
                    self.held_claims.refused(self.claim, Some(error.to_string()));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Ok(_) | Err(PortError::NotFound { .. } | PortError::Damaged { .. }) => {
                    self.held_claims.refused(self.claim, None);
                    return answer;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::{AttemptId, JobId, JobSpec, ProbeSpec, WorkerId};
    use common::wire::{Claim, Grant};

    use super::*;

    fn held_claims() -> (HeldClaims, ClaimId) {
        let claim = Claim {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            claim: ClaimId::new_v4(),
            worker: WorkerId::new_v4(),
        };
        let spec = JobSpec::Probe(ProbeSpec { work_ms: 1 });
        let grant = Grant { claim, number: 1, spec, resume: None, batch_size: None, timeout: None, trace: None };
        let held_claims = HeldClaims::new(1);
        held_claims.hold([&grant].into_iter());
        (held_claims, claim.claim)
    }

    /// A store that is full or answers 403 throws nothing away, and what the result waits for is said until it is taken.
    #[tokio::test]
    async fn a_store_that_refuses_is_waited_for_and_named() {
        let (held_claims, claim) = held_claims();
        let offer = Offer { held_claims: &held_claims, claim, first_pause: Duration::ZERO };
        let denied = || PortError::Unusable { what: "seal".into(), reason: "Access Denied".into() };
        let silent = || PortError::Unreachable { what: "store".into(), reason: "no answer".into() };
        let mut answers =
            vec![Ok("taken"), Err(silent()), Err(PortError::Full { what: "weights".into() }), Err(denied())];
        let mut said = Vec::new();
        let taken = offer.until_taken(|| {
            said.push(held_claims.status().held[0].refused.clone());
            std::future::ready(answers.pop().unwrap())
        });
        assert_eq!(taken.await.unwrap(), "taken");
        let expected = ["seal cannot be used: Access Denied", "no space left while writing weights", "no answer"];
        assert_eq!(said[0], None);
        for (said, expected) in said[1..].iter().zip(expected) {
            assert!(said.as_ref().is_some_and(|said| said.contains(expected)), "{said:?}");
        }
        assert_eq!(held_claims.status().held[0].refused, None, "it is taken");
    }

    #[tokio::test]
    async fn a_result_that_is_gone_is_not_waited_for() {
        let (held_claims, claim) = held_claims();
        let offer = Offer::new(&held_claims, claim);
        let gone = || std::future::ready(Err::<(), _>(PortError::NotFound { what: "weights".into() }));
        assert!(matches!(offer.until_taken(gone).await, Err(PortError::NotFound { .. })));
    }
}
