//! The versions that are scored beside a challenger.

use std::path::PathBuf;

use common::losses::Contestant;
use common::vocabulary::{ArtifactRef, Contestants};

use crate::device::Device;
use crate::error::TrainError;
use crate::family::Family;
use crate::run::Inputs;
use crate::version::Version;

/// Those a spec names, and where they lie.
pub(crate) fn named<'a>(
    contestants: &'a Contestants,
    inputs: &'a Inputs,
) -> [(Option<&'a ArtifactRef>, Option<&'a PathBuf>); 2] {
    [
        (contestants.champion.as_ref(), inputs.champion.as_ref()),
        (contestants.universal.as_ref(), inputs.universal.as_ref()),
    ]
}

/// Opens those a spec names.
pub(crate) fn open<F: Family>(
    contestants: &Contestants,
    inputs: &Inputs,
    device: Device,
) -> Result<Vec<(Contestant, Version<F>)>, TrainError> {
    let named = [
        (Contestant::Champion, &contestants.champion, &inputs.champion),
        (Contestant::Universal, &contestants.universal, &inputs.universal),
    ];
    let mut open = Vec::new();
    for (contestant, reference, folder) in named {
        match (reference, folder) {
            (None, _) => {}
            // It only stands in, and the store may have lost it.
            (Some(_), None) if contestant == Contestant::Universal => {
                tracing::warn!("the universal model is not here: left out");
            }
            (Some(reference), folder) => open.push((contestant, Version::named(reference, folder.as_ref(), device)?)),
        }
    }
    Ok(open)
}
