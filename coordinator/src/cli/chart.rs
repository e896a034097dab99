//! A loss curve as text.

use crate::views::CurveView;

/// Longest bar, in characters.
const WIDTH: usize = 48;
/// Most rows; longer curves are thinned evenly, the last epoch always stays.
const ROWS: usize = 20;

/// One row an epoch: both losses, and the validation loss as a bar from the curve's smallest to its largest value.
pub(crate) fn curve(points: &[CurveView]) -> String {
    let losses = || points.iter().map(|point| point.validation_loss).filter(|loss| loss.is_finite());
    let (low, high) = (losses().fold(f64::INFINITY, f64::min), losses().fold(f64::NEG_INFINITY, f64::max));
    let step = points.len().div_ceil(ROWS).max(1);
    let kept = points.iter().rev().step_by(step).collect::<Vec<_>>().into_iter().rev();
    let rows = kept.map(|point| {
        let share = if high > low { (point.validation_loss - low) / (high - low) } else { 0.0 };
        let length = 1 + (share.clamp(0.0, 1.0) * (WIDTH - 1) as f64).round() as usize;
        let best = if point.validation_loss <= low { " best" } else { "" };
        let CurveView { epoch, train_loss, validation_loss } = point;
        format!("  {epoch:>5}  {train_loss:>10.5}  {validation_loss:>10.5}  {}{best}", "█".repeat(length))
    });
    std::iter::once("  epoch    training  validation".to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(epochs: u32) -> Vec<CurveView> {
        let point = |epoch| CurveView { epoch, train_loss: 1.0, validation_loss: 1.0 / f64::from(epoch) };
        (1..=epochs).map(point).collect()
    }

    #[test]
    fn the_largest_loss_has_the_longest_bar_and_the_best_is_marked() {
        let chart = curve(&falling(3));
        let bars: Vec<_> = chart.lines().skip(1).map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [WIDTH, 13, 1]);
        assert!(chart.lines().last().is_some_and(|line| line.ends_with("best")));
    }

    #[test]
    fn long_curves_are_thinned_and_keep_the_end() {
        let chart = curve(&falling(250));
        assert!(chart.lines().count() <= ROWS + 1);
        assert!(chart.lines().last().is_some_and(|line| line.trim_start().starts_with("250")));
        assert!(chart.lines().all(|line| line.chars().count() <= 100));
    }

    #[test]
    fn a_loss_that_is_not_finite_spoils_nothing() {
        let mut points = falling(2);
        points.push(CurveView { epoch: 3, train_loss: f64::NAN, validation_loss: f64::NAN });
        assert_eq!(curve(&points).lines().count(), 4);
    }
}
