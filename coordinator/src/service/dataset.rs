//! Data sets as they are shown.

use common::vocabulary::{DatasetName, TablePart};

use super::core::Core;
use super::{Error, Refit, Result, freeze_table};
use crate::db::changes::LogPosition;
use crate::db::datasets::Dataset;
use crate::db::{self, Scope};
use crate::views::{ColumnView, DatasetView};

impl Refit {
    /// Every data set, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn datasets(&self) -> Result<Vec<DatasetView>> {
        all(&self.core).await
    }

    /// One data set.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn dataset(&self, name: &DatasetName) -> Result<DatasetView> {
        one(&self.core, name).await
    }

    /// The log of a data set up to an entry, or up to its newest, as immutable files of the store, oldest first.
    ///
    /// # Errors
    /// There is none of that name, or it has not so many entries.
    pub async fn freeze_dataset(&self, name: &DatasetName, through: Option<u64>) -> Result<Vec<TablePart>> {
        let through = match through {
            Some(through) => through,
            None => one(&self.core, name).await?.entries,
        };
        freeze_table::parts(&self.core, name, LogPosition(through)).await
    }
}

/// Every data set, by name.
async fn all(core: &Core) -> Result<Vec<DatasetView>> {
    let all = db::datasets::all(&mut *core.db.read().await?, Scope::All).await?;
    Ok(all.into_iter().filter_map(view).collect())
}

/// One data set.
async fn one(core: &Core, name: &DatasetName) -> Result<DatasetView> {
    let found = db::datasets::get(&mut *core.db.read().await?, name).await?;
    match found.and_then(view) {
        Some(view) => Ok(view),
        None => Err(unknown(core, name).await?),
    }
}

/// There is no such data set; the nearest name there is, is hinted at.
pub(super) async fn unknown(core: &Core, name: &DatasetName) -> Result<Error> {
    let nearest = nearest(&mut *core.db.read().await?, name).await?;
    Ok(not_there(name, nearest))
}

/// There is no such data set; another one may be meant.
pub(super) fn not_there(name: &DatasetName, nearest: Option<DatasetName>) -> Error {
    let hint = match nearest {
        Some(name) => format!("did you mean {name}?"),
        None => "import its rows first".into(),
    };
    Error::NotFound { what: format!("data set {name}"), hint: Some(hint) }
}

/// The data set whose name is nearly this one.
pub(super) async fn nearest(view: &mut db::Connection, name: &DatasetName) -> Result<Option<DatasetName>> {
    let all = db::datasets::all(view, Scope::All).await?;
    let near = all.into_iter().map(|d| (strsim::jaro_winkler(name.as_str(), d.name.as_str()), d.name));
    let nearest = near.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    Ok(nearest.map(|(_, name)| name))
}

/// Without a schema its first rows are still coming in: nothing is visible.
fn view(dataset: Dataset) -> Option<DatasetView> {
    let schema = dataset.schema?;
    let column = |column: &common::vocabulary::Column| ColumnView {
        name: column.name.clone(),
        kind: column.kind.to_string(),
        inferred: false,
    };
    let (file, at) = dataset.import.map(|(_, file, at)| (file, at)).unzip();
    Some(DatasetView {
        name: dataset.name.to_string(),
        columns: schema.columns().iter().map(column).collect(),
        key: schema.key().to_vec(),
        time: schema.time().map(str::to_owned),
        rows: dataset.rows,
        entries: dataset.entries.0,
        first: dataset.first,
        last: dataset.last,
        file,
        imported_at: at.map(|at| at.utc()),
        created_at: dataset.created_at.utc(),
    })
}
