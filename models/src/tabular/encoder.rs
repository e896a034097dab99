//! From typed columns to what the contestants read, fitted on training rows only.

use serde::{Deserialize, Serialize};

use super::dataset::{Column, Dataset, MISSING};
use super::design::Design;
use super::math::{ln, quantile};
use crate::error::TrainError;
use common::vocabulary::records::Role;

/// Most bins of a number for trees, the one for missing values included.
const BINS: usize = 64;
/// Most levels of a category, the one for those unseen included: a bin is a byte.
const LEVELS: usize = 256;
/// Skewness from which a number is read as its signed logarithm.
const SKEWED: f64 = 2.0;
/// Standardised numbers are clipped here, so that one absurd cell cannot carry a prediction away.
const CLIP: f64 = 8.0;

/// How one column is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Coding {
    /// A number: median for missing values, perhaps signed log, standardised; bins between `edges` for trees.
    Number { log: bool, median: f64, mean: f64, scale: f64, indicator: bool, edges: Vec<f64> },
    /// A category: level 0 for unseen and rare ones, then `names` (sorted; "" is a missing value).
    Category { names: Vec<String> },
}

/// The codings of all inputs, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encoder {
    pub(crate) columns: Vec<(String, Coding)>,
}

impl Encoder {
    /// Fits on these rows. Categories with fewer than `rare` of them share a level with those never seen.
    pub(crate) fn fit(data: &Dataset, rows: &[usize], rare: usize) -> Self {
        let names = data.schema.with_role(Role::Feature).map(|column| column.name.clone());
        let codings = data.features.iter().map(|column| match column {
            Column::Number(values) => number(rows.iter().map(|&row| values[row])),
            Column::Category { codes, names } => category(rows.iter().map(|&row| codes[row]), names, rare),
        });
        Self { columns: names.zip(codings).collect() }
    }

    /// Numbers a contestant reads per row, missing indicators included.
    pub(crate) fn numbers(&self) -> usize {
        let width = |coding: &Coding| match coding {
            Coding::Number { indicator, .. } => 1 + usize::from(*indicator),
            Coding::Category { .. } => 0,
        };
        self.columns.iter().map(|(_, coding)| width(coding)).sum()
    }

    /// The number of levels of each category.
    pub(crate) fn levels(&self) -> Vec<usize> {
        let levels = |coding: &Coding| match coding {
            Coding::Number { .. } => None,
            Coding::Category { names } => Some(names.len() + 1),
        };
        self.columns.iter().filter_map(|(_, coding)| levels(coding)).collect()
    }

    /// The number of bins of each column.
    pub(crate) fn bins(&self) -> Vec<usize> {
        let bins = |coding: &Coding| match coding {
            Coding::Number { edges, .. } => edges.len() + 2,
            Coding::Category { names } => names.len() + 1,
        };
        self.columns.iter().map(|(_, coding)| bins(coding)).collect()
    }

    fn is_category(&self) -> Vec<bool> {
        self.columns.iter().map(|(_, coding)| matches!(coding, Coding::Category { .. })).collect()
    }

    /// Checks what a file said.
    ///
    /// # Errors
    /// Something no fit makes.
    pub(crate) fn check(&self) -> Result<(), TrainError> {
        let sound = |coding: &Coding| match coding {
            Coding::Number { median, mean, scale, edges, .. } => {
                [median, mean, scale].iter().all(|n| n.is_finite())
                    && *scale > 0.0
                    && edges.len() <= BINS - 2
                    && edges.is_sorted_by(|a, b| a < b)
            }
            Coding::Category { names } => names.len() < LEVELS && names.is_sorted_by(|a, b| a < b),
        };
        match self.columns.iter().find(|(_, coding)| !sound(coding)) {
            Some((name, _)) => Err(TrainError::Data(format!(
                "the coding of the column {name} is damaged: restore the version from a backup"
            ))),
            None => Ok(()),
        }
    }

    /// Reads rows.
    ///
    /// # Errors
    /// The data set has other inputs.
    pub(crate) fn encode(&self, data: &Dataset, rows: &[usize]) -> Result<Design, TrainError> {
        let names: Vec<&str> = data.schema.with_role(Role::Feature).map(|column| column.name.as_str()).collect();
        if names.len() != self.columns.len() || names.iter().zip(&self.columns).any(|(a, (b, _))| a != b) {
            let known: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
            return Err(TrainError::Data(format!(
                "the model reads the columns {known:?}, the rows have {names:?}: train it anew"
            )));
        }
        let mut design = Design::new(rows.len(), self.numbers(), &self.levels(), self.is_category(), self.bins());
        let (mut number, mut category) = (0, 0);
        for (feature, ((name, coding), column)) in self.columns.iter().zip(&data.features).enumerate() {
            match (coding, column) {
                (Coding::Number { log, median, mean, scale, indicator, edges }, Column::Number(values)) => {
                    for (i, &row) in rows.iter().enumerate() {
                        let value = values[row];
                        let missing = value.is_nan();
                        let value = if *log { signed_log(value) } else { value };
                        let bin = if missing { 0 } else { 1 + edges.partition_point(|&edge| edge < value) };
                        design.set_bin(feature, i, bin);
                        let filled = if missing { *median } else { value };
                        design.set_number(i, number, ((filled - mean) / scale).clamp(-CLIP, CLIP));
                        if *indicator {
                            design.set_number(i, number + 1, f64::from(missing));
                        }
                    }
                    number += 1 + usize::from(*indicator);
                }
                (Coding::Category { names: known }, Column::Category { codes, names }) => {
                    let level =
                        |name: &str| known.binary_search_by(|k| k.as_str().cmp(name)).map_or(0, |index| index + 1);
                    let levels: Vec<usize> = names.iter().map(|name| level(name)).collect();
                    let missing = level("");
                    for (i, &row) in rows.iter().enumerate() {
                        let level = if codes[row] == MISSING { missing } else { levels[codes[row] as usize] };
                        design.set_level(i, category, level);
                        design.set_bin(feature, i, level);
                    }
                    category += 1;
                }
                _ => {
                    return Err(TrainError::Data(format!(
                        "the column {name} has another kind than in training: train anew"
                    )));
                }
            }
        }
        Ok(design)
    }
}

fn signed_log(x: f64) -> f64 {
    if x.is_nan() { x } else { ln(1.0 + x.abs()).copysign(x) }
}

fn number(values: impl Iterator<Item = f64>) -> Coding {
    let all: Vec<f64> = values.collect();
    let mut sorted: Vec<f64> = all.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let log = skewness(&sorted).abs() > SKEWED;
    if log {
        sorted.iter_mut().for_each(|x| *x = signed_log(*x));
    }
    let (mean, scale) = mean_and_scale(&sorted);
    let indicator = sorted.len() < all.len();
    Coding::Number { log, median: quantile(&sorted, 0.5), mean, scale, indicator, edges: edges(&sorted) }
}

/// Cuts halfway between neighbouring distinct values: all of them where there are few, otherwise at even shares of the rows.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    let cuts = |values: &[f64]| values.windows(2).map(|pair| pair[0] + (pair[1] - pair[0]) / 2.0).collect::<Vec<_>>();
    if distinct.len() < BINS {
        return cuts(&distinct);
    }
    let at = |i: usize| sorted[i * (sorted.len() - 1) / (BINS - 2)];
    let mut shares: Vec<f64> = (0..=BINS - 2).map(at).collect();
    shares.dedup();
    cuts(&shares)
}

fn mean_and_scale(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let scale = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
    (mean, if scale > 1e-12 { scale } else { 1.0 })
}

fn skewness(values: &[f64]) -> f64 {
    let (mean, scale) = mean_and_scale(values);
    let cube = |x: &f64| ((x - mean) / scale) * ((x - mean) / scale) * ((x - mean) / scale);
    values.iter().map(cube).sum::<f64>() / values.len().max(1) as f64
}

fn category(codes: impl Iterator<Item = u32>, names: &[String], rare: usize) -> Coding {
    let mut counts = vec![0usize; names.len() + 1];
    codes.for_each(|code| counts[if code == MISSING { names.len() } else { code as usize }] += 1);
    let name = |index: usize| names.get(index).map_or("", String::as_str);
    let mut kept: Vec<(usize, &str)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count >= rare.max(1))
        .map(|(index, count)| (*count, name(index)))
        .collect();
    kept.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    kept.truncate(LEVELS - 1);
    let mut names: Vec<String> = kept.into_iter().map(|(_, name)| name.to_owned()).collect();
    names.sort_unstable();
    Coding::Category { names }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_scaled_and_binned() {
        let Coding::Number { log, median, mean, indicator, edges, .. } = number([3.0, 1.0, f64::NAN, 2.0].into_iter())
        else {
            panic!()
        };
        assert_eq!((log, median, mean, indicator, edges), (false, 2.0, 2.0, true, vec![1.5, 2.5]));
        let heavy = number((0..500).map(|i| if i % 100 == 0 { 1e6 } else { f64::from(i) }));
        assert!(matches!(&heavy, Coding::Number { log: true, edges, .. } if edges.len() <= BINS - 2));
        assert_eq!(signed_log(-1.0), -ln(2.0));
    }

    #[test]
    fn categories_are_sorted_and_rare_ones_folded() {
        let names = ["b", "a", "c"].map(str::to_owned);
        let Coding::Category { names } = category([0, 0, 1, 1, 2, MISSING, MISSING].into_iter(), &names, 2) else {
            panic!()
        };
        assert_eq!(names, ["", "a", "b"]);
    }
}
