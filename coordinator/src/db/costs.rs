//! What trainings have cost.

use std::collections::{HashMap, HashSet};

use common::vocabulary::{Family, JobId};
use domain::cost::{Features, LEARNED_FROM, Prices, Sample};

use super::{Connection, Result, Row, sql};

/// Trainings of a family that are kept.
const KEPT: i64 = 2000;

/// Keeps what a training has cost; a job has one training.
pub(crate) async fn insert(db: &mut Connection, job: JobId, on_gpu: bool, sample: &Sample) -> Result<()> {
    let Sample { model, features, seconds, memory, expected } = sample;
    sql("INSERT INTO training_costs (job, model, family, on_gpu, mode, rows, new_rows, epochs, size, seconds, memory, expected)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (job) DO NOTHING")
    .bind(job)
    .bind(model.as_str())
    .bind(model.folder())
    .bind(on_gpu)
    .bind(features.mode.as_str())
    .bind(features.rows as i64)
    .bind(features.new_rows as i64)
    .bind(features.epochs)
    .bind(features.size)
    .bind(*seconds)
    .bind(memory.map(u64::cast_signed))
    .bind(*expected)
    .execute(db)
    .await?;
    Ok(())
}

/// The newest trainings of a family, with whether a GPU did them, newest first.
async fn newest(db: &mut Connection, family: Family) -> Result<Vec<(bool, Sample)>> {
    sql("SELECT * FROM training_costs WHERE family = $1 ORDER BY id DESC LIMIT $2")
        .bind(family.as_str())
        .bind(LEARNED_FROM as i64)
        .read_each(db, read)
        .await
}

fn read(row: &Row) -> Result<(bool, Sample)> {
    let features = Features {
        mode: row.parsed("mode")?,
        rows: row.int("rows")? as f64,
        new_rows: row.int("new_rows")? as f64,
        epochs: row.real("epochs")?,
        size: row.real("size")?,
    };
    let sample = Sample {
        model: row.parsed("model")?,
        features,
        seconds: row.real("seconds")?,
        memory: row.opt_int("memory")?.map(i64::unsigned_abs),
        expected: row.opt_real("expected")?,
    };
    Ok((row.flag("on_gpu")?, sample))
}

/// The prices of a family, on the kind of device that its newest training was done on.
pub(crate) async fn prices(db: &mut Connection, family: Family) -> Result<Prices> {
    let mut samples = newest(db, family).await?;
    let on_gpu = samples.first().is_some_and(|(on_gpu, _)| *on_gpu);
    samples.retain(|(other, _)| *other == on_gpu);
    let samples: Vec<Sample> = samples.into_iter().map(|(_, sample)| sample).collect();
    Ok(Prices::learn(&samples))
}

/// The prices of some families.
pub(crate) async fn of_families(db: &mut Connection, families: &HashSet<Family>) -> Result<HashMap<Family, Prices>> {
    let mut found = HashMap::new();
    for family in families {
        found.insert(*family, prices(db, *family).await?);
    }
    Ok(found)
}

/// Forgets the oldest trainings of a family, if there are more than are kept.
pub(crate) async fn forget(db: &mut Connection, family: Family) -> Result<u64> {
    sql("DELETE FROM training_costs WHERE family = $1 AND id <=
             (SELECT id FROM training_costs WHERE family = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)")
    .bind(family.as_str())
    .bind(KEPT)
    .execute(db)
    .await
}
