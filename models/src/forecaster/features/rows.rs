//! A row per forecast that can be made: the window it looks at, and the return that followed.

use common::vocabulary::Symbol;

use super::daily::{DailySeries, FIRST_FEATURE};
use crate::forecaster::dataset::Row;

/// The rows of several symbols, in order of target date, then symbol. Windows point into the series laid end to end.
///
/// `known` lists the model's symbols in the order of its embedding; others count as `unknown`.
pub fn rows(series: &[DailySeries], window: usize, known: &[Symbol]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut offset = 0;
    for one in series {
        let symbol = embedding_row(&one.symbol, known);
        let first_end = FIRST_FEATURE + window.max(1) - 1;
        for end in first_end..one.len().saturating_sub(1) {
            rows.push(Row {
                date: one.dates[end + 1],
                symbol,
                start: offset + end + 1 - window,
                sigma: one.volatility[end],
                log_return: one.log_returns[end + 1],
            });
        }
        offset += one.len();
    }
    // Stable: within a date the symbols keep the order of the series.
    rows.sort_by_key(|row| row.date);
    rows
}

/// Where a symbol stands in a model's embedding: from 1 in order, 0 if the model does not know it.
pub fn embedding_row(symbol: &Symbol, known: &[Symbol]) -> u32 {
    known.iter().position(|k| k == symbol).map_or(0, |at| at as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecaster::features::testing::{random_walk, symbol};

    #[test]
    fn the_target_is_the_return_after_the_window() {
        let bars = random_walk(1, 40);
        let series = [DailySeries::new(symbol(), &bars).unwrap()];
        let rows = rows(&series, 5, &[symbol()]);
        assert_eq!(rows.len(), 40 - FIRST_FEATURE - 5);
        let first = rows[0];
        assert_eq!(first.start, FIRST_FEATURE, "the first window begins with the first bar that has features");
        let end = first.start + 4;
        assert_eq!(first.date, bars[end + 1].date);
        assert_eq!(first.log_return, (bars[end + 1].adj_close / bars[end].adj_close).ln());
        assert_eq!(first.sigma, series[0].volatility[end]);
        assert_eq!(rows.last().unwrap().date, bars.last().unwrap().date);
        assert!(super::rows(&series, 60, &[]).is_empty());
    }

    #[test]
    fn several_symbols_are_merged_by_date() {
        let (a, b): (Symbol, Symbol) = ("A".parse().unwrap(), "B".parse().unwrap());
        let series = [
            DailySeries::new(a.clone(), &random_walk(1, 40)).unwrap(),
            DailySeries::new(b.clone(), &random_walk(2, 35)).unwrap(),
        ];
        let rows = rows(&series, 5, std::slice::from_ref(&b));
        assert!(rows.is_sorted_by_key(|row| (row.date, row.symbol == 1)));
        assert!(rows.iter().all(|row| row.symbol <= 1), "A is unknown, B is the first");
        assert!(rows.iter().filter(|row| row.symbol == 1).all(|row| row.start >= 40 + FIRST_FEATURE));
    }
}
