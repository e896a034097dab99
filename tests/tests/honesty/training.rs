//! Real trainings through the worker's own entry.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use common::losses::{self, RowLosses};
use common::vocabulary::{
    ArtifactRef, AttemptId, ContentHash, Contestants, Hyper, JobId, Manifest, Mode, ModelKey, Snapshot, SplitPolicy,
    TrainSpec, VersionNumber, files,
};
use models::run::{self, Device, Identity, Inputs, Observer, Stop, TrainError, Update};

/// A trained version in its folder, and the losses of everyone on its holdout.
pub(crate) struct Trained {
    folder: tempfile::TempDir,
    pub(crate) manifest: Manifest,
    pub(crate) losses: RowLosses,
}

/// Whom a training knows.
#[derive(Clone, Copy, Default)]
pub(crate) struct Others<'a> {
    /// The version an incremental training goes on from.
    pub(crate) parent: Option<&'a Trained>,
    /// The version that is scored on the same rows.
    pub(crate) champion: Option<&'a Trained>,
}

impl Trained {
    /// A file of the artifact.
    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.artifact().join(name)).unwrap()
    }

    fn artifact(&self) -> PathBuf {
        self.folder.path().join("artifact")
    }

    fn reference(&self) -> ArtifactRef {
        let manifest = ContentHash::of_file(&self.artifact().join(files::MANIFEST)).unwrap();
        ArtifactRef {
            model: Some(self.manifest.model.clone()),
            version: VersionNumber { major: 1, minor: 0 },
            prefix: "models/test/v1.0".into(),
            manifest,
            seen_through: self.manifest.seen_through,
        }
    }
}

/// Trains on a snapshot of one file: incrementally where there is a parent.
pub(crate) fn train(
    model: ModelKey,
    snapshot: Snapshot,
    file: &Bytes,
    hyper: Hyper,
    split: SplitPolicy,
    others: Others<'_>,
) -> Result<Trained, TrainError> {
    let folder = tempfile::tempdir().unwrap();
    let inputs = Inputs {
        parts: vec![folder.path().join("rows.parquet")],
        parent: others.parent.map(Trained::artifact),
        champion: others.champion.map(Trained::artifact),
        output: folder.path().join("artifact"),
        scratch: folder.path().join("scratch"),
        ..Inputs::default()
    };
    std::fs::create_dir(&inputs.output).unwrap();
    std::fs::create_dir(&inputs.scratch).unwrap();
    std::fs::write(&inputs.parts[0], file).unwrap();
    let spec = TrainSpec {
        model,
        mode: if others.parent.is_some() { Mode::Incremental } else { Mode::Complete },
        snapshot,
        hyper,
        split,
        parent: others.parent.map(Trained::reference),
        contestants: Contestants { champion: others.champion.map(Trained::reference), universal: None },
        yardstick: false,
        reproduces: None,
    };
    let identity = Identity { job: JobId::new_v4(), attempt: AttemptId::new_v4() };
    let manifest = run::train(&spec, None, identity, &inputs, Device::Cpu, &mut Undisturbed)?;
    let losses = std::fs::read(inputs.output.join(files::LOSSES)).unwrap();
    Ok(Trained { folder, manifest, losses: losses::decode(losses.into()).unwrap() })
}

struct Undisturbed;

impl Observer for Undisturbed {
    fn progress(&mut self, _: &Update) {}
    fn checkpoint_due(&mut self) -> bool {
        false
    }
    fn checkpoint(&mut self, _: &Path, _: u64) {}
    fn stop(&mut self) -> Option<Stop> {
        None
    }
}
