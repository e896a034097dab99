//! How losses rise with the rows that have come since a training.

/// Borders of the stretches that are told apart, in rows since the training.
const BORDERS: [u64; 12] = [1, 5, 10, 20, 40, 80, 160, 320, 640, 1_280, 5_120, 20_480];
/// So many rows of nothing new are counted in with each stretch: few rows say little.
const PRIOR_ROWS: f64 = 20.0;

/// A row that a version was scored on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Rows that had come since its training.
    pub since: u64,
    /// What it lost.
    pub loss: f64,
    /// What the baseline lost.
    pub baseline: f64,
}

/// The loss of a version over its baseline's, by the rows since its training: never less than it was before, for nothing is learnt by waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct Staleness {
    ratios: [f64; BORDERS.len()],
}

impl Staleness {
    /// Learned of rows that versions were scored on; without any, nothing ages.
    pub fn learn(rows: impl IntoIterator<Item = Seen>) -> Self {
        let (mut losses, mut baselines) = ([0.0; BORDERS.len()], [0.0; BORDERS.len()]);
        let (mut count, mut all_losses, mut all_baselines) = ([0.0; BORDERS.len()], 0.0, 0.0);
        for Seen { since, loss, baseline } in rows {
            let place = stretch(since);
            losses[place] += loss;
            baselines[place] += baseline;
            count[place] += 1.0;
            all_losses += loss;
            all_baselines += baseline;
        }
        if all_baselines <= 0.0 {
            return Self { ratios: [1.0; BORDERS.len()] };
        }
        let overall = all_losses / all_baselines;
        let typical = all_baselines / count.iter().sum::<f64>();
        let prior = PRIOR_ROWS * typical;
        let ratio = |place: usize| (losses[place] + overall * prior) / (baselines[place] + prior);
        let weight = |place: usize| baselines[place] + prior;
        Self { ratios: never_falling(std::array::from_fn(ratio), std::array::from_fn(weight)) }
    }

    /// By how much losses rise at most, as a share of what they are just after a training.
    pub fn rise(&self) -> f64 {
        self.ratios[BORDERS.len() - 1] / self.ratios[0] - 1.0
    }

    /// What is expected of a version so many rows after its training.
    pub fn ratio(&self, since: u64) -> f64 {
        self.ratios[stretch(since)]
    }
}

fn stretch(since: u64) -> usize {
    BORDERS.iter().rposition(|border| *border <= since).unwrap_or(0)
}

/// The nearest sequence that never falls, by pooling neighbours that do (Ayer and others, 1955).
fn never_falling<const N: usize>(values: [f64; N], weights: [f64; N]) -> [f64; N] {
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(N);
    for (value, weight) in values.into_iter().zip(weights) {
        let mut pool = (value, weight, 1);
        while let Some(before) = pools.last().copied().filter(|before| before.0 > pool.0) {
            pools.pop();
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    let mut flat = pools.into_iter().flat_map(|(value, _, count)| std::iter::repeat_n(value, count));
    std::array::from_fn(|_| flat.next().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(since: u64, loss: f64) -> Seen {
        Seen { since, loss, baseline: 1.0 }
    }

    #[test]
    fn what_is_old_loses_more_and_never_less() {
        let rows =
            (0..2000).map(|n| seen(n, 0.8 + 0.0001 * n as f64 - if (300..400).contains(&n) { 0.2 } else { 0.0 }));
        let staleness = Staleness::learn(rows);
        let at: Vec<f64> = [0, 3, 30, 300, 1000, 9999].map(|since| staleness.ratio(since)).into();
        assert!(at.windows(2).all(|pair| pair[0] <= pair[1]), "{at:?}");
        assert!(at[0] < 0.87 && at[5] > 0.9, "{at:?}");
    }

    #[test]
    fn without_rows_nothing_ages() {
        let staleness = Staleness::learn([]);
        assert_eq!((staleness.ratio(0), staleness.ratio(1_000_000), staleness.rise()), (1.0, 1.0, 0.0));
    }

    #[test]
    fn few_rows_say_little() {
        let many = (0..1000).map(|n| seen(n % 5, 0.8));
        let staleness = Staleness::learn(many.chain([seen(500, 3.0)]));
        assert!(staleness.ratio(500) < 1.0, "{}", staleness.ratio(500));
    }

    #[test]
    fn neighbours_that_fall_are_pooled() {
        assert_eq!(never_falling([1.0, 3.0, 2.0, 4.0], [1.0; 4]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(never_falling([3.0, 2.0, 1.0], [1.0, 1.0, 2.0]), [1.75; 3]);
    }
}
