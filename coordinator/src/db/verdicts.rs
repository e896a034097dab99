//! How a version was judged, as it is kept: what was found by its codes and numbers; sentences only where an earlier release has left
//! them.

use domain::judge::{Against, Comparison, Finding, Judgement, Outcome, Verdict};
use serde::{Deserialize, Serialize};

/// A verdict, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VerdictRecord {
    /// What the comparison showed.
    pub(crate) verdict: Verdict,
    /// Whether it went live.
    pub(crate) promoted: bool,
    /// Whom it was judged against.
    pub(crate) against: Against,
    /// Mean relative difference of loss (negative: the challenger is better).
    pub(crate) difference: f64,
    /// Lower end of its interval.
    pub(crate) low: f64,
    /// Upper end of its interval.
    pub(crate) high: f64,
    /// Rows compared.
    pub(crate) rows: u64,
    /// Whether it beats the hardest baseline.
    pub(crate) beats_naive: bool,
    /// What was found, the most important first.
    #[serde(default)]
    pub(crate) findings: Vec<Finding>,
    /// The same in the words of an earlier release; one expects to find them here.
    pub(crate) reasons: Vec<String>,
}

impl From<&Judgement> for VerdictRecord {
    /// Where nothing could be compared, the figures are 0, over 0 rows.
    fn from(judgement: &Judgement) -> Self {
        let figure = |of: fn(&Comparison) -> f64| judgement.comparison.as_ref().map_or(0.0, of);
        Self {
            verdict: judgement.verdict,
            promoted: judgement.outcome == Outcome::Promote,
            against: judgement.against,
            difference: figure(|found| found.difference),
            low: figure(|found| found.low),
            high: figure(|found| found.high),
            rows: judgement.comparison.map_or(0, |found| found.rows as u64),
            beats_naive: judgement.beats_naive,
            findings: judgement.findings(),
            reasons: Vec::new(),
        }
    }
}
