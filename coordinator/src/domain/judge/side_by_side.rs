//! Two versions on the rows that both were scored on, whoever is live: the gate's statistics without its consequences.

use super::explanation::{no_gain, percent};
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

impl SideBySide {
    /// Compares a version with a reference; absent where their losses allow none (fewer than three rows, no loss at all).
    pub fn of(paired: &Paired) -> Option<Self> {
        paired.compare(ALPHA).map(|comparison| Self { verdict: verdict(&comparison), comparison })
    }

    /// In words, with the numbers.
    pub fn text(&self, version: &str, reference: &str) -> String {
        let Comparison { difference, low, high, rows, .. } = self.comparison;
        let conclusion = match self.verdict {
            Verdict::Better => format!("{version} is better than {reference}, with 95 % confidence"),
            Verdict::Worse => format!("{version} is worse than {reference}, with 95 % confidence"),
            Verdict::NotWorse => {
                format!("{version} is not worse than {reference} by more than {} %", percent(margin(rows)))
            }
            Verdict::Inconclusive if rows < MIN_ROWS => {
                format!("{rows} rows in common are too few to tell {version} from {reference}: it takes {MIN_ROWS}")
            }
            Verdict::Inconclusive => format!("{version} is neither better nor worse than {reference} for sure"),
        };
        format!(
            "{conclusion}: its loss is {:+.2} % (95 % interval {:+.2} to {:+.2} %) on {rows} rows in common.{}",
            100.0 * difference,
            100.0 * low,
            100.0 * high,
            no_gain(self.verdict, &self.comparison)
        )
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
    fn the_words_follow_from_the_interval_and_the_rows() {
        for (difference, wobble, rows, verdict, words) in [
            (-0.05, 0.01, 60, Verdict::Better, "v2.0 is better than v1.0, with 95 % confidence: its loss is -5.00 %"),
            (0.05, 0.01, 60, Verdict::Worse, "v2.0 is worse than v1.0, with 95 % confidence: its loss is +5.00 %"),
            (0.0, 0.01, 60, Verdict::NotWorse, "v2.0 is not worse than v1.0 by more than 2 %: its loss is"),
            (0.0, 0.01, 120, Verdict::NotWorse, "by more than 1 %: "),
            (0.03, 0.9, 60, Verdict::Inconclusive, "v2.0 is neither better nor worse than v1.0 for sure: "),
            (
                -0.05,
                0.01,
                12,
                Verdict::Inconclusive,
                "12 rows in common are too few to tell v2.0 from v1.0: it takes 40",
            ),
        ] {
            let found = paired(difference, wobble, rows).unwrap();
            let text = found.text("v2.0", "v1.0");
            assert_eq!(found.verdict, verdict, "{text}");
            assert!(text.contains(words) && text.ends_with(&format!("on {rows} rows in common.")), "{text}");
        }
        assert_eq!(paired(0.0, 0.0, 2), None);
    }
}
