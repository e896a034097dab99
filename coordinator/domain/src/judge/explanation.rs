//! What a judgement says of itself.

use super::gate::{Contest, LEAST_GAIN, margin};
use super::{Comparison, Evidence, Finding, MIN_ROWS, Outcome, Recipe, Verdict, slices};

/// What is less than this, as a share, is not worth a word: two decimals of a percent do not show it.
const LEAST_SHOWN: f64 = 0.000_05;

/// Why a version is unfit whatever its losses say.
pub(super) fn defect(evidence: &Evidence) -> Option<Finding> {
    if !evidence.finite {
        Some(Finding::NotFinite)
    } else if !evidence.varies {
        Some(Finding::Constant)
    } else {
        slices::below_floor(evidence.slices)
    }
}

/// The numbers of the contest that decides.
pub(super) fn details(contest: &Contest, evidence: &Evidence, alpha: f64) -> Vec<Finding> {
    let looks = evidence.earlier_looks;
    let looks = (looks > 0).then_some(Finding::EarlierLooks { looks });
    std::iter::once(difference(contest, alpha)).chain(looks).collect()
}

/// What follows from the contest that decides.
pub(super) fn conclusion(contest: &Contest, outcome: Outcome, evidence: &Evidence, alpha: f64) -> Finding {
    let (against, unit, confidence) = (contest.against, contest.pairing, 1.0 - alpha);
    let rows = contest.comparison.map_or(0, |found| found.rows);
    let bound = contest.comparison.map_or(0.0, |found| found.bound.max(0.0));
    let gain_below = contest.comparison.and_then(|found| gain_below(contest.verdict, &found));
    let margin = margin(rows);
    match (contest.verdict, outcome) {
        (Verdict::Better, _) => Finding::Better { against, confidence },
        (Verdict::NotWorse, Outcome::Wait) => Finding::NotWorseButChanged { against, gain_below },
        (Verdict::NotWorse, _) => {
            let higher = bound >= LEAST_SHOWN;
            Finding::NotWorse { against, confidence, bound, higher, margin, gain_below }
        }
        (Verdict::Worse, _) => Finding::Worse { against, confidence },
        (Verdict::Inconclusive, _) if rows < MIN_ROWS => {
            Finding::TooFew { against, unit, rows: rows as u64, needed: MIN_ROWS as u64 }
        }
        (Verdict::Inconclusive, Outcome::Promote) => Finding::First { against },
        (Verdict::Inconclusive, _) => match evidence.recipe {
            Recipe::Same => Finding::UndecidedRefresh { against, margin },
            Recipe::Changed => Finding::Undecided { against },
        },
    }
}

/// Less than this is gained, where a difference that lies below 0 for sure is not called better.
pub(super) fn gain_below(verdict: Verdict, found: &Comparison) -> Option<f64> {
    match verdict {
        Verdict::NotWorse => (found.high < 0.0).then_some(LEAST_GAIN),
        Verdict::Better | Verdict::Inconclusive | Verdict::Worse => None,
    }
}

/// The numbers of a contest.
pub(super) fn difference(contest: &Contest, alpha: f64) -> Finding {
    let (against, unit, confidence) = (contest.against, contest.pairing, 1.0 - alpha);
    match contest.comparison {
        None => Finding::NothingInCommon { against },
        Some(Comparison { difference, low, high, rows, .. }) => {
            Finding::Difference { against, unit, rows: rows as u64, difference, confidence, low, high }
        }
    }
}
