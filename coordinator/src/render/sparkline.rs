//! A line of a plot in one line of text.

/// From the lowest to the highest.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Widest one, in characters: of more values, neighbours are put together.
const WIDTH: usize = 60;

/// Values as columns of eight heights, from the lowest of them, or 0, to the highest.
pub(super) fn sparkline(values: &[f64]) -> String {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let per_column = values.len().div_ceil(WIDTH).max(1);
    let column = |part: &[f64]| {
        let highest = part.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let share = if high > low { (highest - low) / (high - low) } else { 0.0 };
        let level = (share.clamp(0.0, 1.0) * (LEVELS.len() - 1) as f64).round() as usize;
        LEVELS[level.min(LEVELS.len() - 1)]
    };
    values.chunks(per_column).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_has_the_highest_column() {
        assert_eq!(sparkline(&[0.0, 1.0, 7.0, 3.5]), "▁▂█▅");
        assert_eq!(sparkline(&[0.0, 0.0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[f64::NAN, 1.0]), "▁█");
    }

    #[test]
    fn many_values_are_put_together_and_a_peak_is_seen() {
        let mut values = vec![0.0; 1000];
        values[500] = 5.0;
        let shown = sparkline(&values);
        assert!(shown.chars().count() <= WIDTH && shown.contains('█'), "{shown}");
    }
}
