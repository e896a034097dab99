//! `golden.json`: a few inputs with the outputs the trained network gave, asked again on every load.

use serde::{Deserialize, Serialize};

/// How far a loaded network may be from what was written down, absolute plus relative: float sums differ by CPU.
pub const TOLERANCE: f64 = 1e-5;

/// How far a device may be from the processor with the same weights: they round and add up each in their own way. An H200 that was
/// let round to ten bits (TF32) was 7e-5 away.
pub const DEVICE_TOLERANCE: f64 = 1e-3;

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
    /// The first case that is answered otherwise than within `tolerance`, or cannot be asked.
    pub fn check(
        &self,
        need: usize,
        tolerance: f64,
        mut network: impl FnMut(u32, &[f32]) -> GoldenOutput,
    ) -> Result<(), GoldenError> {
        if self.cases.is_empty() {
            return Err(GoldenError::Empty);
        }
        for (case, GoldenCase { symbol, window, expected }) in self.cases.iter().enumerate() {
            if window.len() != need {
                return Err(GoldenError::WindowSize { case, have: window.len(), need });
            }
            let found = network(*symbol, window);
            if !found.is_near(expected, tolerance) {
                return Err(GoldenError::OtherAnswer { case, expected: *expected, found });
            }
        }
        Ok(())
    }
}

impl GoldenOutput {
    /// Within the tolerance, absolute plus relative; never for NaN.
    fn is_near(&self, other: &Self, tolerance: f64) -> bool {
        [(self.location, other.location), (self.scale, other.scale), (self.degrees, other.degrees)]
            .into_iter()
            .all(|(a, b)| (a - b).abs() <= tolerance * (1.0 + b.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_network_is_found_out() {
        let expected = GoldenOutput { location: 0.01, scale: 0.9, degrees: 5.0 };
        let golden = Golden { cases: vec![GoldenCase { symbol: 0, window: vec![0.5; 10], expected }] };
        let check = |need, found| golden.check(need, TOLERANCE, |_, _| found);
        check(10, expected).unwrap();
        check(10, GoldenOutput { scale: 0.900_005, ..expected }).unwrap();
        let off = |found| matches!(check(10, found), Err(GoldenError::OtherAnswer { case: 0, .. }));
        assert!(off(GoldenOutput { scale: 0.9001, ..expected }));
        assert!(off(GoldenOutput { location: f64::NAN, ..expected }));
        assert!(matches!(check(20, expected), Err(GoldenError::WindowSize { have: 10, need: 20, .. })));
        assert_eq!(Golden { cases: vec![] }.check(10, TOLERANCE, |_, _| expected), Err(GoldenError::Empty));
    }
    /// What an H200 answered for a version of the processor while cuDNN rounded to TF32: the device's own rounding, and no damage.
    #[test]
    fn a_device_may_round_in_its_own_way_but_not_be_another_network() {
        let expected = GoldenOutput { location: 0.051_046_565, scale: 0.809_208_521, degrees: 7.958_466_530 };
        let golden = Golden { cases: vec![GoldenCase { symbol: 0, window: vec![0.5; 10], expected }] };
        let on_device = |found| golden.check(10, DEVICE_TOLERANCE, |_, _| found);
        let rounded = GoldenOutput { location: 0.051_044_896, scale: 0.809_154_658, ..expected };
        on_device(rounded).unwrap();
        assert!(golden.check(10, TOLERANCE, |_, _| rounded).is_err());
        assert!(on_device(GoldenOutput { scale: 0.815, ..expected }).is_err());
        assert!(on_device(GoldenOutput { degrees: f64::NAN, ..expected }).is_err());
    }
}
