//! `backup.json`: the version's row, so that a database that has never heard of it can be told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common::ports::StoreKey;
use common::settings::OwnPolicy;
use common::vocabulary::{AttemptId, ContentHash, FileEntry, Manifest, Reading, files};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::BackupId;
use super::names;
use super::storage::BackupStorage;
use crate::db::{models::Model, verdicts::VerdictRecord, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::views::{ModelRequest, VersionView};

/// The record of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Version of this format.
    pub(super) format: u32,
    /// Which build wrote it.
    pub(super) refit: String,
    /// The backup's id.
    pub(super) backup: String,
    /// When it was made.
    pub(super) made_at: DateTime<Utc>,
    /// What whoever made it had to say.
    pub(super) note: String,
    /// How the model is registered.
    model: ModelRequest,
    /// Its own policy; beside the rest, so that releases that know of none can restore it all the same.
    #[serde(default, skip_serializing_if = "OwnPolicy::is_empty")]
    policy: OwnPolicy,
    /// The version as it was shown then, without its manifest, which lies beside.
    pub(super) version: VersionView,
    /// The attempt that trained it.
    pub(super) attempt: AttemptId,
    /// Incremental trainings since the last complete one.
    pub(super) increments: u32,
    /// Rows it was given, of its longest series.
    pub(super) data_rows: u64,
    /// Its folder in the store.
    pub(super) prefix: String,
    /// Every file of the artifact, `manifest.json` among them.
    pub(super) files: BTreeMap<String, FileEntry>,
}

impl Record {
    /// The version of the format this build writes.
    const FORMAT: u32 = 1;

    /// The record of a version.
    pub(super) fn of(model: &Model, version: &Version, manifest_bytes: u64, id: BackupId, note: &str) -> Result<Self> {
        let mut files = version.manifest.files.clone();
        files.insert(files::MANIFEST.to_owned(), FileEntry { sha256: version.manifest_hash, bytes: manifest_bytes });
        Ok(Self {
            format: Self::FORMAT,
            refit: env!("CARGO_PKG_VERSION").to_owned(),
            backup: id.to_string(),
            made_at: id.at().utc(),
            note: note.to_owned(),
            model: registration(model)?,
            policy: model.policy.clone(),
            version: VersionView { manifest: Value::Null, ..present::version(version.clone())? },
            attempt: version.attempt,
            increments: version.increments,
            data_rows: version.data_rows,
            prefix: version.prefix.clone(),
            files,
        })
    }

    /// The record of a backup, as it lies there: believed only if it can be read.
    pub(super) async fn read(storage: &BackupStorage, folder: &StoreKey) -> Result<Self> {
        Self::parse(&storage.get(folder, names::RECORD).await?)
    }

    /// The record in these bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let damaged = |error: serde_json::Error| Error::refused(format!("{} is damaged: {error}", names::RECORD));
        let Head { format } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format != Self::FORMAT {
            let reason = format!("{} has format {format}, this build reads {}", names::RECORD, Self::FORMAT);
            return Err(Error::refused(reason));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// What it takes to register the model as it was.
    pub(super) fn registration(&self) -> Result<ModelRequest> {
        let policy = serde_json::from_value(serde_json::to_value(&self.policy)?)?;
        // Of releases before a model's own policy: switched off, or as the settings say.
        let auto_retrain = self.model.auto_retrain.filter(|on| !on && self.policy.auto_retrain().is_none());
        Ok(ModelRequest { auto_retrain, policy: Some(policy), ..self.model.clone() })
    }

    /// How the version was judged. What was shown then holds what is kept; of an earlier release, as sentences.
    pub(super) fn verdict(&self) -> Result<Option<VerdictRecord>> {
        let Some(shown) = &self.version.verdict else { return Ok(None) };
        let mut verdict: VerdictRecord = serde_json::from_value(serde_json::to_value(shown)?)?;
        if !verdict.findings.is_empty() {
            verdict.reasons.clear();
        }
        Ok(Some(verdict))
    }

    /// The hash of the manifest.
    pub(super) fn manifest_hash(&self) -> Option<ContentHash> {
        self.files.get(files::MANIFEST).map(|entry| entry.sha256)
    }

    /// Whether this is the record of that manifest.
    pub(super) fn fits(&self, manifest: &Manifest) -> bool {
        let named = |(name, entry): (&String, &FileEntry)| self.files.get(name) == Some(entry);
        let inside = format!("jobs/{}/{}/", manifest.job, self.attempt);
        self.version.model == manifest.model.as_str()
            && self.prefix.starts_with(&inside)
            && self.files.len() == manifest.files.len() + 1
            && manifest.files.iter().all(named)
    }
}

/// What it takes to register the model as it is.
fn registration(model: &Model) -> Result<ModelRequest> {
    Ok(ModelRequest {
        category: Some(model.category.to_string()),
        tags: Some(model.tags.clone()),
        hyper: Some(model.hyper.by_name()),
        auto_retrain: Some(model.policy.auto_retrain() != Some(false)),
        policy: None,
        dataset: model.source.as_ref().map(|source| source.dataset.to_string()),
        schema: match model.source.as_ref().map(|source| &source.reading) {
            Some(Reading::Records(schema)) => Some(serde_json::to_value(schema)?),
            Some(Reading::Ratings(_) | Reading::Texts(_)) | None => None,
        },
        predict: None,
        confirm_columns: None,
        columns: model.source.as_ref().map(|source| source.reading.roles()).filter(|roles| !roles.is_empty()),
    })
}
