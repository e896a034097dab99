//! The end of a training: upload everything, the manifest last, then the seal that decides the attempt.

use std::path::Path;

use bytes::Bytes;
use common::ports::{ArtifactStore, Created, PortError, StoreKey};
use common::vocabulary::{ContentHash, Seal, files};
use common::wire::{Claim, Outcome};

use super::inputs;
use super::offering::Offer;
use crate::failure::Failure;
use crate::fault::{self, Point};

/// Uploads the artifact in `output` and seals the attempt with it.
///
/// # Errors
/// The artifact is not one. A store that does not take it is waited for.
pub(super) async fn publish(
    store: &dyn ArtifactStore,
    offer: &Offer<'_>,
    claim: &Claim,
    output: &Path,
) -> Result<Outcome, Failure> {
    fault::at(Point::BeforeUpload);
    let manifest = output.join(files::MANIFEST);
    let contents = inputs::contents(&manifest)?;
    let folder = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let names = contents.files.keys().map(String::as_str).chain([files::MANIFEST]);
    for name in names {
        let key =
            folder.join(name).map_err(|error| PortError::Unusable { what: name.into(), reason: error.to_string() })?;
        let file = output.join(name);
        offer.until_taken(|| store.upload(&key, &file)).await?;
    }
    let hash = ContentHash::of_file(&manifest).map_err(|error| Failure::file(&manifest, &error))?;
    fault::at(Point::BeforeSeal);
    let outcome = seal(store, offer, claim, hash).await?;
    fault::at(Point::AfterSeal);
    Ok(outcome)
}

/// Uploads what a batch prediction says, under its hash. Nothing decides the attempt: done again, it is the same file.
///
/// # Errors
/// There is no such file. A store that does not take it is waited for.
pub(super) async fn upload_predictions(
    store: &dyn ArtifactStore,
    offer: &Offer<'_>,
    output: &Path,
) -> Result<Outcome, Failure> {
    let file = output.join(files::PREDICTIONS);
    let sha256 = ContentHash::of_file(&file).map_err(|error| Failure::file(&file, &error))?;
    let key = StoreKey::predictions(&sha256);
    offer.until_taken(|| store.upload(&key, &file)).await?;
    Ok(Outcome::Predicted { sha256 })
}

/// Writes the seal, create-only. Whoever is first has decided: if it is there already it is read back, for an earlier try of
/// ours may have got through without an answer.
async fn seal(
    store: &dyn ArtifactStore,
    offer: &Offer<'_>,
    claim: &Claim,
    manifest: ContentHash,
) -> Result<Outcome, PortError> {
    let key = StoreKey::seal(claim.job, claim.attempt);
    let damaged = |error: serde_json::Error| PortError::Damaged { what: key.to_string(), reason: error.to_string() };
    let ours = Seal::Result { claim: claim.claim, manifest };
    let body = Bytes::from(serde_json::to_vec(&ours).map_err(damaged)?);
    match offer.until_taken(|| store.create(&key, body.clone())).await? {
        Created::Fresh => Ok(Outcome::Sealed),
        Created::Exists => {
            let found = offer.until_taken(|| store.get(&key)).await?;
            let found: Seal = serde_json::from_slice(&found).map_err(damaged)?;
            Ok(if found == ours { Outcome::Sealed } else { Outcome::Discarded })
        }
    }
}
