//! Everything that is told in words.

use common::wire::ListedReason;
use domain::alert::{AlertCause, MessageKind, Trained};
use domain::answer::RequestAnswer;
use domain::decide::{Action, Ground, Obstacle, Reason, Remark};
use domain::job_reason::{JobReason, Library, Unscored};
use domain::job_status::{JobStatus, NextStep};
use domain::judge::{Compared, Conclusion, Finding};
use domain::ledger::LedgerReason;
use domain::meant::Unmeant;
use domain::offers::Never;
use domain::schedule::{RunOutcome, Timing};
use domain::score::{Term, TermKind};
use domain::search::SearchOutcome;
use strum::VariantNames as _;

use super::{Message, ReportText, Subject, Unnamed, When};

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
    RequestAnswer = "answer" of RequestAnswer;
    Finding = "finding" of Finding;
    Compared = "compared" of Conclusion;
    JobReason = "job" of JobReason;
    JobStatus = "standing" of JobStatus;
    Never = "never" of Never;
    NextStep = "next" of NextStep;
    Unmeant = "unmeant" of Unmeant;
    Unscored = "model" of Unscored;
    Library = "library" of Library;
    ListedReason = "item" of ListedReason;
    LedgerReason = "ledger" of LedgerReason;
    AlertCause = "alert" of AlertCause;
    Subject = "notice" of MessageKind;
    Unnamed = "told" of Unnamed;
    Trained = "trained" of Trained;
    When = "when" of Timing;
    RunOutcome = "run" of RunOutcome;
    ReportText = "title" of ReportText;
    SearchOutcome = "search" of SearchOutcome;
}
