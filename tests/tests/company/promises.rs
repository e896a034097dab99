//! What must hold, by name, and what was found broken.

use std::collections::BTreeMap;

/// Breaches that are kept of a promise; more are only counted.
const KEPT: usize = 20;

macro_rules! promises {
    ($($name:ident: $text:literal, $meaning:literal;)+) => {
        /// What must hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Promise {
            $(#[doc = $meaning] $name),+
        }

        impl Promise {
            /// Its name, as it is printed.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// What it says.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

promises! {
    Answered: "answered", "every question is answered, but while a process that was killed is being replaced";
    Served: "served_is_live", "the version that answers is live before or after the question, by the ledger";
    Golden: "golden", "what a live version says of its golden inputs is what its artifact says";
    Sane: "answers_make_sense", "one version says the same of the same row each time; probabilities lie in 0 to 1";
    Counted: "rows_counted", "rows that are reported and shown are those that were sent";
    Judged: "judged", "every model has a version with a verdict";
    OwnFailures: "failures_are_own", "no training fails that nothing was wrong with";
    Apart: "families_apart", "nothing of one model or family is in another's version";
    Unseen: "unseen_rows", "what judges a version comes after what it was fitted on, where rows are dated";
    Ledger: "ledger", "the live version is the ledger's newest; live_seq counts its entries";
    Coordinator: "invariants", "the coordinators find none of their own invariants broken";
    Health: "health_is_true", "health says healthy exactly while somebody leads and everything answers";
    SameBits: "same_bits", "the same rows, recipe and seed give the same weights";
    SameLife: "same_life", "two lives of one seed have the same versions, verdicts and weights";
    Noticed: "drift_is_noticed", "a live version that does worse than it did is found out by the rows that show it";
    Punctual: "schedules_punctual", "what is scheduled is done once each time it is due, or says that it was missed";
    Told: "alerts_told", "what somebody should know is told, and nothing twice but under the same id";
    Reported: "reports_true", "what the report of the day counts is what happened on it";
    Asked: "asked_happens", "what a person asks for happens, and nothing else";
}

/// What was found broken.
#[derive(Debug, Default)]
pub(crate) struct Breaches(BTreeMap<Promise, (u64, Vec<String>)>);

impl Breaches {
    /// Notes a breach.
    pub(crate) fn note(&mut self, promise: Promise, what: impl Into<String>) {
        let (count, kept) = self.0.entry(promise).or_default();
        let what = what.into();
        if !kept.contains(&what) {
            *count += 1;
            if kept.len() < KEPT {
                kept.push(what);
            }
        }
    }

    /// Notes a breach unless it holds.
    pub(crate) fn insist(&mut self, promise: Promise, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.note(promise, what());
        }
    }

    /// Adds others.
    pub(crate) fn add(&mut self, others: Self) {
        for (promise, (_, kept)) in others.0 {
            kept.into_iter().for_each(|what| self.note(promise, what));
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// All of them, a line each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(|(promise, (_, kept))| {
            kept.iter().map(|what| format!("broken: {} ({}): {what}", promise.name(), promise.meaning()))
        })
    }
}
