//! The inputs of a live version: when they are looked at, how closely, and what that has shown.

use common::drift::{Drift, InputDrift, Look};
use common::settings::Policy;
use common::vocabulary::VersionNumber;
use serde::{Deserialize, Serialize};

/// New rows are looked at again when there are so many times as many: looks grow with the logarithm of the rows, however often somebody
/// monitors.
const GROWTH: f64 = 1.25;

/// What is known of the inputs of a live version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The version.
    pub version: VersionNumber,
    /// How often its inputs were compared.
    pub looks: u32,
    /// What the latest comparison has shown, or why there was none yet.
    pub latest: InputDrift,
}

impl InputRecord {
    /// What follows from another look. The same result once more, as after a crash, is no other look; and a look that was too early
    /// takes nothing back.
    pub fn after(before: Option<&Self>, version: VersionNumber, found: InputDrift) -> Self {
        let before = before.filter(|before| before.version == version && before.looks > 0);
        let looks = before.map_or(0, |before| before.looks);
        match (before, found) {
            (Some(before), found) if before.latest == found => before.clone(),
            (_, latest @ InputDrift::Compared(_)) => Self { version, looks: looks + 1, latest },
            (Some(before), _) => before.clone(),
            (None, latest) => Self { version, looks, latest },
        }
    }

    /// What has drifted, as far as is known.
    pub fn drift(&self) -> Option<&Drift> {
        match &self.latest {
            InputDrift::Compared(drift) => (drift.drifted > 0).then_some(drift),
            InputDrift::NoSketch | InputDrift::FewTrainingRows { .. } | InputDrift::FewNewRows { .. } => None,
        }
    }
}

/// The next look at the inputs of a version; nothing where the policy wants none. The k-th look may spend 1 / (k·(k + 1)) of the chance of
/// a false alarm that the version has, so that all looks together, however many, spend no more than that.
pub fn next_look(before: Option<&InputRecord>, policy: &Policy) -> Option<Look> {
    let chance = policy.drift_chance()?;
    let rows = before.map_or(0, |before| match &before.latest {
        InputDrift::Compared(drift) => (drift.rows as f64 * GROWTH).ceil() as u64,
        InputDrift::NoSketch | InputDrift::FewTrainingRows { .. } | InputDrift::FewNewRows { .. } => 0,
    });
    let number = f64::from(before.map_or(0, |before| before.looks)) + 1.0;
    let chance = chance / (number * (number + 1.0));
    Some(Look { chance, least_distance: policy.min_drift_distance, from_rows: rows })
}

#[cfg(test)]
mod tests {
    use common::drift::{Aspect, ColumnDrift};

    use super::*;

    const VERSION: VersionNumber = VersionNumber { major: 1, minor: 0 };

    fn compared(rows: u64, drifted: u32) -> InputDrift {
        let farthest = ColumnDrift { column: "age".into(), aspect: Aspect::Values, distance: 0.5, threshold: 0.25 };
        InputDrift::Compared(Drift { rows, columns: 4, drifted, farthest: vec![farthest] })
    }

    fn too_few(rows: u64) -> InputDrift {
        InputDrift::FewNewRows { rows, needed: 40 }
    }

    /// A1: many looks do not make a false alarm likely.
    #[test]
    fn looks_become_rarer_and_stricter() {
        let policy = Policy::default();
        let mut record: Option<InputRecord> = None;
        let (mut spent, mut looks) = (0.0, 0);
        for rows in 40..300_000 {
            let look = next_look(record.as_ref(), &policy).unwrap();
            if rows >= look.from_rows {
                spent += look.chance;
                looks += 1;
                record = Some(InputRecord::after(record.as_ref(), VERSION, compared(rows, 0)));
            }
        }
        assert!(looks < 45 && spent < policy.drift_chance().unwrap(), "{looks} looks spend {spent}");
        assert_eq!(record.unwrap().looks, looks);
        assert_eq!(next_look(None, &Policy { drift_false_alarms: 0.0, ..policy }), None);
    }

    #[test]
    fn a_record_says_what_the_latest_comparison_has_shown() {
        let after = |before: &InputRecord, found| InputRecord::after(Some(before), VERSION, found);
        let early = InputRecord::after(None, VERSION, too_few(3));
        assert_eq!((early.looks, &early.latest, early.drift()), (0, &too_few(3), None));
        assert_eq!(after(&early, too_few(5)).latest, too_few(5), "nothing was seen that this could take back");
        let found = after(&early, compared(40, 1));
        assert_eq!((found.looks, found.drift().unwrap().drifted), (1, 1));
        assert_eq!(after(&found, compared(40, 1)), found, "the same once more");
        assert_eq!(after(&found, too_few(45)), found, "too early takes nothing back");
        let over = after(&found, compared(50, 0));
        assert_eq!((over.looks, over.drift()), (2, None));
        let other = VersionNumber { major: 2, minor: 0 };
        assert_eq!(InputRecord::after(Some(&over), other, too_few(1)).looks, 0, "another version begins anew");
    }
}
