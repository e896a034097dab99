//! How far stretches of the training rows are from all the others: the measure of what is no drift.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::cells::{Cells, Tally};
use super::distance;

/// Rows of the shortest stretch; each next length is twice the one before.
pub(super) const SHORTEST: usize = 32;
/// Stretches of one length at least: fewer do not show how much they differ.
pub(super) const FEWEST: usize = 8;

/// So many more stretches are taken for granted …
const UNSEEN: f64 = 4.0;
/// … that vary so many times as much as independent rows: wild times that a short training has not seen.
const UNSEEN_INFLATION: f64 = 3.0;

/// How far stretches of one length are from all other training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Rows of a stretch.
    pub rows: u64,
    /// By their values.
    pub values: Spread,
    /// By their shares of missing values.
    pub missing: Spread,
}

/// Distances of stretches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their mean square over that of stretches of independent rows; some that were not seen are counted in.
    pub inflation: f64,
    /// Degrees of freedom of that mean: few where there are few stretches, or where some are much farther away than most.
    pub degrees: f64,
    /// The largest of them, 0 to 1.
    pub largest: f64,
}

/// How x² = rows · distance² varies where rows are independent.
#[derive(Debug, Clone, Copy)]
struct Independent {
    /// Its mean.
    mean: f64,
    /// Its variance over the squared mean.
    variation: f64,
}

impl Independent {
    /// Of Kolmogorov's distribution, whose n-th moment is n·Γ(n/2)·2^(−n/2)·η(n): the mean of x² is η(2) = π²/12, that of x⁴ is
    /// η(4) = 7π⁴/720.
    fn values() -> Self {
        let (second, fourth) = (PI.powi(2) / 12.0, 7.0 * PI.powi(4) / 720.0);
        Self { mean: second, variation: fourth / second.powi(2) - 1.0 }
    }

    /// Of the square of a normal share, whose variance is at most 1/4.
    fn share() -> Self {
        Self { mean: 0.25, variation: 2.0 }
    }
}

/// Of each length there is, from the shortest to an eighth of the rows. `places`: the cell of each row, in order; the oldest rows that
/// fill no stretch are left out.
pub(super) fn noise(places: &[u8], cells: &Cells, all: &Tally) -> Vec<Noise> {
    let mut stretches: Vec<Tally> = places.rchunks_exact(SHORTEST).map(|stretch| cells.tally(stretch)).collect();
    let mut rows = SHORTEST;
    let mut found = Vec::new();
    while stretches.len() >= FEWEST {
        found.push(of_length(rows, &stretches, cells, all));
        stretches = stretches.chunks_exact(2).map(Tally::joined).collect();
        rows *= 2;
    }
    found
}

fn of_length(rows: usize, stretches: &[Tally], cells: &Cells, all: &Tally) -> Noise {
    let values = stretches
        .iter()
        .filter_map(|stretch| Apart::of(distance::of_values(cells, stretch, all)?, stretch.present(), all.present()));
    let missing = stretches
        .iter()
        .filter_map(|stretch| Apart::of(distance::of_missing(stretch, all)?, stretch.rows(), all.rows()));
    Noise {
        rows: rows as u64,
        values: Spread::of(&values.collect::<Vec<_>>(), Independent::values()),
        missing: Spread::of(&missing.collect::<Vec<_>>(), Independent::share()),
    }
}

/// How far a stretch is from all other rows.
struct Apart {
    distance: f64,
    /// rows · distance².
    x2: f64,
}

impl Apart {
    /// Of a distance from all `of` rows, among them the stretch's own; from the others alone it is larger, by just so much.
    fn of(distance: f64, rows: u64, of: u64) -> Option<Self> {
        let others = of.checked_sub(rows).filter(|others| *others > 0)? as f64;
        let distance = distance * of as f64 / others;
        Some(Self { distance, x2: effective(rows as f64, others) * distance * distance })
    }
}

impl Spread {
    fn of(stretches: &[Apart], independent: Independent) -> Self {
        let count = stretches.len() as f64;
        let mean = stretches.iter().map(|apart| apart.x2).sum::<f64>() / count.max(1.0);
        let variance = stretches.iter().map(|apart| (apart.x2 - mean).powi(2)).sum::<f64>() / count.max(1.0);
        let inflation = (mean / independent.mean * count + UNSEEN * UNSEEN_INFLATION) / (count + UNSEEN);
        // Rows that follow one another vary as one: then x² is the square of one normal, whatever it would be of independent ones.
        let dependence = 1.0 - 1.0 / inflation.max(1.0);
        let usual = independent.variation + dependence * (Independent::share().variation - independent.variation);
        // Satterthwaite (1946): the mean of x² over so many stretches is as certain as a χ² of so many degrees of freedom over them …
        let by_count = 2.0 / usual * (count - 1.0).max(1.0);
        // … and where x² varies more than chance makes it, its scale does: as that of Student's t, of the degrees that vary so much.
        let wider = (1.0 + variance / mean.powi(2)) / (1.0 + independent.variation);
        let by_scale = if wider > 1.0 { (4.0 * wider - 2.0) / (wider - 1.0) } else { f64::INFINITY };
        Self {
            inflation,
            degrees: by_count.min(by_scale),
            largest: stretches.iter().map(|apart| apart.distance).fold(0.0, f64::max),
        }
    }

    /// The wider of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            inflation: self.inflation.max(other.inflation),
            degrees: self.degrees.min(other.degrees),
            largest: self.largest.max(other.largest),
        }
    }
}

/// Two samples as one of so many rows: their distance varies as much as that of one from the truth.
pub(super) fn effective(rows: f64, others: f64) -> f64 {
    rows * others / (rows + others)
}
