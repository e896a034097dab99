//! From scores to probabilities and decisions, fitted on validation rows.

use serde::{Deserialize, Serialize};

use super::maths::{sigmoid, softplus_of_negative};
use crate::trust::trust;

/// A score of the classifier on a row it was not fitted on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Judged {
    pub(crate) score: f64,
    pub(crate) label: bool,
    pub(crate) weight: f64,
}

impl Judged {
    /// Log loss in nats at these log-odds.
    pub(crate) fn loss_at(&self, logit: f64) -> f64 {
        softplus_of_negative(if self.label { logit } else { -logit })
    }
}

/// Probability of label 1 = 1 / (1 + exp(−(slope · score + intercept))) (Platt 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    pub(crate) slope: f64,
    pub(crate) intercept: f64,
}

const MOST_STEPS: usize = 100;
/// Slope and intercept.
const PARAMETERS: f64 = 2.0;

impl Calibration {
    /// Newton's method with halved steps, towards targets that are kept off 0 and 1 (Lin, Lin and Weng 2007).
    pub(crate) fn fit(rows: &[Judged]) -> Self {
        let total = |label| rows.iter().filter(|row| row.label == label).map(|row| row.weight).sum::<f64>();
        let targets = [1.0 / (total(false) + 2.0), (total(true) + 1.0) / (total(true) + 2.0)];
        let loss = |this: Self| -> f64 {
            let row_loss = |row: &Judged| {
                let (target, logit) = (targets[usize::from(row.label)], this.logit(row.score));
                row.weight * (target * softplus_of_negative(logit) + (1.0 - target) * softplus_of_negative(-logit))
            };
            rows.iter().map(row_loss).sum()
        };
        let mut best = Self { slope: 1.0, intercept: 0.0 };
        let mut best_loss = loss(best);
        for _ in 0..MOST_STEPS {
            let step = best.newton(rows, targets);
            let halved = (0..20).map(|n| 0.5_f64.powi(n)).map(|share| Self {
                slope: best.slope - share * step.slope,
                intercept: best.intercept - share * step.intercept,
            });
            let Some((next, next_loss)) = halved.map(|next| (next, loss(next))).find(|(_, l)| *l < best_loss) else {
                break;
            };
            let gain = best_loss - next_loss;
            (best, best_loss) = (next, next_loss);
            if gain < 1e-10 * best_loss {
                break;
            }
        }
        best
    }

    fn newton(self, rows: &[Judged], targets: [f64; 2]) -> Self {
        // A small ridge keeps the system solvable when all scores are equal.
        let (mut ss, mut s1, mut s11) = (1e-9, 0.0, 1e-9);
        let (mut gs, mut g1) = (0.0, 0.0);
        for row in rows {
            let p = self.probability(row.score);
            let residual = row.weight * (p - targets[usize::from(row.label)]);
            let curvature = row.weight * p * (1.0 - p);
            gs += residual * row.score;
            g1 += residual;
            ss += curvature * row.score * row.score;
            s1 += curvature * row.score;
            s11 += curvature;
        }
        let determinant = ss * s11 - s1 * s1;
        Self { slope: (s11 * gs - s1 * g1) / determinant, intercept: (ss * g1 - s1 * gs) / determinant }
    }

    /// How far this line is to be trusted beyond the log-odds `level` for every row, by the rows it was fitted to; see [`trust`].
    pub(crate) fn trust(self, level: f64, rows: &[Judged]) -> f64 {
        let gain = |row: &Judged| row.loss_at(level) - row.loss_at(self.logit(row.score));
        let weights: Vec<f64> = rows.iter().map(|row| row.weight).collect();
        trust(&rows.iter().map(gain).collect::<Vec<_>>(), &weights, PARAMETERS)
    }

    /// The same with only this share of the distance to a level.
    pub(crate) fn drawn_to(self, level: f64, share: f64) -> Self {
        Self { slope: share * self.slope, intercept: share * self.intercept + (1.0 - share) * level }
    }

    fn logit(self, score: f64) -> f64 {
        self.slope * score + self.intercept
    }

    /// The probability of label 1.
    pub(crate) fn probability(self, score: f64) -> f64 {
        sigmoid(self.logit(score))
    }
}

/// The threshold of the probability from which on a row is taken for the class, so that F1 is highest on these pairs of
/// probability and truth; in the middle between two rows.
pub(crate) fn best_threshold(rows: &[(f64, bool)]) -> f64 {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = rows.iter().filter(|row| row.1).count() as f64;
    let (mut best, mut threshold, mut hits) = (-1.0, 0.5, 0.0);
    for (taken, row) in (1..).zip(&rows) {
        hits += f64::from(u8::from(row.1));
        let next = rows.get(taken).map_or(0.0, |next| next.0);
        let f1 = 2.0 * hits / (taken as f64 + positives);
        if next < row.0 && f1 > best {
            (best, threshold) = (f1, (row.0 + next) / 2.0);
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use super::super::maths::ln;
    use super::*;
    use common::random::{Purpose, Stream};

    #[test]
    fn a_known_distortion_is_undone() {
        let mut stream = Stream::new(1, Purpose::Weights, 0, 0);
        let mut row = |_| {
            let score = 8.0 * stream.uniform() - 4.0;
            Judged { score, label: stream.uniform() < sigmoid(0.5 * score - 1.0), weight: 1.0 }
        };
        let rows: Vec<Judged> = (0..20_000).map(&mut row).collect();
        let fitted = Calibration::fit(&rows);
        assert!((fitted.slope - 0.5).abs() < 0.03 && (fitted.intercept + 1.0).abs() < 0.05, "{fitted:?}");
        let separated: Vec<Judged> =
            (0..20).map(|n| Judged { score: f64::from(n), label: n >= 10, weight: 1.0 }).collect();
        let p = Calibration::fit(&separated).probability(19.0);
        assert!(p > 0.9 && p < 0.999, "{p}");
        let equal = Calibration::fit(&[Judged { score: 1.0, label: true, weight: 3.0 }]);
        assert!(equal.probability(1.0).is_finite());
    }

    /// G4: scores that say nothing of the labels leave little but the prevalence; scores that say much are left as they are.
    #[test]
    fn noise_is_drawn_to_the_prevalence() {
        let rows = |of: &dyn Fn(usize) -> f64| -> Vec<Judged> {
            (0..400).map(|n| Judged { score: of(n), label: n % 4 == 0, weight: 1.0 }).collect()
        };
        let level = -ln(3.0);
        let drawn = |rows: Vec<Judged>| {
            let line = Calibration::fit(&rows);
            (line, line.drawn_to(level, line.trust(level, &rows)))
        };
        let (_, noise) = drawn(rows(&|n| (n as f64 * 1.7).sin()));
        assert!(noise.slope.abs() < 0.02 && (noise.intercept - level).abs() < 0.02, "{noise:?}");
        let (line, kept) = drawn(rows(&|n| f64::from(n % 4 == 0) + (n as f64 * 1.7).sin()));
        assert!(line.slope - kept.slope < 0.05 * line.slope, "{line:?} {kept:?}");
    }

    #[test]
    fn the_threshold_has_the_best_f1() {
        let rows = [(0.9, true), (0.8, true), (0.7, false), (0.4, true), (0.2, false), (0.1, false)];
        assert!((best_threshold(&rows) - 0.3).abs() < 1e-12);
        assert!(best_threshold(&[(0.9, true), (0.1, false)]) == 0.5);
        // Equal probabilities are never parted.
        assert_eq!(best_threshold(&[(0.6, true), (0.6, false)]), 0.3);
    }
}
