//! Models as they are shown.

use common::settings::{PolicyKey, PolicyOrigin};
use common::vocabulary::{Family, ModelKey, Timestamp, VersionNumber};
use domain::freshness::DataAge;
use newtype_uuid::GenericUuid;

use super::version;
use crate::db::{
    self, Scope,
    decisions::DecisionRecord,
    models::Model,
    pages::models::Filter,
    versions::Version,
    watches::{Watch, Watched},
};
use crate::service::error::Result;
use crate::service::facts::{self, ModelFacts};
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{
    DecisionSummary, DecisionVerdict, DecisionView, InputsView, LiveSummary, ModelFilter, ModelSummary, ModelView,
    Page, PauseView, PolicyKeyView, ShadowView, WatchView,
};

impl Refit {
    /// A page of the models, by key.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn models(&self, filter: ModelFilter) -> Result<Page<ModelSummary>> {
        models(&self.core, &filter).await
    }

    /// One model.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn model(&self, key: &ModelKey) -> Result<ModelView> {
        model(&self.core, key).await
    }
}

/// A page of models: a handful of statements, which read what is known of these alone.
async fn models(core: &Core, filter: &ModelFilter) -> Result<Page<ModelSummary>> {
    let ModelFilter { family, key, category, verdict, attention, limit, cursor } = filter;
    let list = format!("models {family:?} {key:?} {category:?} {verdict:?} {attention}");
    let asked: PageRequest<ModelKey> = PageRequest::new(list, *limit, cursor.as_deref())?;
    let Some(prefix) = beginning(*family, key.as_deref()) else { return Ok(Page { items: Vec::new(), next: None }) };
    let filter = Filter {
        prefix: &prefix,
        category: category.as_deref(),
        verdict: verdict.map(DecisionVerdict::beginning),
        attention: *attention,
    };
    let mut view = core.db.snapshot().await?;
    let models = db::pages::models::behind(&mut view, &filter, asked.after.as_ref(), asked.rows()).await?;
    let page = asked.page(models, |model| model.key.clone())?;
    let keys: Vec<ModelKey> = page.items.iter().map(|model| model.key.clone()).collect();
    let known = facts::about(&mut view, page.items, &core.settings, Timestamp::now()).await?;
    let mut decisions = db::pages::decisions::of(&mut view, &keys).await?;
    let mut watches = db::watches::all(&mut view, Scope::Of(&keys)).await?;
    let summary = |known: ModelFacts| {
        let key = &known.model.key;
        let (watched, decision) = (watches.remove(key), decisions.remove(key));
        summary(known, watched, decision)
    };
    Ok(Page { items: known.into_iter().map(summary).collect(), next: page.next })
}

/// What the keys of models begin with, of a family and with a beginning; none do if the two contradict each other.
fn beginning(family: Option<Family>, key: Option<&str>) -> Option<String> {
    let folder = family.map(|family| format!("{family}/"));
    let key = key.unwrap_or_default();
    match folder {
        None => Some(key.to_owned()),
        Some(folder) if folder.starts_with(key) => Some(folder),
        Some(folder) => Some(key.to_owned()).filter(|key| key.starts_with(&folder)),
    }
}

fn summary(known: ModelFacts, watched: Option<Watched>, decision: Option<DecisionRecord>) -> ModelSummary {
    let ModelFacts { model, policy, facts, .. } = known;
    let most = policy.max_data_age_days;
    ModelSummary {
        key: model.key.to_string(),
        family: model.hyper.family(),
        category: model.category.to_string(),
        tags: model.tags,
        own_policy: model.policy.values(),
        paused: model.paused.as_ref().map(PauseView::from),
        watch: watched.and_then(|watched| watch(watched.watch, model.live)),
        live: facts.live.map(|live| LiveSummary {
            version: live.version.to_string(),
            trained_at: live.trained_at.utc(),
            reliability: live.reliability,
        }),
        live_seq: model.live_seq,
        rows: facts.rows,
        last_row: facts.newest,
        data: facts.newest.map(|newest| DataAge::of(newest, Timestamp::now(), most).into()),
        new_rows: facts.new_rows,
        active_job: facts.active_job.map(|id| id.into_untyped_uuid()),
        decision: decision.map(|decision| DecisionSummary {
            verdict: decision.verdict.to_string(),
            mode: decision.mode.map(|mode| mode.to_string()),
            score: decision.score,
            at: decision.at,
        }),
    }
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
    let policy = policy_keys(core, &known.model);
    Ok(ModelView { policy, ..show(known, (live, watched), decision)? })
}

/// The policy that a model is under, key by key.
fn policy_keys(core: &Core, model: &Model) -> Vec<PolicyKeyView> {
    let view = |PolicyKey { key, value, from }: PolicyKey| PolicyKeyView {
        key,
        value,
        own: from == PolicyOrigin::Own,
        from: from.to_string(),
    };
    core.settings.explain_policy(model.hyper.family(), &model.policy).into_iter().map(view).collect()
}

fn show(
    known: ModelFacts,
    (live, watched): (Option<Version>, Option<Watched>),
    decision: Option<DecisionRecord>,
) -> Result<ModelView> {
    let ModelFacts { model, policy, facts, .. } = known;
    let most = policy.max_data_age_days;
    Ok(ModelView {
        key: model.key.to_string(),
        family: model.hyper.family().to_string(),
        category: model.category.to_string(),
        tags: model.tags,
        hyper: serde_json::to_value(&model.hyper)?,
        own_policy: model.policy.values(),
        policy: Vec::new(),
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
        regret: health.regret.map(|regret| regret * health.asked.unwrap_or(1.0)),
        shadow: watch.shadow.map(|(version, bound)| ShadowView {
            version: version.to_string(),
            difference: bound.difference,
            low: bound.low,
            rows: bound.rows,
        }),
        inputs: watch.inputs.map(InputsView::from),
    })
}

impl DecisionVerdict {
    /// What the fingerprints of such decisions begin with, as far as an index of them goes.
    pub(crate) fn beginning(self) -> &'static str {
        match self {
            Self::Retrain => "ret",
            Self::Recommended => "rec",
            Self::HeldBack => "hel",
            Self::NotNeeded => "not",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::decide::Verdict;

    #[test]
    fn keys_begin_with_their_family_and_with_what_is_asked() {
        let table = [
            (None, None, Some("")),
            (None, Some("forecaster/A"), Some("forecaster/A")),
            (Some(Family::Text), None, Some("text/")),
            (Some(Family::Text), Some("te"), Some("text/")),
            (Some(Family::Text), Some("text/tox"), Some("text/tox")),
            (Some(Family::Text), Some("tabular/"), None),
        ];
        for (family, key, expected) in table {
            assert_eq!(beginning(family, key).as_deref(), expected, "{family:?} {key:?}");
        }
    }

    #[test]
    fn a_verdict_is_found_by_the_beginning_of_its_fingerprints() {
        let both = [
            (DecisionVerdict::Retrain, Verdict::Retrain),
            (DecisionVerdict::Recommended, Verdict::Recommended),
            (DecisionVerdict::HeldBack, Verdict::HeldBack),
            (DecisionVerdict::NotNeeded, Verdict::NotNeeded),
        ];
        for (view, verdict) in both {
            assert_eq!(verdict.to_string()[..3], *view.beginning());
        }
    }
}
