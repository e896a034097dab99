//! The latest decisions, by model.

use std::collections::BTreeMap;

use common::vocabulary::ModelKey;

use crate::db::decisions::DecisionRecord;
use crate::db::{Connection, Result, Row, Scope, sql};

type Decided = (ModelKey, DecisionRecord);

/// So many decisions behind a model; of one verdict alone, named by its first three letters, if there is one.
pub(crate) async fn behind(
    db: &mut Connection,
    verdict: Option<&str>,
    after: Option<&ModelKey>,
    count: u32,
) -> Result<Vec<Decided>> {
    let last = after.map_or("", ModelKey::as_str);
    let decisions = match verdict {
        None => sql("SELECT model, body FROM decisions WHERE model > $1 ORDER BY model LIMIT $2"),
        Some(_) => sql("SELECT model, body FROM decisions WHERE substr(fingerprint, 1, 3) = $3 AND model > $1
             ORDER BY model LIMIT $2"),
    };
    let decisions = decisions.bind(last).bind(count);
    let decisions = match verdict {
        None => decisions,
        Some(verdict) => decisions.bind(verdict),
    };
    decisions.read_each(db, read).await
}

/// The latest decisions about some models.
pub(crate) async fn of(db: &mut Connection, models: &[ModelKey]) -> Result<BTreeMap<ModelKey, DecisionRecord>> {
    let all = Scope::Of(models).read_each(db, "SELECT model, body FROM decisions", " WHERE model IN ", read).await?;
    Ok(all.into_iter().collect())
}

fn read(row: &Row) -> Result<Decided> {
    Ok((row.parsed("model")?, row.json("body")?))
}
