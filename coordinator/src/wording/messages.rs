//! Everything that is told in words.

use common::wire::ListedReason;
use strum::VariantNames as _;

use super::Message;
use crate::domain::answer::Answer;
use crate::domain::decide::{Action, Ground, Obstacle, Reason, Remark};
use crate::domain::job_reason::{JobReason, Library, Unscored};
use crate::domain::job_standing::{JobStanding, NextStep};
use crate::domain::judge::{Compared, Conclusion, Finding};
use crate::domain::ledger::LedgerReason;
use crate::domain::meant::Unmeant;
use crate::domain::monitor::Alert;
use crate::domain::offers::Never;
use crate::domain::score::{Term, TermKind};

/// Declares what is told: the beginning of its messages' names, and the enum that lists its codes.
macro_rules! messages {
    ($($message:ty = $kind:literal of $codes:ty;)+) => {
        $(impl Message for $message {
            const KIND: &'static str = $kind;
            const CODES: &'static [&'static str] = <$codes>::VARIANTS;
        })+

        /// Every kind with its codes.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &[&str])] = &[$(($kind, <$message>::CODES)),+];
    };
}

messages! {
    Reason = "reason" of Ground;
    Obstacle = "hold" of Obstacle;
    Remark = "remark" of Remark;
    Term = "term" of TermKind;
    Action = "action" of Action;
    Answer = "answer" of Answer;
    Finding = "finding" of Finding;
    Compared = "compared" of Conclusion;
    JobReason = "job" of JobReason;
    JobStanding = "standing" of JobStanding;
    Never = "never" of Never;
    NextStep = "next" of NextStep;
    Unmeant = "unmeant" of Unmeant;
    Unscored = "model" of Unscored;
    Library = "library" of Library;
    ListedReason = "item" of ListedReason;
    LedgerReason = "ledger" of LedgerReason;
    Alert = "alert" of Alert;
}
