//! Encoded rows: numbers and levels for linear model and network, bins for trees.

/// What one split of the rows looks like to the contestants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Design {
    pub(crate) rows: usize,
    /// Numbers per row.
    pub(crate) width: usize,
    /// Row-major, rows × width.
    numbers: Vec<f64>,
    /// For each category, where its levels begin among those of all.
    pub(crate) starts: Vec<usize>,
    /// Levels of all categories together.
    pub(crate) levels_in_all: usize,
    /// Row-major, rows × categories; indices among the levels of all.
    levels: Vec<u32>,
    /// Bins of each feature.
    pub(crate) bin_counts: Vec<usize>,
    /// Whether a feature is a category.
    pub(crate) is_category: Vec<bool>,
    /// Column-major, features × rows.
    bins: Vec<u8>,
}

impl Design {
    pub(crate) fn new(
        rows: usize,
        width: usize,
        levels: &[usize],
        is_category: Vec<bool>,
        bin_counts: Vec<usize>,
    ) -> Self {
        let starts = levels.iter().scan(0, |next, count| {
            *next += count;
            Some(*next - count)
        });
        let starts: Vec<usize> = starts.collect();
        Self {
            rows,
            width,
            numbers: vec![0.0; rows * width],
            levels: vec![0; rows * starts.len()],
            starts,
            levels_in_all: levels.iter().sum(),
            bins: vec![0; rows * bin_counts.len()],
            bin_counts,
            is_category,
        }
    }

    pub(crate) fn set_number(&mut self, row: usize, index: usize, value: f64) {
        self.numbers[row * self.width + index] = value;
    }

    pub(crate) fn set_level(&mut self, row: usize, category: usize, level: usize) {
        self.levels[row * self.starts.len() + category] = (self.starts[category] + level) as u32;
    }

    pub(crate) fn set_bin(&mut self, feature: usize, row: usize, bin: usize) {
        self.bins[feature * self.rows + row] = bin as u8;
    }

    /// The standardised numbers of a row.
    pub(crate) fn numbers(&self, row: usize) -> &[f64] {
        &self.numbers[row * self.width..(row + 1) * self.width]
    }

    /// The levels of a row, counted through all categories.
    pub(crate) fn levels(&self, row: usize) -> &[u32] {
        let n = self.starts.len();
        &self.levels[row * n..(row + 1) * n]
    }

    /// The bins of a feature, one per row.
    pub(crate) fn bins(&self, feature: usize) -> &[u8] {
        &self.bins[feature * self.rows..(feature + 1) * self.rows]
    }
}

/// What a contestant learns from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Examples<'a> {
    pub(crate) design: &'a Design,
    pub(crate) targets: &'a [f64],
    pub(crate) weights: &'a [f64],
    pub(crate) loss: Loss,
    /// The margin every contestant starts at: log-odds of the prevalence, the estimate (0), or the median.
    pub(crate) start: f64,
}

/// What decides between predictions; a margin is the log-odds or the predicted number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Log loss in nats.
    Log,
    /// Absolute error.
    Absolute,
}

impl Loss {
    /// The loss of one row.
    pub(crate) fn of(self, margin: f64, target: f64) -> f64 {
        match self {
            Self::Log => super::math::log_loss(margin, target),
            Self::Absolute => (margin - target).abs(),
        }
    }

    /// The weighted mean.
    pub(crate) fn mean(self, margins: &[f64], targets: &[f64], weights: &[f64]) -> f64 {
        let rows = margins.iter().zip(targets).zip(weights);
        let (sum, weight) = rows.fold((0.0, 0.0), |(sum, total), ((&margin, &target), &weight)| {
            (sum + weight * self.of(margin, target), total + weight)
        });
        sum / weight
    }
}
