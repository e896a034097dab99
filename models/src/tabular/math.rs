//! Elementary functions from IEEE 754 additions, multiplications and divisions alone, so that every machine gives the same bits.
//!
//! The system's `exp` and `log` differ in the last bit between processors with and without fused multiply-add.

use std::f64::consts::{LN_2, SQRT_2};

/// ln 2 in two parts; the first has 20 trailing zero bits, so that its multiples by an exponent are exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1/13!, …, 1/1!, 1/0!, computed while compiling: a division for each term would cost more than all the rest.
const EXP_SERIES: [f64; 14] = {
    let (mut terms, mut factorial, mut n) = ([1.0; 14], 1.0, 1);
    while n < 14 {
        factorial *= n as f64;
        terms[13 - n] = 1.0 / factorial;
        n += 1;
    }
    terms
};
/// 1/21, …, 1/3, 1.
const LN_SERIES: [f64; 11] = {
    let (mut terms, mut n) = ([1.0; 11], 0);
    while n < 11 {
        terms[10 - n] = 1.0 / (2 * n + 1) as f64;
        n += 1;
    }
    terms
};

/// e^x, within two units in the last place for |x| ≤ 700; beyond that x is clipped.
pub(crate) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let x = x.clamp(-700.0, 700.0);
    let k = (x / LN_2).round();
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let series = EXP_SERIES.iter().fold(0.0, |sum, term| sum * r + term);
    series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

/// The natural logarithm of a positive, normal number, within two units in the last place; NaN otherwise.
pub(crate) fn ln(x: f64) -> f64 {
    if !(x.is_normal() && x > 0.0) {
        return f64::NAN;
    }
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 1023 << 52);
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = LN_SERIES.iter().fold(0.0, |sum, term| sum * square + term);
    let k = exponent as f64;
    k * LN_2_HIGH + (2.0 * s * series + k * LN_2_LOW)
}

/// 1 / (1 + e^−x).
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// ln(p / (1 − p)), for p in (0, 1).
pub(crate) fn logit(p: f64) -> f64 {
    ln(p) - ln(1.0 - p)
}

/// Log loss in nats of a log-odds against a label of 0 or 1, without overflow.
pub(crate) fn log_loss(log_odds: f64, label: f64) -> f64 {
    let against = if label > 0.5 { -log_odds } else { log_odds };
    against.max(0.0) + ln(1.0 + exp(-against.abs()))
}

/// The lower weighted median: the smallest value with at least half of the weight at or below it; 0 without values.
pub(crate) fn median(pairs: &mut [(f64, f64)]) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = pairs.iter().map(|pair| pair.1).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for &(value, weight) in pairs.iter() {
        below += weight;
        if below >= half {
            return value;
        }
    }
    pairs.last().map_or(0.0, |pair| pair.0)
}

/// The value below which this share of sorted values lies, interpolated; 0 without values.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = share * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_agree_with_the_systems() {
        for i in -7000..7000 {
            let x = f64::from(i) * 0.0973;
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours / theirs - 1.0).abs() < 1e-15, "exp {x}: {ours} {theirs}");
            assert!((ln(theirs) - theirs.ln()).abs() <= 1e-15 * theirs.ln().abs().max(1.0), "ln {theirs}");
            assert!((sigmoid(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-15);
        }
        assert_eq!([exp(0.0), ln(1.0), sigmoid(0.0)], [1.0, 0.0, 0.5]);
        assert!(ln(0.0).is_nan() && ln(-1.0).is_nan() && exp(f64::NAN).is_nan());
        assert!((logit(0.25) + 3f64.ln()).abs() < 1e-15);
        assert!((log_loss(2.0, 1.0) + sigmoid(2.0).ln()).abs() < 1e-15 && log_loss(-900.0, 1.0) == 900.0);
    }

    #[test]
    fn medians_weigh() {
        assert_eq!(median(&mut [(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(median(&mut [(3.0, 5.0), (1.0, 1.0), (2.0, 1.0)]), 3.0);
        assert_eq!((median(&mut []), quantile(&[], 0.5), quantile(&[1.0, 2.0], 0.75)), (0.0, 0.0, 1.75));
    }
}
