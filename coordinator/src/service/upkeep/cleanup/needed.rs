//! What of the store must stay: what jobs in the backlog need, and of each model's versions what `domain::retention` says.

use std::collections::{BTreeMap, BTreeSet};

use common::ports::StoreKey;
use common::vocabulary::{
    ArtifactRef, AttemptId, Contestants, JobId, JobSpec, ModelKey, RowsPart, Snapshot, Timestamp, VersionNumber, files,
};
use domain::retention::{Candidate, Fate, RetentionStatus, Weights, retain};

use crate::db::{
    self, CHUNK, Connection, Scope,
    versions::{Status, Version},
};
use crate::service::error::Result;
use crate::service::runtime::pointer;
use crate::service::searches;

/// What must stay.
#[derive(Default)]
pub(super) struct Needed {
    /// Objects by name.
    keys: BTreeSet<String>,
    /// Everything below these folders, with the slash.
    folders: BTreeSet<String>,
    /// Versions whose weights are not needed any more, with their folders.
    pub(super) thinned: Vec<(ModelKey, VersionNumber, String)>,
}

impl Needed {
    /// Whether an object must stay.
    pub(super) fn holds(&self, key: &str) -> bool {
        let in_folder = key.match_indices('/').any(|(end, _)| self.folders.contains(&key[..=end]));
        in_folder || self.keys.contains(key)
    }

    /// All of a version's folder stays after all.
    pub(super) fn folder(&mut self, prefix: &str) {
        self.folders.insert(format!("{prefix}/"));
    }

    /// The record of a training: its seal, its manifest and its losses.
    fn record(&mut self, job: JobId, attempt: AttemptId, prefix: &str) {
        self.keys.insert(StoreKey::seal(job, attempt).to_string());
        self.keys.extend([files::MANIFEST, files::LOSSES].map(|name| format!("{prefix}/{name}")));
    }

    /// The rows that a job is to predict.
    fn rows(&mut self, spec: Option<&JobSpec>) {
        let parts = spec.map(rows_of).unwrap_or_default();
        self.keys.extend(parts.iter().map(|part| StoreKey::snapshot(&part.hash).to_string()));
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.keys.extend(snapshot.files().iter().map(|hash| StoreKey::snapshot(hash).to_string()));
    }
}

/// All that must stay, as a view shows it. `keep_days`: days that weights stay of what did not go live; `too_old`: predictions of before
/// are not kept.
pub(super) async fn needed(
    view: &mut Connection,
    too_old: Timestamp,
    keep_days: f64,
    now: Timestamp,
) -> Result<Needed> {
    let mut needed = Needed::default();
    served_batches(view, &mut needed, too_old).await?;
    let mut busy: BTreeSet<(ModelKey, VersionNumber)> = BTreeSet::new();
    for job in db::backlog::unfinished(view).await? {
        needed.folders.insert(format!("jobs/{}/", job.id));
        if let Some(spec) = &job.spec {
            busy.extend(referenced(spec));
            spec.snapshots().into_iter().for_each(|snapshot| needed.snapshot(snapshot));
        }
        needed.rows(job.spec.as_ref());
        busy.extend(job.model.clone().zip(job.reproduces.or(job.challenger())));
    }
    let models: Vec<(ModelKey, Option<VersionNumber>)> =
        db::models::all(view, Scope::All).await?.into_iter().map(|model| (model.key, model.live)).collect();
    let live: BTreeMap<&ModelKey, Option<VersionNumber>> = models.iter().map(|(key, live)| (key, *live)).collect();
    for models in models.chunks(CHUNK) {
        let keys: Vec<ModelKey> = models.iter().map(|(key, _)| key.clone()).collect();
        let keys = keys.as_slice();
        let ledgers = db::ledger::of_models(view, Scope::Of(keys)).await?;
        for (key, versions) in db::versions::of_models(view, Scope::Of(keys)).await? {
            let pointers = Pointers {
                live: live.get(&key).copied().flatten(),
                target: ledgers.get(&key).and_then(|ledger| pointer::predecessor(ledger)),
            };
            let candidates: Vec<Candidate> = versions
                .iter()
                .map(|version| Candidate {
                    version: version.number,
                    status: pointers.retention_status(version.number, version.status),
                    parent: version.parent,
                    weights: weights(version, now),
                    referenced: busy.contains(&(key.clone(), version.number)),
                })
                .collect();
            let fates: BTreeMap<VersionNumber, Fate> = retain(&candidates, keep_days);
            for version in &versions {
                keep(&mut needed, version, fates.get(&version.number).copied().unwrap_or(Fate::Keep));
            }
        }
    }
    for snapshot in db::searches::snapshots(view, searches::resumable_since(now)).await? {
        needed.snapshot(&snapshot);
    }
    for left in db::reproductions::left(view).await? {
        needed.record(left.job, left.attempt, &left.prefix);
    }
    Ok(needed)
}

/// What batches said, and the rows that they said it of: these can be labelled.
async fn served_batches(view: &mut Connection, needed: &mut Needed, too_old: Timestamp) -> Result<()> {
    let batches = db::batches::served_since(view, too_old).await?;
    for batches in batches.chunks(CHUNK) {
        let outputs = batches.iter().filter_map(|batch| batch.output.as_ref());
        needed.keys.extend(outputs.map(|output| StoreKey::predictions(output).to_string()));
        let ids: Vec<JobId> = batches.iter().map(|batch| batch.job).collect();
        for job in db::jobs::get_all(view, &ids).await?.into_values() {
            needed.rows(job.spec.as_ref());
        }
    }
    Ok(())
}

fn keep(needed: &mut Needed, version: &Version, fate: Fate) {
    needed.record(version.job, version.attempt, &version.prefix);
    // The rows belong to the record: with them, and with nothing else, it can be trained again.
    needed.snapshot(&version.manifest.snapshot);
    match fate {
        Fate::Keep => {
            needed.folder(&version.prefix);
        }
        Fate::KeepRecord => {
            if !version.thinned {
                needed.thinned.push((version.model.clone(), version.number, version.prefix.clone()));
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

/// Where a model points. A status is a note beside it, and may have been written by somebody who looked too early.
#[derive(Debug, Clone, Copy)]
struct Pointers {
    /// The version that answers.
    live: Option<VersionNumber>,
    /// The one that a rollback would make live.
    target: Option<VersionNumber>,
}

impl Pointers {
    fn retention_status(self, version: VersionNumber, status: Status) -> RetentionStatus {
        match status {
            _ if self.live == Some(version) => RetentionStatus::Live,
            _ if self.target == Some(version) => RetentionStatus::RollbackTarget,
            Status::Live | Status::Retired => RetentionStatus::Retired,
            Status::Waiting | Status::Judging => RetentionStatus::Waiting,
            Status::Rejected | Status::Superseded => RetentionStatus::Rejected,
            Status::Reproduction => RetentionStatus::Reproduction,
        }
    }
}

/// Rows that a job is to predict.
fn rows_of(spec: &JobSpec) -> &[RowsPart] {
    use JobSpec::{Evaluate, Monitor, Predict, Probe, Train, Trial};
    match spec {
        Predict(spec) => &spec.parts,
        Train(_) | Trial(_) | Evaluate(_) | Monitor(_) | Probe(_) => &[],
    }
}

/// Versions that a job needs.
fn referenced(spec: &JobSpec) -> Vec<(ModelKey, VersionNumber)> {
    use JobSpec::{Evaluate, Monitor, Predict, Probe, Train, Trial};
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
        Trial(_) | Probe(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What answers stays whatever a stale verdict has written beside it, and so does the one to go back to.
    #[test]
    fn what_is_live_is_what_the_pointer_says() {
        let [first, second, third] = [1, 2, 3].map(|major| VersionNumber { major, minor: 0 });
        let pointers = Pointers { live: Some(third), target: Some(second) };
        for status in [Status::Rejected, Status::Waiting, Status::Superseded, Status::Retired, Status::Live] {
            assert_eq!(pointers.retention_status(third, status), RetentionStatus::Live, "{status:?}");
            assert_eq!(pointers.retention_status(second, status), RetentionStatus::RollbackTarget, "{status:?}");
        }
        assert_eq!(pointers.retention_status(first, Status::Live), RetentionStatus::Retired, "nothing points there");
        assert_eq!(pointers.retention_status(first, Status::Rejected), RetentionStatus::Rejected);
        assert_eq!(pointers.retention_status(first, Status::Judging), RetentionStatus::Waiting);
    }
}
