//! A fitted network, calibrated on validation rows: what is judged and kept.

use super::forecasts::{answers, forecasts};
use super::rows::Rows;
use crate::error::TrainError;
use crate::forecaster::Model;
use crate::forecaster::artifact::{self, NetworkPreprocessing};
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::Prepared;
use crate::forecaster::golden::{Golden, GoldenCase};
use crate::forecaster::network::Network;
use crate::forecaster::score::{StudentT, scale_factor};

/// Cases in `golden.json`.
const GOLDEN_CASES: usize = 4;

/// Calibrates a network: finds the factor on the scale that fits the validation rows best.
pub(super) fn model(mut network: Network, rows: &Rows) -> Result<Model, TrainError> {
    let Prepared { data, split, preprocessing, .. } = &rows.prepared;
    let validation: Vec<RowIndex> = split.validation.clone().collect();
    let forecasts = forecasts(&mut network, data, &validation, 1.0)?;
    // In units of recent volatility, so that wild days count as much as calm ones.
    let in_sigma = |(t, &row): (StudentT, &RowIndex)| {
        let row = data.row(row);
        let t = StudentT { location: t.location / row.sigma, scale: t.scale / row.sigma, ..t };
        (t, row.log_return / row.sigma)
    };
    let pairs: Vec<_> = forecasts.into_iter().zip(&validation).map(in_sigma).collect();
    let calibration = scale_factor(&pairs);
    let preprocessing = NetworkPreprocessing { network: *network.shape(), inputs: preprocessing.clone(), calibration };
    Ok(Model { symbols: rows.symbols.clone(), preprocessing, network })
}

/// A few rows spread over the holdout with a model's answers, as the processor gives them: whoever opens the version has one.
pub(crate) fn golden(model: &Model, Prepared { data, split, .. }: &Prepared) -> Result<Golden, TrainError> {
    let apart = (split.holdout.len() / GOLDEN_CASES).max(1);
    let rows: Vec<RowIndex> = split.holdout.clone().step_by(apart).take(GOLDEN_CASES).collect();
    let (answers, _) = answers(&mut model.network.on_the_processor(), data, &rows)?;
    let case = |(&row, answer)| GoldenCase {
        symbol: data.row(row).symbol,
        window: data.window_of(data.row(row)).to_vec(),
        expected: artifact::output(answer, model.preprocessing.calibration),
    };
    Ok(Golden { cases: rows.iter().zip(&answers).map(case).collect() })
}
