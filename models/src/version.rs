//! A version as a folder of open files: trusted only after every hash and the golden cases agree.

use std::path::{Path, PathBuf};

use common::vocabulary::{ArtifactRef, ContentHash, Manifest, files as names};

use crate::device::Device;
use crate::error::TrainError;
use crate::family::Family;
use crate::files;

/// A version read back whole. Callers keep it, opening is dear.
#[derive(Debug)]
pub(crate) struct Version<F: Family> {
    pub(crate) manifest: Manifest,
    pub(crate) model: F::Model,
}

impl<F: Family> Version<F> {
    /// Opens the artifact in `folder`, whose `manifest.json` must have this hash.
    ///
    /// # Errors
    /// [`TrainError::Damaged`] names the first file that is not what it should be.
    pub(crate) fn open(folder: &Path, manifest: &ContentHash, device: Device) -> Result<Self, TrainError> {
        Self::of(folder, self::manifest(folder, manifest)?, device)
    }

    /// The same, once the manifest is read.
    ///
    /// # Errors
    /// As [`Self::open`]; [`TrainError::Code`]: the version is of another family.
    pub(crate) fn of(folder: &Path, manifest: Manifest, device: Device) -> Result<Self, TrainError> {
        let (own, family) = (F::FAMILY, manifest.hyper.family());
        if family != own {
            return Err(TrainError::Code(format!(
                "the version in {} is one of {}, a {family}: it cannot be opened as a {own}",
                folder.display(),
                manifest.model
            )));
        }
        for (name, entry) in &manifest.files {
            files::read(&folder.join(name), &entry.sha256)?;
        }
        let model = F::open(&Files { folder, manifest: &manifest }, device)?;
        Ok(Self { manifest, model })
    }

    /// Opens a version a spec names; its folder must be there.
    pub(crate) fn named(reference: &ArtifactRef, folder: Option<&PathBuf>, device: Device) -> Result<Self, TrainError> {
        let missing =
            || TrainError::Code(format!("{} of the artifact {} is not here", reference.version, reference.prefix));
        Self::open(folder.ok_or_else(missing)?, &reference.manifest, device)
    }
}

/// The manifest of an artifact, which must have this hash.
pub(crate) fn manifest(folder: &Path, hash: &ContentHash) -> Result<Manifest, TrainError> {
    let path = folder.join(names::MANIFEST);
    let manifest: Manifest = files::parse(&path, &files::read(&path, hash)?)?;
    if manifest.format == Manifest::FORMAT {
        Ok(manifest)
    } else {
        let reason = format!("format {}, but this build reads {}", manifest.format, Manifest::FORMAT);
        Err(TrainError::damaged(path, reason))
    }
}

/// The files of an artifact, by the names in its manifest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files<'a> {
    folder: &'a Path,
    /// The manifest.
    pub(crate) manifest: &'a Manifest,
}

impl Files<'_> {
    /// The content of a file, checked.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, TrainError> {
        match self.manifest.files.get(name) {
            Some(entry) => files::read(&self.folder.join(name), &entry.sha256),
            None => Err(TrainError::damaged(self.folder.join(names::MANIFEST), format!("{name} is missing in it"))),
        }
    }

    /// The same, as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, TrainError> {
        files::parse(&self.folder.join(name), &self.read(name)?)
    }

    /// A file that is not what it should be.
    pub(crate) fn damaged(&self, name: &str, reason: impl ToString) -> TrainError {
        TrainError::damaged(self.folder.join(name), reason)
    }
}
