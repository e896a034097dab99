//! Everyone's forecasts on the holdout, for the gate.

use std::collections::HashMap;
use std::ops::Range;

use common::losses::{Contestant, RowLosses};
use common::vocabulary::Evaluation;

use super::forecasts::forecasts;
use super::material::{outcomes, target_bar};
use super::rows::Rows;
use crate::error::TrainError;
use crate::family;
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::Prepared;
use crate::forecaster::score::{self, Baselines, Entrant, StudentT};
use crate::forecaster::{Forecaster, Model};
use crate::unseen;
use crate::version::Version;

/// Scores the challenger against the baselines and the other versions.
pub(crate) fn judge(
    rows: &Rows,
    challenger: family::Entrant<'_, Model>,
    others: &mut [(Contestant, Version<Forecaster>)],
) -> Result<(RowLosses, Evaluation), TrainError> {
    let Prepared { data, split, .. } = &rows.prepared;
    let champion = others.iter().find(|(contestant, _)| *contestant == Contestant::Champion);
    let of_champion = champion.map(|(_, version)| version.manifest.seen_through);
    let all: Vec<RowIndex> = split.holdout.clone().collect();
    let seen_through = Some(challenger.seen_through).max(of_champion);
    let held_out = unseen::part(&all, |row| data.row(row).date, seen_through)?.later;
    // In the order of their dates, so the later ones are the last.
    let holdout = held_out.first().map_or(split.holdout.end, |first| *first)..split.holdout.end;
    let rows_of = |range: &Range<RowIndex>| &data.rows[range.start as usize..range.end as usize];
    let baselines = Baselines::fit(rows_of(&split.train));
    let fitted_through = rows_of(&split.train).last().map(|row| row.date);
    let mut entrants = baselines.entrants(rows_of(&holdout), fitted_through).to_vec();
    let outcomes = outcomes(&rows.series, data, &held_out);
    for (contestant, version) in others {
        let forecasts = own_forecasts(rows, *contestant, &mut version.model, &held_out)?;
        let seen_through = Some(version.manifest.seen_through);
        let entrant = Entrant { contestant: *contestant, seen_through, forecasts };
        // Its calendar is that of all symbols: it may have seen the last days of one that stopped trading. It only stands in, so
        // the others are judged without it.
        if *contestant == Contestant::Universal && entrant.has_seen(&outcomes) {
            tracing::info!(?seen_through, "the universal model has seen these rows: left out");
            continue;
        }
        entrants.push(entrant);
    }
    let contestant = Contestant::Challenger;
    let forecasts = own_forecasts(rows, contestant, challenger.model, &held_out)?;
    let challenger = Entrant { contestant, seen_through: Some(challenger.seen_through), forecasts };
    let baseline = baselines.hardest(rows_of(&split.validation));
    score::evaluate(&outcomes, &challenger, &entrants, baseline).map_err(|error| TrainError::Data(error.to_string()))
}

/// Mean CRPS of a model that sees the bars as the rows do.
pub(crate) fn mean_crps(rows: &Rows, model: &mut Model, some: &Range<RowIndex>) -> Result<f64, TrainError> {
    let data = &rows.prepared.data;
    let some: Vec<RowIndex> = some.clone().collect();
    let forecasts = forecasts(&mut model.network, data, &some, model.preprocessing.calibration)?;
    let losses = forecasts.iter().zip(&some).map(|(t, &row)| t.crps(data.row(row).log_return));
    Ok(losses.sum::<f64>() / some.len().max(1) as f64)
}

/// A finished version's forecasts, seeing the bars in its own way.
fn own_forecasts(
    rows: &Rows,
    contestant: Contestant,
    model: &mut Model,
    held_out: &[RowIndex],
) -> Result<Vec<StudentT>, TrainError> {
    let data = model.preprocessing.inputs.dataset(&rows.series, &model.symbols);
    let by_bar: HashMap<usize, RowIndex> =
        (0..data.rows.len() as RowIndex).map(|row| (target_bar(&data, row), row)).collect();
    let own: Option<Vec<RowIndex>> =
        held_out.iter().map(|&row| by_bar.get(&target_bar(&rows.prepared.data, row)).copied()).collect();
    let short = || TrainError::Data(format!("the {contestant} looks back further than these bars reach"));
    forecasts(&mut model.network, &data, &own.ok_or_else(short)?, model.preprocessing.calibration)
}
