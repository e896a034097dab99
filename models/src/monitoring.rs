//! A live version on rows that have come since it was trained, beside its baseline and the version before it.

use common::losses::{Contestant, RowLosses};
use common::vocabulary::Subject;

use crate::device::Device;
use crate::error::TrainError;
use crate::family::{Entrant, Family, Material, Scored};
use crate::run::SubjectInputs;
use crate::unseen;
use crate::version::Version;

/// See [`crate::run::monitor`].
pub(crate) fn losses<F: Family>(
    subject: &Subject,
    inputs: &SubjectInputs,
    device: Device,
) -> Result<Option<RowLosses>, TrainError> {
    let Subject { model, snapshot, split, beyond, live, shadow, rows: _ } = subject;
    let mut live = Version::<F>::open(&inputs.live, &live.manifest, device)?;
    let given = unseen::by_version(&inputs.live, &live.manifest)?;
    let scored = Scored::Beyond { mark: *beyond, given: given.as_ref() };
    let material = Material { model, snapshot, parts: &inputs.parts, split, scored };
    let mut rows = F::rows(&material, &live.manifest.hyper, Some(&live))?;
    if F::to_score(&rows) == 0 {
        return Ok(None);
    }
    let mut others = Vec::new();
    if let (Some(shadow), Some(folder)) = (shadow, &inputs.shadow) {
        // Without it there is nothing to fall back to, but the live version can be watched all the same.
        match Version::<F>::open(folder, &shadow.manifest, device) {
            Ok(version) => {
                if let Some(given) = unseen::by_version(folder, &version.manifest)? {
                    F::leave_out(&mut rows, &|name| given.given(name));
                }
                others.push((Contestant::Champion, version));
            }
            Err(error) => {
                tracing::warn!(%model, version = %shadow.version, %error, "the version before cannot be scored")
            }
        }
    }
    if F::to_score(&rows) == 0 {
        return Ok(None);
    }
    let entrant = Entrant { model: &mut live.model, seen_through: live.manifest.seen_through };
    let (losses, _) = F::judge(&rows, entrant, &mut others)?;
    Ok(Some(losses))
}
