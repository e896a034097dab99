//! Made-up columns, by what their rows have to do with one another.

use std::f64::consts::TAU;

use common::random::{Purpose, Stream};

/// What a column is like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Rows have nothing to do with one another.
    Independent,
    /// Each is like the one before, with a correlation of 0.9.
    Following,
    /// Calm and wild stretches (GARCH): the size of daily returns.
    Clusters,
    /// A year of 365 rows, as large as the noise.
    Seasonal,
    /// Nine of ten are 0.
    MostlyZero,
    /// A fifth is missing.
    SometimesMissing,
}

pub(crate) const KINDS: [Kind; 6] =
    [Kind::Independent, Kind::Following, Kind::Clusters, Kind::Seasonal, Kind::MostlyZero, Kind::SometimesMissing];

/// So many rows of a column.
pub(crate) fn column(kind: Kind, seed: u64, rows: usize) -> Vec<f64> {
    let mut stream = Stream::new(seed, Purpose::Simulation, 0, 0);
    let (mut last, mut variance) = (0.0f64, 1.0f64);
    let row = |day: usize| {
        let noise = normal(&mut stream);
        match kind {
            Kind::Independent => noise,
            Kind::Following => {
                last = 0.9 * last + noise;
                last
            }
            Kind::Clusters => {
                variance = 0.02 + 0.08 * last * last + 0.9 * variance;
                last = variance.sqrt() * noise;
                last.abs()
            }
            Kind::Seasonal => (TAU * day as f64 / 365.0).sin() + noise,
            Kind::MostlyZero => mostly(stream.uniform() < 0.9, 0.0, noise),
            Kind::SometimesMissing => mostly(stream.uniform() < 0.2, f64::NAN, noise),
        }
    };
    (0..rows).map(row).collect()
}

fn mostly(is: bool, value: f64, other: f64) -> f64 {
    if is { value } else { other }
}

/// Standard normal (Box and Muller).
fn normal(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * (1.0 - stream.uniform()).ln()).sqrt();
    radius * (TAU * stream.uniform()).cos()
}
