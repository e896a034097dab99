//! What a model said, and what came: by day, forecast by forecast, and in groups of rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::losses::{Contestant, RowLosses};
use common::vocabulary::{ModelKey, Symbol};
use serde::Deserialize;

use crate::db::{self, Connection, scores::OfDay, versions::Version};
use crate::service::error::Result;
use crate::views::{DayScore, ForecastPoint, ReliabilityPoint};

/// Days, and forecasts, that are shown.
const DAYS: usize = 2_000;
const FORECASTS: usize = 250;
/// Groups of a reliability diagram.
const GROUPS: usize = 10;

/// Losses by day: of versions that were scored on the same, the one that the day came to after its training, the newest of these.
pub(super) fn by_day(scores: Vec<OfDay>) -> Vec<DayScore> {
    let mut days: BTreeMap<NaiveDate, OfDay> = BTreeMap::new();
    let rank = |of: &OfDay| (of.arrived, of.version);
    for score in scores {
        match days.get(&score.date) {
            Some(known) if rank(known) >= rank(&score) => {}
            Some(_) | None => _ = days.insert(score.date, score),
        }
    }
    let shown = |of: OfDay| DayScore {
        date: of.date,
        version: of.version.to_string(),
        loss: of.loss,
        baseline: of.baseline,
        rows: of.rows,
    };
    days.into_values().map(shown).collect()
}

/// The days of a model that are read.
pub(super) async fn days(view: &mut Connection, key: &ModelKey) -> Result<Vec<DayScore>> {
    Ok(by_day(db::scores::by_day(view, key, DAYS).await?))
}

/// What a forecast was made from.
#[derive(Debug, Deserialize)]
struct Inputs {
    symbol: Symbol,
    through: NaiveDate,
}

/// What a forecast said.
#[derive(Debug, Deserialize)]
struct Output {
    change_percent: f64,
    interval_percent: [f64; 2],
}

/// Forecasts that a model has answered with for its own symbol, beside what came; of several about the same day, the first.
pub(super) async fn served(view: &mut Connection, key: &ModelKey) -> Result<BTreeMap<NaiveDate, ForecastPoint>> {
    let Ok(symbol) = key.name().parse::<Symbol>() else { return Ok(BTreeMap::new()) };
    let forecasts = db::predictions::forecasts(view, key, FORECASTS).await?;
    let bars = db::bars::newest(view, &symbol, 2 * FORECASTS as u32).await?;
    let mut points = BTreeMap::new();
    for served in forecasts {
        let inputs = served.inputs.as_deref().and_then(|inputs| serde_json::from_str::<Inputs>(inputs).ok());
        let output = serde_json::from_str::<Output>(&served.output).ok();
        let (Some(inputs), Some(output)) = (inputs, output) else { continue };
        if inputs.symbol != symbol {
            continue;
        }
        let last = bars.partition_point(|bar| bar.date <= inputs.through);
        let next = last.checked_sub(1).and_then(|before| Some((&bars[before], bars.get(last)?)));
        let day_after = inputs.through.succ_opt().unwrap_or(inputs.through);
        let point = ForecastPoint {
            date: next.map_or(day_after, |(_, next)| next.date),
            change_percent: output.change_percent,
            interval_percent: Some(output.interval_percent),
            outcome_percent: next.map(|(before, next)| 100.0 * (next.adj_close / before.adj_close - 1.0)),
        };
        points.insert(point.date, point);
    }
    Ok(points)
}

/// What a version said of the returns it was judged on, and what came: without intervals, for these are not kept.
pub(super) fn judged(losses: &RowLosses) -> BTreeMap<NaiveDate, ForecastPoint> {
    let percent = |log_return: f64| 100.0 * log_return.exp_m1();
    let point = |row: &common::losses::LossRow| {
        let said = row.of(Contestant::Challenger)?;
        Some((
            row.date,
            ForecastPoint {
                date: row.date,
                change_percent: percent(said.prediction),
                interval_percent: None,
                outcome_percent: Some(percent(row.target)),
            },
        ))
    };
    losses.0.iter().filter_map(point).collect()
}

/// What a version said of the rows it was judged on against what came. Of distributions: their quantiles, and the share of outcomes below.
pub(super) fn reliability(version: &Version, losses: Option<&RowLosses>) -> Vec<ReliabilityPoint> {
    match (&version.manifest.evaluation.forecasts, losses) {
        (Some(forecasts), _) => of_quantiles(&forecasts.pit),
        (None, Some(losses)) => of_rows(losses),
        (None, None) => Vec::new(),
    }
}

/// Of counts of the probability integral transform in equal bins: the share of outcomes below each quantile.
fn of_quantiles(counts: &[u64]) -> Vec<ReliabilityPoint> {
    let rows: u64 = counts.iter().sum();
    if rows == 0 {
        return Vec::new();
    }
    let mut below = 0;
    let point = |(index, count): (usize, &u64)| {
        below += count;
        ReliabilityPoint {
            expected: (index + 1) as f64 / counts.len() as f64,
            observed: below as f64 / rows as f64,
            rows: *count,
        }
    };
    counts[..counts.len() - 1].iter().enumerate().map(point).collect()
}

/// Rows by what was said of them, in groups of equal size.
fn of_rows(losses: &RowLosses) -> Vec<ReliabilityPoint> {
    let said = losses.0.iter().filter_map(|row| Some((row.of(Contestant::Challenger)?.prediction, row.target)));
    let mut said: Vec<(f64, f64)> = said.filter(|(said, came)| said.is_finite() && came.is_finite()).collect();
    said.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = said.len().div_ceil(GROUPS).max(1);
    let mean =
        |group: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| group.iter().map(of).sum::<f64>() / group.len() as f64;
    let point = |group: &[(f64, f64)]| ReliabilityPoint {
        expected: mean(group, |row| row.0),
        observed: mean(group, |row| row.1),
        rows: group.len() as u64,
    };
    said.chunks(size).map(point).collect()
}

#[cfg(test)]
mod tests {
    use common::losses::{LossRow, Scored};
    use common::vocabulary::VersionNumber;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of_day(date: &str, minor: u32, arrived: bool) -> OfDay {
        OfDay {
            date: day(date),
            version: VersionNumber { major: 1, minor },
            arrived,
            rows: 1,
            loss: 1.0,
            baseline: 2.0,
        }
    }

    #[test]
    fn a_day_is_told_by_the_newest_version_that_it_came_to_after_its_training() {
        let days = by_day(vec![
            of_day("2026-01-02", 0, true),
            of_day("2026-01-02", 1, false),
            of_day("2026-01-03", 0, true),
            of_day("2026-01-03", 1, true),
            of_day("2026-01-01", 0, false),
            of_day("2026-01-01", 1, false),
        ]);
        let told: Vec<_> = days.iter().map(|of| (of.date.to_string(), of.version.as_str())).collect();
        let expected = [("2026-01-01", "v1.1"), ("2026-01-02", "v1.0"), ("2026-01-03", "v1.1")];
        assert_eq!(told, expected.map(|(date, version)| (date.to_owned(), version)));
    }

    #[test]
    fn quantiles_of_a_calibrated_model_lie_on_the_diagonal() {
        let points = of_quantiles(&[10; 10]);
        assert_eq!(points.len(), 9);
        assert!(points.iter().all(|point| (point.expected - point.observed).abs() < 1e-12), "{points:?}");
        assert!(of_quantiles(&[0; 10]).is_empty());
    }

    #[test]
    fn rows_are_grouped_by_what_was_said_of_them() {
        let row = |said: f64, came: f64| LossRow {
            date: day("2026-01-02"),
            key: said.to_string(),
            unit: String::new(),
            target: came,
            scores: vec![(Contestant::Challenger, Scored { loss: 0.0, prediction: said })],
        };
        let rows = (0..100).map(|n| row(f64::from(n) / 100.0, f64::from(u8::from(n >= 50)))).collect();
        let points = of_rows(&RowLosses(rows));
        assert_eq!(points.iter().map(|point| point.rows).collect::<Vec<_>>(), [10; 10]);
        assert_eq!((points[0].observed, points[9].observed), (0.0, 1.0));
        assert!((points[0].expected - 0.045).abs() < 1e-12);
        assert!(of_rows(&RowLosses::default()).is_empty());
    }
}
