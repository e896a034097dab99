//! The versions that are scored beside a challenger.

use common::losses::Contestant;
use common::vocabulary::Contestants;

use crate::device::Device;
use crate::error::TrainError;
use crate::family::Family;
use crate::run::Inputs;
use crate::version::Version;

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
        if let Some(reference) = reference {
            open.push((contestant, Version::named(reference, folder.as_ref(), device)?));
        }
    }
    Ok(open)
}
