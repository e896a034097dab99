//! Models and versions as they are shown.

use common::vocabulary::{ModelKey, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use super::super::Result;
use super::super::core::Core;
use super::super::evaluate::{self, Known};
use crate::db::{
    self, Scope,
    ledger::Entry,
    versions::Version,
    watches::{Watch, Watched},
};
use crate::domain::freshness::DataAge;
use crate::views::{
    DecisionView, GapView, ImportanceView, LedgerView, ModelView, PauseView, ShadowView, SliceView, VersionView,
    WatchView,
};

/// Every model, by key: a handful of statements, whatever their number.
pub(in super::super) async fn models(core: &Core) -> Result<Vec<ModelView>> {
    let mut view = core.db.snapshot().await?;
    let known = evaluate::facts(&mut view, Scope::All, &core.settings, Timestamp::now()).await?;
    let mut live = db::versions::live(&mut view).await?;
    let mut decisions = db::decisions::all(&mut view).await?;
    let mut watches = db::watches::all(&mut view, Scope::All).await?;
    let shown = |known: Known| {
        let key = &known.model.key;
        let (live, watched, decision) = (live.remove(key), watches.remove(key), decisions.remove(key));
        show(core, known, (live, watched), decision)
    };
    known.into_iter().map(shown).collect()
}

/// One model.
pub(in super::super) async fn model(core: &Core, key: &ModelKey) -> Result<ModelView> {
    let mut view = core.db.snapshot().await?;
    let known = evaluate::one(&mut view, key, &core.settings, Timestamp::now()).await?;
    let live = match known.model.live {
        Some(number) => db::versions::get(&mut view, key, number).await?,
        None => None,
    };
    let watched = db::watches::of(&mut view, key).await?;
    let decision = db::decisions::of(&mut view, key).await?;
    show(core, known, (live, watched), decision)
}

fn show(
    core: &Core,
    known: Known,
    (live, watched): (Option<Version>, Option<Watched>),
    decision: Option<DecisionView>,
) -> Result<ModelView> {
    let Known { model, facts, .. } = known;
    let most = core.settings.policy.max_data_age_days;
    Ok(ModelView {
        key: model.key.to_string(),
        family: model.hyper.family().to_string(),
        category: model.category.to_string(),
        tags: model.tags,
        hyper: serde_json::to_value(&model.hyper)?,
        source: model.source.as_ref().map(serde_json::to_value).transpose()?,
        paused: model.paused.as_ref().map(PauseView::from),
        watch: watched.and_then(|watched| watch(watched.watch, model.live)),
        live: live.map(version).transpose()?,
        live_seq: model.live_seq,
        rows: facts.rows,
        last_row: facts.newest,
        data: facts.newest.map(|newest| DataAge::of(newest, Timestamp::now(), most).into()),
        new_rows: facts.new_rows,
        active_job: facts.active_job.map(|id| id.into_untyped_uuid()),
        decision,
    })
}

/// What is known of the version that is live now.
fn watch(watch: Watch, live: Option<VersionNumber>) -> Option<WatchView> {
    let health = watch.health.filter(|_| Some(watch.version) == live)?;
    Some(WatchView {
        version: watch.version.to_string(),
        condition: health.condition.to_string(),
        rows: health.rows,
        ratio_then: health.ratio_then,
        ratio_now: health.ratio_now,
        rise: health.rise,
        z: health.z,
        window: health.window,
        shadow: watch.shadow.map(|(version, bound)| ShadowView {
            version: version.to_string(),
            difference: bound.difference,
            low: bound.low,
            rows: bound.rows,
        }),
    })
}

/// A version.
pub(in super::super) fn version(version: Version) -> Result<VersionView> {
    let evaluation = &version.manifest.evaluation;
    let challenger = evaluation.contestants.first();
    let baseline = evaluation.of(evaluation.baseline);
    Ok(VersionView {
        model: version.model.to_string(),
        version: version.number.to_string(),
        status: version.status.as_str().into(),
        mode: version.mode.to_string(),
        parent: version.parent.map(|v| v.to_string()),
        job: version.job.into_untyped_uuid(),
        trained_at: version.as_of.utc(),
        recorded_at: version.recorded_at.utc(),
        data_through: version.data_through,
        seen_through: version.seen_through,
        verdict: version.verdict,
        reliability: version.reliability,
        loss_name: evaluation.loss.title().into(),
        loss: challenger.map_or(f64::NAN, |m| m.loss),
        baseline_loss: baseline.map_or(f64::NAN, |m| m.loss),
        figures: challenger.map(|m| m.figures.clone()).unwrap_or_default(),
        baseline_figures: baseline.map(|m| m.figures.clone()).unwrap_or_default(),
        baseline: evaluation.baseline.to_string(),
        slices: evaluation.slices.iter().map(SliceView::from).collect(),
        importance: evaluation.importance.iter().map(ImportanceView::from).collect(),
        seconds: version.manifest.training.seconds,
        gap: version.manifest.gap.map(|gap| GapView { on_new: gap.on_new, on_old: gap.on_old }),
        manifest: serde_json::to_value(&version.manifest)?,
    })
}

/// An entry of the ledger.
pub(in super::super) fn ledger_entry(entry: Entry) -> LedgerView {
    LedgerView {
        model: entry.model.to_string(),
        live_seq: entry.live_seq,
        kind: entry.cause.to_string(),
        version: entry.version.to_string(),
        previous: entry.previous.map(|v: VersionNumber| v.to_string()),
        job: entry.job.map(|id| id.into_untyped_uuid()),
        reason: entry.reason,
        at: Timestamp::utc(entry.at),
    }
}
