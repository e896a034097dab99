//! Two versions on the rows that both were scored on, whoever is live: the gate's statistics without its consequences.

use common::vocabulary::VersionNumber;
use serde::Serialize;
use strum::VariantNames;

use super::explanation::gain_below;
use super::gate::{margin, verdict};
use super::{Comparison, MIN_ROWS, Paired, Verdict};

/// Chance of error: nothing is decided here, so no look counts.
const ALPHA: f64 = 0.05;

/// What the paired losses of two versions show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SideBySide {
    /// Of the version against its reference.
    pub verdict: Verdict,
    /// The relative difference of loss; negative: the version is better than its reference.
    pub comparison: Comparison,
}

/// What a comparison of two versions says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// What follows.
    pub code: Conclusion,
    /// The version that is compared with its reference.
    pub version: VersionNumber,
    /// The reference.
    pub reference: VersionNumber,
    /// Relative difference of loss; negative: the version is better.
    pub difference: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// Rows in common.
    pub rows: u64,
    /// Rows it takes to tell one from the other.
    pub needed: u64,
    /// How sure the interval is, 0 to 1.
    pub confidence: f64,
    /// How much worse still counts as not worse, as a share.
    pub margin: f64,
    /// The version's loss is lower for sure, but by less than this, as a share.
    pub gain_below: Option<f64>,
}

/// What follows from a comparison of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Conclusion {
    /// The version is better.
    Better,
    /// It is worse.
    Worse,
    /// It is not worse by more than the margin.
    NotWorse,
    /// Too few rows tell.
    TooFew,
    /// Neither is shown to be better.
    Undecided,
}

impl SideBySide {
    /// Compares a version with a reference; absent where their losses allow none (fewer than three rows, no loss at all).
    pub fn of(paired: &Paired) -> Option<Self> {
        paired.compare(ALPHA).map(|comparison| Self { verdict: verdict(&comparison), comparison })
    }

    /// What that says of the two.
    pub fn says(&self, version: VersionNumber, reference: VersionNumber) -> Compared {
        let Comparison { difference, low, high, rows, .. } = self.comparison;
        let conclusion = match self.verdict {
            Verdict::Better => Conclusion::Better,
            Verdict::Worse => Conclusion::Worse,
            Verdict::NotWorse => Conclusion::NotWorse,
            Verdict::Inconclusive if rows < MIN_ROWS => Conclusion::TooFew,
            Verdict::Inconclusive => Conclusion::Undecided,
        };
        Compared {
            code: conclusion,
            version,
            reference,
            difference,
            low,
            high,
            rows: rows as u64,
            needed: MIN_ROWS as u64,
            confidence: 1.0 - ALPHA,
            margin: margin(rows),
            gain_below: gain_below(self.verdict, &self.comparison),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Series;
    use super::*;

    /// Losses that differ by `difference`, and wobble around that, three rows at a time.
    fn paired(difference: f64, wobble: f64, rows: usize) -> Option<SideBySide> {
        let model = (0..rows).map(|row| 1.0 + difference + if row / 3 % 2 == 0 { wobble } else { -wobble }).collect();
        SideBySide::of(&Paired::Series(Series { model, reference: vec![1.0; rows] }))
    }

    #[test]
    fn what_is_said_follows_from_the_interval_and_the_rows() {
        let version = |major| VersionNumber { major, minor: 0 };
        for (difference, wobble, rows, verdict, conclusion, margin) in [
            (-0.05, 0.01, 60, Verdict::Better, Conclusion::Better, 0.02),
            (0.05, 0.01, 60, Verdict::Worse, Conclusion::Worse, 0.02),
            (0.0, 0.01, 60, Verdict::NotWorse, Conclusion::NotWorse, 0.02),
            (0.0, 0.01, 120, Verdict::NotWorse, Conclusion::NotWorse, 0.01),
            (0.03, 0.9, 60, Verdict::Inconclusive, Conclusion::Undecided, 0.02),
            (0.03, 0.9, 40, Verdict::Inconclusive, Conclusion::Undecided, 0.02),
            (0.03, 0.9, 39, Verdict::Inconclusive, Conclusion::TooFew, 0.02),
            (-0.05, 0.01, 12, Verdict::Inconclusive, Conclusion::TooFew, 0.02),
        ] {
            let found = paired(difference, wobble, rows).unwrap();
            let said = found.says(version(2), version(1));
            assert_eq!((found.verdict, said.code), (verdict, conclusion), "{said:?}");
            assert_eq!((said.rows, said.margin, said.confidence), (rows as u64, margin, 0.95));
        }
        let same = paired(0.0, 0.0, 60).unwrap().says(version(2), version(1));
        assert_eq!((same.code, same.gain_below), (Conclusion::NotWorse, None), "the same losses are no gain");
        assert_eq!(paired(0.0, 0.0, 2), None);
    }
}
