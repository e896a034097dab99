//! Models are registered and changed by hand.

use common::vocabulary::{Category, ForecasterHyper, ModelKey, Symbol, Timestamp};

use super::core::Core;
use super::{Error, Result, evaluate, show};
use crate::db::{self, models::Model};
use crate::views::{ModelRequest, ModelView};

/// Registers a model, or changes what the request names.
pub(super) async fn put(core: &Core, key: &ModelKey, request: ModelRequest) -> Result<ModelView> {
    let mut tx = core.db.begin().await?;
    let known = db::models::get(&mut tx, key).await?;
    let is_new = known.is_none();
    let mut model = match known {
        Some(model) => model,
        None => Model::new(forecaster(key)?, Category::Other("other".into())),
    };
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
        model.hyper = evaluate::hyper(&ForecasterHyper::default(), &changes)?;
    }
    if let Some(auto_retrain) = request.auto_retrain {
        model.auto_retrain = auto_retrain;
    }
    if is_new {
        db::models::register(&mut tx, &model, Timestamp::now()).await?;
    } else {
        db::models::update(&mut tx, &model).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    show::model(core, key).await
}

/// A key that names a family, and a symbol within it.
fn forecaster(key: &ModelKey) -> Result<ModelKey> {
    let family: common::vocabulary::Family = key.folder().parse()?;
    if *key == ModelKey::universal_forecaster() {
        return Ok(key.clone());
    }
    let symbol: Symbol = key.name().parse()?;
    let proper = ModelKey::forecaster(&symbol);
    if proper == *key {
        Ok(proper)
    } else {
        Err(Error::invalid(format!("a {family} is named after its symbol: write {proper}")))
    }
}
