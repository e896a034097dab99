//! Models that must be there.

use std::collections::BTreeSet;

use common::vocabulary::{Family, ModelKey};

use super::near;
use crate::db::{self, models::Model};
use crate::service::error::{Error, Result};

/// How like a key must be to be hinted at.
const ENOUGH: f64 = 0.85;

/// A model that must be there.
pub(crate) async fn find(view: &mut db::Connection, key: &ModelKey) -> Result<Model> {
    match db::models::get(view, key).await? {
        Some(model) => Ok(model),
        None => Err(unknown(view, key).await?),
    }
}

/// There is no such model; the nearest name there is, is hinted at.
pub(crate) async fn unknown(view: &mut db::Connection, key: &ModelKey) -> Result<Error> {
    let namesakes = db::models::present(view, &namesakes(key)).await?;
    let nearest = if namesakes.is_empty() { nearest(view, key).await? } else { None };
    Ok(Error::unknown_model(key, &namesakes, nearest.as_deref()))
}

/// The keys of models of the same name in another family, or in other letters.
fn namesakes(key: &ModelKey) -> Vec<ModelKey> {
    let name = key.name();
    let names = [name.to_owned(), name.to_uppercase(), name.to_lowercase()];
    let keys = Family::ALL.iter().flat_map(|family| names.iter().map(move |name| format!("{family}/{name}").parse()));
    let keys: BTreeSet<ModelKey> = keys.flatten().collect();
    keys.into_iter().collect()
}

/// The key that is nearly this one, among those of its family that begin alike.
async fn nearest(view: &mut db::Connection, key: &ModelKey) -> Result<Option<String>> {
    for beginning in near::beginnings(key.name()) {
        let keys = db::pages::models::keys(view, &format!("{}/{beginning}", key.folder()), near::MOST).await?;
        let nearest = near::nearest(key.as_str(), keys, ENOUGH);
        if nearest.is_some() {
            return Ok(nearest);
        }
    }
    Ok(None)
}
