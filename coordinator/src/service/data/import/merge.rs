//! Incoming bars against those that are there: new, unchanged, revised or refused. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::bars::Bar;

/// A bar on a line of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Incoming {
    /// The line, from 1.
    pub(super) line: u64,
    /// The bar.
    pub(super) bar: Bar,
}

/// What becomes of incoming bars.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Merge {
    /// Bars of dates that had none, oldest first.
    pub(super) new: Vec<Bar>,
    /// Bars that differ from what is there, oldest first.
    pub(super) revised: Vec<Bar>,
    /// Bars that are there already, alike.
    pub(super) unchanged: u64,
    /// Lines refused, and why.
    pub(super) refused: Vec<(u64, String)>,
    /// Whether something changed before the newest bar there was.
    pub(super) history: bool,
}

/// How many bars the nearest neighbours are sought in: four, so that one absurd day never makes its neighbours look absurd.
const WINDOW: usize = 5;
/// Adjusted prices that lie apart by more than this factor within so few days are a mistake: splits are adjusted away.
const LARGEST_JUMP: f64 = 20.0;

/// Merges by date.
pub(super) fn merge(existing: &BTreeMap<NaiveDate, Bar>, incoming: &BTreeMap<NaiveDate, Incoming>) -> Merge {
    let mut merge = Merge::default();
    let jumps = jumps(existing, incoming);
    let newest = existing.keys().next_back();
    for (date, Incoming { line, bar }) in incoming {
        if let Some(factor) = jumps.get(date) {
            let reason = format!("adj_close {} is {factor:.0} times off the days around it", bar.adj_close);
            merge.refused.push((*line, reason));
            continue;
        }
        match existing.get(date) {
            Some(there) if there == bar => merge.unchanged += 1,
            Some(_) => merge.revised.push(*bar),
            None => merge.new.push(*bar),
        }
    }
    merge.history =
        !merge.revised.is_empty() || merge.new.iter().any(|bar| newest.is_some_and(|newest| bar.date < *newest));
    merge
}

/// Incoming dates whose adjusted close is out of all proportion to the median of its neighbours, with the factor.
fn jumps(existing: &BTreeMap<NaiveDate, Bar>, incoming: &BTreeMap<NaiveDate, Incoming>) -> BTreeMap<NaiveDate, f64> {
    let mut closes: BTreeMap<NaiveDate, f64> = existing.iter().map(|(date, bar)| (*date, bar.adj_close)).collect();
    closes.extend(incoming.iter().map(|(date, row)| (*date, row.bar.adj_close)));
    let series: Vec<(NaiveDate, f64)> = closes.into_iter().collect();
    let off = |i: usize| {
        let from = i.saturating_sub(WINDOW / 2).min(series.len().saturating_sub(WINDOW));
        let window = series.iter().skip(from).take(WINDOW);
        let mut around: Vec<f64> = window.filter(|(date, _)| *date != series[i].0).map(|(_, close)| *close).collect();
        around.sort_by(f64::total_cmp);
        let median = around.get(around.len() / 2)?;
        Some((series[i].1 / median).max(median / series[i].1))
    };
    (0..series.len())
        .filter(|i| series.len() > 3 && incoming.contains_key(&series[*i].0))
        .filter_map(|i| off(i).filter(|factor| *factor > LARGEST_JUMP).map(|factor| (series[i].0, factor)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: u32, close: f64) -> Bar {
        let date = NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
        Bar { date, open: close, high: close, low: close, close, adj_close: close, volume: 1.0 }
    }

    fn existing(bars: &[Bar]) -> BTreeMap<NaiveDate, Bar> {
        bars.iter().map(|bar| (bar.date, *bar)).collect()
    }

    fn incoming(bars: &[Bar]) -> BTreeMap<NaiveDate, Incoming> {
        bars.iter().zip(2..).map(|(bar, line)| (bar.date, Incoming { line, bar: *bar })).collect()
    }

    #[test]
    fn new_unchanged_and_revised_are_told_apart() {
        let merged =
            merge(&existing(&[bar(2, 10.0), bar(3, 11.0)]), &incoming(&[bar(2, 10.0), bar(3, 11.5), bar(4, 12.0)]));
        assert_eq!((merged.new.len(), merged.unchanged, merged.revised.len(), merged.history), (1, 1, 1, true));
        let appended = merge(&existing(&[bar(2, 10.0)]), &incoming(&[bar(3, 11.0)]));
        assert!(!appended.history);
        let filled_in = merge(&existing(&[bar(2, 10.0), bar(5, 10.0)]), &incoming(&[bar(3, 11.0)]));
        assert!(filled_in.history);
    }

    #[test]
    fn one_absurd_day_is_refused_and_its_neighbours_are_not() {
        for absurd in 2..=6 {
            let bars: Vec<Bar> = (2..=6).map(|day| bar(day, if day == absurd { 2500.0 } else { 10.0 })).collect();
            let merged = merge(&BTreeMap::new(), &incoming(&bars));
            assert_eq!(
                merged.refused,
                [(u64::from(absurd), "adj_close 2500 is 250 times off the days around it".to_owned())]
            );
            assert_eq!(merged.new.len(), 4);
        }
    }
}
