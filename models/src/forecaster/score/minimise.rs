//! The minimum of a function of one number.

/// Where `loss` is least between `low` and `high`, by golden-section search (Kiefer 1953); `loss` must have one minimum there.
/// 32 sections narrow the range to under a millionth of it.
pub(super) fn minimise(mut low: f64, mut high: f64, loss: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (loss(left), loss(right));
    for _ in 0..32 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = loss(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = loss(right);
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_minima_inside_and_at_the_ends() {
        for (at, expected) in [(0.3, 0.3), (-5.0, -1.0), (5.0, 2.0)] {
            assert!((minimise(-1.0, 2.0, |x| (x - at).powi(2)) - expected).abs() < 1e-5);
        }
    }
}
