//! How long a training may take: nothing is cut off by surprise.

/// Runs a history must have before a bound is derived from it.
const RUNS: usize = 10;
/// How many times its 99th percentile a run may take.
const FACTOR: f64 = 10.0;
/// No bound below this, seconds: short runs vary by more than their length.
const LEAST: f64 = 60.0;

/// Ten times the 99th percentile of a model's history (seconds), from ten runs on.
pub(crate) fn of(history: &[f64]) -> Option<f64> {
    if history.len() < RUNS {
        return None;
    }
    let mut sorted = history.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (0.99 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map(|p99| (FACTOR * p99).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_needs_ten_runs_and_follows_the_slowest_of_them() {
        assert_eq!(of(&[30.0; 9]), None);
        assert_eq!(of(&[1.0; 10]), Some(60.0));
        let mut history = vec![10.0; 99];
        history.push(40.0);
        assert_eq!(of(&history), Some(100.0));
        history.push(50.0);
        assert_eq!(of(&history), Some(400.0));
    }
}
