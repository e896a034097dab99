//! Data sets that are not there.

use common::vocabulary::DatasetName;

use super::near;
use crate::db;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;

/// How like a name must be to be hinted at.
const ENOUGH: f64 = 0.8;

/// There is no such data set; the nearest name there is, is hinted at.
pub(crate) async fn unknown(core: &Core, name: &DatasetName) -> Result<Error> {
    let nearest = nearest(&mut *core.db.read().await?, name).await?;
    Ok(not_there(name, nearest))
}

/// There is no such data set; another one may be meant.
pub(crate) fn not_there(name: &DatasetName, nearest: Option<DatasetName>) -> Error {
    let hint = match nearest {
        Some(name) => format!("did you mean {name}?"),
        None => "import its rows first".into(),
    };
    Error::NotFound { what: format!("data set {name}"), hint: Some(hint) }
}

/// The data set whose name is nearly this one, among those that begin alike.
pub(crate) async fn nearest(view: &mut db::Connection, name: &DatasetName) -> Result<Option<DatasetName>> {
    for beginning in near::beginnings(name.as_str()) {
        let names = db::pages::datasets::names(view, beginning, near::MOST).await?;
        if let Some(nearest) = near::nearest(name.as_str(), names, ENOUGH) {
            return Ok(Some(nearest.parse()?));
        }
    }
    Ok(None)
}
