//! Everyone's forecasts on the holdout, for the gate.

use std::collections::HashMap;
use std::ops::Range;

use common::losses::{Contestant, RowLosses};
use common::vocabulary::{Contestants, Evaluation};

use super::forecasts::forecasts;
use super::material::{outcomes, target_bar, version};
use crate::device::Device;
use crate::error::TrainError;
use crate::forecaster::artifact::Loaded;
use crate::forecaster::dataset::{Dataset, RowIndex};
use crate::forecaster::features::{DailySeries, Split};
use crate::forecaster::score::{self, Baselines, Entrant, StudentT};
use crate::run::Inputs;

/// The rows everyone is scored on.
pub(crate) struct Holdout<'a> {
    pub(crate) series: &'a [DailySeries],
    pub(crate) data: &'a Dataset,
    pub(crate) split: &'a Split,
}

impl Holdout<'_> {
    fn rows(&self) -> Vec<RowIndex> {
        self.split.holdout.clone().collect()
    }

    /// Scores the challenger (its forecasts in the order of the holdout) against the baselines and the versions named.
    pub(crate) fn judge(
        &self,
        challenger: Entrant,
        contestants: &Contestants,
        inputs: &Inputs,
        device: Device,
    ) -> Result<(RowLosses, Evaluation), TrainError> {
        let rows_of = |range: &Range<RowIndex>| &self.data.rows[range.start as usize..range.end as usize];
        let baselines = Baselines::fit(rows_of(&self.split.train));
        let fitted_through = rows_of(&self.split.train).last().map(|row| row.date);
        let mut others = baselines.entrants(rows_of(&self.split.holdout), fitted_through).to_vec();
        let outcomes = outcomes(self.series, self.data, &self.rows());
        let named = [
            (Contestant::Champion, &contestants.champion, &inputs.champion),
            (Contestant::Universal, &contestants.universal, &inputs.universal),
        ];
        for (contestant, reference, folder) in named {
            if let Some(reference) = reference {
                let mut loaded = version(reference, folder.as_deref(), device)?;
                let entrant = self.entrant(contestant, &mut loaded)?;
                // Its calendar is that of all symbols: it may have seen the last days of one that stopped trading. It only
                // stands in, so the others are judged without it; a champion that has seen them is an error.
                if contestant == Contestant::Universal && entrant.has_seen(&outcomes) {
                    tracing::info!(seen_through = ?entrant.seen_through, "the universal model has seen these rows: left out");
                    continue;
                }
                others.push(entrant);
            }
        }
        let baseline = baselines.hardest(rows_of(&self.split.validation));
        score::evaluate(&outcomes, &challenger, &others, baseline).map_err(|error| TrainError::Data(error.to_string()))
    }

    /// A finished version's forecasts, seeing the bars in its own way.
    pub(crate) fn entrant(&self, contestant: Contestant, version: &mut Loaded) -> Result<Entrant, TrainError> {
        let data = version.lens.inputs.dataset(self.series, version.symbols());
        let by_bar: HashMap<usize, RowIndex> =
            (0..data.rows.len() as RowIndex).map(|row| (target_bar(&data, row), row)).collect();
        let own: Option<Vec<RowIndex>> =
            self.rows().iter().map(|&row| by_bar.get(&target_bar(self.data, row)).copied()).collect();
        let short = || TrainError::Data(format!("the {contestant} looks back further than these bars reach"));
        let forecasts = forecasts(&mut version.network, &data, &own.ok_or_else(short)?, version.lens.calibration)?;
        Ok(entrant(contestant, Some(version.manifest.seen_through), forecasts))
    }
}

/// A contestant with its forecasts.
pub(crate) fn entrant(
    contestant: Contestant,
    seen_through: Option<chrono::NaiveDate>,
    forecasts: Vec<StudentT>,
) -> Entrant {
    Entrant { contestant, seen_through, forecasts }
}
