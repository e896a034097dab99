//! A forecast of one row, whatever its shape.

use super::{Normal, StudentT};

/// The distribution a contestant gives for the log-return of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Predictive {
    /// From a forecaster.
    StudentT(StudentT),
    /// From a baseline.
    Normal(Normal),
}

impl Predictive {
    /// The mean forecast.
    pub fn mean(&self) -> f64 {
        match self {
            Self::StudentT(t) => t.location,
            Self::Normal(normal) => normal.mean,
        }
    }

    /// Probability of an outcome of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::StudentT(t) => t.cdf(x),
            Self::Normal(normal) => normal.cdf(x),
        }
    }

    /// Continuous ranked probability score of the outcome `y`.
    pub fn crps(&self, y: f64) -> f64 {
        match self {
            Self::StudentT(t) => t.crps(y),
            Self::Normal(normal) => normal.crps(y),
        }
    }
}

impl From<StudentT> for Predictive {
    fn from(t: StudentT) -> Self {
        Self::StudentT(t)
    }
}

impl From<Normal> for Predictive {
    fn from(normal: Normal) -> Self {
        Self::Normal(normal)
    }
}
