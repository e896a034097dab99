//! A decision as it is kept: codes with their numbers; sentences only where an earlier release has left them.

use chrono::{DateTime, Utc};
use common::vocabulary::{Mode, ModelKey, Timestamp};
use domain::cost::Price;
use domain::decide::{Band, Decision, Hold, Obstacle, Reason, Remark, Verdict};
use domain::freshness::DataAge;
use domain::score::Priority;
use newtype_uuid::GenericUuid;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::terms::TermRecord;

/// A decision, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DecisionRecord {
    /// About which model.
    pub(crate) model: ModelKey,
    /// The answer.
    pub(crate) verdict: Verdict,
    /// What the new rows alone ask for.
    #[serde(default)]
    pub(crate) band: Option<Band>,
    /// The mode of the training.
    pub(crate) mode: Option<Mode>,
    /// What speaks for it, strongest first.
    pub(crate) reasons: Vec<ReasonRecord>,
    /// What speaks against it now.
    pub(crate) holds: Vec<HoldRecord>,
    /// What is said beside.
    #[serde(default)]
    pub(crate) remarks: Vec<Remark>,
    /// The same in the words of an earlier release.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    /// The score it would have, or has, in the backlog.
    pub(crate) score: Option<f64>,
    /// The terms of that score.
    pub(crate) terms: Vec<TermRecord>,
    /// What the training would probably cost, if one is needed and somebody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<Price>,
    /// How old the newest row is at that moment; absent without rows.
    #[serde(default)]
    pub(crate) data: Option<DataAge>,
    /// The "now" it was decided for.
    pub(crate) at: DateTime<Utc>,
    /// The job it led to.
    pub(crate) job: Option<Uuid>,
}

/// A reason that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ReasonRecord {
    /// By its code and numbers.
    Coded {
        /// The reason.
        #[serde(flatten)]
        reason: Reason,
        /// Empty: the release before this one reads a sentence here.
        text: String,
    },
    /// As an earlier release has left it.
    Recorded {
        /// The code.
        code: String,
        /// The sentence.
        text: String,
        /// The mode it asks for.
        mode: Mode,
    },
}

/// A hold that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum HoldRecord {
    /// By its code and numbers.
    Coded {
        /// What it is.
        #[serde(flatten)]
        obstacle: Obstacle,
        /// When it ends by itself.
        until: Option<DateTime<Utc>>,
        /// Empty: the release before this one reads a sentence here.
        text: String,
    },
    /// As an earlier release has left it.
    Recorded {
        /// The code.
        code: String,
        /// The sentence.
        text: String,
        /// When it ends by itself.
        until: Option<DateTime<Utc>>,
    },
}

impl DecisionRecord {
    /// A decision about a model as of `now`, with the position its training would have in the backlog.
    pub(crate) fn new(
        model: &ModelKey,
        decision: &Decision,
        priority: &Priority,
        data: Option<DataAge>,
        now: Timestamp,
    ) -> Self {
        let due = decision.verdict != Verdict::NotNeeded;
        Self {
            model: model.clone(),
            verdict: decision.verdict,
            band: Some(decision.band),
            mode: decision.mode,
            reasons: decision.reasons.iter().cloned().map(ReasonRecord::from).collect(),
            holds: decision.holds.iter().cloned().map(HoldRecord::from).collect(),
            remarks: decision.remarks.clone(),
            note: String::new(),
            score: due.then_some(priority.score),
            terms: if due { priority.terms.iter().map(TermRecord::from).collect() } else { Vec::new() },
            price: decision.price,
            data,
            at: now.utc(),
            job: None,
        }
    }

    /// The same, with the job it led to.
    pub(crate) fn leading_to(&mut self, job: Option<common::vocabulary::JobId>) {
        self.job = job.map(GenericUuid::into_untyped_uuid);
    }
}

impl From<Reason> for ReasonRecord {
    fn from(reason: Reason) -> Self {
        Self::Coded { reason, text: String::new() }
    }
}

impl From<Hold> for HoldRecord {
    fn from(Hold { obstacle, until }: Hold) -> Self {
        Self::Coded { obstacle, until: until.map(Timestamp::utc), text: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::VersionNumber;

    use super::*;
    use domain::decide::Ground;

    #[test]
    fn what_an_earlier_release_has_left_is_read_and_what_is_kept_now_too() {
        let version = VersionNumber { major: 2, minor: 0 };
        let low =
            Reason { ground: Ground::LowReliability { version, reliability: 0.25, limit: 0.5 }, mode: Mode::Complete };
        let kept = serde_json::to_string(&ReasonRecord::from(low.clone())).unwrap();
        assert_eq!(
            kept,
            r#"{"code":"low_reliability","version":"v2.0","reliability":0.25,"limit":0.5,"mode":"complete","text":""}"#
        );
        assert_eq!(serde_json::from_str::<ReasonRecord>(&kept).unwrap(), ReasonRecord::from(low));

        let left = r#"{"code":"low_reliability","text":"The reliability of v2.0 is 0.25.","mode":"complete"}"#;
        let read: ReasonRecord = serde_json::from_str(left).unwrap();
        assert!(matches!(read, ReasonRecord::Recorded { text, .. } if text == "The reliability of v2.0 is 0.25."));
        let left = r#"{"code":"crowd","text":"5 models declined today.","until":"2024-04-10T23:59:59.999999Z"}"#;
        let read: HoldRecord = serde_json::from_str(left).unwrap();
        assert!(matches!(read, HoldRecord::Recorded { until: Some(_), .. }), "{read:?}");
    }
}
