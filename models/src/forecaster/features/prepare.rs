//! Everything a training needs from its bars, and everything a forecast needs to see them the same way.

use common::bars::Bar;
use common::vocabulary::{ForecasterHyper, SplitPolicy, Symbol};
use serde::{Deserialize, Serialize};

use super::daily::{DailySeries, FEATURES, FIRST_FEATURE};
use super::scaler::{self, Scale};
use super::{DataError, FEATURE_NAMES, Split, rows};
use crate::family::Scored;
use crate::forecaster::dataset::Dataset;
use crate::sketch::Sketch;

/// `preprocessing.json`: how a version sees bars. Fitted on the training rows of a complete training; an incremental one keeps
/// its parent's, so that the same bar means the same to both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// Bars a forecast looks back on.
    pub window: usize,
    /// The inputs per bar, in order.
    pub features: Vec<String>,
    /// Centre and spread of each.
    pub scales: [Scale; FEATURES],
}

impl Preprocessing {
    /// The standardised inputs of whole series laid end to end: `[bars][features]`.
    pub fn inputs(&self, series: &[DailySeries]) -> Vec<f32> {
        let scaled =
            |bar: &[f64; FEATURES]| -> [f32; FEATURES] { std::array::from_fn(|i| self.scales[i].apply(bar[i])) };
        series.iter().flat_map(|one| one.features.iter().flat_map(scaled)).collect()
    }

    /// The rows of these series as this version sees them.
    pub fn dataset(&self, series: &[DailySeries], known: &[Symbol]) -> Dataset {
        Dataset {
            features: FEATURES,
            window: self.window,
            inputs: self.inputs(series),
            rows: rows::rows(series, self.window, known),
        }
    }
}

/// The data of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Rows and inputs.
    pub data: Dataset,
    /// How the rows are parted.
    pub split: Split,
    /// How the bars are seen.
    pub preprocessing: Preprocessing,
    /// What the inputs of the training rows look like.
    pub sketch: Sketch,
}

/// Prepares a training on these series. `known` is the model's list of symbols; `parent` the preprocessing an incremental
/// training keeps.
///
/// # Errors
/// Too little history, or a split nothing could be judged on.
pub fn prepare(
    series: &[DailySeries],
    known: &[Symbol],
    hyper: &ForecasterHyper,
    policy: &SplitPolicy,
    parent: Option<&Preprocessing>,
) -> Result<Prepared, DataError> {
    prepare_to_score(series, known, hyper, (policy, Scored::HeldOut), parent)
}

/// The same, with a say in which rows are scored.
pub(crate) fn prepare_to_score(
    series: &[DailySeries],
    known: &[Symbol],
    hyper: &ForecasterHyper,
    (policy, scored): (&SplitPolicy, Scored),
    parent: Option<&Preprocessing>,
) -> Result<Prepared, DataError> {
    policy.validate()?;
    let window = parent.map_or(hyper.window as usize, |parent| parent.window);
    let rows = rows::rows(series, window, known);
    let split = Split::to_score(&rows, policy, scored);
    if split.dates_before_holdout(&rows) < SplitPolicy::MIN_FIT_ROWS as usize {
        return Err(DataError::TooLittleHistory {
            have: series.iter().map(DailySeries::len).max().unwrap_or(0) as u64,
            need: policy.minimum_bars(&ForecasterHyper { window: window as u32, ..hyper.clone() }),
            window: window as u32,
            holdout: policy.holdout_rows,
        });
    }
    let train = &rows[..split.train.end as usize];
    let columns = scaler::training_columns(series, train);
    let preprocessing = parent.cloned().unwrap_or_else(|| Preprocessing {
        window,
        features: FEATURE_NAMES.map(str::to_owned).to_vec(),
        scales: scaler::fit(&columns),
    });
    let data = Dataset { features: FEATURES, window, inputs: preprocessing.inputs(series), rows };
    Ok(Prepared { data, split, preprocessing, sketch: Sketch::of_sorted(FEATURE_NAMES.into_iter().zip(&columns)) })
}

/// What one forecast is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastInput {
    /// `[window][features]`, standardised.
    pub window: Vec<f32>,
    /// EWMA(0.94) volatility at the newest bar: the unit of the network's answer.
    pub sigma: f64,
}

/// The newest window of these bars (oldest first), as a version sees it.
///
/// # Errors
/// Fewer bars than the window and the warm-up of the volatility, or bars that cannot be used.
pub fn forecast_input(
    preprocessing: &Preprocessing,
    symbol: &Symbol,
    bars: &[Bar],
) -> Result<ForecastInput, DataError> {
    let need = preprocessing.window + FIRST_FEATURE;
    if bars.len() < need {
        return Err(DataError::TooShortForForecast { symbol: symbol.clone(), have: bars.len(), need });
    }
    let series = DailySeries::new(symbol.clone(), bars)?;
    let sigma = series.volatility[bars.len() - 1];
    let inputs = preprocessing.inputs(&[series]);
    let window = inputs[(bars.len() - preprocessing.window) * FEATURES..].to_vec();
    Ok(ForecastInput { window, sigma })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecaster::features::testing::{random_walk, symbol};

    fn prepared(days: usize) -> Result<Prepared, DataError> {
        let series = [DailySeries::new(symbol(), &random_walk(7, days)).unwrap()];
        prepare(&series, &[symbol()], &ForecasterHyper::default(), &SplitPolicy::default(), None)
    }

    #[test]
    fn the_least_history_is_the_one_the_coordinator_asks_for() {
        let need = SplitPolicy::default().minimum_bars(&ForecasterHyper::default()) as usize;
        let prepared_least = prepared(need).unwrap();
        assert_eq!(prepared_least.split.holdout.len(), 60);
        let refused = prepared(need - 1).unwrap_err().to_string();
        assert!(refused.starts_with("340 daily bars, but a training needs 341"), "{refused}");
        assert!(prepared(3).is_err());
    }

    #[test]
    fn training_and_forecast_see_the_same_bars_alike() {
        let bars = random_walk(7, 400);
        let Prepared { data, preprocessing, .. } = prepared(400).unwrap();
        let last = data.rows.last().unwrap();
        let input = forecast_input(&preprocessing, &symbol(), &bars[..399]).unwrap();
        assert_eq!(input.window, data.window_of(last));
        assert_eq!(input.sigma, last.sigma);
        // A shorter history differs only by what the volatility has forgotten.
        let short = forecast_input(&preprocessing, &symbol(), &bars[99..399]).unwrap();
        assert!((short.sigma / last.sigma - 1.0).abs() < 1e-6);
        assert!(forecast_input(&preprocessing, &symbol(), &bars[..80]).is_err());
    }

    #[test]
    fn an_incremental_training_keeps_its_parents_eyes() {
        let parent = prepared(400).unwrap().preprocessing;
        let series = [DailySeries::new(symbol(), &random_walk(7, 450)).unwrap()];
        let hyper = ForecasterHyper { window: 30, ..ForecasterHyper::default() };
        let child = prepare(&series, &[symbol()], &hyper, &SplitPolicy::default(), Some(&parent)).unwrap();
        assert_eq!(child.preprocessing, parent);
        assert_eq!(child.data.window, 60);
    }
}
