//! The log of a model's predictions, newest first.

use common::vocabulary::{ModelKey, PredictionId};

use crate::db::predictions::{PredictionEntry, Which, read};
use crate::db::{Connection, Result, sql};

/// So many entries of a model behind one.
pub(crate) async fn behind(
    db: &mut Connection,
    model: &ModelKey,
    which: Which,
    after: Option<PredictionId>,
    count: u32,
) -> Result<Vec<PredictionEntry>> {
    let entries = match which {
        Which::All => sql("SELECT * FROM predictions WHERE model = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
        Which::Labelled => sql("SELECT * FROM predictions WHERE model = $1 AND label IS NOT NULL AND id < $2
             ORDER BY id DESC LIMIT $3"),
    };
    let entries = entries.bind(model.as_str()).bind(after.unwrap_or(PredictionId::max())).bind(count);
    entries.read_each(db, read).await
}
