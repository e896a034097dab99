//! Models and versions as they are shown.

use common::vocabulary::{ModelKey, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use super::super::Result;
use super::super::core::Core;
use crate::db::{self, Connection, ledger::Entry, models::Model, versions::Version};
use crate::views::{GapView, LedgerView, ModelView, VersionView};

/// Every model, by key.
pub(in super::super) async fn models(core: &Core) -> Result<Vec<ModelView>> {
    let mut view = core.db.snapshot().await?;
    let mut shown = Vec::new();
    for row in db::models::all(&mut view).await? {
        shown.push(show(&mut view, row).await?);
    }
    Ok(shown)
}

/// One model.
pub(in super::super) async fn model(core: &Core, key: &ModelKey) -> Result<ModelView> {
    let mut view = core.db.snapshot().await?;
    let row = super::super::known_model(&mut view, key).await?;
    show(&mut view, row).await
}

async fn show(view: &mut Connection, model: Model) -> Result<ModelView> {
    let live = match model.live {
        Some(number) => db::versions::get(view, &model.key, number).await?,
        None => None,
    };
    let mut rows = 0;
    let mut last_row = None;
    for series in db::bars::series_of(view, &model.key).await? {
        rows = rows.max(series.rows);
        last_row = last_row.max(Some(series.last));
    }
    let given = live.as_ref().map_or(0, |version| version.data_rows);
    let active_job = db::jobs::active_training(view, &model.key).await?.map(|job| job.id.into_untyped_uuid());
    let decision = db::decisions::of(view, &model.key).await?;
    Ok(ModelView {
        key: model.key.to_string(),
        family: model.family.to_string(),
        category: model.category.to_string(),
        tags: model.tags,
        hyper: serde_json::to_value(&model.hyper)?,
        live: live.map(version).transpose()?,
        live_seq: model.live_seq,
        rows,
        last_row,
        new_rows: rows.saturating_sub(given),
        active_job,
        decision,
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
        crps: challenger.map_or(f64::NAN, |m| m.crps),
        baseline_crps: baseline.map_or(f64::NAN, |m| m.crps),
        rmse: challenger.map_or(f64::NAN, |m| m.rmse),
        baseline_rmse: baseline.map_or(f64::NAN, |m| m.rmse),
        baseline: evaluation.baseline.to_string(),
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
