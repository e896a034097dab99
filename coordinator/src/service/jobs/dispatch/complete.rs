//! What a job needs and only its dispatch can know.

use common::vocabulary::{
    AlienPart, ArtifactRef, Contestants, JobSpec, Mode, ModelKey, Snapshot, TablePart, TrainSpec,
};
use domain::decide::{Continuation, FromScratch};
use domain::job_reason::JobReason;

use crate::db::changes::{LogPosition, Mark, Span};
use crate::db::models::Model;
use crate::db::{self, Connection, jobs::Job, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::fault::Mutant;

/// Fills in what is only known now: the live versions to start from and to be scored against. An incremental training without a
/// live version, or with one that reads and is built otherwise, becomes a complete one. What then is of two families is named.
pub(super) async fn complete(
    core: &Core,
    tx: &mut Connection,
    job: &mut Job,
) -> Result<std::result::Result<(), AlienPart>> {
    let Some(key) = job.model.clone() else { return Ok(Ok(())) };
    let Some(mut spec) = job.spec.take() else { return Ok(Ok(())) };
    let Some(model) = db::models::get(tx, &key).await? else { return Err(Error::not_found(format!("model {key}"))) };
    let live = match model.live {
        Some(number) => db::versions::get(tx, &key, number).await?,
        None => None,
    };
    let champion = live.as_ref().map(Version::artifact);
    let contestants = Contestants { champion: champion.clone(), universal: universal(core, tx, &model).await? };
    match &mut spec {
        JobSpec::Train(spec) if spec.reproduces.is_some() => {}
        JobSpec::Train(spec) => {
            if spec.mode == Mode::Incremental {
                match from_scratch(tx, spec, live.as_ref()).await? {
                    None => spec.parent = champion,
                    Some(reason) => {
                        spec.mode = Mode::Complete;
                        job.mode = Some(Mode::Complete);
                        job.reason = Some(JobReason::CompleteInstead { reason });
                    }
                }
            }
            spec.contestants = contestants;
        }
        JobSpec::Evaluate(spec) => spec.contestants = contestants,
        JobSpec::Trial(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => {}
    }
    job.champion_seq = model.live_seq;
    let agreed = spec.agrees();
    job.spec = Some(spec);
    Ok(agreed)
}

/// Why an incremental training cannot go on from the live version: the rule of the decision, on what is true now.
async fn from_scratch(
    tx: &mut Connection,
    spec: &TrainSpec,
    live: Option<&Version>,
) -> db::Result<Option<FromScratch>> {
    let continuation = match live {
        None => Continuation { live: false, same_shape: false, revised: false, forgotten: false },
        Some(live) => Continuation {
            live: true,
            same_shape: live.manifest.shape() == spec.shape(),
            revised: revised(tx, live).await?,
            forgotten: forgotten(tx, spec, live).await?,
        },
    };
    Ok(continuation.breaks())
}

/// Whether bars that a version was given have been corrected since.
async fn revised(tx: &mut Connection, live: &Version) -> db::Result<bool> {
    match live.manifest.snapshot {
        Snapshot::Bars { .. } => {
            let series = db::bars::trained_on(tx, &live.model).await?;
            Ok(series.values().any(|series| series.revised > live.data_import))
        }
        Snapshot::Table { .. } => Ok(false),
    }
}

/// Whether rows that a version was given have been deleted or changed since, and it cannot forget them.
async fn forgotten(tx: &mut Connection, spec: &TrainSpec, live: &Version) -> db::Result<bool> {
    let (Snapshot::Table { dataset, parts, .. }, false) = (&spec.snapshot, spec.hyper.family().can_forget()) else {
        return Ok(false);
    };
    let Some(dataset) = db::datasets::get(tx, dataset).await? else { return Ok(false) };
    let Some(given) = Mark::of(&live.manifest.snapshot) else { return Ok(false) };
    let upto = LogPosition(parts.last().map_or(0, TablePart::last_seq));
    let span = Span { dataset: dataset.id, after: given.entry, upto };
    let changes = db::changes::changes(tx, &[span]).await?;
    Ok(changes.get(&dataset.id).is_some_and(|changes| changes.since(given).changed > 0))
}

/// The live version of the family's universal model, as a further contestant of each of its others.
async fn universal(core: &Core, tx: &mut Connection, model: &Model) -> Result<Option<ArtifactRef>> {
    let alien = core.fault.has(Mutant::AlienUniversal).then(ModelKey::universal_forecaster);
    let universal = alien.or(model.hyper.family().universal()).filter(|universal| *universal != model.key);
    let Some(universal) = universal else { return Ok(None) };
    let live = db::models::get(tx, &universal).await?.and_then(|model| model.live);
    match live {
        Some(number) => Ok(db::versions::get(tx, &universal, number).await?.map(|version| version.artifact())),
        None => Ok(None),
    }
}
