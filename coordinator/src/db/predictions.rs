//! The log of predictions: what versions have answered, and what came of it.

use common::vocabulary::{ContentHash, ModelKey, PredictionId, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;

use super::{CHUNK, Connection, Result, Row, sql};

/// An answer that was served.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Served {
    /// Its id; ids grow with time.
    pub(crate) id: PredictionId,
    /// Whose answer.
    pub(crate) model: ModelKey,
    /// Of which version.
    pub(crate) version: VersionNumber,
    pub(crate) at: Timestamp,
    /// `row`, `list`, `forecast` or `batch`.
    pub(crate) kind: String,
    /// Names what it was made from.
    pub(crate) inputs_hash: ContentHash,
    /// That itself, as JSON, if it is kept.
    pub(crate) inputs: Option<String>,
    /// The answer, as JSON.
    pub(crate) output: String,
}

/// What came of a row that was predicted, as a person has told it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    /// The outcome.
    pub(crate) text: String,
    /// How wrong the prediction was.
    pub(crate) loss: f64,
    /// When it was told.
    pub(crate) at: Timestamp,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PredictionEntry {
    /// The answer.
    pub(crate) served: Served,
    /// What came of it.
    pub(crate) label: Option<Label>,
}

/// How a version's answers have turned out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    pub(crate) version: VersionNumber,
    /// Rows it has predicted.
    pub(crate) served: u64,
    /// Of these, rows whose outcome is known.
    pub(crate) labelled: u64,
    /// Mean loss over those.
    pub(crate) loss: Option<f64>,
}

/// Which entries of a model are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// All.
    All,
    /// Those whose outcome is known.
    Labelled,
}

/// Adds answers; one that is there stays as it is.
pub(crate) async fn insert(db: &mut Connection, served: &[Served]) -> Result<()> {
    for chunk in served.chunks(CHUNK) {
        sql("INSERT INTO predictions (id, model, major, minor, at, kind, inputs_hash, inputs, output) VALUES ")
            .rows(chunk, |served| {
                [
                    served.id.into(),
                    served.model.as_str().into(),
                    served.version.major.into(),
                    served.version.minor.into(),
                    served.at.0.into(),
                    served.kind.as_str().into(),
                    served.inputs_hash.to_string().into(),
                    served.inputs.as_deref().into(),
                    served.output.as_str().into(),
                ]
            })
            .then(" ON CONFLICT DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The entries of these ids, in no order; of any model.
pub(crate) async fn of_ids(db: &mut Connection, ids: &[PredictionId]) -> Result<Vec<PredictionEntry>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = sql("SELECT * FROM predictions WHERE id IN ").one_of(chunk.iter().copied()).fetch_all(db).await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Writes down what came of a row; a later outcome stands for an earlier one.
pub(crate) async fn set_label(db: &mut Connection, id: PredictionId, label: &Label) -> Result<()> {
    sql("UPDATE predictions SET label = $2, loss = $3, labelled_at = $4 WHERE id = $1")
        .bind(id)
        .bind(&label.text)
        .bind(label.loss)
        .bind(label.at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// How each version's answers have turned out, the newest version first.
pub(crate) async fn scores(db: &mut Connection, model: &ModelKey) -> Result<Vec<Score>> {
    let rows = sql("SELECT major, minor, count(*) AS served, count(label) AS labelled, avg(loss) AS loss
         FROM predictions WHERE model = $1 AND kind = 'row'
         GROUP BY major, minor ORDER BY major DESC, minor DESC")
    .bind(model.as_str())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Score {
                version: row.number()?,
                served: row.count("served")?,
                labelled: row.count("labelled")?,
                loss: row.opt_real("loss")?,
            })
        })
        .collect()
}

/// How many questions a model has answered since a moment.
pub(crate) async fn count_since(db: &mut Connection, model: &ModelKey, since: Timestamp) -> Result<u64> {
    let counted = sql("SELECT count(*) AS n FROM predictions WHERE model = $1 AND id >= $2");
    counted.bind(model.as_str()).bind(first_of(since)).fetch_one(db).await?.count("n")
}

/// The newest forecasts that a model has answered with, newest first.
pub(crate) async fn forecasts(db: &mut Connection, model: &ModelKey, most: usize) -> Result<Vec<Served>> {
    sql("SELECT * FROM predictions WHERE model = $1 AND kind = 'forecast' ORDER BY id DESC LIMIT $2")
        .bind(model.as_str())
        .bind(most as i64)
        .read_each(db, |row| Ok(read(row)?.served))
        .await
}

/// Removes the oldest entries from before a moment, at most so many; how many these were.
pub(crate) async fn remove_before(db: &mut Connection, moment: Timestamp, most: u32) -> Result<u64> {
    sql("DELETE FROM predictions WHERE id <= (SELECT id FROM (
             SELECT id FROM predictions WHERE id < $1 ORDER BY id LIMIT $2) oldest ORDER BY id DESC LIMIT 1)")
    .bind(first_of(moment))
    .bind(i64::from(most))
    .execute(db)
    .await
}

/// How many entries are from before a moment.
pub(crate) async fn count_before(db: &mut Connection, moment: Timestamp) -> Result<u64> {
    let counted = sql("SELECT count(*) AS n FROM predictions WHERE id < $1").bind(first_of(moment));
    counted.fetch_one(db).await?.count("n")
}

/// No id of that moment or later is below this one.
pub(super) fn first_of(moment: Timestamp) -> PredictionId {
    let millis = u64::try_from(moment.0.div_euclid(1000)).unwrap_or_default();
    PredictionId::from_untyped_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

pub(super) fn read(row: &Row) -> Result<PredictionEntry> {
    let label = match (row.opt_text("label")?, row.opt_real("loss")?, row.opt_time("labelled_at")?) {
        (Some(text), Some(loss), Some(at)) => Some(Label { text, loss, at }),
        _ => None,
    };
    Ok(PredictionEntry {
        served: Served {
            id: row.id("id")?,
            model: row.parsed("model")?,
            version: row.number()?,
            at: row.time("at")?,
            kind: row.text("kind")?,
            inputs_hash: row.parsed("inputs_hash")?,
            inputs: row.opt_text("inputs")?,
            output: row.text("output")?,
        },
        label,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_with_time() {
        let (early, late) = (Timestamp(1_700_000_000_000_000), Timestamp(1_700_000_000_001_000));
        assert!(first_of(early) < first_of(late));
        let now = PredictionId::from_untyped_uuid(uuid::Uuid::now_v7());
        assert!(first_of(late) < now && now < first_of(Timestamp::now().plus_seconds(60.0)));
    }
}
