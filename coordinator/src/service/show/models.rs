//! Models and versions as they are shown.

use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{DatasetName, JobId, ModelKey, Symbol, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use super::super::Result;
use super::super::core::Core;
use crate::db::{
    self,
    bars::Series,
    datasets::Dataset,
    ledger::Entry,
    models::Model,
    versions::Version,
    watches::{Watch, Watched},
};
use crate::views::{
    DecisionView, GapView, ImportanceView, LedgerView, ModelView, PauseView, ShadowView, SliceView, VersionView,
    WatchView,
};

/// Every model, by key: a handful of statements, whatever their number.
pub(in super::super) async fn models(core: &Core) -> Result<Vec<ModelView>> {
    let mut view = core.db.snapshot().await?;
    let mut live = db::versions::live(&mut view).await?;
    let mut decisions = db::decisions::all(&mut view).await?;
    let mut watches = db::watches::all(&mut view).await?;
    let active = db::facts::active(&mut view).await?;
    let series = db::bars::all_series(&mut view).await?;
    let datasets: HashMap<DatasetName, Dataset> =
        db::datasets::all(&mut view).await?.into_iter().map(|dataset| (dataset.name.clone(), dataset)).collect();
    let shown = |model: Model| {
        let held = match &model.source {
            Some(source) => Held::of_dataset(datasets.get(&source.dataset)),
            None if model.key == ModelKey::universal_forecaster() => Held::of_series(series.values()),
            None => Held::of_series(model.key.name().parse::<Symbol>().ok().and_then(|symbol| series.get(&symbol))),
        };
        let (live, watched) = (live.remove(&model.key), watches.remove(&model.key));
        show(held, (live, watched), active.get(&model.key).copied(), decisions.remove(&model.key), model)
    };
    db::models::all(&mut view).await?.into_iter().map(shown).collect()
}

/// One model.
pub(in super::super) async fn model(core: &Core, key: &ModelKey) -> Result<ModelView> {
    let mut view = core.db.snapshot().await?;
    let model = super::super::model::known(&mut view, key).await?;
    let live = match model.live {
        Some(number) => db::versions::get(&mut view, key, number).await?,
        None => None,
    };
    let held = match &model.source {
        Some(source) => Held::of_dataset(db::datasets::get(&mut view, &source.dataset).await?.as_ref()),
        None => Held::of_series(&db::bars::series_of(&mut view, key).await?),
    };
    let active = db::jobs::active_training(&mut view, key).await?.map(|job| job.id);
    let watched = db::watches::of(&mut view, key).await?;
    let decision = db::decisions::of(&mut view, key).await?;
    show(held, (live, watched), active, decision, model)
}

/// The rows a model has to learn from.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    rows: u64,
    last: Option<NaiveDate>,
}

impl Held {
    fn of_series<'a>(series: impl IntoIterator<Item = &'a Series>) -> Self {
        series.into_iter().fold(Self::default(), |held, series| Self {
            rows: held.rows.max(series.rows),
            last: held.last.max(Some(series.last)),
        })
    }

    /// Its entries: a log only grows, so that what is new can be told.
    fn of_dataset(dataset: Option<&Dataset>) -> Self {
        dataset.map_or_else(Self::default, |dataset| Self { rows: dataset.entries, last: dataset.last })
    }
}

fn show(
    held: Held,
    (live, watched): (Option<Version>, Option<Watched>),
    active: Option<JobId>,
    decision: Option<DecisionView>,
    model: Model,
) -> Result<ModelView> {
    let rows = held.rows;
    let given = live.as_ref().map_or(0, |version| version.data_rows);
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
        rows,
        last_row: held.last,
        new_rows: rows.saturating_sub(given),
        active_job: active.map(|id| id.into_untyped_uuid()),
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
        kind: entry.kind,
        version: entry.version.to_string(),
        previous: entry.previous.map(|v: VersionNumber| v.to_string()),
        job: entry.job.map(|id| id.into_untyped_uuid()),
        reason: entry.reason,
        at: Timestamp::utc(entry.at),
    }
}
