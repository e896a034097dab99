//! The difference of two classifiers' AUC on the same rows, with its interval (DeLong, DeLong and Clarke-Pearson 1988, by
//! the ranks of Sun and Xu 2014).

use serde::{Deserialize, Serialize};

use super::figures::midranks;
use crate::error::TrainError;

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A difference and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// AUC of the first less AUC of the second.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Difference {
    fn new(mean: f64, variance: f64) -> Self {
        let error = variance.max(0.0).sqrt();
        Self { mean, error, low: mean - Z * error, high: mean + Z * error }
    }
}

/// The AUC of `first` less that of `second`, scores of the same rows.
///
/// # Errors
/// Lengths differ, or a class has fewer than two rows.
pub fn delong(first: &[f64], second: &[f64], labels: &[bool]) -> Result<Difference, TrainError> {
    if first.len() != labels.len() || second.len() != labels.len() {
        let lengths = (first.len(), second.len(), labels.len());
        return Err(TrainError::Data(format!("scores and labels are of different lengths: {lengths:?}")));
    }
    let positives = labels.iter().filter(|label| **label).count();
    if positives < 2 || labels.len() - positives < 2 {
        return Err(TrainError::Data("two rows of each class are needed to compare AUC".into()));
    }
    let (first, second) = (Placements::of(first, labels), Placements::of(second, labels));
    let variance =
        variance_of_mean(&first.positives, &second.positives) + variance_of_mean(&first.negatives, &second.negatives);
    Ok(Difference::new(mean(&first.positives) - mean(&second.positives), variance))
}

/// The mean of differences on disjoint sets of rows.
pub fn pooled(differences: &[Difference]) -> Difference {
    let n = differences.len() as f64;
    let mean = differences.iter().map(|d| d.mean).sum::<f64>() / n;
    Difference::new(mean, differences.iter().map(|d| d.error * d.error).sum::<f64>() / (n * n))
}

/// For each positive, the share of negatives below it; for each negative, the share of positives above it.
struct Placements {
    positives: Vec<f64>,
    negatives: Vec<f64>,
}

impl Placements {
    fn of(scores: &[f64], labels: &[bool]) -> Self {
        let of = |label: bool| -> Vec<(f64, f64)> {
            let class = |values: &[f64]| -> Vec<f64> {
                values.iter().zip(labels).filter(|(_, l)| **l == label).map(|(value, _)| *value).collect()
            };
            let within = midranks(&class(scores));
            class(&midranks(scores)).into_iter().zip(within).collect()
        };
        let (positives, negatives) = (of(true), of(false));
        let (m, n) = (positives.len() as f64, negatives.len() as f64);
        Self {
            positives: positives.into_iter().map(|(all, within)| (all - within) / n).collect(),
            negatives: negatives.into_iter().map(|(all, within)| 1.0 - (all - within) / m).collect(),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance_of_mean(a: &[f64], b: &[f64]) -> f64 {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let (mean, n) = (mean(&differences), differences.len() as f64);
    differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::random::{Purpose, Stream};

    fn rows(seed: u32, skills: [f64; 2]) -> ([Vec<f64>; 2], Vec<bool>) {
        let mut stream = Stream::new(5, Purpose::Shuffle, seed, 0);
        let mut noise = || (0..12).map(|_| stream.uniform()).sum::<f64>() - 6.0;
        let labels: Vec<bool> = (0..300).map(|n| n % 3 == 0).collect();
        let mut scores = skills
            .map(|skill| labels.iter().map(|label| noise() + if *label { skill } else { 0.0 }).collect::<Vec<f64>>());
        // Half of the noise is common to both.
        let common: Vec<f64> = scores[0].iter().map(|score| 0.5 * score).collect();
        scores[1].iter_mut().zip(common).for_each(|(score, common)| *score += common);
        (scores, labels)
    }

    /// JUDGING §3: the interval holds the truth as often as it says.
    #[test]
    fn intervals_hold_what_they_promise() {
        let truth: f64 = {
            let all: Vec<f64> = (1000..1400).map(|seed| difference(seed).mean).collect();
            mean(&all)
        };
        let held = (0..400).filter(|seed| (difference(*seed).low..difference(*seed).high).contains(&truth)).count();
        assert!((365..=395).contains(&held), "{held} of 400");
    }

    fn difference(seed: u32) -> Difference {
        let ([a, b], labels) = rows(seed, [1.2, 1.0]);
        delong(&a, &b, &labels).unwrap()
    }

    #[test]
    fn equal_scores_do_not_differ_and_bad_input_is_an_error() {
        let ([a, _], labels) = rows(1, [1.0, 1.0]);
        let same = delong(&a, &a, &labels).unwrap();
        assert_eq!((same.mean, same.error), (0.0, 0.0));
        assert!(delong(&a, &a[1..], &labels).is_err());
        assert!(delong(&a[..2], &a[..2], &[true, false]).is_err());
        let two = pooled(&[Difference::new(0.1, 0.01), Difference::new(0.3, 0.03)]);
        assert!((two.mean - 0.2).abs() < 1e-12 && (two.error - 0.1).abs() < 1e-12);
    }
}
