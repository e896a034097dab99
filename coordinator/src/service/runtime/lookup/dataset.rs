//! Data sets that are not there.

use common::vocabulary::DatasetName;

use crate::db::{self, Scope};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;

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

/// The data set whose name is nearly this one.
pub(crate) async fn nearest(view: &mut db::Connection, name: &DatasetName) -> Result<Option<DatasetName>> {
    let all = db::datasets::all(view, Scope::All).await?;
    let near = all.into_iter().map(|d| (strsim::jaro_winkler(name.as_str(), d.name.as_str()), d.name));
    let nearest = near.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    Ok(nearest.map(|(_, name)| name))
}
