//! Backups: whole copies of versions, apart from the store.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LedgerView, schemas};

/// Asks for a backup.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupRequest {
    /// The version; the live one, if left out.
    #[schema(value_type = Option<schemas::VersionNumber>)]
    pub version: Option<String>,
    /// A word to whoever reads it later, at most 1,000 characters.
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BackupView {
    /// Its id: when it was made, in UTC, and of which version, such as `20260102T030405.678Z-v1.0`.
    pub id: String,
    /// The model.
    pub model: String,
    /// The version.
    pub version: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// What whoever made it had to say.
    pub note: String,
    /// How the version was trained.
    pub mode: Option<String>,
    /// Newest row the version was given.
    pub data_through: Option<NaiveDate>,
    /// P(skill > 0) of the version, as it was known then.
    pub reliability: Option<f64>,
    /// Files, those that describe it among them.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// The folder they lie in.
    pub place: String,
    /// What is wrong with it, as far as a list can tell; every file is checked when it is restored.
    pub damaged: Option<String>,
    /// Older backups that went for it.
    pub pruned: Vec<String>,
}

/// Asks for the version of a backup to be live again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreRequest {
    /// Why, for the ledger.
    pub reason: Option<String>,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RestoreAnswer {
    /// The backup.
    pub backup: String,
    /// The entry of the ledger that made the version live.
    pub entry: LedgerView,
    /// Files the store had lost and has again.
    pub added: Vec<String>,
    /// Files that were damaged in the store and are whole again.
    pub replaced: Vec<String>,
    /// The database did not know the version, and does again.
    pub recorded: bool,
}
