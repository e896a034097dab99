//! Models as they are shown.

use common::vocabulary::{ModelKey, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use super::version;
use crate::db::{
    self, Scope,
    decisions::DecisionRecord,
    versions::Version,
    watches::{Watch, Watched},
};
use crate::domain::freshness::DataAge;
use crate::service::error::Result;
use crate::service::facts::{self, Known};
use crate::service::runtime::{Core, Refit};
use crate::views::{DecisionView, ModelView, PauseView, ShadowView, WatchView};

impl Refit {
    /// Every model, by key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn models(&self) -> Result<Vec<ModelView>> {
        models(&self.core).await
    }

    /// One model.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn model(&self, key: &ModelKey) -> Result<ModelView> {
        model(&self.core, key).await
    }
}

/// Every model, by key: a handful of statements, whatever their number.
async fn models(core: &Core) -> Result<Vec<ModelView>> {
    let mut view = core.db.snapshot().await?;
    let known = facts::facts(&mut view, Scope::All, &core.settings, Timestamp::now()).await?;
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
pub(crate) async fn model(core: &Core, key: &ModelKey) -> Result<ModelView> {
    let mut view = core.db.snapshot().await?;
    let known = facts::one(&mut view, key, &core.settings, Timestamp::now()).await?;
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
    decision: Option<DecisionRecord>,
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
        decision: decision.map(DecisionView::from),
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
