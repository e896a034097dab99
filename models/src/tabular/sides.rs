//! Which rows may be trained on, and which only judge (pure functions of key or time).

use sha2::{Digest, Sha256};

use super::dataset::Dataset;
use common::vocabulary::records::Order;

/// Share of the undated rows that are never trained on, to see forgetting.
pub const ANCHOR_SHARE: f64 = 0.05;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Fitting: training, and inside it validation.
    Fit,
    /// Judging.
    Holdout,
    /// Seeing what is forgotten.
    Anchor,
    /// Nothing yet: its outcome is not known.
    Open,
}

/// The side of an undated row, fixed for ever by its key; `holdout`: share of the rows that judge, in [0, 1 − [`ANCHOR_SHARE`]].
pub fn side_of_key(key: &str, holdout: f64) -> Side {
    let at = hash_share(b"side", key);
    if at < ANCHOR_SHARE {
        Side::Anchor
    } else if at < ANCHOR_SHARE + holdout {
        Side::Holdout
    } else {
        Side::Fit
    }
}

/// The side of every row. Rows in order: the newest `holdout` share of those whose outcome is known judges, at least `least` of
/// them; rows of one time are on one side.
pub fn sides(data: &Dataset, holdout: f64, least: usize) -> Vec<Side> {
    let known = |row: &usize| data.targets[*row].is_finite();
    let mut sides = vec![Side::Open; data.len()];
    if data.schema.order == Order::Undated {
        (0..data.len()).filter(known).for_each(|row| sides[row] = side_of_key(&data.keys[row], holdout));
        return sides;
    }
    let rows = in_time(data, (0..data.len()).filter(known).collect());
    let judging = ((rows.len() as f64 * holdout).ceil() as usize).max(least);
    let border = rows.len().checked_sub(judging).and_then(|kept| rows.get(kept)).map(|&row| data.times[row]);
    let side =
        |row: usize| if border.is_some_and(|border| data.times[row] < border) { Side::Fit } else { Side::Holdout };
    rows.iter().for_each(|&row| sides[row] = side(row));
    sides
}

/// Rows from the oldest to the newest.
pub(crate) fn in_time(data: &Dataset, mut rows: Vec<usize>) -> Vec<usize> {
    rows.sort_by(|&a, &b| data.times[a].total_cmp(&data.times[b]).then_with(|| data.keys[a].cmp(&data.keys[b])));
    rows
}

/// A number in [0, 1) that depends on `purpose` and `key` alone.
pub(crate) fn hash_share(purpose: &[u8], key: &str) -> f64 {
    let digest = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(key).finalize();
    let bits = digest.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn undated_rows_keep_their_side_for_ever() {
        let count = |side| (0..10_000).filter(|i| side_of_key(&format!("k{i}"), 0.2) == side).count();
        assert!((430..570).contains(&count(Side::Anchor)) && (1_850..2_150).contains(&count(Side::Holdout)));
        let counted = common::vocabulary::Parting::UNDATED_FITTED;
        assert!((count(Side::Fit) as f64 / 10_000.0 - counted).abs() < 0.02, "what the coordinator counts on");
        assert_eq!([side_of_key("1", 0.2), side_of_key("2", 0.2)], [side_of_key("1", 0.2), side_of_key("2", 0.2)]);
        let data = testing::planted(300, 1);
        let fewer = testing::planted(100, 1);
        assert_eq!(sides(&data, 0.2, 60)[..100], sides(&fewer, 0.2, 60)[..]);
    }

    #[test]
    fn the_newest_dated_rows_judge() {
        let data = testing::durations(100, 1);
        let newest = |holdout, least, from: f64| {
            let sides = sides(&data, holdout, least);
            (0..100).all(|row| (sides[row] == Side::Holdout) == (data.times[row] >= from))
        };
        assert!(newest(0.2, 10, 80.0) && newest(0.2, 40, 60.0) && newest(0.2, 200, 0.0));
        let mut days = data.clone();
        days.times.iter_mut().for_each(|time| *time = (*time / 15.0).floor());
        let sides = sides(&days, 0.2, 10);
        assert_eq!(sides.iter().filter(|side| **side == Side::Holdout).count(), 25, "the whole of the day");
    }
}
