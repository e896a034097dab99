//! A column's values parted into a few dozen cells, by what the training rows hold.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::values::{MISSING, Values};

/// Numbers are parted at so many quantiles.
const QUANTILES: usize = 32;
/// The quantiles are those of so many values at most, evenly spread over the rows: they only part, what is in the cells is counted.
const LOOKED_AT: usize = 8_192;
/// Names that have a cell of their own, the most common ones. A distance over thousands of rare names would rise with their number and not
/// with drift.
const NAMES: usize = 32;
/// All other names share so many cells, by a hash: so it shows when there are suddenly few of them.
const OTHERS: usize = 16;
/// The place of a value that is missing. There are never so many cells.
const NO_CELL: u8 = u8::MAX;

/// How a column is parted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cells {
    /// Numbers up to each border and above the one before, and one more cell for those above the last.
    Borders(Vec<f64>),
    /// These names, in alphabetical order, and a few more cells for all others, by a hash.
    Names(Vec<String>),
}

/// How many rows lie in each cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// One count a cell.
    pub(super) cells: Vec<u64>,
    /// Rows whose value is missing.
    pub(super) missing: u64,
}

impl Cells {
    /// Parts by these values.
    pub(super) fn of(values: &Values<'_>) -> Self {
        match values {
            Values::Numbers(numbers) => Self::Borders(borders(numbers)),
            Values::Names { codes, names } => Self::Names(most_common(codes, names)),
        }
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Borders(borders) => borders.len() + 1,
            Self::Names(names) => names.len() + OTHERS,
        }
    }

    /// The cell of each value; nothing where the values are of the other kind.
    pub(super) fn places(&self, values: &Values<'_>) -> Option<Vec<u8>> {
        match (self, values) {
            (Self::Borders(borders), Values::Numbers(numbers)) => {
                let place = |number: &f64| match number.is_finite() {
                    true => borders.partition_point(|border| border < number) as u8,
                    false => NO_CELL,
                };
                Some(numbers.iter().map(place).collect())
            }
            (Self::Names(known), Values::Names { codes, names }) => {
                let cell =
                    |name: &String| known.binary_search(name).unwrap_or_else(|_| known.len() + other(name)) as u8;
                let cells: Vec<u8> = names.iter().map(cell).collect();
                let place = |code: &u32| cells.get(*code as usize).copied().unwrap_or(NO_CELL);
                Some(codes.iter().map(place).collect())
            }
            (Self::Borders(_), Values::Names { .. }) | (Self::Names(_), Values::Numbers(_)) => None,
        }
    }

    /// Counts places into these cells.
    pub(super) fn tally(&self, places: &[u8]) -> Tally {
        let mut tally = Tally { cells: vec![0; self.len()], missing: 0 };
        for place in places {
            match tally.cells.get_mut(usize::from(*place)) {
                Some(cell) => *cell += 1,
                None => tally.missing += 1,
            }
        }
        tally
    }
}

impl Tally {
    /// Rows with a value.
    pub(super) fn present(&self) -> u64 {
        self.cells.iter().sum()
    }

    /// All rows.
    pub(super) fn rows(&self) -> u64 {
        self.present() + self.missing
    }

    /// Two stretches as one.
    pub(super) fn joined(pair: &[Self]) -> Self {
        let mut all = pair.iter();
        let mut sum = all.next().cloned().unwrap_or_default();
        for other in all {
            sum.cells.iter_mut().zip(&other.cells).for_each(|(cell, more)| *cell += more);
            sum.missing += other.missing;
        }
        sum
    }
}

/// Borders at quantiles. Where one value fills a cell by itself, it is parted from those below it, too: so a column that never changed
/// has a cell below, one for its value, and one above.
fn borders(numbers: &[f64]) -> Vec<f64> {
    let step = numbers.len().div_ceil(LOOKED_AT).max(1);
    let mut sorted: Vec<f64> = numbers.iter().step_by(step).copied().filter(|number| number.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(least), Some(last)) = (sorted.first(), sorted.len().checked_sub(1)) else { return Vec::new() };
    let mut borders = vec![least.next_down()];
    let mut before = *least;
    for quantile in (1..=QUANTILES).map(|share| sorted[share * last / QUANTILES]) {
        if quantile == before {
            borders.push(quantile.next_down());
        }
        borders.push(quantile);
        before = quantile;
    }
    borders.sort_unstable_by(f64::total_cmp);
    borders.dedup();
    borders
}

/// Among the cells of names that have none of their own.
fn other(name: &str) -> usize {
    Sha256::digest(name.as_bytes()).first().map_or(0, |byte| usize::from(*byte) % OTHERS)
}

fn most_common(codes: &[u32], names: &[String]) -> Vec<String> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    codes.iter().filter(|code| **code != MISSING).for_each(|code| *counts.entry(*code).or_default() += 1);
    let named = |(code, count): (u32, usize)| Some((count, names.get(code as usize)?));
    let mut counted: Vec<(usize, &String)> = counts.into_iter().filter_map(named).collect();
    counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let mut common: Vec<String> = counted.into_iter().take(NAMES).map(|(_, name)| name.clone()).collect();
    common.sort_unstable();
    common
}
