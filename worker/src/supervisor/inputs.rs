//! Brings the inputs of a job onto this machine, every byte checked against its hash.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::ports::{ArtifactStore, PortError, StoreKey};
use common::vocabulary::{ArtifactRef, ContentHash, FailureClass, FileEntry, JobSpec, Subject, files};
use common::wire::{CheckpointRef, Grant};
use serde::Deserialize;

use super::cache::PartCache;
use super::scratch::ClaimFolder;
use crate::executor::{Files, SubjectFiles};
use crate::failure::Failure;
use common::retry::retry;
use models::run::SubjectInputs;

/// What every manifest says about its files.
#[derive(Debug, Deserialize)]
pub(super) struct Contents {
    /// Every file but the manifest, with its hash.
    pub(super) files: BTreeMap<String, FileEntry>,
}

/// Fetches everything a granted job needs into the folder of its claim.
pub(super) async fn fetch(
    store: &dyn ArtifactStore,
    cache: &PartCache,
    grant: &Grant,
    folder: &ClaimFolder,
) -> Result<Files, Failure> {
    let fetcher = Fetcher { store, cache, folder };
    let mut inputs = Files { output: folder.output(), scratch: folder.checkpoints(), ..Files::default() };
    match &grant.spec {
        JobSpec::Train(spec) => {
            inputs.parts = fetcher.parts("part", spec.snapshot.files()).await?;
            inputs.parent = fetcher.artifact("parent", spec.parent.as_ref()).await?;
            inputs.champion = fetcher.artifact("champion", spec.contestants.champion.as_ref()).await?;
            inputs.universal = fetcher.universal(spec.contestants.universal.as_ref()).await?;
            inputs.resume = fetcher.checkpoint(grant.resume.as_ref()).await?;
        }
        JobSpec::Trial(spec) => {
            inputs.parts = fetcher.parts("part", spec.snapshot.files()).await?;
            inputs.resume = fetcher.checkpoint(grant.resume.as_ref()).await?;
        }
        JobSpec::Evaluate(spec) => {
            inputs.parts = fetcher.parts("part", spec.snapshot.files()).await?;
            inputs.challenger = fetcher.artifact("challenger", Some(&spec.challenger)).await?;
            inputs.champion = fetcher.artifact("champion", spec.contestants.champion.as_ref()).await?;
            inputs.universal = fetcher.universal(spec.contestants.universal.as_ref()).await?;
        }
        JobSpec::Monitor(spec) => {
            for (number, subject) in spec.subjects.iter().enumerate() {
                inputs.subjects.push(fetcher.subject(number, subject).await?);
            }
        }
        JobSpec::Predict(spec) => {
            inputs.parts = fetcher.parts("part", spec.files()).await?;
            inputs.version = fetcher.artifact("version", Some(&spec.artifact)).await?;
        }
        JobSpec::Probe(_) => {}
    }
    Ok(inputs)
}

struct Fetcher<'a> {
    store: &'a dyn ArtifactStore,
    cache: &'a PartCache,
    folder: &'a ClaimFolder,
}

impl Fetcher<'_> {
    async fn parts(&self, name: &str, files: Vec<ContentHash>) -> Result<Vec<PathBuf>, Failure> {
        let mut parts = Vec::new();
        for (index, hash) in files.into_iter().enumerate() {
            let target = self.folder.path().join(format!("{name}-{index}.parquet"));
            self.cache.fetch(self.store, hash, &target).await?;
            parts.push(target);
        }
        Ok(parts)
    }

    async fn artifact(&self, role: &str, artifact: Option<&ArtifactRef>) -> Result<Option<PathBuf>, Failure> {
        let Some(artifact) = artifact else { return Ok(None) };
        let folder = self.folder.path().join(role);
        fetch_artifact(self.store, artifact, &folder).await.map_err(|failure| whose(failure, role, artifact))?;
        Ok(Some(folder))
    }

    /// The universal model only stands in: where it is gone or damaged, the others are judged without it.
    async fn universal(&self, artifact: Option<&ArtifactRef>) -> Result<Option<PathBuf>, Failure> {
        match self.artifact("universal", artifact).await {
            Err(failure) if failure.class == FailureClass::Damaged => {
                tracing::warn!(%failure, "the universal model is left out");
                Ok(None)
            }
            other => other,
        }
    }

    /// One subject of a monitoring: what is gone or damaged of it does not keep the others from being scored.
    async fn subject(&self, number: usize, subject: &Subject) -> Result<SubjectFiles, Failure> {
        let shadow = match self.artifact(&format!("shadow-{number}"), subject.shadow.as_ref()).await {
            Ok(shadow) => shadow,
            Err(failure) if failure.class == FailureClass::Damaged => {
                tracing::warn!(model = %subject.model, %failure, "the version before cannot be scored");
                None
            }
            Err(failure) => return Err(failure),
        };
        let live = self.folder.path().join(format!("live-{number}"));
        let fetched = async {
            let parts = self.parts(&format!("subject-{number}-part"), subject.snapshot.files()).await?;
            fetch_artifact(self.store, &subject.live, &live).await?;
            Ok::<_, Failure>(parts)
        };
        match fetched.await {
            Ok(parts) => Ok(SubjectFiles::Here(SubjectInputs { parts, live, shadow })),
            Err(failure) if failure.class == FailureClass::Damaged => {
                Ok(SubjectFiles::Unusable { reason: failure.message })
            }
            Err(failure) => Err(failure),
        }
    }

    /// A checkpoint that is gone or damaged costs time, not the job: with no file there the training starts over and says so.
    async fn checkpoint(&self, checkpoint: Option<&CheckpointRef>) -> Result<Option<PathBuf>, Failure> {
        let Some(checkpoint) = checkpoint else { return Ok(None) };
        let key: StoreKey = checkpoint.key.parse().map_err(unusable)?;
        let target = self.folder.path().join("resume");
        match retry(|| self.store.download(&key, &target, &checkpoint.sha256)).await {
            Ok(()) => {}
            Err(error @ (PortError::NotFound { .. } | PortError::Damaged { .. })) => {
                tracing::warn!(%error, step = checkpoint.step, "the checkpoint cannot be used: starting over");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Some(target))
    }
}

/// Says whose file is gone or damaged, and what brings it back.
fn whose(failure: Failure, role: &str, artifact: &ArtifactRef) -> Failure {
    match (&artifact.model, failure.class) {
        (Some(model), FailureClass::Damaged) => {
            let ArtifactRef { version, .. } = artifact;
            let message = format!(
                "{}; it is of {model} {version}, the {role} of this job: `refit reproduce {model} {version}` trains it again and brings it back",
                failure.message
            );
            Failure { message, ..failure }
        }
        (_, _) => failure,
    }
}

/// Fetches an artifact, manifest first, each file checked against the manifest; the first one that is not right is named.
pub(crate) async fn fetch_artifact(
    store: &dyn ArtifactStore,
    artifact: &ArtifactRef,
    folder: &Path,
) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let prefix: StoreKey = artifact.prefix.parse().map_err(unusable)?;
    let manifest = folder.join(files::MANIFEST);
    let key = prefix.join(files::MANIFEST).map_err(unusable)?;
    retry(|| store.download(&key, &manifest, &artifact.manifest)).await?;
    let contents = contents(&manifest)?;
    for (name, entry) in &contents.files {
        let key = prefix.join(name).map_err(unusable)?;
        let target = folder.join(name);
        retry(|| store.download(&key, &target, &entry.sha256)).await?;
    }
    Ok(())
}

/// Reads which files a manifest names. Names with a slash are refused: a file never leaves its folder.
pub(super) fn contents(manifest: &Path) -> Result<Contents, Failure> {
    let damaged = |reason: String| PortError::Damaged { what: manifest.display().to_string(), reason };
    let bytes = fs::read(manifest).map_err(|error| Failure::file(manifest, &error))?;
    let contents: Contents = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    match contents.files.keys().find(|name| name.contains('/') || name.parse::<StoreKey>().is_err()) {
        Some(name) => Err(damaged(format!("{name:?} is not the name of a file")).into()),
        None => Ok(contents),
    }
}

fn unusable(error: common::vocabulary::InvalidKey) -> PortError {
    PortError::Damaged { what: "a key of the store".into(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_cannot_name_files_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("manifest.json");
        let named = |name: &str| {
            let hash = common::vocabulary::ContentHash::of(b"").to_string();
            let text = serde_json::json!({ "files": { name: { "sha256": hash, "bytes": 0 } } });
            fs::write(&manifest, text.to_string()).unwrap();
            contents(&manifest)
        };
        assert!(named("weights.safetensors").is_ok());
        for bad in ["../weights", "/etc/passwd", "a/b", ".hidden", "", ".."] {
            assert_eq!(named(bad).unwrap_err().class, FailureClass::Damaged, "{bad:?}");
        }
    }
}
