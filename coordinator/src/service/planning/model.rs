//! Models are registered and changed by hand.

use common::vocabulary::{Category, Family, Hyper, ModelKey, Symbol, Timestamp, records};
use domain::free_text::{plain, plain_if_any};

use super::policy::{self, Conflict};
use super::{evaluate, renew};
use crate::db::{self, models::Model, pauses::Pause};
use crate::service::data::source;
use crate::service::error::{Error, Result};
use crate::service::jobs::reclaim;
use crate::service::present;
use crate::service::runtime::{Core, Refit, lookup};
use crate::views::{ModelRequest, ModelView, PauseRequest};

impl Refit {
    /// Registers a model or changes it.
    ///
    /// # Errors
    /// Its key names no family, or a hyper-parameter is out of range.
    pub async fn put_model(&self, key: &ModelKey, request: ModelRequest) -> Result<ModelView> {
        put(&self.core, key, request).await
    }

    /// Pauses a model: nothing of it is enqueued by itself, and what waits is not handed out.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn pause_model(&self, key: &ModelKey, request: PauseRequest) -> Result<ModelView> {
        pause(&self.core, key, request).await
    }

    /// Lets a paused model be trained again.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn resume_model(&self, key: &ModelKey) -> Result<ModelView> {
        resume(&self.core, key).await
    }
}

/// Registers a model, or changes what the request names.
pub(crate) async fn put(core: &Core, key: &ModelKey, request: ModelRequest) -> Result<ModelView> {
    plain_if_any("category", request.category.as_deref())?;
    request.tags.iter().flatten().try_for_each(|tag| plain("tag", tag))?;
    change(core, key, request, Conflict::Refused).await
}

/// Registers a model as it once was.
pub(crate) async fn put_back(core: &Core, key: &ModelKey, request: ModelRequest) -> Result<ModelView> {
    change(core, key, request, Conflict::GivesWay).await
}

async fn change(core: &Core, key: &ModelKey, request: ModelRequest, conflict: Conflict) -> Result<ModelView> {
    let mut tx = core.db.begin().await?;
    let known = db::models::get(&mut tx, key).await?;
    let is_new = known.is_none();
    let before = match known {
        Some(model) => model,
        None => fresh(key)?,
    };
    let mut model = Model { source: source::of(core, &before, &request).await?, ..before.clone() };
    if request.dataset.is_some() {
        source::is_meant(&mut tx, &model).await?;
    }
    if is_new || model.source != before.source {
        source::check(&mut tx, &model).await?;
    }
    if let Some(category) = request.category {
        if category.trim().is_empty() {
            return Err(Error::invalid("a category needs a name"));
        }
        model.category = category.into();
    }
    if let Some(tags) = request.tags {
        model.tags = tags;
    }
    if let Some(changes) = request.hyper {
        model.hyper = evaluate::hyper(&defaults(key, model.hyper.family()), &changes)?;
    }
    model.policy = policy::changed(&core.settings, &before, (request.auto_retrain, request.policy), conflict)?;
    if is_new {
        db::models::register(&mut tx, &model, Timestamp::now()).await?;
    } else {
        db::models::update(&mut tx, &model).await?;
    }
    let renewed = renew::waiting(&mut tx, &before, &model, &core.settings).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.stale.model(key);
    if model.policy != before.policy {
        tracing::info!(model = %key, policy = ?model.policy.values(), "the model's own policy is another");
        evaluate::anew(core, [key.clone()]).await?;
    }
    if let Some(job) = renewed {
        core.front_changed.notify_one();
        core.events.job(&job);
    }
    present::model(core, key).await
}

/// A model of the family its key names, with the defaults of its name or its family.
fn fresh(key: &ModelKey) -> Result<Model> {
    let family: Family = key.folder().parse()?;
    let key = match family {
        Family::Forecaster => forecaster(key)?,
        Family::Recommender | Family::Text | Family::Tabular => key.clone(),
    };
    let hyper = defaults(&key, family);
    Ok(Model { hyper, ..Model::new(key, family, Category::Other("other".into())) })
}

/// The hyper-parameters of a model that nobody has said anything about.
fn defaults(key: &ModelKey, family: Family) -> Hyper {
    match family {
        Family::Tabular => records::preset(key.name()).map(|preset| Hyper::Tabular(preset.hyper)),
        Family::Forecaster | Family::Recommender | Family::Text => None,
    }
    .unwrap_or_else(|| Hyper::of(family))
}

/// A forecaster is named after its symbol.
fn forecaster(key: &ModelKey) -> Result<ModelKey> {
    if *key == ModelKey::universal_forecaster() {
        return Ok(key.clone());
    }
    let symbol: Symbol = key.name().parse()?;
    let proper = ModelKey::forecaster(&symbol);
    if proper == *key {
        Ok(proper)
    } else {
        Err(Error::invalid(format!("a forecaster is named after its symbol: write {proper}")))
    }
}

/// Holds back every training of a model that has not begun, until somebody resumes it.
pub(crate) async fn pause(core: &Core, key: &ModelKey, request: PauseRequest) -> Result<ModelView> {
    plain_if_any("reason", request.reason.as_deref())?;
    let pause = Pause { at: Timestamp::now(), reason: request.reason.unwrap_or_default() };
    set_paused(core, key, Some(&pause)).await?;
    reclaim::recall(core).await?;
    present::model(core, key).await
}

/// Lets a model be trained again.
pub(crate) async fn resume(core: &Core, key: &ModelKey) -> Result<ModelView> {
    set_paused(core, key, None).await?;
    core.front_changed.notify_one();
    core.backlog_changed.notify_one();
    present::model(core, key).await
}

/// The decision about it is made anew, so that it says so.
async fn set_paused(core: &Core, key: &ModelKey, pause: Option<&Pause>) -> Result<()> {
    let mut tx = core.db.begin().await?;
    lookup::model::find(&mut tx, key).await?;
    db::pauses::set_model(&mut tx, key, pause).await?;
    tx.commit().await.map_err(db::Error::from)?;
    tracing::info!(model = %key, paused = pause.is_some(), "the model is paused or goes on");
    evaluate::anew(core, [key.clone()]).await
}
