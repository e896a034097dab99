//! Models that must be there.

use common::vocabulary::ModelKey;

use crate::db::{self, models::Model};
use crate::service::error::{Error, Result};

/// A model that must be there.
pub(crate) async fn known(view: &mut db::Connection, key: &ModelKey) -> Result<Model> {
    match db::models::get(view, key).await? {
        Some(model) => Ok(model),
        None => Err(unknown(view, key).await?),
    }
}

/// There is no such model; the nearest name there is, is hinted at.
pub(crate) async fn unknown(view: &mut db::Connection, key: &ModelKey) -> Result<Error> {
    Ok(Error::unknown_model(key, db::models::keys(view).await?.iter().map(String::as_str)))
}
