//! Exponential and logarithm of sums and products alone, so that every processor gives the same bits. (Those of the
//! standard library are the system's, which picks another routine where the processor has fused multiply-add.)

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// eˣ, to about one unit in the last place; 0 below −708 and e⁷⁰⁸ above 708. NaN stays NaN.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -708.0 {
        return 0.0;
    }
    let x = if x > 708.0 { 708.0 } else { x };
    let halvings = (x * std::f64::consts::LOG2_E).round();
    let rest = (x - halvings * LN_2_HIGH) - halvings * LN_2_LOW;
    // Taylor's series; |rest| ≤ ln 2 / 2, so the 13th term is below 1e-16.
    let series = (1..=13).rev().fold(1.0, |sum, n| 1.0 + sum * rest / f64::from(n));
    series * f64::from_bits(((halvings as i64 + 1023) as u64) << 52)
}

/// The natural logarithm of a positive, normal number, to about one unit in the last place; NaN for any other.
pub(crate) fn ln(x: f64) -> f64 {
    if !x.is_normal() || x < 0.0 {
        return f64::NAN;
    }
    let bits = x.to_bits();
    let (mut exponent, mut fraction) = ((bits >> 52) as i64 - 1023, f64::from_bits(bits & !(0xfff << 52) | 1023 << 52));
    if fraction > std::f64::consts::SQRT_2 {
        (exponent, fraction) = (exponent + 1, fraction / 2.0);
    }
    // ln f = 2 artanh t with t = (f − 1) / (f + 1); t² ≤ 0.0295, so the 12th term is below 1e-17.
    let t = (fraction - 1.0) / (fraction + 1.0);
    let series = (0..12).rev().fold(0.0, |sum, n| sum * t * t + 1.0 / f64::from(2 * n + 1));
    exponent as f64 * LN_2_HIGH + (exponent as f64 * LN_2_LOW + 2.0 * t * series)
}

/// 1 / (1 + e⁻ˣ).
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The log-odds of a probability that is neither 0 nor 1.
pub(crate) fn logit(probability: f64) -> f64 {
    ln(probability / (1.0 - probability))
}

/// ln(1 + e⁻ᵐ): the logistic loss at a margin.
pub(crate) fn softplus_of_negative(margin: f64) -> f64 {
    if margin >= 0.0 { ln(1.0 + exp(-margin)) } else { ln(1.0 + exp(margin)) - margin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agree_with_the_system() {
        for step in -70_000..70_000 {
            let x = f64::from(step) * 0.01 + 0.001_234;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-15, "{x}");
        }
        for step in 1..100_000 {
            let x = f64::from(step) * 0.003_7;
            assert!((ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs().max(1.0), "{x}: {} {}", ln(x), x.ln());
        }
        assert_eq!((exp(0.0), ln(1.0), exp(-1e9)), (1.0, 0.0, 0.0));
        assert!(exp(1e9).is_finite() && exp(f64::NAN).is_nan() && ln(0.0).is_nan() && ln(-1.0).is_nan());
    }

    #[test]
    fn the_loss_is_exact_in_both_tails() {
        assert!((softplus_of_negative(-800.0) - 800.0).abs() < 1e-12);
        assert!((softplus_of_negative(40.0) - 4.248e-18).abs() < 4.3e-18);
        assert!((softplus_of_negative(0.0) - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(sigmoid(0.0), 0.5);
    }

    /// Stored weights rely on these never changing.
    #[test]
    fn bits_are_the_same_in_every_build() {
        assert_eq!([exp(1.0), ln(10.0)].map(f64::to_bits), [4_613_303_445_314_885_482, 4_612_367_379_483_415_830]);
    }
}
