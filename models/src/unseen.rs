//! Nobody is scored on rows they have seen: bars are told by their days, rows of a data set by their names.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use common::seen::Seen;
use common::vocabulary::{ArtifactRef, Manifest, files as names};

use crate::error::TrainError;
use crate::family::Family;
use crate::files;
use crate::version;

/// Parts rows to score into those that came earlier than what somebody was fitted on, and those that may judge. There are earlier ones
/// where many rows came late, newest ones were deleted, or more are held out than before.
///
/// # Errors
/// None may judge.
pub(crate) fn part<R: Copy, T: PartialOrd + Display>(
    rows: &[R],
    at: impl Fn(R) -> T,
    seen_through: Option<T>,
) -> Result<Parted<R>, TrainError> {
    let Some(seen) = seen_through else { return Ok(Parted { earlier: Vec::new(), later: rows.to_vec() }) };
    let (earlier, later): (Vec<R>, Vec<R>) = rows.iter().partition(|row| at(**row) <= seen);
    let first = earlier.iter().map(|row| at(*row)).reduce(|first, other| if other < first { other } else { first });
    match first {
        Some(first) if later.is_empty() => Err(TrainError::Data(format!(
            "the live version, or one it comes from, was fitted on rows through {seen}, and none of the {} to judge on, from {first} \
             on, is later: nobody is scored on rows they have seen; import rows that are new",
            earlier.len()
        ))),
        Some(_) | None => Ok(Parted { earlier, later }),
    }
}

/// Rows to score, each part in the order they were given in.
#[derive(Debug, PartialEq)]
pub(crate) struct Parted<R> {
    /// They judge nobody.
    pub(crate) earlier: Vec<R>,
    /// They judge.
    pub(crate) later: Vec<R>,
}

/// What the version in `folder` was given; none of bars, or where it was made before rows had names.
///
/// # Errors
/// The file is damaged.
pub(crate) fn by_version(folder: &Path, manifest: &Manifest) -> Result<Option<Seen>, TrainError> {
    let Some(entry) = manifest.files.get(names::SEEN) else { return Ok(None) };
    let path = folder.join(names::SEEN);
    let seen = Seen::decode(Bytes::from(files::read(&path, &entry.sha256)?));
    seen.map(Some).map_err(|error| TrainError::damaged(path, error))
}

/// What a training on these rows is given, after a parent that was given others.
pub(crate) fn by_training<F: Family>(rows: &F::Rows, parent: Option<&Seen>) -> Option<Seen> {
    let seen = Seen::of(F::named(rows)?);
    Some(match parent {
        Some(parent) => seen.after(parent),
        None => seen,
    })
}

/// The same of versions that a spec names, as far as they are here.
///
/// # Errors
/// A file is damaged.
pub(crate) fn by_named<'a>(
    versions: impl IntoIterator<Item = (Option<&'a ArtifactRef>, Option<&'a PathBuf>)>,
) -> Result<Vec<Seen>, TrainError> {
    let here = versions.into_iter().filter_map(|(reference, folder)| Some((reference?, folder?)));
    let seen = here.map(|(reference, folder)| by_version(folder, &version::manifest(folder, &reference.manifest)?));
    Ok(seen.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Takes rows that one of these was fitted on out of those to score.
///
/// # Errors
/// None is left.
pub(crate) fn leave_out_fitted<F: Family>(rows: &mut F::Rows, seen: &[Seen]) -> Result<(), TrainError> {
    let before = F::to_score(rows);
    F::leave_out(rows, &|name| seen.iter().any(|seen| seen.fitted(name)));
    match (before, F::to_score(rows)) {
        (0, _) => Ok(()),
        (all, 0) => Err(TrainError::Data(format!(
            "the live version, or one it comes from, was fitted on each of the {all} rows to judge on, which have come back under \
             other names or days: nobody is scored on rows they have seen; import rows that are new"
        ))),
        (all, left) if left < all => {
            tracing::warn!(left_out = all - left, left, "rows that somebody was fitted on do not judge");
            Ok(())
        }
        (_, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_seen_later_rows_is_judged_on_later_ones_still() {
        let days = [7, 3, 5, 9];
        let part = |seen| part(&[0, 1, 2, 3], |row: usize| days[row], seen);
        assert_eq!(part(None).unwrap(), Parted { earlier: vec![], later: vec![0, 1, 2, 3] });
        assert_eq!(part(Some(2)).unwrap(), Parted { earlier: vec![], later: vec![0, 1, 2, 3] });
        assert_eq!(part(Some(5)).unwrap(), Parted { earlier: vec![1, 2], later: vec![0, 3] });
        let refused = part(Some(9)).unwrap_err().to_string();
        assert!(refused.contains("through 9, and none of the 4 to judge on, from 3 on, is later"), "{refused}");
    }
}
