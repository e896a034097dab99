//! A live version on rows that have come since it was trained, beside its baseline and the version before it.

use common::drift::{InputDrift, Look};
use common::losses::{Contestant, RowLosses};
use common::vocabulary::Subject;

use crate::device::Device;
use crate::error::TrainError;
use crate::family::{Entrant, Family, Material, Scored};
use crate::run::{Monitoring, SubjectInputs};
use crate::version::Version;
use crate::{inputs as compared, unseen};

/// See [`crate::run::monitor`].
pub(crate) fn monitor<F: Family>(
    subject: &Subject,
    inputs: &SubjectInputs,
    device: Device,
) -> Result<Monitoring, TrainError> {
    let Subject { model, snapshot, split, beyond, live, shadow: _, rows: _, inputs: look } = subject;
    let live = Version::<F>::open(&inputs.live, &live.manifest, device)?;
    let given = unseen::by_version(&inputs.live, &live.manifest)?;
    let scored = Scored::Beyond { mark: *beyond, given: given.as_ref() };
    let material = Material { model, snapshot, parts: &inputs.parts, split, scored };
    let rows = F::rows(&material, &live.manifest.hyper, Some(&live))?;
    let found = look.as_ref().and_then(|look| drift(subject, inputs, &live, &rows, look));
    Ok(Monitoring { losses: losses(subject, inputs, device, live, rows)?, inputs: found })
}

/// How the inputs compare. A version can be scored without.
fn drift<F: Family>(
    subject: &Subject,
    inputs: &SubjectInputs,
    live: &Version<F>,
    rows: &F::Rows,
    look: &Look,
) -> Option<InputDrift> {
    let found = compared::compare::<F>(&inputs.live, &live.manifest, rows, look);
    let warn = |error: &TrainError| tracing::warn!(model = %subject.model, %error, "its inputs cannot be compared");
    found.inspect_err(warn).ok()
}

/// Scores the live version and the one before it on the rows that are new to both; nothing where there are none.
fn losses<F: Family>(
    Subject { model, shadow, .. }: &Subject,
    inputs: &SubjectInputs,
    device: Device,
    mut live: Version<F>,
    mut rows: F::Rows,
) -> Result<Option<RowLosses>, TrainError> {
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
