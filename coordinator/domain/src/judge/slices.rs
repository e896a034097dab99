//! Groups of rows: nobody may be served clearly worse than by the baseline, however good the whole looks.

use common::vocabulary::SliceFigures;
use statrs::distribution::{ContinuousCDF, Normal};

use super::Finding;

/// How much more than the baseline a group may lose: less is no harm that anybody would notice.
const MARGIN: f64 = 0.05;
/// Chance that any group is found to be below its floor that is not.
const ALPHA: f64 = 0.05;
/// Rows from which a group is looked at.
const MIN_ROWS: u64 = 50;

/// The group furthest below its floor, if one is shown to be.
pub(super) fn below_floor(slices: &[SliceFigures]) -> Option<Finding> {
    let looked_at: Vec<&SliceFigures> = slices.iter().filter(|slice| slice.rows >= MIN_ROWS).collect();
    let reach = Normal::standard().inverse_cdf(1.0 - ALPHA / looked_at.len().max(1) as f64);
    // At least so much the loss is above the floor, as a share of it.
    let excess = |slice: &SliceFigures| {
        let floor = slice.baseline_loss * (1.0 + MARGIN);
        (slice.loss - reach * slice.standard_error - floor) / floor
    };
    let worst = looked_at.into_iter().max_by(|a, b| excess(a).total_cmp(&excess(b)))?;
    let SliceFigures { name, rows, loss, baseline_loss, .. } = worst.clone();
    (excess(worst) > 0.0).then_some(Finding::SliceBelowFloor { slice: name, rows, loss, baseline_loss })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(name: &str, rows: u64, loss: f64) -> SliceFigures {
        SliceFigures { name: name.into(), rows, loss, baseline_loss: 1.0, standard_error: 2.0 / (rows as f64).sqrt() }
    }

    /// JUDGING §3: a group that is clearly worse off is a reason to refuse; one that may be so by chance is none.
    #[test]
    fn a_group_that_is_clearly_worse_off_is_found() {
        let refused = |slices: &[SliceFigures]| below_floor(slices);
        assert_eq!(refused(&[]), None);
        assert_eq!(refused(&[slice("age=20", 60, 1.4), slice("age=30", 5000, 0.7)]), None, "chance");
        let found = refused(&[slice("age=20", 900, 1.4), slice("age=30", 5000, 0.7)]).unwrap();
        let (slice_below, rows) = ("age=20".to_owned(), 900);
        assert_eq!(found, Finding::SliceBelowFloor { slice: slice_below, rows, loss: 1.4, baseline_loss: 1.0 });
        assert_eq!(refused(&[slice("age=20", 49, 9.0)]), None, "too few");
        assert_eq!(refused(&[slice("age=20", 1_000_000, 1.04)]), None, "no harm");
        assert!(refused(&[slice("age=20", 50, 9.0)]).is_some(), "just enough");
        let sure = |loss| SliceFigures { standard_error: 0.0, ..slice("age=20", 60, loss) };
        assert_eq!(refused(&[sure(1.05)]), None, "at the floor it is not below");
        assert!(refused(&[sure(1.051)]).is_some());
    }

    /// How far below its floor a group is, is a share: large losses are not far below only because they are large.
    #[test]
    fn the_group_furthest_below_by_its_share_is_named() {
        let large = SliceFigures { baseline_loss: 100.0, ..slice("large", 10_000, 130.0) };
        let found = below_floor(&[large, slice("small", 10_000, 2.0)]).unwrap();
        assert!(matches!(&found, Finding::SliceBelowFloor { slice, .. } if slice == "small"), "{found:?}");
    }

    /// With many groups that are as well off as with the baseline, one seldom looks worse off.
    #[test]
    fn many_groups_are_looked_at_with_more_care() {
        let slices = |count: usize| {
            let mut slices: Vec<SliceFigures> = (0..count).map(|n| slice(&n.to_string(), 400, 1.0)).collect();
            slices[0].loss = 1.05 + 2.0 * 0.1;
            slices
        };
        assert!(below_floor(&slices(1)).is_some());
        assert_eq!(below_floor(&slices(20)), None);
    }
}
