//! A fitted network, calibrated on validation rows: what is judged and kept.

use super::forecasts::{answers, forecasts};
use crate::error::TrainError;
use crate::forecaster::artifact;
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::Prepared;
use crate::forecaster::golden::{Golden, GoldenCase};
use crate::forecaster::network::Network;
use crate::forecaster::score::{StudentT, scale_factor};

/// Cases in `golden.json`.
const GOLDEN_CASES: usize = 4;

/// A network and the factor on its scale.
pub(super) struct Fitted {
    pub(super) network: Network,
    pub(super) calibration: f64,
}

impl Fitted {
    /// Calibrates: finds the factor on the scale that fits the validation rows best.
    pub(super) fn new(mut network: Network, Prepared { data, split, .. }: &Prepared) -> Result<Self, TrainError> {
        let validation: Vec<RowIndex> = split.validation.clone().collect();
        let forecasts = forecasts(&mut network, data, &validation, 1.0)?;
        // In units of recent volatility, so that wild days count as much as calm ones.
        let in_sigma = |(t, &row): (StudentT, &RowIndex)| {
            let row = data.row(row);
            let t = StudentT { location: t.location / row.sigma, scale: t.scale / row.sigma, ..t };
            (t, row.log_return / row.sigma)
        };
        let pairs: Vec<_> = forecasts.into_iter().zip(&validation).map(in_sigma).collect();
        Ok(Self { network, calibration: scale_factor(&pairs) })
    }

    /// Its distributions of the log-returns of some rows.
    pub(super) fn forecasts(&mut self, prepared: &Prepared, rows: &[RowIndex]) -> Result<Vec<StudentT>, TrainError> {
        forecasts(&mut self.network, &prepared.data, rows, self.calibration)
    }

    /// Its mean CRPS over some rows.
    pub(super) fn crps(&mut self, prepared: &Prepared, rows: &[RowIndex]) -> Result<f64, TrainError> {
        let forecasts = self.forecasts(prepared, rows)?;
        let losses = forecasts.iter().zip(rows).map(|(t, &row)| t.crps(prepared.data.row(row).log_return));
        Ok(losses.sum::<f64>() / rows.len().max(1) as f64)
    }

    /// A few rows spread over the holdout with its answers.
    pub(super) fn golden(&mut self, Prepared { data, split, .. }: &Prepared) -> Result<Golden, TrainError> {
        let apart = (split.holdout.len() / GOLDEN_CASES).max(1);
        let rows: Vec<RowIndex> = split.holdout.clone().step_by(apart).take(GOLDEN_CASES).collect();
        let (answers, _) = answers(&mut self.network, data, &rows)?;
        let case = |(&row, answer)| GoldenCase {
            symbol: data.row(row).symbol,
            window: data.window_of(data.row(row)).to_vec(),
            expected: artifact::output(answer, self.calibration),
        };
        Ok(Golden { cases: rows.iter().zip(&answers).map(case).collect() })
    }
}
