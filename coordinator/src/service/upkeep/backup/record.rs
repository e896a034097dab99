//! `backup.json`: the version's row, so that a database that has never heard of it can be told.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use common::ports::StoreKey;
use common::settings::OwnPolicy;
use common::vocabulary::{AttemptId, ContentHash, FileEntry, Manifest, Mode, ModelKey, Reading, VersionNumber, files};
use serde::{Deserialize, Serialize};

use super::id::BackupId;
use super::names;
use super::storage::BackupStorage;
use crate::db::{models::Model, verdicts::VerdictRecord, versions::Version};
use crate::service::error::{Error, Result};
use crate::views::ModelRequest;

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
    /// The version, as its database knew it.
    pub(super) version: Recorded,
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

/// A version without its manifest, which lies beside. Format 1 held the version as the API showed it: more fields of the same names, and
/// sentences beside the findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recorded {
    /// The model.
    pub(super) model: ModelKey,
    /// Its number.
    pub(super) version: VersionNumber,
    /// What it was when the backup was made: only people read it.
    pub(super) status: String,
    /// How it was trained.
    pub(super) mode: Mode,
    /// The version it started from.
    pub(super) parent: Option<VersionNumber>,
    /// The "now" of the decision behind it.
    pub(super) trained_at: DateTime<Utc>,
    /// When it was recorded.
    pub(super) recorded_at: DateTime<Utc>,
    /// Newest row it was given.
    pub(super) data_through: NaiveDate,
    /// P(skill > 0), 0 to 1.
    pub(super) reliability: Option<f64>,
    /// How it was judged.
    verdict: Option<VerdictRecord>,
}

impl Recorded {
    fn of(version: &Version) -> Self {
        Self {
            model: version.model.clone(),
            version: version.number,
            status: version.status.as_str().to_owned(),
            mode: version.mode,
            parent: version.parent,
            trained_at: version.as_of.utc(),
            recorded_at: version.recorded_at.utc(),
            data_through: version.data_through,
            reliability: version.reliability,
            verdict: version.verdict.clone(),
        }
    }

    /// How it was judged, by what was found. Sentences are only where an earlier release knew nothing else.
    pub(super) fn verdict(&self) -> Option<VerdictRecord> {
        let mut verdict = self.verdict.clone()?;
        if !verdict.findings.is_empty() {
            verdict.reasons.clear();
        }
        Some(verdict)
    }
}

impl Record {
    /// The version of the format this build writes. It reads all up to it.
    const FORMAT: u32 = 2;

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
            version: Recorded::of(version),
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
        if !(1..=Self::FORMAT).contains(&format) {
            let reason = format!("{} has format {format}, this build reads up to {}", names::RECORD, Self::FORMAT);
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

    /// The hash of the manifest.
    pub(super) fn manifest_hash(&self) -> Option<ContentHash> {
        self.files.get(files::MANIFEST).map(|entry| entry.sha256)
    }

    /// Whether this is the record of that manifest.
    pub(super) fn fits(&self, manifest: &Manifest) -> bool {
        let named = |(name, entry): (&String, &FileEntry)| self.files.get(name) == Some(entry);
        let inside = format!("jobs/{}/{}/", manifest.job, self.attempt);
        self.version.model == manifest.model
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

#[cfg(test)]
mod tests {
    use domain::judge::{Against, Finding};

    use super::*;

    /// As release 0.1.0 wrote it, which kept what the API showed.
    const FORMAT_1: &[u8] = include_bytes!("recorded/format-1.json");

    #[test]
    fn what_an_earlier_release_wrote_is_read() {
        let record = Record::parse(FORMAT_1).unwrap();
        assert_eq!(record.version.version.to_string(), "v1.0");
        assert_eq!((record.version.mode, record.version.parent), (Mode::Quick, None));
        let verdict = record.version.verdict().unwrap();
        let better = Finding::Better { against: Against::Baseline, confidence: 0.95 };
        assert_eq!((&verdict.findings[0], verdict.findings.len()), (&better, 2));
        assert_eq!(verdict.reasons, Vec::<String>::new(), "a sentence is made where it is read");
        let registration = record.registration().unwrap();
        assert!(registration.policy.is_some_and(|policy| policy.contains_key("auto_rollback")));
    }

    #[test]
    fn a_record_survives_a_round_trip_and_a_later_one_is_refused() {
        let record = Record { format: Record::FORMAT, ..Record::parse(FORMAT_1).unwrap() };
        assert_eq!(Record::parse(&serde_json::to_vec(&record).unwrap()).unwrap(), record);
        let later = serde_json::to_vec(&Record { format: Record::FORMAT + 1, ..record }).unwrap();
        let refused = Record::parse(&later).unwrap_err().to_string();
        assert!(refused.ends_with("has format 3, this build reads up to 2"), "{refused}");
    }
}
