//! Data sets as they are shown.

use common::vocabulary::{DatasetName, TablePart};

use super::freeze_table;
use crate::db;
use crate::db::changes::LogPosition;
use crate::db::datasets::Dataset;
use crate::service::error::Result;
use crate::service::runtime::lookup::dataset;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{ColumnView, DatasetView, Page, PageQuery};

impl Refit {
    /// A page of the data sets, by name.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn datasets(&self, query: PageQuery) -> Result<Page<DatasetView>> {
        let asked: PageRequest<DatasetName> = PageRequest::new("datasets", query.limit, query.cursor.as_deref())?;
        let mut view = self.core.db.read().await?;
        let found = db::pages::datasets::behind(&mut view, asked.after.as_ref(), asked.rows()).await?;
        let Page { items, next } = asked.page(found, |dataset| dataset.name.clone())?;
        Ok(Page { items: items.into_iter().filter_map(view_of).collect(), next })
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

/// One data set.
async fn one(core: &Core, name: &DatasetName) -> Result<DatasetView> {
    let found = db::datasets::get(&mut *core.db.read().await?, name).await?;
    match found.and_then(view_of) {
        Some(view) => Ok(view),
        None => Err(dataset::unknown(core, name).await?),
    }
}

/// Without a schema its first rows are still coming in: nothing is visible.
fn view_of(dataset: Dataset) -> Option<DatasetView> {
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
