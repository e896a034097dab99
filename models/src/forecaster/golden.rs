//! `golden.json`: a few inputs with the outputs the trained network gave, asked again on every load.

use serde::{Deserialize, Serialize};

/// How far a loaded network may be from what was written down, absolute plus relative: float sums differ by CPU.
pub const TOLERANCE: f64 = 1e-5;

/// What a network answers, in units of recent volatility.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GoldenOutput {
    /// Location of the Student-t.
    pub location: f64,
    /// Its scale, calibrated.
    pub scale: f64,
    /// Its degrees of freedom.
    pub degrees: f64,
}

/// One input and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoldenCase {
    /// Row of the embedding; 0 is `unknown`.
    pub symbol: u32,
    /// `[window][features]`, standardised.
    pub window: Vec<f32>,
    /// What came out.
    pub expected: GoldenOutput,
}

/// The cases of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// At least one.
    pub cases: Vec<GoldenCase>,
}

/// The network is not the one that was written down.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GoldenError {
    /// Nothing to check.
    #[error("there is no case in it")]
    Empty,
    /// A window of another size than the version reads.
    #[error("case {case}: a window of {have} numbers, but the version reads {need}")]
    WindowSize {
        /// Which case, from 0.
        case: usize,
        /// Numbers there are.
        have: usize,
        /// Numbers the version reads.
        need: usize,
    },
    /// Another answer.
    #[error("case {case}: expected {expected:?}, but the network answers {found:?}")]
    OtherAnswer {
        /// Which case, from 0.
        case: usize,
        /// What is written down.
        expected: GoldenOutput,
        /// What came out.
        found: GoldenOutput,
    },
}

impl Golden {
    /// Asks `network` (symbol, window) every case again. `need` is window × features.
    ///
    /// # Errors
    /// The first case that is answered otherwise, or cannot be asked.
    pub fn check(&self, need: usize, mut network: impl FnMut(u32, &[f32]) -> GoldenOutput) -> Result<(), GoldenError> {
        if self.cases.is_empty() {
            return Err(GoldenError::Empty);
        }
        for (case, GoldenCase { symbol, window, expected }) in self.cases.iter().enumerate() {
            if window.len() != need {
                return Err(GoldenError::WindowSize { case, have: window.len(), need });
            }
            let found = network(*symbol, window);
            if !found.is_near(expected) {
                return Err(GoldenError::OtherAnswer { case, expected: *expected, found });
            }
        }
        Ok(())
    }
}

impl GoldenOutput {
    /// Within [`TOLERANCE`]; never for NaN.
    fn is_near(&self, other: &Self) -> bool {
        [(self.location, other.location), (self.scale, other.scale), (self.degrees, other.degrees)]
            .into_iter()
            .all(|(a, b)| (a - b).abs() <= TOLERANCE * (1.0 + b.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_network_is_found_out() {
        let expected = GoldenOutput { location: 0.01, scale: 0.9, degrees: 5.0 };
        let golden = Golden { cases: vec![GoldenCase { symbol: 0, window: vec![0.5; 10], expected }] };
        golden.check(10, |_, _| expected).unwrap();
        golden.check(10, |_, _| GoldenOutput { scale: 0.900_005, ..expected }).unwrap();
        let off = |found| matches!(golden.check(10, |_, _| found), Err(GoldenError::OtherAnswer { case: 0, .. }));
        assert!(off(GoldenOutput { scale: 0.9001, ..expected }));
        assert!(off(GoldenOutput { location: f64::NAN, ..expected }));
        assert!(matches!(golden.check(20, |_, _| expected), Err(GoldenError::WindowSize { have: 10, need: 20, .. })));
        assert_eq!(Golden { cases: vec![] }.check(10, |_, _| expected), Err(GoldenError::Empty));
    }
}
