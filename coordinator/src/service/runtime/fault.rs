//! Places in a job's lifecycle where a test stops the coordinator, to see that after a restart the job ends once.
//!
//! `REFIT_FAULT=exit:recorded` ends the process at that step, as a power cut would. `REFIT_FAULT=mutant:no_seal_check` leaves out
//! something that everything depends on, to see that `make chaos` misses it. Both are only in a build with the feature `faults`, as
//! tests have it: in any other a step costs nothing, and no coordinator can be told to be a mutant.

use std::fmt;
use std::str::FromStr;

use tokio_util::sync::CancellationToken;

use crate::service::state::TaskName;

/// Whether this build has faults at all.
const PLANTABLE: bool = cfg!(feature = "faults");

macro_rules! named {
    ($(#[$of:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }
        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|one| one.as_str() == text);
                found.ok_or_else(|| format!("there is no {} {text:?}", $what))
            }
        }
    };
}

named! {
    /// A step of a job's lifecycle, named after what has just been done.
    Step, "step" {
        /// The row is in the backlog.
        Enqueued = "enqueued",
        /// Its bars are in the store, the row does not say so yet.
        Stored = "stored",
        /// Its data are frozen.
        Frozen = "frozen",
        /// The row says dispatched, no doorbell is out.
        Dispatched = "dispatched",
        /// The doorbell is out.
        Rung = "rung",
        /// The row names claim and worker, no grant is out.
        Granted = "granted",
        /// The grant is out.
        Answered = "answered",
        /// The seal has been read.
        SealRead = "seal_read",
        /// Row and version are recorded.
        Recorded = "recorded",
        /// The worker has been told.
        Confirmed = "confirmed",
        /// The verdict is known, not committed.
        Judged = "judged",
        /// The verdict is committed.
        Promoted = "promoted",
    }
}

named! {
    /// A coordinator that lacks something, for the tests that must catch it: `make chaos-mutants`, `make wander-mutants`.
    Mutant, "mutant" {
        /// A job is handed out again, and cancelled, without a look at the seal of its last attempt.
        NoSealCheck = "no_seal_check",
        /// A lease is a key on the bus that expires.
        LeaseByKey = "lease_by_key",
        /// The universal forecaster is a contestant of every family.
        AlienUniversal = "alien_universal",
        /// A version is asked by what its model reads now.
        ModelSchemaServes = "model_schema_serves",
        /// A cleanup takes the weights of what was rejected at once.
        RejectedThinned = "rejected_thinned",
        /// What cannot be trained on these rows becomes a job, and fails.
        ImpossibleTrained = "impossible_trained",
        /// Rows that a version which waits was trained on are trained on again.
        TriedForgotten = "tried_forgotten",
        /// A rollback by hand holds nothing back.
        RollbackForgotten = "rollback_forgotten",
        /// A rollback goes to the next lower number.
        RollbackByNumber = "rollback_by_number",
        /// Any word is an outcome.
        OutcomesUnchecked = "outcomes_unchecked",
        /// Bars that contradict those there are taken.
        RevisionsTaken = "revisions_taken",
        /// A decision stands until the next evaluation.
        DecisionsGrowOld = "decisions_grow_old",
    }
}

/// What happens at which step.
#[derive(Debug, Clone, Default)]
pub enum Fault {
    /// Nothing anywhere.
    #[default]
    None,
    /// The process ends.
    Exit(Step),
    /// The coordinator stops in the middle of what it does, within the process: for tests.
    Halt(Step, CancellationToken),
    /// The coordinator stops in the middle of what it does until it is told to go on: for tests of races.
    Pause {
        /// The step at which it halts.
        at: Step,
        /// It is there.
        reached: CancellationToken,
        /// It goes on.
        go_on: CancellationToken,
    },
    /// Every background task panics in its first round.
    Panic,
    /// Something is missing all the time.
    Mutant(Mutant),
}

impl Fault {
    /// As the environment says (`REFIT_FAULT=exit:<step>` or `mutant:<name>`).
    ///
    /// # Errors
    /// There is no such fault, or none in this build.
    pub fn from_env() -> Result<Self, String> {
        std::env::var("REFIT_FAULT").map_or(Ok(Self::None), |text| Self::planted(&text, PLANTABLE))
    }

    fn planted(text: &str, plantable: bool) -> Result<Self, String> {
        if !plantable {
            return Err(format!("REFIT_FAULT={text} is for Refit's own tests, and this build has no faults: unset it"));
        }
        match text.split_once(':') {
            Some(("exit", step)) => Ok(Self::Exit(step.parse()?)),
            Some(("mutant", name)) => {
                tracing::warn!(name, "this coordinator is a mutant: it harms what it is given");
                Ok(Self::Mutant(name.parse()?))
            }
            _ => Err(format!("REFIT_FAULT={text}: use exit:<step> or mutant:<name>")),
        }
    }

    /// Whether this coordinator is that mutant.
    pub(crate) fn has(&self, mutant: Mutant) -> bool {
        PLANTABLE && matches!(self, Self::Mutant(planted) if *planted == mutant)
    }

    /// A background task begins its first round.
    #[expect(clippy::panic, reason = "that is the fault")]
    pub(crate) fn panic_in(&self, task: TaskName) {
        if PLANTABLE && matches!(self, Self::Panic) {
            panic!("planted in {task}");
        }
    }

    /// A step has been done.
    pub(crate) async fn at(&self, step: Step) {
        match self {
            _ if !PLANTABLE => {}
            Self::None | Self::Panic | Self::Mutant(_) => {}
            Self::Exit(planted) if *planted == step => std::process::exit(86),
            Self::Halt(planted, halted) if *planted == step => {
                halted.cancel();
                std::future::pending::<()>().await;
            }
            Self::Pause { at, reached, go_on } if *at == step => {
                reached.cancel();
                go_on.cancelled().await;
            }
            Self::Exit(_) | Self::Halt(..) | Self::Pause { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_a_step_or_a_mutant() {
        assert!(matches!(Fault::planted("exit:recorded", true), Ok(Fault::Exit(Step::Recorded))));
        assert!(matches!(Fault::planted("mutant:no_seal_check", true), Ok(Fault::Mutant(Mutant::NoSealCheck))));
        for bad in ["", "exit", "exit:", "exit:never", "mutant:nobody", "kill@after_seal"] {
            assert!(Fault::planted(bad, true).is_err(), "{bad:?}");
        }
    }

    /// A coordinator that was told to fail and goes on as if nothing was said would let a test of failures pass.
    #[test]
    fn a_build_without_faults_refuses_to_be_told() {
        let refused = Fault::planted("exit:recorded", false).unwrap_err();
        assert!(refused.ends_with("this build has no faults: unset it"), "{refused}");
    }
}
