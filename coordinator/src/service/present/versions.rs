//! Versions and the ledger of promotions as they are shown.

use common::vocabulary::{ModelKey, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use crate::db::{self, ledger::LedgerEntry, pages, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Refit, lookup};
use crate::views::{
    GapView, ImportanceView, LedgerView, Page, PageQuery, SliceView, ToldView, VerdictView, VersionSummary, VersionView,
};
use crate::wording;

impl Refit {
    /// A page of a model's versions, newest first.
    ///
    /// # Errors
    /// There is no such model, or the cursor or the limit makes no sense.
    pub async fn versions(&self, key: &ModelKey, query: PageQuery) -> Result<Page<VersionSummary>> {
        let asked = PageRequest::new(format!("versions {key}"), query.limit, query.cursor.as_deref())?;
        let mut view = self.core.db.snapshot().await?;
        lookup::model::find(&mut view, key).await?;
        let versions = pages::versions::behind(&mut view, key, asked.after, asked.rows()).await?;
        Ok(asked.page(versions, pages::versions::Position::of)?.map(summary))
    }

    /// One version.
    ///
    /// # Errors
    /// There is no such model or version.
    pub async fn version(&self, key: &ModelKey, version: VersionNumber) -> Result<VersionView> {
        let mut view = self.core.db.snapshot().await?;
        lookup::model::find(&mut view, key).await?;
        match db::versions::get(&mut view, key, version).await? {
            Some(found) => shown(found),
            None => Err(Error::not_found(format!("version {version} of {key}"))),
        }
    }

    /// A page of the ledger of promotions of a model, newest first.
    ///
    /// # Errors
    /// There is no such model, or the cursor or the limit makes no sense.
    pub async fn ledger(&self, key: &ModelKey, query: PageQuery) -> Result<Page<LedgerView>> {
        let asked = PageRequest::new(format!("ledger {key}"), query.limit, query.cursor.as_deref())?;
        let mut view = self.core.db.snapshot().await?;
        lookup::model::find(&mut view, key).await?;
        let entries = pages::ledger::behind(&mut view, key, asked.after, asked.rows()).await?;
        Ok(asked.page(entries, |entry| entry.live_seq)?.map(ledger_entry))
    }
}

/// A version, as a list shows it.
pub(crate) fn summary(version: Version) -> VersionSummary {
    let evaluation = &version.manifest.evaluation;
    let challenger = evaluation.contestants.first();
    let baseline = evaluation.of(evaluation.baseline);
    VersionSummary {
        model: version.model.to_string(),
        version: version.number.to_string(),
        status: version.status.as_str().into(),
        mode: version.mode,
        parent: version.parent.map(|v| v.to_string()),
        job: version.job.into_untyped_uuid(),
        trained_at: version.as_of.utc(),
        recorded_at: version.recorded_at.utc(),
        data_through: version.data_through,
        seen_through: version.seen_through,
        verdict: version.verdict.map(VerdictView::from),
        reliability: version.reliability,
        loss_name: evaluation.loss.title().into(),
        loss: challenger.map_or(f64::NAN, |m| m.loss),
        baseline_loss: baseline.map_or(f64::NAN, |m| m.loss),
        figures: challenger.map(|m| m.figures.clone()).unwrap_or_default(),
        baseline_figures: baseline.map(|m| m.figures.clone()).unwrap_or_default(),
        seconds: version.manifest.training.seconds,
        gap: version.manifest.gap.map(|gap| GapView { on_new: gap.on_new, on_old: gap.on_old }),
    }
}

/// A version, as it is shown.
pub(crate) fn shown(version: Version) -> Result<VersionView> {
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
        verdict: version.verdict.map(VerdictView::from),
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
pub(crate) fn ledger_entry(entry: LedgerEntry) -> LedgerView {
    LedgerView {
        model: entry.model.to_string(),
        live_seq: entry.live_seq,
        kind: entry.cause.to_string(),
        version: entry.version.to_string(),
        previous: entry.previous.map(|v: VersionNumber| v.to_string()),
        job: entry.job.map(|id| id.into_untyped_uuid()),
        reason: wording::text(&entry.reason),
        told: ToldView::of(&entry.reason),
        at: Timestamp::utc(entry.at),
    }
}
