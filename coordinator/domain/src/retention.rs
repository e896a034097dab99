//! What a cleanup keeps of a model's versions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use common::vocabulary::VersionNumber;

/// Versions that were ever live and stay, the newest of them.
const NEWEST_KEPT: usize = 5;

/// A version, as far as a cleanup cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its number.
    pub version: VersionNumber,
    /// Where it stands.
    pub status: RetentionStatus,
    /// How long its weights have been there.
    pub weights: Weights,
    /// The version it was trained from.
    pub parent: Option<VersionNumber>,
    /// Something else needs its files, such as a job in the backlog.
    pub referenced: bool,
}

/// How long a version's weights have been in the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights {
    /// Since its training.
    Trained {
        /// Days.
        days: f64,
    },
    /// Since somebody brought back what a cleanup had taken, by a reproduction or from a backup.
    Restored {
        /// Days.
        days: f64,
    },
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionStatus {
    /// Live now.
    Live,
    /// Was live; a rollback would make it live again.
    RollbackTarget,
    /// Was live before that.
    Retired,
    /// Not judged yet, or inconclusive: it waits for the gate, or for more rows.
    Waiting,
    /// Judged, and did not go live.
    Rejected,
    /// Repeats an earlier training; was never to go live.
    Reproduction,
}

impl RetentionStatus {
    fn ever_live(self) -> bool {
        match self {
            Self::Live | Self::RollbackTarget | Self::Retired => true,
            Self::Waiting | Self::Rejected | Self::Reproduction => false,
        }
    }

    /// Whether it stays, however many newer ones there are.
    fn is_needed(self) -> bool {
        match self {
            Self::Live | Self::RollbackTarget | Self::Waiting => true,
            Self::Retired | Self::Rejected | Self::Reproduction => false,
        }
    }
}

impl Candidate {
    /// Whether somebody may still want what did not go live, or has just brought it back to do something with it.
    fn is_fresh(&self, keep_days: f64) -> bool {
        match (self.status, self.weights) {
            (RetentionStatus::Rejected, Weights::Trained { days }) | (_, Weights::Restored { days }) => {
                days < keep_days
            }
            (
                RetentionStatus::Live
                | RetentionStatus::RollbackTarget
                | RetentionStatus::Retired
                | RetentionStatus::Waiting
                | RetentionStatus::Reproduction,
                Weights::Trained { .. },
            ) => false,
        }
    }
}

/// What becomes of a version's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All of them stay.
    Keep,
    /// Manifest, metrics and rows stay, so that its numbers can always be read and it can be trained again; the weights go.
    KeepRecord,
}

/// The fate of every version of one model.
///
/// Kept whole: the newest five that were ever live, the live one and its rollback target, those waiting for a verdict, those that
/// did not go live or whose weights were brought back, for `keep_days` days, what is referenced, and the parent of each of these, for
/// the comparison of what was learnt and what was forgotten needs it.
pub fn retain(versions: &[Candidate], keep_days: f64) -> BTreeMap<VersionNumber, Fate> {
    let mut once_live: Vec<VersionNumber> =
        versions.iter().filter(|v| v.status.ever_live()).map(|v| v.version).collect();
    once_live.sort_by_key(|version| Reverse(*version));
    once_live.truncate(NEWEST_KEPT);

    let is_needed = |v: &&Candidate| v.status.is_needed() || v.referenced || v.is_fresh(keep_days);
    let needed = versions.iter().filter(is_needed).map(|v| v.version);
    let kept: BTreeSet<VersionNumber> = once_live.into_iter().chain(needed).collect();
    let parents: BTreeSet<VersionNumber> =
        versions.iter().filter(|v| kept.contains(&v.version)).filter_map(|v| v.parent).collect();

    let fate =
        |version| if kept.contains(&version) || parents.contains(&version) { Fate::Keep } else { Fate::KeepRecord };
    versions.iter().map(|v| (v.version, fate(v.version))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(version: &str, status: RetentionStatus, parent: Option<&str>) -> Candidate {
        let parent = parent.map(|text| text.parse().unwrap());
        let weights = Weights::Trained { days: 31.0 };
        Candidate { version: version.parse().unwrap(), status, weights, parent, referenced: false }
    }

    fn kept(versions: &[Candidate]) -> Vec<String> {
        let keep = |(version, fate)| (fate == Fate::Keep).then(|| format!("{version}"));
        retain(versions, 30.0).into_iter().filter_map(keep).collect()
    }

    /// A4: the newest five, by number, of those that were live; rejected ones keep their record only.
    #[test]
    fn a4_the_newest_five_that_were_live_stay() {
        let mut versions: Vec<Candidate> =
            (1..=8).map(|major| candidate(&format!("v{major}.0"), RetentionStatus::Retired, None)).collect();
        versions[7].status = RetentionStatus::Live;
        versions[6].status = RetentionStatus::RollbackTarget;
        versions.push(candidate("v9.0", RetentionStatus::Rejected, None));
        versions.push(candidate("v10.0", RetentionStatus::Reproduction, None));
        assert_eq!(kept(&versions), ["v4.0", "v5.0", "v6.0", "v7.0", "v8.0"]);
        assert_eq!(retain(&versions, 30.0).len(), 10);
    }

    /// A4: the weights of what did not go live stay for a while, and so does what was brought back, whatever it is.
    #[test]
    fn a4_what_did_not_go_live_stays_for_a_while() {
        use Weights::{Restored, Trained};
        let table = [
            (RetentionStatus::Rejected, Trained { days: 29.9 }, Fate::Keep),
            (RetentionStatus::Rejected, Trained { days: 30.0 }, Fate::KeepRecord),
            (RetentionStatus::Rejected, Restored { days: 0.0 }, Fate::Keep),
            (RetentionStatus::Rejected, Restored { days: 31.0 }, Fate::KeepRecord),
            (RetentionStatus::Reproduction, Trained { days: 0.0 }, Fate::KeepRecord),
            (RetentionStatus::Waiting, Trained { days: 400.0 }, Fate::Keep),
        ];
        for (status, weights, expected) in table {
            let one = Candidate { weights, ..candidate("v2.0", status, Some("v1.0")) };
            let parent = candidate("v1.0", RetentionStatus::Rejected, None);
            let fates = retain(&[one, parent.clone()], 30.0);
            assert_eq!(
                fates.values().copied().collect::<Vec<_>>(),
                [expected; 2],
                "{status:?} {weights:?}, and its parent"
            );
        }
        // Of six that were live, the oldest is not among the five that stay, unless somebody has just brought it back.
        let mut versions: Vec<Candidate> =
            (1..=6).map(|major| candidate(&format!("v{major}.0"), RetentionStatus::Retired, None)).collect();
        assert_eq!(kept(&versions).len(), 5);
        versions[0].weights = Restored { days: 1.0 };
        assert_eq!(kept(&versions).len(), 6);
    }

    /// A4: after rollbacks the live version and its target may be old ones: they stay beside the newest five.
    #[test]
    fn a4_the_live_one_and_its_rollback_target_stay_however_old() {
        let mut versions: Vec<Candidate> =
            (1..=8).map(|major| candidate(&format!("v{major}.0"), RetentionStatus::Retired, None)).collect();
        versions[1].status = RetentionStatus::Live;
        versions[0].status = RetentionStatus::RollbackTarget;
        assert_eq!(kept(&versions), ["v1.0", "v2.0", "v4.0", "v5.0", "v6.0", "v7.0", "v8.0"]);
    }

    /// A4: parents of what stays, what waits, and what is referenced stay too.
    #[test]
    fn a4_what_is_referenced_stays() {
        let mut versions: Vec<Candidate> =
            (2..=7).map(|major| candidate(&format!("v{major}.0"), RetentionStatus::Retired, None)).collect();
        versions[5].status = RetentionStatus::Live;
        versions.push(candidate("v1.0", RetentionStatus::Rejected, None));
        versions.push(candidate("v1.1", RetentionStatus::Rejected, Some("v1.0")));
        versions.push(candidate("v2.1", RetentionStatus::Waiting, Some("v2.0")));
        assert_eq!(kept(&versions), ["v2.0", "v2.1", "v3.0", "v4.0", "v5.0", "v6.0", "v7.0"]);
        let referenced = versions.iter_mut().find(|v| v.version.to_string() == "v1.1").unwrap();
        referenced.referenced = true;
        assert_eq!(kept(&versions)[..2], ["v1.0", "v1.1"]);
    }

    fn status() -> impl Strategy<Value = RetentionStatus> {
        use RetentionStatus::*;
        prop::sample::select(vec![Retired, Waiting, Rejected, Reproduction])
    }

    proptest! {
        /// Whatever the history: the live version and its target are kept whole, and every version has one fate.
        #[test]
        fn what_may_be_needed_at_once_is_never_lost(
            statuses in prop::collection::vec(status(), 2..40),
            live in any::<prop::sample::Index>(),
            target in any::<prop::sample::Index>(),
        ) {
            let mut versions: Vec<Candidate> =
                statuses.iter().enumerate().map(|(i, s)| candidate(&format!("v{i}.0"), *s, None)).collect();
            let (live, target) = (live.index(versions.len()), target.index(versions.len()));
            versions[target].status = RetentionStatus::RollbackTarget;
            versions[live].status = RetentionStatus::Live;
            let fates = retain(&versions, 30.0);
            prop_assert_eq!(fates.len(), versions.len());
            for place in [live, target] {
                prop_assert_eq!(fates[&versions[place].version], Fate::Keep);
            }
        }
    }
}
