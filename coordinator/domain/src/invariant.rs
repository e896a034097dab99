//! What must always hold, by name. The same names are used by the checks of a running leader, by `make chaos` and by telemetry.

use std::fmt;

macro_rules! invariants {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// Something that always holds, whatever dies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant { $($(#[doc = $meaning])+ $variant),+ }
        impl Invariant {
            /// Every invariant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
            /// What it says, in words.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii()),+ }
            }
        }
    };
}

invariants! {
    /// A job has ended exactly if it has an outcome, and a training that is completed has left a version.
    OneOutcome = "one_outcome",
    /// A job's result is recorded at most once, and only where its job is judged or completed.
    RecordedOnce = "recorded_once",
    /// No job moves a live pointer twice, and no judgement publishes a version that was published before.
    PublishedOnce = "published_once",
    /// A model's live_seq counts the rows of its ledger: it only grows, by one.
    LiveSeqGrows = "live_seq_grows",
    /// The live pointer, the newest row of the ledger and the version that says it is live are the same.
    OneLive = "one_live",
    /// A model has one active training at most.
    OneTraining = "one_training",
    /// A job is held exactly while it runs, and by the one claim of its attempt.
    OneHolder = "one_holder",
    /// An attempt is under way until it ends, and its job has no other meanwhile.
    NothingLeft = "nothing_left",
    /// No job is taken from a worker that was heard of within its lease.
    LeaseKept = "lease_kept",
    /// A training that was sealed is the one that is recorded: no finished training is thrown away.
    FinishedKept = "finished_kept",
    /// No version is scored, as on rows that came later, on one that it or an ancestor was given.
    SeenRowsUnscored = "seen_rows_unscored",
    /// Every file of a version is what its manifest says.
    ArtifactWhole = "artifact_whole",
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_invariant_is_shown_by_a_name_of_its_own() {
        assert_eq!(format!("{:>9}|", Invariant::OneLive), " one_live|");
        let names: BTreeSet<String> = Invariant::ALL.iter().map(Invariant::to_string).collect();
        assert_eq!(names.len(), Invariant::ALL.len());
    }
}
