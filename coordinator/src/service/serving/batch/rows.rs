//! Rows of a batch by their numbers: what they were predicted from, and what was said. Read from the store file by file, so that no
//! more than one is in memory.

use std::collections::{BTreeMap, BTreeSet};

use common::ports::{PortError, StoreKey};
use common::rows::{AnswerReader, Rows};
use common::vocabulary::{
    ContentHash, JobId, JobSpec, JobState, ModelKey, PredictSpec, PredictionRef, Timestamp, VersionNumber,
};
use common::wire::RowAnswer;
use newtype_uuid::GenericUuid;
use serde_json::{Value, json};

use crate::db::{self, predictions::Served};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::serving::predictions::{Inputs, Kind, Noted};

/// These rows of a batch as entries of the log of predictions; those that the batch does not have are absent.
///
/// # Errors
/// [`Error::Refused`]: the job is no batch of this model, has not ended well, or is so old that its files are gone.
pub(crate) async fn served(core: &Core, key: &ModelKey, job: JobId, wanted: &BTreeSet<u64>) -> Result<Vec<Served>> {
    let (spec, version, output) = find(core, key, job).await?;
    let by_row = answers(core, job, output, wanted.clone()).await?;
    let inputs = inputs(core, job, &spec, wanted).await?;
    let at = moment(job);
    let entry = |(row, inputs): (u64, Inputs)| {
        let RowAnswer { value, label, .. } = by_row.get(&row)?;
        let noted = Noted { inputs, output: json!({ "value": value, "label": label }) };
        Some(core.log.entry(key, version, Kind::Row, noted, PredictionRef::OfBatch { job, row }.id(), at))
    };
    inputs.into_iter().filter_map(entry).collect()
}

/// What a batch of this model was asked for, and where its answers are.
async fn find(core: &Core, key: &ModelKey, id: JobId) -> Result<(PredictSpec, VersionNumber, ContentHash)> {
    let mut view = core.db.snapshot().await?;
    let job = db::jobs::get(&mut view, id).await?;
    let batch = db::batches::of_jobs(&mut view, &[id]).await?.remove(&id);
    let state = job.as_ref().map(|job| job.state());
    let spec = match job.and_then(|job| job.spec) {
        Some(JobSpec::Predict(spec)) if spec.model == *key => *spec,
        Some(
            JobSpec::Predict(_)
            | JobSpec::Train(_)
            | JobSpec::Trial(_)
            | JobSpec::Evaluate(_)
            | JobSpec::Monitor(_)
            | JobSpec::Probe(_),
        )
        | None => return Err(Error::refused(format!("job {id} is no batch prediction of {key}"))),
    };
    match batch.and_then(|batch| Some((batch.version, batch.output?))) {
        Some((version, output)) if state == Some(JobState::Completed) => Ok((spec, version, output)),
        Some(_) | None => Err(Error::refused(format!("job {id} has no predictions yet"))),
    }
}

/// What was said of some rows.
async fn answers(
    core: &Core,
    job: JobId,
    output: ContentHash,
    wanted: BTreeSet<u64>,
) -> Result<BTreeMap<u64, RowAnswer>> {
    let file = tempfile::NamedTempFile::new_in(&core.settings.data_dir)?.into_temp_path();
    let downloaded = core.ports.store.download(&StoreKey::predictions(&output), &file, &output).await;
    downloaded.map_err(|error| gone(error, job))?;
    tokio::task::spawn_blocking(move || {
        let mut reader = AnswerReader::open(std::fs::File::open(&file)?)?;
        let mut by_row = BTreeMap::new();
        while let Some((first, answers)) = reader.piece()? {
            by_row.extend((first..).zip(answers).filter(|(row, _)| wanted.contains(row)));
        }
        Ok(by_row)
    })
    .await?
}

/// What some rows were predicted from.
async fn inputs(core: &Core, job: JobId, spec: &PredictSpec, wanted: &BTreeSet<u64>) -> Result<BTreeMap<u64, Inputs>> {
    let mut found = BTreeMap::new();
    let mut first = 1;
    for part in &spec.parts {
        let here: Vec<u64> = wanted.range(first..first + part.rows).copied().collect();
        if !here.is_empty() {
            let bytes =
                core.ports.store.get(&StoreKey::snapshot(&part.hash)).await.map_err(|error| gone(error, job))?;
            let rows = Rows::decode(bytes)?;
            for row in here {
                let cells = rows.cells((row - first) as usize);
                let cells = cells.into_iter().map(|cell| cell.map_or(Value::Null, Value::String));
                found.insert(row, rows.names().iter().cloned().zip(cells).collect());
            }
        }
        first += part.rows;
    }
    Ok(found)
}

/// When a job was asked for, as its id says.
fn moment(job: JobId) -> Timestamp {
    let millis =
        job.into_untyped_uuid().as_bytes()[..6].iter().fold(0_i64, |so_far, byte| so_far << 8 | i64::from(*byte));
    Timestamp(millis * 1000)
}

fn gone(error: PortError, job: JobId) -> Error {
    match error {
        PortError::NotFound { .. } => Error::refused(format!(
            "the rows and predictions of job {job} are not kept any more: import the labelled rows yourself"
        )),
        error => error.into(),
    }
}
