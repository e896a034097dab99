//! What a monitoring found, taken in: of each model its scores, then reliability, condition and the live pointer; at last the job's
//! end.

use common::losses::{Contestant, RowLosses};
use common::ports::StoreKey;
use common::vocabulary::{
    JobId, JobSpec, ModelKey, Monitored, Seal, Snapshot, Subject, Timestamp, VersionNumber, Watermark,
};
use domain::alert::AlertCause;
use domain::job_reason::{JobReason, Unscored};
use domain::monitor::{Health, InputRecord};
use domain::transition::{Command, State};

use super::automatic_rollback::roll_back;
use super::score_history::{Fleets, ScoreHistory, scores};
use crate::db::{self, scores::Score, watches::Watch};
use crate::service::error::Result;
use crate::service::jobs::lifecycle;
use crate::service::runtime::Core;
use crate::service::runtime::lookup::{policy_by_key, policy_of};
use crate::service::runtime::store::artifact;

/// Scores kept in one transaction.
const AT_ONCE: usize = 2000;

/// Takes in the result of a monitoring that stands at judging.
pub(crate) async fn conclude(core: &Core, id: JobId) -> Result<()> {
    let Some(job) = db::jobs::get(&mut *core.db.read().await?, id).await? else { return Ok(()) };
    let (State::Judging { attempt }, Some(JobSpec::Monitor(spec))) = (&job.lifecycle.state, &job.spec) else {
        return Ok(());
    };
    let store = core.ports.store.as_ref();
    let Some(Seal::Result { claim, manifest }) = artifact::seal(store, id, *attempt).await? else { return Ok(()) };
    let folder = StoreKey::artifact(id, *attempt, claim);
    let manifest = artifact::monitoring(store, &folder, manifest).await?;
    let losses = artifact::monitored(store, &folder, &manifest).await?;
    let (mut alerts, mut fleets) = (Vec::new(), Fleets::default());
    for ((subject, found), losses) in spec.subjects.iter().zip(&manifest.subjects).zip(losses) {
        let news = take_in(core, &mut fleets, subject, found, losses).await?;
        alerts.extend(news);
    }
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = lifecycle::next(core, &job, &Command::Judge, Timestamp::now()) else { return Ok(()) };
    next.job.reason = Some(summary(&manifest.subjects, alerts));
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    // Decisions made anew raise what they find.
    spec.subjects.iter().for_each(|subject| core.stale.model(&subject.model));
    core.alerts_changed.notify_one();
    lifecycle::follow(core, vec![next]).await
}

/// One subject; says what somebody should know of it. Its scores are kept first, some at a time, then all that is known is looked
/// at, and what follows is written: no transaction is long. Done again after a crash, nothing changes.
async fn take_in(
    core: &Core,
    fleets: &mut Fleets,
    subject: &Subject,
    found: &Monitored,
    losses: RowLosses,
) -> Result<Vec<AlertCause>> {
    let (key, number) = (&subject.model, subject.live.version);
    if let Some(reason) = &found.error {
        tracing::warn!(model = %key, version = %number, reason, "it could not be scored");
    }
    let version = db::versions::get(&mut *core.db.read().await?, key, number).await?;
    let Some(version) = version else { return Ok(Vec::new()) };
    let baseline = version.manifest.evaluation.baseline;
    store_scores(core, key, number, &scores(&losses, Contestant::Challenger, baseline)).await?;
    if let Some(shadow) = &subject.shadow {
        store_scores(core, key, shadow.version, &scores(&losses, Contestant::Champion, baseline)).await?;
    }

    let mut view = core.db.snapshot().await?;
    let record = ScoreHistory::read(&mut view, &version, baseline).await?;
    let trust = record.trust(&mut view, &version, fleets).await?;
    let shadow = match &subject.shadow {
        Some(shadow) => record.against(&mut view, key, shadow.version).await?.map(|bound| (shadow.version, bound)),
        None => None,
    };
    let before = db::watches::of(&mut view, key).await?.filter(|watched| watched.watch.version == number);
    let policy = policy_by_key(&mut view, key, &core.settings).await?;
    let questions = db::predictions::count_since(&mut view, key, version.recorded_at).await?;
    drop(view);
    let before = before.and_then(|watched| watched.watch.health).map(|health| health.condition);
    let mut health = record.health(&policy, before);
    health.asked = (questions > 0 && health.rows > 0).then(|| questions as f64 / health.rows as f64);

    // The end of the job, which waits for the disk, is written after it: until then all of this is done again.
    let mut tx = core.db.begin_lazily().await?;
    let model = db::models::get(&mut tx, key).await?;
    let watched = db::watches::of(&mut tx, key).await?.filter(|watched| watched.watch.version == number);
    let (Some(model), Some(watched)) = (model.filter(|model| model.live == Some(number)), watched) else {
        return Ok(Vec::new());
    };
    if let Some((skill, reliability)) = trust {
        db::versions::set_skill(&mut tx, key, number, skill, reliability).await?;
    }
    let mut alerts = Vec::new();
    if health.condition.is_degraded() && !before.is_some_and(|before| before.is_degraded()) {
        let Health { condition, rise, window, .. } = health;
        alerts.push(AlertCause::Degraded { model: key.clone(), version: number, condition, rise, window });
    }
    // What could not be scored is tried again.
    let (scored, rows) = match &found.error {
        Some(_) => (watched.watch.scored, watched.watch.rows),
        None => (reach(subject), subject.rows),
    };
    let inputs = match &found.inputs {
        Some(inputs) => Some(InputRecord::after(watched.watch.inputs.as_ref(), number, inputs.clone())),
        None => watched.watch.inputs,
    };
    let watch = Watch { scored, rows, health: Some(health), shadow, inputs, ..watched.watch };
    db::watches::put(&mut tx, &watch).await?;
    if policy_of(&model, &core.settings).auto_rollback
        && let Some((to, bound)) = shadow.filter(|(_, bound)| bound.is_worse())
    {
        alerts.extend(roll_back(&mut tx, &version, model.live_seq, to, &bound).await?);
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(alerts)
}

/// Stores the scores of a version; one scored before stays.
async fn store_scores(core: &Core, key: &ModelKey, version: VersionNumber, scores: &[Score]) -> Result<()> {
    for some in scores.chunks(AT_ONCE) {
        let mut tx = core.db.begin_lazily().await?;
        db::scores::insert(&mut tx, key, version, some).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// How far a subject has been scored now.
fn reach(subject: &Subject) -> Watermark {
    let date = subject.beyond.date;
    match &subject.snapshot {
        Snapshot::Bars { .. } => {
            let date = subject.snapshot.last().map_or(date, |last| last.max(date));
            Watermark { date, entry: 0, through: date }
        }
        Snapshot::Table { through, .. } => Watermark { date, entry: subject.snapshot.rows(), through: *through },
    }
}

fn summary(subjects: &[Monitored], alerts: Vec<AlertCause>) -> JobReason {
    let failed =
        |subject: &Monitored| Some(Unscored::NotScored { model: subject.model.clone(), error: subject.error.clone()? });
    let unscored: Vec<Unscored> = subjects.iter().filter_map(failed).collect();
    let rows = subjects.iter().map(|subject| subject.rows).sum();
    JobReason::Scored { rows, models: (subjects.len() - unscored.len()) as u64, unscored, alerts }
}
