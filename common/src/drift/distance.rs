//! How far two stretches of rows are from one another: shares, from 0 (alike) to 1.

use super::cells::{Cells, Tally};

/// Of the values there are: the largest difference of two distribution functions at the borders (Kolmogorov and Smirnov), or of the
/// shares of one name. Nothing where either has no value.
pub(super) fn of_values(cells: &Cells, a: &Tally, b: &Tally) -> Option<f64> {
    let (of_a, of_b) = (a.present() as f64, b.present() as f64);
    if of_a == 0.0 || of_b == 0.0 {
        return None;
    }
    let differences = a.cells.iter().zip(&b.cells).map(|(a, b)| *a as f64 / of_a - *b as f64 / of_b);
    Some(match cells {
        Cells::Borders(_) => {
            let summed = differences.scan(0.0, |sum, difference| {
                *sum += difference;
                Some(*sum)
            });
            largest(summed)
        }
        Cells::Names(_) => largest(differences),
    })
}

/// Of the shares of missing values.
pub(super) fn of_missing(a: &Tally, b: &Tally) -> Option<f64> {
    let (of_a, of_b) = (a.rows() as f64, b.rows() as f64);
    (of_a > 0.0 && of_b > 0.0).then(|| (a.missing as f64 / of_a - b.missing as f64 / of_b).abs())
}

fn largest(differences: impl Iterator<Item = f64>) -> f64 {
    differences.map(f64::abs).fold(0.0, f64::max)
}
