//! Forecasts for many rows of a data set.

use crate::error::TrainError;
use crate::forecaster::dataset::{Dataset, RowIndex};
use crate::forecaster::network::{Batch, Network, NetworkOutput};
use crate::forecaster::score::StudentT;

/// Rows the network answers together.
const ROWS: usize = 256;

/// What the network says of each row, and its mean loss over them.
pub(crate) fn answers(
    network: &mut Network,
    data: &Dataset,
    rows: &[RowIndex],
) -> Result<(Vec<NetworkOutput>, f64), TrainError> {
    let mut answers = Vec::with_capacity(rows.len());
    let mut sum = 0.0;
    for rows in rows.chunks(ROWS) {
        let (some, loss) = network.answer(&Batch::of(data, rows))?;
        answers.extend(some);
        sum += loss * rows.len() as f64;
    }
    Ok((answers, sum / rows.len().max(1) as f64))
}

/// Distributions of the log-return of each row; `calibration` is the factor on the scale.
pub(crate) fn forecasts(
    network: &mut Network,
    data: &Dataset,
    rows: &[RowIndex],
    calibration: f64,
) -> Result<Vec<StudentT>, TrainError> {
    let (answers, _) = answers(network, data, rows)?;
    Ok(answers.iter().zip(rows).map(|(answer, &row)| in_returns(answer, data.row(row).sigma, calibration)).collect())
}

/// An answer in units of recent volatility `sigma` as a distribution of the log-return.
pub(crate) fn in_returns(answer: &NetworkOutput, sigma: f64, calibration: f64) -> StudentT {
    StudentT {
        location: f64::from(answer.location) * sigma,
        scale: f64::from(answer.scale) * calibration * sigma,
        degrees: f64::from(answer.degrees),
    }
}
