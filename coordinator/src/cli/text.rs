//! Sentences several commands show.

use crate::views::{DecisionView, JobView, ProgressView, TermView, VerdictView, VersionView};

use super::table::{against, figure, points};

/// `category portfolio +20, no live version -20`.
pub(crate) fn terms(terms: &[TermView]) -> String {
    let term = |t: &TermView| format!("{} {}{}", t.name, if t.points >= 0.0 { "+" } else { "" }, points(t.points));
    terms.iter().map(term).collect::<Vec<_>>().join(", ")
}

/// A decision with every reason, hold and term, a line each.
pub(crate) fn decision(decision: &DecisionView) -> String {
    let mode = decision.mode.iter().map(|mode| format!(" ({mode})")).collect::<String>();
    let score = decision.score.iter().map(|score| format!(", score {}", points(*score))).collect::<String>();
    let mut lines = vec![format!("{}: {}{mode}{score}", decision.model, decision.verdict.replace('_', " "))];
    lines.extend(decision.reasons.iter().map(|reason| format!("  why    {}: {}", reason.code, reason.text)));
    for hold in &decision.holds {
        let until = hold.until.iter().map(|at| format!(", until {}", at.format("%Y-%m-%d %H:%M"))).collect::<String>();
        lines.push(format!("  hold   {}: {}{until}", hold.code, hold.text));
    }
    if !decision.terms.is_empty() {
        lines.push(format!("  score  {}", terms(&decision.terms)));
    }
    lines.extend(decision.job.iter().map(|job| format!("  job    {job}")));
    lines.join("\n")
}

/// What the gate said about a version, in one line.
pub(crate) fn verdict(version: &VersionView) -> String {
    let judged = version.verdict.as_ref().map_or_else(|| version.status.clone(), gate);
    format!(
        "{} {} {}: CRPS {} of naive, reliability {}; {judged}",
        version.model,
        version.version,
        version.mode,
        against(version.crps, version.baseline_crps),
        figure(version.reliability, 2),
    )
}

/// A verdict in words: `live, not worse than the champion`.
pub(crate) fn gate(verdict: &VerdictView) -> String {
    let fate = match (verdict.promoted, verdict.verdict.as_str()) {
        (true, _) => "live",
        (false, "inconclusive") => "waits for more rows",
        (false, _) => "rejected",
    };
    let link = match verdict.verdict.as_str() {
        "inconclusive" => "against",
        _ => "than",
    };
    format!("{fate}, {} {link} the {}", verdict.verdict.replace('_', " "), verdict.against)
}

/// Where a running job stands: `epoch 3/8, loss 0.5123, 4 s left`.
pub(crate) fn progress(progress: &ProgressView) -> String {
    let mut parts = vec![format!("epoch {}/{}", progress.epoch, progress.epochs)];
    parts.extend(progress.loss.map(|loss| format!("loss {loss:.4}")));
    parts.extend(progress.seconds_left.map(|left| format!("{left:.0} s left")));
    if progress.phase != "train" {
        parts.push(progress.phase.clone());
    }
    parts.join(", ")
}

/// A waiting job: its model, its score and the terms of it.
pub(crate) fn waiting(job: &JobView) -> String {
    let (model, mode) = (job.model.as_deref().unwrap_or(&job.kind), job.mode.as_deref().unwrap_or_default());
    format!("{model} {mode}  {} = {}", points(job.score), terms(&job.terms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_shows_its_terms() {
        let term = |name: &str, points| TermView { name: name.into(), points };
        let shown = terms(&[term("category portfolio", 20.0), term("no live version", -20.0)]);
        assert_eq!(shown, "category portfolio +20, no live version -20");
    }
}
