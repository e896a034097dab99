//! Was the sign of the return called, and could that be luck?

use common::vocabulary::{Direction, Rate};
use statrs::distribution::{ContinuousCDF, Normal};

/// The share `hits / trials` with its 95 % interval by Wilson (1927); without trials 0 to 1.
pub fn wilson(hits: u64, trials: u64) -> Rate {
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 {
        return Rate { value: 0.5, low: 0.0, high: 1.0 };
    }
    let n = trials as f64;
    let p = hits as f64 / n;
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Rate { value: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

/// Scores calls of direction: pairs of (called up, went up), rows without a move left out.
pub(super) fn direction(calls: &[(bool, bool)]) -> Direction {
    let count = |of: &dyn Fn(&(bool, bool)) -> bool| calls.iter().filter(|call| of(call)).count() as u64;
    let trials = calls.len() as u64;
    let hits = count(&|(called, went)| called == went);
    let (called_up, went_up) = (count(&|(called, _)| *called), count(&|(_, went)| *went));
    Direction {
        accuracy: wilson(hits, trials),
        always_up: if trials == 0 { 0.5 } else { went_up as f64 / trials as f64 },
        pesaran_timmermann: pesaran_timmermann(hits, called_up, went_up, trials),
    }
}

/// One-sided p-value of the test of Pesaran and Timmermann (1992), J. Business & Economic Statistics 10(4): is the share of
/// hits higher than calls independent of the outcome would have? Absent where calls or outcomes are all on one side.
fn pesaran_timmermann(hits: u64, called_up: u64, went_up: u64, trials: u64) -> Option<f64> {
    let n = trials as f64;
    let one_sided = |count: u64| count == 0 || count == trials;
    if one_sided(called_up) || one_sided(went_up) {
        return None;
    }
    let (hit, x, y) = (hits as f64 / n, called_up as f64 / n, went_up as f64 / n);
    let by_chance = y * x + (1.0 - y) * (1.0 - x);
    let variance_hit = by_chance * (1.0 - by_chance) / n;
    let variance_chance = (2.0 * y - 1.0).powi(2) * x * (1.0 - x) / n
        + (2.0 * x - 1.0).powi(2) * y * (1.0 - y) / n
        + 4.0 * y * x * (1.0 - y) * (1.0 - x) / (n * n);
    let variance = variance_hit - variance_chance;
    let standard = Normal::new(0.0, 1.0).ok()?;
    (variance > 0.0).then(|| standard.sf((hit - by_chance) / variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(both_up: usize, only_called: usize, only_went: usize, both_down: usize) -> Vec<(bool, bool)> {
        [((true, true), both_up), ((true, false), only_called), ((false, true), only_went), ((false, false), both_down)]
            .into_iter()
            .flat_map(|(call, times)| std::iter::repeat_n(call, times))
            .collect()
    }

    #[test]
    fn wilson_interval_of_a_known_case() {
        // 8 of 10: 0.4902 to 0.9433
        let rate = wilson(8, 10);
        assert!((rate.low - 0.4902).abs() < 5e-5 && (rate.high - 0.9433).abs() < 5e-5, "{rate:?}");
        assert_eq!((wilson(0, 0).low, wilson(0, 0).high), (0.0, 1.0));
        assert!(wilson(10, 10).high <= 1.0 && wilson(0, 10).low >= 0.0);
    }

    #[test]
    fn pesaran_timmermann_knows_skill_from_luck() {
        let p = |calls: &[(bool, bool)]| direction(calls).pesaran_timmermann;
        assert!(p(&calls(40, 10, 10, 40)).unwrap() < 1e-6, "80 % right is skill");
        assert!((p(&calls(25, 25, 25, 25)).unwrap() - 0.5).abs() < 1e-9, "half right is luck");
        assert!(p(&calls(10, 40, 40, 10)).unwrap() > 0.999, "20 % right is none");
        // 90 % right, but only because everything rises and nearly everything is called up: no skill shown
        assert!(p(&calls(81, 9, 9, 1)).unwrap() > 0.4);
        assert_eq!(p(&calls(60, 40, 0, 0)), None, "always up cannot be tested");
        assert_eq!(p(&[]), None);
    }

    #[test]
    fn always_up_is_the_share_of_rises() {
        let scored = direction(&calls(30, 20, 25, 25));
        assert_eq!((scored.always_up, scored.accuracy.value), (0.55, 0.55));
    }
}
