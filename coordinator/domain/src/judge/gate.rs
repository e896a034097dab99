//! The gate: challenger against champion, or a first version against its baseline, on rows nobody was trained on.

use std::fmt;

use common::losses::{Contestant, RowLosses};
use common::vocabulary::SliceFigures;
use serde::{Deserialize, Serialize};
use strum::VariantNames;

use super::{Against, Comparison, Finding, MIN_ROWS, Pairing, explanation};

/// Chance of error of the first look.
const ALPHA: f64 = 0.05;

/// What a new version is judged on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence<'a> {
    /// Losses of everyone on the holdout.
    pub losses: &'a RowLosses,
    /// How their rows depend on each other.
    pub pairing: Pairing,
    /// The hardest baseline, chosen on validation rows.
    pub baseline: Contestant,
    /// Whether the challenger was made like the champion.
    pub recipe: Recipe,
    /// Every figure and prediction of the challenger is finite.
    pub finite: bool,
    /// The challenger's predictions are not all the same.
    pub varies: bool,
    /// Groups of the rows by themselves, the challenger beside the baseline.
    pub slices: &'a [SliceFigures],
    /// How often this block of rows was looked at before by this model's gate: the k-th further look has the chance of error
    /// α / 2^k.
    pub earlier_looks: u32,
}

/// The least relative gain that counts as one. Two trainings that differ by nothing but their seed end some ten-thousandths apart, and
/// on the same rows that is told from 0 more often than in 1 of 40.
pub(super) const LEAST_GAIN: f64 = 0.001;

/// How the challenger's making compares to the champion's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// A refresh: the same hyper-parameters, other rows. It must be shown to be not worse.
    Same,
    /// Other hyper-parameters. It must be shown to be better.
    Changed,
}

/// What happens to the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It goes live.
    Promote,
    /// It is turned down; its numbers stay.
    Reject,
    /// More rows must decide; until then whoever is live stays.
    Wait,
}

/// What the comparison showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// The interval of the difference is below 0, and the gain one part in a thousand at least.
    Better,
    /// The one-sided bound of the difference is within the margin.
    NotWorse,
    /// Nothing is shown.
    Inconclusive,
    /// The interval of the difference is above 0, and the bound beyond the margin; or the version is unfit.
    Worse,
}

/// The gate's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What happens to the version.
    pub outcome: Outcome,
    /// What the comparison showed.
    pub verdict: Verdict,
    /// Whom it was compared to.
    pub against: Against,
    /// The numbers; absent where the losses allow no comparison.
    pub comparison: Option<Comparison>,
    /// Whether it is [`Verdict::Better`] than the hardest baseline.
    pub beats_naive: bool,
    /// What follows: the most important of what was found.
    pub conclusion: Finding,
    /// What else there is to say.
    pub details: Vec<Finding>,
}

/// Judges a new version.
///
/// Where there is a champion, it alone decides. A first version must not be worse than the hardest baseline, nor than the
/// universal model, if there is one: that would answer in its place.
pub fn judge(evidence: &Evidence) -> Judgement {
    let alpha = ALPHA / 2f64.powi(i32::try_from(evidence.earlier_looks.min(40)).unwrap_or(40));
    let contest = |against: Against| Contest::new(evidence, against, alpha);
    let naive = contest(Against::Baseline);
    let is_scored = |who| evidence.losses.0.iter().any(|row| row.of(who).is_some());

    let (contest, outcome) = if is_scored(Contestant::Champion) {
        let contest = contest(Against::Champion);
        (contest, challenge(contest.verdict, evidence.recipe))
    } else {
        let universal = is_scored(Contestant::Universal).then(|| contest(Against::Universal));
        let contest = universal.filter(|contest| contest.verdict == Verdict::Worse).unwrap_or(naive);
        (contest, first_version(&contest))
    };
    let beats_naive = naive.verdict == Verdict::Better;

    let defect = explanation::defect(evidence);
    let (outcome, verdict) =
        if defect.is_some() { (Outcome::Reject, Verdict::Worse) } else { (outcome, contest.verdict) };
    let mut details = explanation::details(&contest, evidence, alpha);
    if contest.against != Against::Baseline {
        details.push(explanation::difference(&naive, alpha));
    }
    let shown = explanation::conclusion(&contest, outcome, evidence, alpha);
    let conclusion = match defect {
        Some(defect) => {
            details.insert(0, shown);
            defect
        }
        None => shown,
    };
    let (against, comparison) = (contest.against, contest.comparison);
    Judgement { outcome, verdict, against, comparison, beats_naive, conclusion, details }
}

impl Judgement {
    /// All there is to say, the most important first.
    pub fn findings(&self) -> Vec<Finding> {
        std::iter::once(&self.conclusion).chain(&self.details).cloned().collect()
    }
}

/// The challenger against one reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contest {
    pub(super) against: Against,
    pub(super) pairing: Pairing,
    pub(super) comparison: Option<Comparison>,
    pub(super) verdict: Verdict,
}

impl Contest {
    fn new(evidence: &Evidence, against: Against, alpha: f64) -> Self {
        let reference = match against {
            Against::Champion => Contestant::Champion,
            Against::Baseline => evidence.baseline,
            Against::Universal => Contestant::Universal,
        };
        let paired = evidence.pairing.pair(evidence.losses, Contestant::Challenger, reference);
        let comparison = paired.compare(alpha);
        Self {
            against,
            pairing: evidence.pairing,
            comparison,
            verdict: comparison.map_or(Verdict::Inconclusive, |found| verdict(&found)),
        }
    }

    fn rows(&self) -> usize {
        self.comparison.map_or(0, |found| found.rows)
    }
}

/// What a comparison shows.
pub(super) fn verdict(found: &Comparison) -> Verdict {
    if found.rows < MIN_ROWS {
        Verdict::Inconclusive
    } else if found.high < 0.0 && found.difference <= -LEAST_GAIN {
        Verdict::Better
    } else if found.bound <= margin(found.rows) {
        Verdict::NotWorse
    } else if found.low > 0.0 {
        Verdict::Worse
    } else {
        Verdict::Inconclusive
    }
}

/// How much worse still counts as not worse: on few rows less cannot be told apart.
pub(super) fn margin(rows: usize) -> f64 {
    if rows < 120 { 0.02 } else { 0.01 }
}

fn challenge(verdict: Verdict, recipe: Recipe) -> Outcome {
    match (verdict, recipe) {
        (Verdict::Better, _) | (Verdict::NotWorse, Recipe::Same) => Outcome::Promote,
        (Verdict::NotWorse, Recipe::Changed) | (Verdict::Inconclusive, _) => Outcome::Wait,
        (Verdict::Worse, _) => Outcome::Reject,
    }
}

fn first_version(contest: &Contest) -> Outcome {
    match contest.verdict {
        Verdict::Worse => Outcome::Reject,
        Verdict::Inconclusive if contest.rows() < MIN_ROWS => Outcome::Wait,
        Verdict::Better | Verdict::NotWorse | Verdict::Inconclusive => Outcome::Promote,
    }
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Reject => "reject",
            Self::Wait => "wait",
        }
    }
}

impl Verdict {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::NotWorse => "not_worse",
            Self::Inconclusive => "inconclusive",
            Self::Worse => "worse",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
