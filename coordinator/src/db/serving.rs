//! A version as whoever asks it needs it: where its artifact lies, and what it reads.

use common::vocabulary::{ArtifactRef, ModelKey, Snapshot, Source, VersionNumber};
use serde::Deserialize;

use super::{Connection, Result, sql};

/// A version that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Serving {
    /// Where its artifact lies.
    pub(crate) artifact: ArtifactRef,
    /// The rows it has learnt from, and how it reads them: its own, whatever its model reads by now. A forecaster reads bars.
    pub(crate) source: Option<Source>,
}

/// The part of a manifest that says what was read.
#[derive(Deserialize)]
struct Read {
    snapshot: Snapshot,
}

/// One version.
pub(crate) async fn get(db: &mut Connection, model: &ModelKey, number: VersionNumber) -> Result<Option<Serving>> {
    let row = sql("SELECT prefix, manifest_hash, seen_through, manifest FROM versions
         WHERE model = $1 AND major = $2 AND minor = $3")
    .bind(model.as_str())
    .bind(i64::from(number.major))
    .bind(i64::from(number.minor))
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Read { snapshot } = row.json("manifest")?;
    let artifact = ArtifactRef {
        model: Some(model.clone()),
        version: number,
        prefix: row.text("prefix")?,
        manifest: row.parsed("manifest_hash")?,
        seen_through: row.date("seen_through")?,
    };
    Ok(Some(Serving { artifact, source: snapshot.source() }))
}
