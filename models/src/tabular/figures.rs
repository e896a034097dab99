//! Figures of predicted probabilities. Rows count alike; ties share.

/// Chance that a row of class 1 stands above one of class 0 (ties half); 0.5 with one class only.
pub fn auc(scores: &[f64], targets: &[f64]) -> f64 {
    let groups = tied(scores, targets);
    let (ones, zeros) = totals(&groups);
    if ones == 0.0 || zeros == 0.0 {
        return 0.5;
    }
    let mut below = 0.0;
    let mut won = 0.0;
    for (one, zero) in groups.into_iter().rev() {
        won += one * (below + zero / 2.0);
        below += zero;
    }
    won / (ones * zeros)
}

/// Area under precision over recall (average precision); 0 without class 1.
pub fn average_precision(scores: &[f64], targets: &[f64]) -> f64 {
    let groups = tied(scores, targets);
    let (ones, _) = totals(&groups);
    let (mut found, mut shown, mut area) = (0.0, 0.0, 0.0);
    for (one, zero) in groups {
        found += one;
        shown += one + zero;
        area += one * found / shown;
    }
    if ones > 0.0 { area / ones } else { 0.0 }
}

/// The best F1 of class 1, and the score from which on a row is then called 1.
pub fn best_f1(scores: &[f64], targets: &[f64]) -> (f64, f64) {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let ones: f64 = targets.iter().sum();
    let (mut best, mut found) = ((0.0, 0.5), 0.0);
    for (shown, &row) in order.iter().enumerate() {
        found += targets[row];
        let next = order.get(shown + 1).map(|&next| scores[next]);
        if next == Some(scores[row]) {
            continue;
        }
        let f1 = 2.0 * found / (shown as f64 + 1.0 + ones);
        if f1 > best.0 {
            // Halfway to the next, so that a last bit does not decide.
            best = (f1, next.map_or(scores[row], |next| (scores[row] + next) / 2.0));
        }
    }
    best
}

/// F1 of class 1 when rows from this score on are called 1.
pub fn f1(scores: &[f64], targets: &[f64], threshold: f64) -> f64 {
    let called = scores.iter().filter(|score| **score >= threshold).count() as f64;
    let found: f64 =
        scores.iter().zip(targets).filter(|(score, _)| **score >= threshold).map(|(_, target)| target).sum();
    let ones: f64 = targets.iter().sum();
    if called + ones > 0.0 { 2.0 * found / (called + ones) } else { 0.0 }
}

/// Mean squared difference of probability and class (Brier, 1950).
pub fn brier(probabilities: &[f64], targets: &[f64]) -> f64 {
    let sum: f64 = probabilities.iter().zip(targets).map(|(p, t)| (p - t) * (p - t)).sum();
    sum / probabilities.len().max(1) as f64
}

/// Expected calibration error over ten groups of equal size, ordered by probability.
pub fn calibration_error(probabilities: &[f64], targets: &[f64]) -> f64 {
    let mut pairs: Vec<(f64, f64)> = probabilities.iter().copied().zip(targets.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let gap = |group: &[(f64, f64)]| group.iter().map(|(p, t)| p - t).sum::<f64>().abs();
    pairs.chunks(pairs.len().div_ceil(10).max(1)).map(gap).sum::<f64>() / pairs.len().max(1) as f64
}

/// Rank correlation (Spearman) in [−1, 1]; 0 where one side is constant.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sums = a.iter().zip(&b).fold([0.0; 3], |[ab, aa, bb], (x, y)| {
        let (x, y) = (x - mean, y - mean);
        [ab + x * y, aa + x * x, bb + y * y]
    });
    if sums[1] * sums[2] > 0.0 { sums[0] / (sums[1] * sums[2]).sqrt() } else { 0.0 }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        group.iter().for_each(|&row| ranks[row] = at as f64 + (group.len() as f64 - 1.0) / 2.0);
        at += group.len();
    }
    ranks
}

/// Rows of class 1 and 0 per score, from the highest score down.
fn tied(scores: &[f64], targets: &[f64]) -> Vec<(f64, f64)> {
    let mut pairs: Vec<(f64, f64)> = scores.iter().copied().zip(targets.iter().copied()).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let count = |group: &[(f64, f64)]| {
        let ones: f64 = group.iter().map(|pair| pair.1).sum();
        (ones, group.len() as f64 - ones)
    };
    pairs.chunk_by(|a, b| a.0 == b.0).map(count).collect()
}

fn totals(groups: &[(f64, f64)]) -> (f64, f64) {
    groups.iter().fold((0.0, 0.0), |(ones, zeros), (one, zero)| (ones + one, zeros + zero))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand.
    #[test]
    fn figures_are_right() {
        let (scores, targets) = ([0.9, 0.8, 0.8, 0.3, 0.1], [1.0, 0.0, 1.0, 1.0, 0.0]);
        assert!((auc(&scores, &targets) - 4.5 / 6.0).abs() < 1e-15);
        assert!((average_precision(&scores, &targets) - (1.0 + 2.0 / 3.0 + 0.75) / 3.0).abs() < 1e-15);
        assert_eq!(best_f1(&scores, &targets), (6.0 / 7.0, 0.2));
        assert_eq!(f1(&scores, &targets, 0.2), 6.0 / 7.0);
        assert!((brier(&[0.5, 1.0], &[1.0, 1.0]) - 0.125).abs() < 1e-15);
        assert!((calibration_error(&[0.25; 4], &[0.0, 0.0, 1.0, 0.0]) - 0.375).abs() < 1e-12);
        assert_eq!((auc(&[1.0, 2.0], &[1.0, 1.0]), f1(&[0.1], &[0.0], 0.5)), (0.5, 0.0));
        assert!((rank_correlation(&[1.0, 5.0, 9.0], &[1.0, 4.0, 100.0]) - 1.0).abs() < 1e-15);
        assert!((rank_correlation(&[1.0, 2.0, 3.0], &[9.0, 4.0, 1.0]) + 1.0).abs() < 1e-15);
    }
}
