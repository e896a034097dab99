//! What a job's row holds as JSON: records of their own, which later builds read with defaults for what is new.

use common::vocabulary::{Hyper, Needs, SplitPolicy, VersionNumber};
use serde::{Deserialize, Serialize};

/// What a job was asked for, before its data are frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The hyper-parameters in effect.
    pub(crate) hyper: Hyper,
    /// How rows are parted.
    pub(crate) split: SplitPolicy,
    /// Whether an incremental training also trains completely, to report the gap.
    pub(crate) yardstick: bool,
    /// The version an `evaluate` job scores again.
    pub(crate) challenger: Option<VersionNumber>,
    /// What it needs of a device, beyond its pool.
    #[serde(default)]
    pub(crate) needs: Needs,
    /// Why it was asked for.
    #[serde(rename = "because")]
    pub(crate) purpose: Purpose,
}

/// How alike a repetition and its original are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ComparisonRecord {
    /// The version that was repeated.
    pub(crate) of: VersionNumber,
    /// The weights are the same to the bit.
    pub(crate) identical: bool,
    /// Mean loss of the repetition minus that of the original, each on its own unseen rows.
    pub(crate) loss_difference: f64,
    /// A sentence of an earlier release; the reason of the job says it now.
    #[serde(default)]
    pub(crate) text: String,
}

/// Why a job was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A training was due by the policy.
    #[default]
    Due,
    /// Somebody asked for it.
    Asked,
    /// Somebody asked for it, among others.
    AskedAmongOthers,
    /// The champion moved while the version was trained or scored.
    ChampionMoved,
    /// More rows may decide on a version.
    MoreRows,
    /// A version is to be trained again.
    Reproduction,
    /// A search tries hyper-parameters.
    Search,
    /// A search has found better hyper-parameters, it seems.
    Found,
    /// An earlier release has said so in a sentence.
    #[serde(other)]
    Recorded,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of earlier builds are read as they were written.
    #[test]
    fn what_was_stored_is_read() {
        let stored =
            r#"{"of":"v1.0","identical":true,"loss_difference":0.0,"text":"the weights are those of v1.0 to the bit"}"#;
        let alike: ComparisonRecord = serde_json::from_str(stored).unwrap();
        assert_eq!((alike.of.to_string().as_str(), alike.identical), ("v1.0", true));
        assert_eq!(serde_json::to_string(&alike).unwrap(), stored);
    }
}
