//! What is decided on validation rows: contestants and their weights, calibration, threshold, spread.

use serde::{Deserialize, Serialize};

use super::design::Loss;
use super::figures::best_f1;
use super::math::{quantile, sigmoid};
use crate::trust::{mean_and_error, trust};

/// The weights of a blend are multiples of 1 / this.
const STEPS: usize = 10;
/// Shares whose residual quantiles are kept: intervals of 50, 80 and 95 %.
pub(crate) const SHARES: [f64; 6] = [0.025, 0.1, 0.25, 0.75, 0.9, 0.975];

/// Margin → calibrated margin, a line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    pub(crate) slope: f64,
    pub(crate) shift: f64,
}

impl Calibration {
    pub(crate) const NONE: Self = Self { slope: 1.0, shift: 0.0 };

    pub(crate) fn apply(self, margin: f64) -> f64 {
        self.slope * margin + self.shift
    }

    /// The same with only this share of the distance to a level.
    pub(crate) fn drawn_to(self, level: f64, share: f64) -> Self {
        Self { slope: share * self.slope, shift: share * self.shift + (1.0 - share) * level }
    }
}

/// Margins of rows no learner had seen, with their targets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unseen {
    /// Per contestant that is still in the race.
    pub(crate) margins: Vec<Vec<f64>>,
    pub(crate) targets: Vec<f64>,
    pub(crate) weights: Vec<f64>,
}

impl Unseen {
    /// Non-negative weights that sum to 1, one per contestant. The first alone, unless another, or then a blend, is better by more
    /// than the standard error of the difference, row by row (Breiman and others, 1984): few rows choose what is simple.
    pub(crate) fn blend(&self, loss: Loss) -> Vec<f64> {
        let n = self.margins.len();
        let losses = |weights: &[f64]| -> Vec<f64> {
            mix(&self.margins, weights)
                .iter()
                .zip(&self.targets)
                .map(|(&margin, &target)| loss.of(margin, target))
                .collect()
        };
        let single = |i: usize| (0..n).map(|j| f64::from(i == j)).collect::<Vec<f64>>();
        let mut chosen = single(0);
        let mut least = losses(&chosen);
        let blend = simplex(n).into_iter().map(|weights| (self.mean(&losses(&weights)), weights));
        let blend = blend.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, weights)| weights);
        for weights in (1..n).map(single).chain(blend) {
            let rival = losses(&weights);
            if self.is_shown_better(&rival, &least) {
                (chosen, least) = (weights, rival);
            }
        }
        chosen
    }

    /// The weighted mean over the rows.
    fn mean(&self, values: &[f64]) -> f64 {
        let sum: f64 = values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        sum / self.weights.iter().sum::<f64>()
    }

    /// Whether the mean of these losses is lower by more than a standard error.
    fn is_shown_better(&self, rival: &[f64], holder: &[f64]) -> bool {
        let gains: Vec<f64> = holder.iter().zip(rival).map(|(holder, rival)| holder - rival).collect();
        let (mean, error) = mean_and_error(&gains, &self.weights);
        mean > error
    }

    /// How far predictions are to be trusted beyond the baseline that says `level` of every row; see [`crate::trust::trust`].
    pub(crate) fn trust(&self, margins: &[f64], line: Calibration, level: f64, loss: Loss) -> f64 {
        let gain = |(&margin, &target): (&f64, &f64)| loss.of(level, target) - loss.of(line.apply(margin), target);
        // Slope and shift, where there is a line.
        let fitted = if line == Calibration::NONE { 0.0 } else { 2.0 };
        trust(&margins.iter().zip(&self.targets).map(gain).collect::<Vec<_>>(), &self.weights, fitted)
    }

    /// Mean loss of margins on this line.
    pub(crate) fn loss(&self, margins: &[f64], line: Calibration, loss: Loss) -> f64 {
        let of = |(&margin, &target): (&f64, &f64)| loss.of(line.apply(margin), target);
        self.mean(&margins.iter().zip(&self.targets).map(of).collect::<Vec<_>>())
    }

    /// See [`calibration`].
    pub(crate) fn calibration(&self, margins: &[f64]) -> Calibration {
        calibration(margins, &self.targets, &self.weights)
    }

    /// The probability from which on the answer is yes: where F1 is best.
    pub(crate) fn threshold(&self, margins: &[f64], line: Calibration) -> f64 {
        let probabilities: Vec<f64> = margins.iter().map(|&margin| sigmoid(line.apply(margin))).collect();
        best_f1(&probabilities, &self.targets).1
    }

    /// Quantiles of target − margin at [`SHARES`].
    pub(crate) fn spread(&self, margins: &[f64], line: Calibration) -> Vec<f64> {
        let mut residuals: Vec<f64> =
            self.targets.iter().zip(margins).map(|(target, margin)| target - line.apply(*margin)).collect();
        residuals.sort_unstable_by(f64::total_cmp);
        SHARES.iter().map(|&share| quantile(&residuals, share)).collect()
    }
}

/// Platt's line (1999) through the log-odds, drawn a little towards leaving them alone.
pub(crate) fn calibration(margins: &[f64], targets: &[f64], weights: &[f64]) -> Calibration {
    const PULL: f64 = 1.0;
    let mut line = Calibration::NONE;
    for _ in 0..50 {
        let (mut g, mut h) = ([PULL * (line.slope - 1.0), PULL * line.shift], [PULL, 0.0, PULL]);
        for ((&margin, &target), &weight) in margins.iter().zip(targets).zip(weights) {
            let p = sigmoid(line.apply(margin));
            let (error, curvature) = (weight * (p - target), weight * p * (1.0 - p));
            g = [g[0] + error * margin, g[1] + error];
            h = [h[0] + curvature * margin * margin, h[1] + curvature * margin, h[2] + curvature];
        }
        let determinant = h[0] * h[2] - h[1] * h[1];
        let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
        let share = (1.0 / step[0].abs().max(step[1].abs())).min(1.0);
        line = Calibration { slope: line.slope - share * step[0], shift: line.shift - share * step[1] };
        if step[0].abs().max(step[1].abs()) < 1e-9 {
            break;
        }
    }
    // A falling line would turn good predictions into bad ones.
    if line.slope > 0.0 { line } else { Calibration::NONE }
}

/// The weighted sum of margins, per row.
pub(crate) fn mix(margins: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let mut mixed = vec![0.0; margins.first().map_or(0, Vec::len)];
    for (margins, &weight) in margins.iter().zip(weights) {
        mixed.iter_mut().zip(margins).for_each(|(sum, margin)| *sum += weight * margin);
    }
    mixed
}

/// All weights in steps that sum to 1.
fn simplex(n: usize) -> Vec<Vec<f64>> {
    fn extend(n: usize, left: usize, head: &[f64], all: &mut Vec<Vec<f64>>) {
        let with = |steps: usize| [head, &[steps as f64 / STEPS as f64]].concat();
        if n <= 1 {
            all.push(with(left));
        } else {
            (0..=left).for_each(|steps| extend(n - 1, left - steps, &with(steps), all));
        }
    }
    let mut all = Vec::new();
    extend(n, STEPS, &[], &mut all);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unseen(margins: Vec<Vec<f64>>) -> Unseen {
        let targets: Vec<f64> = (0..400).map(|i| f64::from(i % 4 == 0)).collect();
        Unseen { margins, weights: vec![1.0; targets.len()], targets }
    }

    #[test]
    fn calibration_undoes_what_distorts() {
        // The true log-odds are ±1; what is predicted is three times as sure and shifted.
        let rows: Vec<(f64, f64)> = (0..1000)
            .map(|i| if i % 2 == 0 { (1.0, f64::from(i % 1000 < 731)) } else { (-1.0, f64::from(i % 1000 < 269)) })
            .collect();
        let margins: Vec<f64> = rows.iter().map(|(odds, _)| 3.0 * odds + 2.0).collect();
        let unseen =
            Unseen { margins: vec![], targets: rows.iter().map(|row| row.1).collect(), weights: vec![1.0; 1000] };
        let line = unseen.calibration(&margins);
        assert!((line.apply(5.0) - 1.0).abs() < 0.03 && (line.apply(-1.0) + 1.0).abs() < 0.03, "{line:?}");
    }

    #[test]
    fn blends_pay_or_are_left() {
        let noise = |i: usize, k: f64| (i as f64 * k).sin() * 2.0;
        let truth = |i: usize| if i.is_multiple_of(4) { 1.0 } else { -2.0 };
        let two = unseen(vec![
            (0..400).map(|i| truth(i) + noise(i, 1.7)).collect(),
            (0..400).map(|i| truth(i) + noise(i, 2.9)).collect(),
        ]);
        let weights = two.blend(Loss::Log);
        assert!(weights.iter().all(|&w| w > 0.2), "{weights:?}");
        let useless = unseen(vec![(0..400).map(truth).collect(), (0..400).map(|i| -truth(i)).collect()]);
        assert_eq!(useless.blend(Loss::Log), [1.0, 0.0]);
        assert_eq!(simplex(3).len(), 66);
    }

    /// JUDGING §6: what shows no gain on the baseline is drawn to it, what shows much is left as it is.
    #[test]
    fn noise_is_not_trusted() {
        let rows = unseen(vec![]);
        let level = -3f64.ln();
        let trust = |margin: &dyn Fn(usize) -> f64| {
            rows.trust(&(0..400).map(margin).collect::<Vec<_>>(), Calibration::NONE, level, Loss::Log)
        };
        assert!(trust(&|i| if i % 4 == 0 { 1.0 } else { -2.0 }) > 0.95);
        assert_eq!(trust(&|i| level + (i as f64 * 1.7).sin() * 2.0), crate::trust::LEAST);
        assert_eq!(Calibration::NONE.drawn_to(level, 0.25).apply(1.0), 0.25 + 0.75 * level);
    }
}
