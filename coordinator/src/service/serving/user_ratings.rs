//! What a user has rated, as it stands in a data set.

use std::collections::BTreeMap;

use common::vocabulary::{DatasetName, RatingColumns};

use crate::db;
use crate::service::data::import::table::value;
use crate::service::error::Result;
use crate::service::runtime::Core;

/// The ratings of a user, by item. A data set whose key does not begin with the user cannot be asked for one user's rows: none.
pub(crate) async fn of(
    core: &Core,
    dataset: &DatasetName,
    columns: &RatingColumns,
    user: &str,
) -> Result<BTreeMap<String, f64>> {
    let mut view = core.db.snapshot().await?;
    let Some(found) = db::datasets::get(&mut view, dataset).await? else { return Ok(BTreeMap::new()) };
    let Some(schema) =
        found.schema.as_ref().filter(|schema| schema.key() == [columns.user.clone(), columns.item.clone()])
    else {
        return Ok(BTreeMap::new());
    };
    let indices = schema.position(&columns.item).zip(schema.position(&columns.value));
    let Some((item, rating)) = indices else { return Ok(BTreeMap::new()) };
    let rows = db::entries::beginning(&mut view, found.id, found.entries, &value::key_prefix(user)).await?;
    let read = |cells: &String| {
        let cells: Vec<serde_json::Value> = serde_json::from_str(cells).ok()?;
        let item = match cells.get(item)? {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((item, cells.get(rating)?.as_f64()?))
    };
    Ok(rows.iter().filter_map(read).collect())
}
