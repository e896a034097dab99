//! Cleanup: what nothing refers to is condemned, and deleted when it still is condemned an hour later. Never leaves the store.

use std::collections::{BTreeMap, BTreeSet};

use common::ports::{StoreEntry, StoreKey};
use common::vocabulary::{
    ArtifactRef, AttemptId, Contestants, JobId, JobSpec, ModelKey, RowsPart, Snapshot, Timestamp, VersionNumber, files,
};

use super::core::Core;
use super::fault::Mutant;
use super::{Result, predictions};
use crate::db::{
    self, CHUNK, Connection, Scope,
    versions::{Status, Version},
};
use crate::domain::retention::{Candidate, Fate, Standing, Weights, retain};
use crate::views::{CleanupReport, CleanupRequest};

/// What must stay.
#[derive(Default)]
struct Needed {
    /// Objects by name.
    keys: BTreeSet<String>,
    /// Everything below these folders, with the slash.
    folders: BTreeSet<String>,
    /// Versions whose weights are not needed any more.
    thinned: Vec<(ModelKey, VersionNumber)>,
}

impl Needed {
    fn holds(&self, key: &str) -> bool {
        let in_folder = key.match_indices('/').any(|(end, _)| self.folders.contains(&key[..=end]));
        in_folder || self.keys.contains(key)
    }

    /// The record of a training: its seal, its manifest and its losses.
    fn record(&mut self, job: JobId, attempt: AttemptId, prefix: &str) {
        self.keys.insert(StoreKey::seal(job, attempt).to_string());
        self.keys.extend([files::MANIFEST, files::LOSSES].map(|name| format!("{prefix}/{name}")));
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.keys.extend(snapshot.files().iter().map(|hash| StoreKey::snapshot(hash).to_string()));
    }
}

/// One round.
pub(super) async fn run(core: &Core, request: CleanupRequest) -> Result<CleanupReport> {
    let now = Timestamp::now();
    let store = core.ports.store.as_ref();
    let objects: Vec<StoreEntry> = store.list(None).await?.into_iter().filter(ours).collect();
    let too_old = predictions::kept_since(core);
    let predictions = if request.dry_run {
        db::predictions::count_before(&mut *core.db.read().await?, too_old).await?
    } else {
        predictions::prune(&core.db, too_old).await?
    };
    let mut report = CleanupReport {
        dry_run: request.dry_run,
        predictions,
        condemned: vec![],
        deleted: vec![],
        bytes: 0,
        thinned: vec![],
    };

    // What is needed is read in a view, for it is a long read, and nobody is kept from writing meanwhile. What is condemned by
    // mistake is needed the next time; what is needed again has been pardoned, and is looked up in the very transaction that deletes.
    let days = if core.fault.has(Mutant::RejectedThinned) { 0 } else { core.settings.coordinator.keep_rejected_days };
    let needed = needed(&mut *core.db.snapshot().await?, too_old, f64::from(days), now).await?;
    let mut tx = core.db.begin().await?;
    let condemned = db::condemned::all(&mut tx).await?;
    let mut due = Vec::new();
    for object in &objects {
        let key = object.key.as_str();
        match (needed.holds(key), condemned.get(key)) {
            (true, Some(_)) => db::condemned::pardon(&mut tx, key).await?,
            (true, None) => {}
            (false, Some(since))
                if now.seconds_since(*since) >= core.settings.coordinator.condemned_for.as_secs_f64() =>
            {
                report.bytes += object.bytes;
                report.deleted.push(key.to_owned());
                due.push(object.key.clone());
            }
            (false, Some(_)) => {}
            (false, None) => {
                report.condemned.push(key.to_owned());
                db::condemned::condemn(&mut tx, key, object.bytes, now).await?;
            }
        }
    }
    for (model, number) in &needed.thinned {
        report.thinned.push(format!("{model} {number}"));
        db::versions::thin(&mut tx, model, *number).await?;
    }
    // Whatever is deleted is forgotten first: a freeze from now on writes it anew.
    for key in &due {
        if let Some(hash) = snapshot_hash(key.as_str()) {
            db::snapshots::forget(&mut tx, hash).await?;
            db::dataset_parts::forget(&mut tx, hash).await?;
        }
    }
    if request.dry_run {
        return Ok(report);
    }
    tx.commit().await.map_err(db::Error::from)?;
    for key in due {
        delete(core, &key).await?;
    }
    Ok(report)
}

/// Deletes one object, unless it is needed again since.
async fn delete(core: &Core, key: &StoreKey) -> Result<()> {
    let mut tx = core.db.begin().await?;
    if !db::condemned::all(&mut tx).await?.contains_key(key.as_str()) {
        return Ok(());
    }
    // The transaction keeps a freeze that would take the object back waiting until it is gone.
    core.ports.store.delete(key).await?;
    db::condemned::pardon(&mut tx, key.as_str()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Only what Refit itself writes is ever looked at.
fn ours(object: &StoreEntry) -> bool {
    let key = object.key.as_str();
    ["snapshots/", "jobs/", "predictions/"].iter().any(|folder| key.starts_with(folder))
}

fn snapshot_hash(key: &str) -> Option<&str> {
    key.strip_prefix("snapshots/")?.strip_suffix(".parquet")
}

/// `patience`: days that weights stay of what did not go live.
async fn needed(view: &mut Connection, too_old: Timestamp, patience: f64, now: Timestamp) -> Result<Needed> {
    let mut needed = Needed::default();
    let outputs = db::batches::outputs_since(view, too_old).await?;
    needed.keys.extend(outputs.iter().map(|output| StoreKey::predictions(output).to_string()));
    let mut busy: BTreeSet<(ModelKey, VersionNumber)> = BTreeSet::new();
    for job in db::line::unfinished(view).await? {
        needed.folders.insert(format!("jobs/{}/", job.id));
        if let Some(spec) = &job.spec {
            busy.extend(referenced(spec));
            spec.snapshots().into_iter().for_each(|snapshot| needed.snapshot(snapshot));
            needed.keys.extend(rows_of(spec).iter().map(|part| StoreKey::snapshot(&part.hash).to_string()));
        }
        busy.extend(job.model.clone().zip(job.reproduces.or(job.challenger())));
    }
    let keys: Vec<ModelKey> = db::models::all(view, Scope::All).await?.into_iter().map(|model| model.key).collect();
    for keys in keys.chunks(CHUNK) {
        let ledgers = db::ledger::of_models(view, Scope::Of(keys)).await?;
        for (key, versions) in db::versions::of_models(view, Scope::Of(keys)).await? {
            let target = ledgers.get(&key).and_then(|ledger| super::promote::predecessor(ledger));
            let candidates: Vec<Candidate> = versions
                .iter()
                .map(|version| Candidate {
                    version: version.number,
                    standing: standing(version, target),
                    parent: version.parent,
                    weights: weights(version, now),
                    referenced: busy.contains(&(key.clone(), version.number)),
                })
                .collect();
            let fates: BTreeMap<VersionNumber, Fate> = retain(&candidates, patience);
            for version in &versions {
                keep(&mut needed, version, fates.get(&version.number).copied().unwrap_or(Fate::Keep));
            }
        }
    }
    for left in db::reproductions::left(view).await? {
        needed.record(left.job, left.attempt, &left.prefix);
    }
    Ok(needed)
}

fn keep(needed: &mut Needed, version: &Version, fate: Fate) {
    needed.record(version.job, version.attempt, &version.prefix);
    // The rows belong to the record: with them, and with nothing else, it can be trained again.
    needed.snapshot(&version.manifest.snapshot);
    match fate {
        Fate::Keep => {
            needed.folders.insert(format!("{}/", version.prefix));
        }
        Fate::KeepRecord => {
            if !version.thinned {
                needed.thinned.push((version.model.clone(), version.number));
            }
        }
    }
}

/// How long its weights have been in the store.
fn weights(version: &Version, now: Timestamp) -> Weights {
    match version.restored_at {
        None => Weights::Trained { days: now.days_since(version.recorded_at) },
        Some(at) => Weights::Restored { days: now.days_since(at) },
    }
}

fn standing(version: &Version, target: Option<VersionNumber>) -> Standing {
    match version.status {
        Status::Live => Standing::Live,
        Status::Retired if target == Some(version.number) => Standing::RollbackTarget,
        Status::Retired => Standing::Retired,
        Status::Waiting | Status::Judging => Standing::Waiting,
        Status::Rejected | Status::Superseded => Standing::Rejected,
        Status::Reproduction => Standing::Reproduction,
    }
}

/// Rows that a job is to predict.
fn rows_of(spec: &JobSpec) -> &[RowsPart] {
    use JobSpec::{Evaluate, Monitor, Predict, Probe, Train};
    match spec {
        Predict(spec) => &spec.parts,
        Train(_) | Evaluate(_) | Monitor(_) | Probe(_) => &[],
    }
}

/// Versions that a job needs.
fn referenced(spec: &JobSpec) -> Vec<(ModelKey, VersionNumber)> {
    use JobSpec::{Evaluate, Monitor, Predict, Probe, Train};
    let of = |model: &ModelKey, versions: [Option<&ArtifactRef>; 3]| -> Vec<(ModelKey, VersionNumber)> {
        let whose = |artifact: &ArtifactRef| artifact.model.clone().unwrap_or_else(|| model.clone());
        versions.into_iter().flatten().map(|artifact| (whose(artifact), artifact.version)).collect()
    };
    match spec {
        Train(spec) => {
            let Contestants { champion, universal } = &spec.contestants;
            of(&spec.model, [spec.parent.as_ref(), champion.as_ref(), universal.as_ref()])
        }
        Evaluate(spec) => {
            let Contestants { champion, universal } = &spec.contestants;
            of(&spec.model, [Some(&spec.challenger), champion.as_ref(), universal.as_ref()])
        }
        Monitor(spec) => {
            let subjects = spec.subjects.iter();
            subjects.flat_map(|one| of(&one.model, [Some(&one.live), one.shadow.as_ref(), None])).collect()
        }
        Predict(spec) => of(&spec.model, [Some(&spec.artifact), None, None]),
        Probe(_) => Vec::new(),
    }
}
