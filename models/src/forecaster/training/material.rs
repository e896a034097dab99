//! What a training starts from: bars, rows and the versions named in its spec.

use std::path::PathBuf;

use bytes::Bytes;
use chrono::NaiveDate;
use common::vocabulary::{Snapshot, Symbol};

use crate::error::TrainError;
use crate::forecaster::dataset::{Dataset, Row, RowIndex};
use crate::forecaster::features::DailySeries;
use crate::forecaster::score::Outcome;

/// Reads the parts of a snapshot into one series per symbol, in the order of the snapshot.
pub(crate) fn series(snapshot: &Snapshot, parts: &[PathBuf]) -> Result<Vec<DailySeries>, TrainError> {
    let (given, named) = (parts.len(), snapshot.files().len());
    if given != named {
        return Err(TrainError::Code(format!("{given} files for the {named} parts of the snapshot")));
    }
    let mut symbols: Vec<(Symbol, Vec<common::bars::Bar>)> = Vec::new();
    for path in parts {
        let bytes = std::fs::read(path).map_err(|error| TrainError::damaged(path, error))?;
        let (symbol, bars) =
            common::bars::decode(Bytes::from(bytes)).map_err(|error| TrainError::damaged(path, error))?;
        match symbols.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, all)) => all.extend(bars),
            None => symbols.push((symbol, bars)),
        }
    }
    if symbols.is_empty() {
        return Err(TrainError::Data("the snapshot has no bars: import prices first".into()));
    }
    symbols.into_iter().map(|(symbol, bars)| Ok(DailySeries::new(symbol, &bars)?)).collect()
}

/// Date of the newest bar.
pub(crate) fn data_through(series: &[DailySeries]) -> Option<NaiveDate> {
    series.iter().filter_map(|one| one.dates.last()).max().copied()
}

/// The bar a row's target is: the same for every data set over these series, whatever its window.
pub(crate) fn target_bar(data: &Dataset, row: RowIndex) -> usize {
    data.row(row).start + data.window
}

/// What came of some rows.
pub(crate) fn outcomes(series: &[DailySeries], data: &Dataset, rows: &[RowIndex]) -> Vec<Outcome> {
    let mut ends = Vec::with_capacity(series.len());
    let mut end = 0;
    for one in series {
        end += one.len();
        ends.push(end);
    }
    let outcome = |&row: &RowIndex| {
        let of = ends.partition_point(|end| *end <= target_bar(data, row));
        let Row { date, log_return, .. } = *data.row(row);
        Outcome { date, symbol: series[of].symbol.clone(), log_return }
    };
    rows.iter().map(outcome).collect()
}
