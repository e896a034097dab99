//! The two precisions of the kernel: `f32` trains, `f64` checks gradients.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Sub};

use pulp::Simd;

/// A floating-point number, and the vectors of it that an instruction set has.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + Send
    + Sync
    + 'static
{
    /// One vector register.
    type Lanes<S: Simd>: Copy;

    /// One.
    const ONE: Self;

    /// A slice as vectors; what is left over at its end is dropped.
    fn lanes<S: Simd>(values: &[Self]) -> &[Self::Lanes<S>];
    /// The same, to write to.
    fn lanes_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Lanes<S>];
    /// A vector of equal numbers.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Lanes<S>;
    /// `a · b + c`; fused where the instruction set can.
    fn mul_add<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>, c: Self::Lanes<S>) -> Self::Lanes<S>;
    /// The sum over a vector.
    fn sum<S: Simd>(simd: S, a: Self::Lanes<S>) -> Self;

    /// The logistic function.
    fn sigmoid(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
}

macro_rules! real {
    ($real:ident, $lanes:ident, $as_simd:ident, $as_mut_simd:ident, $splat:ident, $mul_add:ident, $sum:ident, $exp:expr) => {
        impl Real for $real {
            type Lanes<S: Simd> = S::$lanes;

            const ONE: Self = 1.0;

            #[inline(always)]
            fn lanes<S: Simd>(values: &[Self]) -> &[S::$lanes] {
                S::$as_simd(values).0
            }

            #[inline(always)]
            fn lanes_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$lanes] {
                S::$as_mut_simd(values).0
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$lanes {
                simd.$splat(value)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes, c: S::$lanes) -> S::$lanes {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn sum<S: Simd>(simd: S, a: S::$lanes) -> Self {
                simd.$sum(a)
            }

            #[inline(always)]
            fn sigmoid(self) -> Self {
                1.0 / (1.0 + $exp(-self))
            }

            #[inline(always)]
            fn tanh(self) -> Self {
                1.0 - 2.0 / (1.0 + $exp(self + self))
            }
        }
    };
}

real!(f32, f32s, as_simd_f32s, as_mut_simd_f32s, splat_f32s, mul_add_e_f32s, reduce_sum_f32s, exp);
real!(f64, f64s, as_simd_f64s, as_mut_simd_f64s, splat_f64s, mul_add_e_f64s, reduce_sum_f64s, f64::exp);

/// `e^x` to two units in the last place, without a branch or a table, so that loops over it become vector code.
///
/// Cody and Waite's reduction to `x = n·ln 2 + r`, and the polynomial of the Cephes library for `e^r`. Beyond ±87 it stays
/// at the value there, which is finite; NaN stays NaN.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding it leaves the rounded number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_6e-1;
    let p = p * r + 0.5;
    let power = p * r * r + r + 1.0;
    f32::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_two_units_in_the_last_place() {
        for step in -86_999..=86_999 {
            let x = step as f32 * 1e-3;
            let (ours, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((ours / exact - 1.0).abs() < 2.0 * f64::from(f32::EPSILON), "{x}: {ours} {exact}");
        }
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(1e9).is_finite() && exp(-1e9) >= 0.0);
    }

    #[test]
    fn activations_are_right_within_the_precision_of_f32() {
        for step in -2_000..=2_000 {
            let x = step as f32 * 1e-2;
            let exact = f64::from(x);
            assert!((f64::from(Real::sigmoid(x)) - 1.0 / (1.0 + (-exact).exp())).abs() < 2e-7);
            assert!((f64::from(Real::tanh(x)) - exact.tanh()).abs() < 3e-7, "{x}");
        }
    }
}
