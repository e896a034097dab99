//! How good a list is.

/// Normalised discounted cumulative gain of the first `n` of a list (Järvelin and Kekäläinen, 2002): `hits` says of each
/// item whether it is one of the `relevant` ones. 0 if there are none.
pub fn ndcg(hits: impl Iterator<Item = bool>, relevant: usize, n: usize) -> f64 {
    let gain = |at: usize| 1.0 / (at as f64 + 2.0).log2();
    let ideal = (0..relevant.min(n)).map(gain).fold(0.0, |sum, gain| sum + gain);
    let found = hits.take(n).enumerate().filter(|(_, hit)| *hit).fold(0.0, |sum, (at, _)| sum + gain(at));
    if ideal > 0.0 { found / ideal } else { 0.0 }
}

/// Share of the `relevant` items that the first `n` of a list hold. 0 if there are none.
pub fn recall(hits: impl Iterator<Item = bool>, relevant: usize, n: usize) -> f64 {
    if relevant == 0 { 0.0 } else { hits.take(n).filter(|hit| *hit).count() as f64 / relevant as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_scored_by_hand_worked_examples() {
        let hits = [true, false, true, false];
        assert!((ndcg(hits.into_iter(), 2, 4) - 1.5 / (1.0 + 1.0 / 3f64.log2())).abs() < 1e-12);
        assert_eq!(ndcg([true, true].into_iter(), 2, 10), 1.0);
        assert_eq!((ndcg(hits.into_iter(), 0, 10), recall(hits.into_iter(), 0, 10)), (0.0, 0.0));
        assert_eq!(recall(hits.into_iter(), 4, 2), 0.25);
    }
}
