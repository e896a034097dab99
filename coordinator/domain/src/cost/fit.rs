//! Ridge regression about a prior (Hoerl and Kennard, 1970): of few rows the prior is what is known, of many the rows.

use super::features::COLUMNS;

/// How many rows the prior is worth, for each slope.
const PRIOR_ROWS: f64 = 2.0;
/// The level is learned of the first row.
const PRIOR_ROWS_OF_LEVEL: f64 = 1e-3;
/// Nothing is known more exactly than so, as a logarithm.
const LEAST_DEVIATION: f64 = 0.05;

type Row = [f64; COLUMNS];

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    coefficients: Row,
    deviation: f64,
}

impl Fit {
    /// Of rows with their outcomes; nothing without any.
    pub(super) fn of(rows: impl Iterator<Item = (Row, f64)>, prior: Row) -> Option<Self> {
        let rows: Vec<(Row, f64)> = rows.collect();
        if rows.is_empty() {
            return None;
        }
        // What the rows say beyond the prior is what is fitted.
        let mut normal = [[0.0; COLUMNS]; COLUMNS];
        let mut moment = [0.0; COLUMNS];
        for (index, diagonal) in normal.iter_mut().enumerate() {
            diagonal[index] = if index == 0 { PRIOR_ROWS_OF_LEVEL } else { PRIOR_ROWS };
        }
        for (row, outcome) in &rows {
            let beyond = outcome - dot(&prior, row);
            for i in 0..COLUMNS {
                moment[i] += row[i] * beyond;
                for j in 0..COLUMNS {
                    normal[i][j] += row[i] * row[j];
                }
            }
        }
        let change = solve(normal, moment)?;
        let mut coefficients = prior;
        coefficients.iter_mut().zip(change).for_each(|(coefficient, change)| *coefficient += change);
        let squares: f64 = rows.iter().map(|(row, outcome)| (outcome - dot(&coefficients, row)).powi(2)).sum();
        let deviation = (squares / rows.len() as f64).sqrt().max(LEAST_DEVIATION);
        Some(Self { coefficients, deviation })
    }

    /// What is expected of a row.
    pub(super) fn at(&self, row: &Row) -> f64 {
        dot(&self.coefficients, row)
    }

    /// The standard deviation of what came about what was expected.
    pub(super) fn deviation(&self) -> f64 {
        self.deviation
    }
}

fn dot(a: &Row, b: &Row) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves a symmetric positive definite system by Cholesky's decomposition; nothing, if it is none.
fn solve(mut a: [[f64; COLUMNS]; COLUMNS], mut b: Row) -> Option<Row> {
    for i in 0..COLUMNS {
        for j in 0..=i {
            let sum = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            if i == j {
                if sum <= 0.0 || !sum.is_finite() {
                    return None;
                }
                a[i][i] = sum.sqrt();
            } else {
                a[i][j] = sum / a[j][j];
            }
        }
    }
    for i in 0..COLUMNS {
        b[i] = (b[i] - (0..i).map(|k| a[i][k] * b[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..COLUMNS).rev() {
        b[i] = (b[i] - (i + 1..COLUMNS).map(|k| a[k][i] * b[k]).sum::<f64>()) / a[i][i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Row = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];

    fn row(x: f64) -> Row {
        [1.0, 0.0, 0.0, x, 0.0, 0.0, 0.0]
    }

    #[test]
    fn one_row_sets_the_level_and_leaves_the_slopes() {
        let fit = Fit::of([(row(2.0), 5.0)].into_iter(), PRIOR).unwrap();
        assert!((fit.at(&row(2.0)) - 5.0).abs() < 0.01 && (fit.at(&row(3.0)) - 6.0).abs() < 0.02);
    }

    #[test]
    fn many_rows_say_what_the_slope_is() {
        let rows = (0..100).map(|n| (row(f64::from(n) / 10.0), 3.0 + 0.5 * f64::from(n) / 10.0));
        let fit = Fit::of(rows, PRIOR).unwrap();
        assert!((fit.at(&row(20.0)) - 13.0).abs() < 0.1, "{}", fit.at(&row(20.0)));
        assert_eq!(fit.deviation(), LEAST_DEVIATION);
        assert_eq!(Fit::of(std::iter::empty(), PRIOR), None);
        assert_eq!(
            Fit::of([(row(1.0), f64::NAN)].into_iter(), PRIOR).map(|fit| fit.at(&row(1.0)).is_nan()),
            Some(true)
        );
    }
}
