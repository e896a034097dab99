//! The version's row: what a database knows of it, and how it is told.

use common::vocabulary::{JobKind, Timestamp};
use domain::job_reason::JobReason;
use domain::transition::{Lifecycle, State};

use super::opened::Opened;
use crate::db::{
    self, Connection,
    jobs::Job,
    versions::{Status, Version},
};
use crate::service::error::{Error, Result};
use crate::service::results::record::Forward;
use crate::service::runtime::Core;

/// What the database knows of the version of a backup: `None` if nothing, an error if its number means another one.
pub(super) async fn existing_version(view: &mut Connection, backup: &Opened) -> Result<Option<Version>> {
    let (key, job) = (&backup.manifest.model, backup.manifest.job);
    let number = backup.record.version.version;
    let taken =
        |reason: String| Err(Error::refused(format!("backup {} of {key} cannot be restored: {reason}", backup.id)));
    if let Some(version) = db::versions::get(view, key, number).await? {
        return match version.manifest_hash == backup.manifest_hash {
            true => Ok(Some(version)),
            false => taken(format!("{number} is another training by now, of job {}", version.job)),
        };
    }
    if let Some(version) = db::versions::of_job(view, job).await? {
        return taken(format!(
            "the same training is recorded as {} of {}: promote that",
            version.number, version.model
        ));
    }
    match db::jobs::get(view, job).await? {
        None => Ok(None),
        Some(job) => {
            taken(format!("job {}, which trained it, is {} here: wait until it is recorded", job.id, job.state()))
        }
    }
}

/// Tells a database that has never heard of it of a version, and of the job that trained it.
pub(super) async fn record(
    core: &Core,
    tx: &mut Connection,
    backup: &Opened,
    forward: Forward,
    now: Timestamp,
) -> Result<Version> {
    let (seen, manifest) = (&backup.record.version, &backup.manifest);
    let micros = |at: chrono::DateTime<chrono::Utc>| Timestamp(at.timestamp_micros());
    let version = Version {
        model: manifest.model.clone(),
        number: seen.version,
        job: manifest.job,
        attempt: backup.record.attempt,
        status: Status::Retired,
        mode: manifest.mode,
        parent: manifest.parent.as_ref().map(|parent| parent.version),
        increments: backup.record.increments,
        as_of: micros(seen.trained_at),
        recorded_at: micros(seen.recorded_at).min(now),
        data_through: manifest.data_through,
        data_rows: backup.record.data_rows,
        // Imports are counted by each database for itself: this one has brought the version nothing.
        data_import: 0,
        seen_through: manifest.seen_through,
        prefix: backup.record.prefix.clone(),
        manifest_hash: backup.manifest_hash,
        manifest: manifest.clone(),
        reliability: seen.reliability,
        skill: forward.skill,
        verdict: seen.verdict(),
        ever_live: false,
        thinned: false,
        restored_at: None,
    };
    let aging = core.settings.priority.aging_interval.as_secs_f64();
    let job = Job {
        id: version.job,
        model: Some(version.model.clone()),
        mode: Some(version.mode),
        enqueued_at: version.recorded_at,
        as_of: version.as_of,
        data_rows: version.data_rows,
        lifecycle: Lifecycle { state: State::Completed, ..Lifecycle::new(true, 0) },
        ended_at: Some(version.recorded_at),
        reason: Some(JobReason::KnownFromBackup { backup: backup.id.to_string(), version: version.number }),
        ..Job::entering(JobKind::Train, core.settings.coordinator.pool.clone(), 0.0, aging)
    };
    db::jobs::insert(tx, &[&job]).await?;
    // What a job that enters the backlog cannot have is written after it: here, that it has ended.
    db::jobs::save(tx, &job).await?;
    db::versions::insert(tx, &version).await?;
    if let Some(verdict) = &version.verdict {
        db::versions::set_verdict(tx, &version.model, version.number, verdict).await?;
    }
    db::scores::insert(tx, &version.model, version.number, &forward.scores).await?;
    Ok(version)
}
