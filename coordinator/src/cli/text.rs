//! Sentences several commands show.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::views::{DecisionView, JobView, PauseView, ProgressView, RefusedRow, TermView, VerdictView, VersionView};

use super::table::{against, figure, points};

/// `category portfolio +20, no live version -20`.
pub(crate) fn terms(terms: &[TermView]) -> String {
    let term = |t: &TermView| format!("{} {}{}", t.name, if t.points >= 0.0 { "+" } else { "" }, points(t.points));
    terms.iter().map(term).collect::<Vec<_>>().join(", ")
}

/// Refused rows shown of each file.
const SHOWN: usize = 10;

/// The first rows of a file that were refused, a line each, and how many more there are.
pub(crate) fn refusals(file: &str, listed: &[RefusedRow], refused: u64) -> Vec<String> {
    let shown = listed.iter().take(SHOWN);
    let mut lines: Vec<String> = shown.map(|row| format!("{file} line {}: {}", row.line, row.reason)).collect();
    match (refused as usize).saturating_sub(SHOWN) {
        0 => {}
        more => lines.push(format!("{file}: {} refused; --json lists the first 100", counted(more as u64, "more row"))),
    }
    lines
}

/// A pause: `since 2026-05-01 08:00 (new driver)`.
pub(crate) fn pause(pause: &PauseView) -> String {
    let reason = if pause.reason.is_empty() { String::new() } else { format!(" ({})", pause.reason) };
    format!("since {}{reason}", pause.since.format("%Y-%m-%d %H:%M"))
}

/// What a model has of its own: `min_new_samples=30, max_increments=2`; empty where all follows the settings.
pub(crate) fn own_policy(own: &BTreeMap<String, Value>) -> String {
    let own = own.iter().map(|(key, value)| format!("{key}={}", policy_value(value)));
    own.collect::<Vec<_>>().join(", ")
}

/// A value of a policy, as one would type it.
pub(crate) fn policy_value(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

/// What keeps a job in the backlog until somebody does something, and what that is, on a line of its own.
pub(crate) fn blocked(job: &JobView) -> Option<String> {
    job.blocked.as_ref().map(|blocked| format!("\n  {}; {}", blocked.text, blocked.next))
}

/// Seconds with as many places as tell short ones apart.
fn few(seconds: f64) -> String {
    if seconds < 1.0 { format!("{seconds:.3}") } else { format!("{seconds:.1}") }
}

/// A decision with every reason, hold and term, a line each.
pub(crate) fn decision(decision: &DecisionView) -> String {
    let mode = decision.mode.iter().map(|mode| format!(" ({mode})")).collect::<String>();
    let score = decision.score.iter().map(|score| format!(", score {}", points(*score))).collect::<String>();
    let mut lines = vec![format!("{}: {}{mode}{score}", decision.model, decision.verdict.replace('_', " "))];
    lines.extend(decision.reasons.iter().map(|reason| format!("  why    {}: {}", reason.code, reason.text)));
    if matches!(decision.band.as_str(), "consider" | "necessary") {
        lines.push(format!("  band   {}", decision.band));
    }
    for hold in &decision.holds {
        let text = match hold.until {
            Some(at) => format!("{}, until {}", hold.text.trim_end_matches('.'), at.format("%Y-%m-%d %H:%M")),
            None => hold.text.clone(),
        };
        lines.push(format!("  hold   {}: {text}", hold.code));
    }
    if !decision.note.is_empty() {
        lines.push(format!("  note   {}", decision.note));
    }
    if let Some(data) = decision.data.as_ref().filter(|data| data.old) {
        lines.push(format!("  data   old: the newest row is of {}, {} before", data.newest, counted(data.days, "day")));
    }
    if !decision.terms.is_empty() {
        lines.push(format!("  score  {}", terms(&decision.terms)));
    }
    if let Some(price) = &decision.price {
        let memory = price.memory.map(|bytes| format!(", {} MiB", bytes >> 20)).unwrap_or_default();
        let error = price.error.map(|error| format!(", off by {:.0} %", 100.0 * error)).unwrap_or_default();
        lines.push(format!(
            "  price  about {} s ({} to {}){memory}; learned of {}{error}",
            few(price.seconds),
            few(price.low),
            few(price.high),
            counted(price.trainings, "training")
        ));
    }
    lines.extend(decision.job.iter().map(|job| format!("  job    {job}")));
    lines.join("\n")
}

/// What the gate said about a version, in one line.
pub(crate) fn verdict(version: &VersionView) -> String {
    let judged = version.verdict.as_ref().map_or_else(|| version.status.clone(), gate);
    let left_out = match version.manifest["training"]["left_out"].as_u64() {
        None | Some(0) => String::new(),
        Some(1) => "; 1 row without a usable outcome was left out".into(),
        Some(rows) => format!("; {rows} rows without a usable outcome were left out"),
    };
    format!(
        "{} {} {}: {} {} of naive, reliability {}; {judged}{left_out}",
        version.model,
        version.version,
        version.mode,
        version.loss_name,
        against(version.loss, version.baseline_loss),
        figure(version.reliability, 2),
    )
}

/// A verdict in short: `live: not worse`.
pub(crate) fn gate_in_short(verdict: &VerdictView) -> String {
    format!("{}: {}", fate(verdict), verdict.verdict.replace('_', " "))
}

fn fate(verdict: &VerdictView) -> &'static str {
    match (verdict.promoted, verdict.verdict.as_str()) {
        (true, _) => "live",
        (false, "inconclusive") => "waiting",
        (false, _) => "rejected",
    }
}

/// A verdict in words: `live, not worse than the champion`.
pub(crate) fn gate(verdict: &VerdictView) -> String {
    format!("{}, {}", fate(verdict), comparison(verdict))
}

/// What a comparison has shown: `not worse than the champion`.
pub(crate) fn comparison(verdict: &VerdictView) -> String {
    let link = match verdict.verdict.as_str() {
        "inconclusive" => "against",
        _ => "than",
    };
    format!("{} {link} the {}", verdict.verdict.replace('_', " "), verdict.against)
}

/// Where a running job stands: `epoch 3/8, loss 0.5123, 4 s left`, or what it does before and after its epochs.
pub(crate) fn progress(progress: &ProgressView) -> String {
    if progress.phase != "training" {
        return progress.phase.clone();
    }
    let mut parts = vec![format!("epoch {}/{}", progress.epoch, progress.epochs)];
    parts.extend(progress.loss.map(|loss| format!("loss {loss:.4}")));
    parts.extend(progress.seconds_left.map(|left| format!("{left:.0} s left")));
    parts.join(", ")
}

/// A waiting job: its model, its score and the terms of it.
pub(crate) fn waiting(job: &JobView) -> String {
    let (model, mode) = (job.model.as_deref().unwrap_or(&job.kind), job.mode.as_deref().unwrap_or_default());
    format!("{model} {mode}  {} = {}", points(job.score), terms(&job.terms))
}

/// So many of something: `1 row`, `2 rows`, `3 entries`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    match noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};

    use super::*;
    use crate::views::{DataAgeView, HoldView, Numbers, ReasonView};

    fn term(name: &str, points: f64) -> TermView {
        TermView { name: name.into(), points, code: String::new(), numbers: Numbers::default() }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "row")), ["0 rows", "1 row", "2 rows"]);
        assert_eq!([1, 2].map(|count| counted(count, "entry")), ["1 entry", "2 entries"]);
        assert_eq!([1, 2].map(|count| counted(count, "day")), ["1 day", "2 days"]);
        let refused = |rows| refusals("a.csv", &[], rows).pop().unwrap();
        assert_eq!(refused(11), "a.csv: 1 more row refused; --json lists the first 100");
    }

    #[test]
    fn a_score_shows_its_terms() {
        let shown = terms(&[term("category portfolio", 20.0), term("no live version", -20.0)]);
        assert_eq!(shown, "category portfolio +20, no live version -20");
    }

    #[test]
    fn a_decision_shows_every_reason_hold_and_term() {
        let reason = ReasonView {
            code: "new_samples".into(),
            text: "25 new bars".into(),
            mode: "incremental".into(),
            numbers: Numbers::default(),
        };
        let until = Some(DateTime::UNIX_EPOCH);
        let hold = HoldView {
            code: "cool_down".into(),
            text: "trained 3 days ago.".into(),
            until,
            numbers: Numbers::default(),
        };
        let shown = decision(&DecisionView {
            model: "forecaster/AAPL".into(),
            verdict: "held_back".into(),
            band: "consider".into(),
            mode: Some("incremental".into()),
            reasons: vec![reason],
            holds: vec![hold],
            remarks: Vec::new(),
            note: "In 4 days it would be due.".into(),
            score: Some(40.0),
            terms: vec![term("category portfolio", 20.0), term("live version current", 20.0)],
            price: Some(domain::cost::Price {
                seconds: 12.34,
                low: 8.0,
                high: 19.0,
                memory: Some(210 << 20),
                trainings: 40,
                error: Some(0.09),
            }),
            data: Some(DataAgeView { newest: NaiveDate::default(), days: 40, old: true }),
            at: DateTime::UNIX_EPOCH,
            job: None,
        });
        insta::assert_snapshot!(shown, @r"
        forecaster/AAPL: held back (incremental), score 40
          why    new_samples: 25 new bars
          band   consider
          hold   cool_down: trained 3 days ago, until 1970-01-01 00:00
          note   In 4 days it would be due.
          data   old: the newest row is of 1970-01-01, 40 days before
          score  category portfolio +20, live version current +20
          price  about 12.3 s (8.0 to 19.0), 210 MiB; learned of 40 trainings, off by 9 %
        ");
    }

    #[test]
    fn a_verdict_says_what_became_of_the_version() {
        let said = |verdict: &str, promoted, against: &str| {
            gate(&VerdictView {
                verdict: verdict.into(),
                promoted,
                against: against.into(),
                difference: 0.0,
                low: -0.1,
                high: 0.1,
                rows: 60,
                beats_naive: false,
                reasons: Vec::new(),
                findings: Vec::new(),
            })
        };
        assert_eq!(said("not_worse", true, "champion"), "live, not worse than the champion");
        assert_eq!(said("worse", false, "baseline"), "rejected, worse than the baseline");
        assert_eq!(said("inconclusive", false, "champion"), "waiting, inconclusive against the champion");
    }
}
