//! Nobody is scored on rows they have seen: bars are told by their days, rows of a data set by their names.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::NaiveDate;
use common::losses::Contestant;
use common::seen::Seen;
use common::vocabulary::{ArtifactRef, Manifest, files as names};

use crate::error::TrainError;
use crate::family::Family;
use crate::files;
use crate::version;

/// Lets a contestant be scored on targets from `first` on, if it was fitted on earlier ones only.
///
/// # Errors
/// It, or an ancestor, was fitted on one of them or a later one.
pub(crate) fn admit(contestant: Contestant, seen_through: NaiveDate, first: NaiveDate) -> Result<(), TrainError> {
    if seen_through < first {
        return Ok(());
    }
    Err(TrainError::Data(format!(
        "the {contestant} was fitted on targets through {seen_through}, but the first one to score is of {first}: nobody is \
         scored on rows they have seen"
    )))
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
