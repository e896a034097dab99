//! What a monitoring found, taken in: scores, reliability, condition, and the live pointer, in one transaction with the job's end.

use common::losses::{Contestant, RowLosses};
use common::ports::StoreKey;
use common::telemetry::table::{attribute, metric};
use common::vocabulary::{
    JobId, JobSpec, ModelKey, MonitorManifest, Monitored, Seal, Snapshot, Subject, Timestamp, Watermark,
};

use super::super::core::Core;
use super::super::{Result, artifact, life};
use super::kept::{Fleets, Kept, scores};
use super::take_back::take_back;
use crate::db::{self, Connection, watches::Watch};
use crate::domain::monitor::Health;
use crate::domain::transition::{Command, State};
use crate::views::Event;

/// Something that somebody should know.
pub(super) struct Alert {
    pub(super) kind: &'static str,
    pub(super) model: ModelKey,
    pub(super) text: String,
}

/// Takes in the result of a monitoring that stands at judging.
pub(in super::super) async fn conclude(core: &Core, id: JobId) -> Result<()> {
    let Some(job) = db::jobs::get(&mut *core.db.read().await?, id).await? else { return Ok(()) };
    let (State::Judging { attempt }, Some(JobSpec::Monitor(spec))) = (&job.life.state, &job.spec) else {
        return Ok(());
    };
    let store = core.ports.store.as_ref();
    let Some(Seal::Result { claim, manifest }) = artifact::seal(store, id, *attempt).await? else { return Ok(()) };
    let folder = StoreKey::artifact(id, *attempt, claim);
    let manifest = artifact::monitoring(store, &folder, manifest).await?;
    let mut losses = Vec::with_capacity(manifest.subjects.len());
    for (place, found) in manifest.subjects.iter().enumerate() {
        let name = MonitorManifest::losses_of(place);
        losses.push(match found.rows {
            0 => RowLosses::default(),
            _ => artifact::losses_in(store, &folder, &manifest.files, &name).await?,
        });
    }

    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = life::next(core, &job, &Command::Judge, Timestamp::now()) else { return Ok(()) };
    let (mut alerts, mut fleets) = (Vec::new(), Fleets::default());
    for ((subject, found), losses) in spec.subjects.iter().zip(&manifest.subjects).zip(losses) {
        alerts.extend(take_in(core, &mut tx, &mut fleets, subject, found, losses).await?);
    }
    next.job.why = summary(&manifest.subjects, &alerts);
    life::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    alerts.into_iter().for_each(|alert| raise(core, alert));
    life::follow(core, vec![next]).await
}

/// One subject; says what somebody should know of it.
async fn take_in(
    core: &Core,
    tx: &mut Connection,
    fleets: &mut Fleets,
    subject: &Subject,
    found: &Monitored,
    losses: RowLosses,
) -> Result<Vec<Alert>> {
    let (key, number) = (&subject.model, subject.live.version);
    if let Some(why) = &found.error {
        tracing::warn!(model = %key, version = %number, why, "it could not be scored");
    }
    let Some(version) = db::versions::get(tx, key, number).await? else { return Ok(Vec::new()) };
    let baseline = version.manifest.evaluation.baseline;
    db::scores::insert(tx, key, number, &scores(&losses, Contestant::Challenger, baseline)).await?;
    if let Some(shadow) = &subject.shadow {
        db::scores::insert(tx, key, shadow.version, &scores(&losses, Contestant::Champion, baseline)).await?;
    }
    let model = db::models::get(tx, key).await?;
    let watched = db::watches::of(tx, key).await?.filter(|watched| watched.watch.version == number);
    let (Some(model), Some(watched)) = (model.filter(|model| model.live == Some(number)), watched) else {
        return Ok(Vec::new());
    };
    let record = Kept::read(tx, &version, baseline).await?;
    record.renew_trust(tx, &version, fleets).await?;
    let shadow = match &subject.shadow {
        Some(shadow) => record.against(tx, key, shadow.version).await?.map(|bound| (shadow.version, bound)),
        None => None,
    };
    let before = watched.watch.health.as_ref().map(|health| health.condition);
    let health = record.health(core, before);
    let mut alerts = Vec::new();
    if health.condition.is_degraded() && !before.is_some_and(|before| before.is_degraded()) {
        let text = format!("{key} {number} is {}: {}", health.condition, in_words(&health));
        alerts.push(Alert { kind: "degraded", model: key.clone(), text });
    }
    // What could not be scored is tried again.
    let (scored, rows) = match &found.error {
        Some(_) => (watched.watch.scored, watched.watch.rows),
        None => (reach(subject), subject.rows),
    };
    let watch = Watch { scored, rows, health: Some(health), shadow, ..watched.watch };
    db::watches::put(tx, &watch).await?;
    if core.settings.policy.auto_rollback
        && let Some((to, bound)) = shadow.filter(|(_, bound)| bound.is_worse())
    {
        alerts.extend(take_back(tx, &version, model.live_seq, to, &bound).await?);
    }
    Ok(alerts)
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

fn in_words(health: &Health) -> String {
    let percent = health.rise.map_or(f64::NAN, |rise| 100.0 * rise);
    format!(
        "against its baseline, its loss is {percent:.0} % higher on the newest {} rows than when it was promoted",
        health.window
    )
}

fn summary(subjects: &[Monitored], alerts: &[Alert]) -> String {
    let rows: u64 = subjects.iter().map(|subject| subject.rows).sum();
    let failed: Vec<String> = subjects
        .iter()
        .filter_map(|subject| Some(format!("{} could not be scored: {}", subject.model, subject.error.as_ref()?)))
        .collect();
    let mut parts = vec![format!("scored {rows} rows of {} models", subjects.len() - failed.len())];
    parts.extend(failed);
    parts.extend(alerts.iter().map(|alert| alert.text.clone()));
    parts.join("; ")
}

fn raise(core: &Core, alert: Alert) {
    let Alert { kind, model, text } = alert;
    tracing::warn!(%model, kind, "{text}");
    metric::ALERTS.add(1, &[(&attribute::ALERT, kind)]);
    core.emit(Event::Alert { model: model.to_string(), kind: kind.into(), text });
}
