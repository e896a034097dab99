//! A judgement in words.

use super::gate::{Contest, LEAST_GAIN, margin};
use super::{Against, Comparison, Evidence, MIN_ROWS, Outcome, Recipe, Verdict, slices};

/// Why a version is unfit whatever its losses say.
pub(super) fn defect(evidence: &Evidence) -> Option<String> {
    if !evidence.finite {
        Some("Rejected: some of its figures or predictions are not finite.".into())
    } else if !evidence.varies {
        Some("Rejected: it predicts the same whatever it is shown.".into())
    } else {
        slices::below_floor(evidence.slices)
    }
}

/// What follows from the contest that decides, and its numbers.
pub(super) fn of(contest: &Contest, outcome: Outcome, evidence: &Evidence, alpha: f64) -> Vec<String> {
    let confidence = percent(1.0 - alpha);
    let reference = name(contest.against);
    let rows = contest.comparison.map_or(0, |found| found.rows);
    let bound = contest.comparison.map_or(0.0, |found| found.bound);
    let margin = percent(margin(rows));
    let conclusion = match (contest.verdict, outcome) {
        (Verdict::Better, _) => format!("Better than {reference}, with {confidence} % confidence."),
        (Verdict::NotWorse, Outcome::Wait) => {
            format!("Not worse than {reference}, but other hyper-parameters must be shown to be better: it waits.")
        }
        (Verdict::NotWorse, _) => format!(
            "Not worse than {reference}: with {confidence} % confidence its loss is {}, and {margin} % higher is allowed.",
            at_most(bound)
        ),
        (Verdict::Worse, _) => format!("Worse than {reference}, with {confidence} % confidence."),
        (Verdict::Inconclusive, _) if rows < MIN_ROWS => {
            format!("Too few {} to compare it with {reference}: {rows} of {MIN_ROWS}.", contest.pairing.noun())
        }
        (Verdict::Inconclusive, Outcome::Promote) => {
            format!("A first version, and not shown to be worse than {reference}: its reliability marks it.")
        }
        (Verdict::Inconclusive, _) => match evidence.recipe {
            Recipe::Same => format!("Neither worse than {reference} nor within {margin} % for sure: more rows decide."),
            Recipe::Changed => format!("Neither better nor worse than {reference} for sure: more rows decide."),
        },
    };
    let no_gain = contest.comparison.map(|found| no_gain(contest.verdict, &found)).unwrap_or_default();
    let conclusion = conclusion + &no_gain;
    let looks = (evidence.earlier_looks > 0)
        .then(|| format!("These rows were looked at {} times before, so more is asked.", evidence.earlier_looks));
    [conclusion, difference(contest, alpha)].into_iter().chain(looks).collect()
}

/// Why a difference that lies below 0 for sure is not called better.
pub(super) fn no_gain(verdict: Verdict, found: &Comparison) -> String {
    match verdict {
        Verdict::NotWorse if found.high < 0.0 => {
            format!(" What it gains is below {} % of the loss, which counts as nothing.", percent(LEAST_GAIN))
        }
        Verdict::Better | Verdict::NotWorse | Verdict::Inconclusive | Verdict::Worse => String::new(),
    }
}

/// The numbers of a contest.
pub(super) fn difference(contest: &Contest, alpha: f64) -> String {
    let reference = name(contest.against);
    match contest.comparison {
        None => format!("No rows on which to compare it with {reference}."),
        Some(found) => format!(
            "Loss against {reference} over {} {}: {:+.2} % ({} % interval {:+.2} to {:+.2} %).",
            found.rows,
            contest.pairing.noun(),
            100.0 * found.difference,
            percent(1.0 - alpha),
            100.0 * found.low,
            100.0 * found.high
        ),
    }
}

fn name(against: Against) -> &'static str {
    match against {
        Against::Champion => "the live version",
        Against::Baseline => "the hardest naive baseline",
        Against::Universal => "the universal model",
    }
}

/// How much higher a loss may be, said of a share.
fn at_most(bound: f64) -> String {
    match percent(bound.max(0.0)).as_str() {
        "0" => "not higher".into(),
        higher => format!("at most {higher} % higher"),
    }
}

/// A share as a percentage, as short as two decimals allow: `95`, `97.5`, `0.31`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.2}", 100.0 * share);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
