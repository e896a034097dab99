//! What would change the answer.

use common::settings::Policy;

use super::{Facts, Hold};

/// What force has skipped.
pub(super) fn skipped(holds: &[Hold]) -> Option<String> {
    let codes: Vec<&str> = holds.iter().map(|hold| hold.code.as_str()).collect();
    (!codes.is_empty()).then(|| format!("By force, in spite of {}.", codes.join(", ")))
}

/// When a training that is due will be let go.
pub(super) fn end_of_holds(holds: &[Hold]) -> String {
    let ends: Option<Vec<_>> = holds.iter().map(|hold| hold.until).collect();
    let end = match ends.and_then(|ends| ends.into_iter().max()) {
        Some(end) => format!("It is let go on {end}"),
        None => "It is let go when every hold has ended".into(),
    };
    let force = if holds.iter().all(|hold| hold.code.yields_to_force()) { ", or at once with --force." } else { "." };
    end + force
}

/// For a model that needs nothing: the rules nearest to asking for something.
pub(super) fn what_would_change_it(facts: &Facts, policy: &Policy) -> String {
    let Some(live) = &facts.live else { return String::new() };
    let missing = u64::from(policy.min_new_samples).saturating_sub(facts.new_rows);
    let aged = live.trained_at.plus_days(policy.max_model_age_days).date();
    let reliability = match live.reliability {
        Some(now) => format!("a reliability below {} (now {now:.2})", policy.min_reliability_for_update),
        None => format!("a reliability below {} (still unknown)", policy.min_reliability_for_update),
    };
    format!(
        "What would change it: {missing} more new rows ({} of {} so far), the age of {} after {aged}, or {reliability}.",
        facts.new_rows, policy.min_new_samples, live.version
    )
}
