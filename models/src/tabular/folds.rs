//! The inner folds on which contestants are compared: rows of the fit only.

use super::dataset::Dataset;
use super::sides::{hash_share, in_time};
use common::vocabulary::records::Order;

/// One comparison; rows of the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fold {
    pub(crate) training: Vec<usize>,
    pub(crate) validation: Vec<usize>,
}

/// Share of the dated rows that one fold validates on.
const BLOCK: f64 = 0.1;

/// Undated rows: dealt by hash within each class, every row validates once. Dated rows: the newest blocks validate in turn,
/// each on what came before it.
pub(crate) fn folds(data: &Dataset, rows: &[usize], count: usize, seed: u64) -> Vec<Fold> {
    if data.schema.order != Order::Undated {
        let rows = in_time(data, rows.to_vec());
        let block = ((rows.len() as f64 * BLOCK) as usize).max(1).min(rows.len() / (count + 1));
        let fold = |i: usize| {
            let end = rows.len() - (count - 1 - i) * block;
            Fold { training: rows[..end - block].to_vec(), validation: rows[end - block..end].to_vec() }
        };
        return (0..count).map(fold).collect();
    }
    let purpose = [b"fold".as_slice(), &seed.to_le_bytes()].concat();
    let class = |row: usize| if data.schema.task.is_binary() { data.targets[row] as i64 } else { 0 };
    let mut dealt: Vec<(i64, f64, usize)> =
        rows.iter().map(|&row| (class(row), hash_share(&purpose, &data.keys[row]), row)).collect();
    dealt.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let part = |i: usize, inside: bool| {
        let mut rows: Vec<usize> =
            dealt.iter().enumerate().filter(|(at, _)| (at % count == i) == inside).map(|(_, d)| d.2).collect();
        rows.sort_unstable();
        rows
    };
    (0..count).map(|i| Fold { training: part(i, false), validation: part(i, true) }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn undated_rows_validate_once_and_classes_are_even() {
        let data = testing::planted(301, 3);
        let rows: Vec<usize> = (0..data.len()).collect();
        let folds = folds(&data, &rows, 3, 7);
        let mut all: Vec<usize> = folds.iter().flat_map(|fold| fold.validation.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, rows);
        let ones = |fold: &Fold| fold.validation.iter().filter(|&&row| data.targets[row] == 1.0).count();
        let counts: Vec<usize> = folds.iter().map(ones).collect();
        assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
        assert!(folds.iter().all(|fold| fold.validation.iter().all(|row| !fold.training.contains(row))));
    }

    #[test]
    fn dated_rows_validate_on_what_comes_later() {
        let data = testing::durations(200, 3);
        let rows: Vec<usize> = (0..160).collect();
        for fold in folds(&data, &rows, 3, 7) {
            let newest = fold.training.iter().map(|&row| data.times[row]).fold(0.0, f64::max);
            assert!(fold.validation.iter().all(|&row| data.times[row] > newest && row < 160));
        }
    }
}
