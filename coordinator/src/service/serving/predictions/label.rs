//! Labels: what came of rows that were predicted. A labelled row joins the data set by the road of any other; its prediction
//! keeps the outcome, and how wrong it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use common::vocabulary::{JobId, ModelKey, PredictionId, PredictionRef, Source, Timestamp, VersionNumber};
use domain::outcome::Outcome;
use domain::served;
use serde::Deserialize;

use super::Kind;
use super::entry::Inputs;
use super::sheet::{Filling, Labelled};
use crate::db::predictions::{Label, PredictionEntry};
use crate::db::{self};
use crate::service::data::import::table;
use crate::service::data::outcomes;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::lookup::model;
use crate::service::serving::batch;
use crate::views::{LabelRequest, LabelsReport, RefusedLabel, TableImportReport, TableImportRequest};

/// Most labels of one request.
const MOST: usize = 10_000;

/// What a prediction of a row says.
#[derive(Deserialize)]
struct Output {
    value: f64,
}

/// A label that can be taken.
struct Judged {
    row: Labelled,
    loss: f64,
}

/// Takes in labels; what cannot be taken is refused one by one.
pub(super) async fn all(core: &Arc<Core>, key: &ModelKey, request: LabelRequest) -> Result<LabelsReport> {
    if request.labels.is_empty() || request.labels.len() > MOST {
        return Err(Error::invalid(format!("give 1 to {MOST} labels")));
    }
    // Of two labels of one prediction the later stands.
    let labels: BTreeMap<PredictionRef, String> =
        request.labels.into_iter().map(|given| (given.prediction, given.value)).collect();
    core.log.written().await;
    let strange = join_log(core, key, &labels).await?;
    let LabelContext { dataset, readers, mut entries } = label_context(core, key, &labels).await?;
    let mut report = LabelsReport { model: key.to_string(), dataset, labelled: 0, superseded: 0, refused: Vec::new() };
    let mut judged: BTreeMap<VersionNumber, Vec<Judged>> = BTreeMap::new();
    for (prediction, label) in labels {
        let found = match prediction {
            PredictionRef::OfBatch { job, .. } => strange.get(&job).map_or(Ok(()), |why| Err(why.clone())),
            PredictionRef::Online(_) => Ok(()),
        };
        let entry = entries.remove(&prediction.id());
        match found.and_then(|()| judge(key, &readers, prediction, entry, &label)) {
            Ok((version, one)) => judged.entry(version).or_default().push(one),
            Err(why) => report.refused.push(RefusedLabel { prediction, why }),
        }
    }
    for (version, judged) in judged {
        if let Some(reader) = readers.get(&version) {
            join(core, key, &reader.source, judged, &mut report).await?;
        }
    }
    match report.refused.first() {
        Some(first) if report.labelled == 0 => Err(Error::refused(format!("{}: {}", first.prediction, first.why))),
        Some(_) | None => Ok(report),
    }
}

/// The rows of one version's predictions join the data set that it reads, in the columns that it reads.
async fn join(
    core: &Arc<Core>,
    key: &ModelKey,
    source: &Source,
    judged: Vec<Judged>,
    report: &mut LabelsReport,
) -> Result<()> {
    let Source { dataset, reading } = source;
    let schema = db::datasets::get(&mut *core.db.read().await?, dataset).await?.and_then(|dataset| dataset.schema);
    let schema = schema.ok_or_else(|| Error::refused(format!("the data set {dataset} has no rows yet")))?;
    let (losses, rows): (Vec<f64>, Vec<Labelled>) = judged.into_iter().map(|one| (one.loss, one.row)).unzip();
    let sheet = Filling::new(&schema, &reading.inputs(), reading.outcome())?.sheet(&rows)?;
    let request = TableImportRequest {
        file: format!("labels of {key}"),
        delimiter: Some(",".into()),
        ..TableImportRequest::default()
    };
    let imported = table::rows(core, dataset, request, sheet.csv.as_slice()).await?;
    let reasons = reasons(&imported)?;
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    for ((row, loss), line) in rows.into_iter().zip(losses).zip(&sheet.lines) {
        if let Some(why) = reasons.get(line) {
            report.refused.push(RefusedLabel { prediction: row.prediction, why: (*why).to_owned() });
            continue;
        }
        report.labelled += 1;
        report.superseded += u64::from(row.before.is_some());
        db::predictions::set_label(&mut tx, row.prediction.id(), &Label { text: row.label, loss, at: now }).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// Rows of batches join the log of predictions when they are labelled. Says of which jobs none can, and why.
async fn join_log(
    core: &Core,
    key: &ModelKey,
    labels: &BTreeMap<PredictionRef, String>,
) -> Result<BTreeMap<JobId, String>> {
    let mut wanted: BTreeMap<JobId, BTreeSet<u64>> = BTreeMap::new();
    for prediction in labels.keys() {
        if let PredictionRef::OfBatch { job, row } = prediction {
            wanted.entry(*job).or_default().insert(*row);
        }
    }
    let mut strange = BTreeMap::new();
    for (job, rows) in wanted {
        match batch::rows::served(core, key, job, &rows).await {
            Ok(served) => {
                let mut tx = core.db.begin().await?;
                db::predictions::insert(&mut tx, &served).await?;
                tx.commit().await.map_err(db::Error::from)?;
            }
            Err(Error::Refused { reason: why }) => {
                strange.insert(job, why);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(strange)
}

/// What is known of predictions that are to be labelled.
struct LabelContext {
    /// The data set that the model reads now, by name.
    dataset: String,
    /// What the versions that predicted read: each its own, whatever the model reads by now.
    readers: HashMap<VersionNumber, Reader>,
    /// The predictions.
    entries: HashMap<PredictionId, PredictionEntry>,
}

/// How a version reads its rows.
struct Reader {
    source: Source,
    /// What the rows may say of what came.
    outcome: Outcome,
}

async fn label_context(core: &Core, key: &ModelKey, labels: &BTreeMap<PredictionRef, String>) -> Result<LabelContext> {
    let mut view = core.db.snapshot().await?;
    let Some(source) = model::find(&mut view, key).await?.source else {
        return Err(Error::invalid(format!("{key} forecasts prices: what came of a forecast, the next bars say")));
    };
    let ids: Vec<PredictionId> = labels.keys().map(|prediction| prediction.id()).collect();
    let entries = db::predictions::of_ids(&mut view, &ids).await?;
    let of_model = entries.iter().filter(|entry| entry.served.model == *key);
    let versions: BTreeSet<VersionNumber> = of_model.map(|entry| entry.served.version).collect();
    let mut readers = HashMap::new();
    for version in versions {
        let serving = db::serving::get(&mut view, key, version).await?;
        let Some(source) = serving.and_then(|serving| serving.source) else { continue };
        let outcome = match core.fault.has(Mutant::OutcomesUnchecked) {
            true => Outcome::of(&source.reading, []),
            false => outcomes::of_source(&mut view, &source).await?,
        };
        readers.insert(version, Reader { source, outcome });
    }
    let entries = entries.into_iter().map(|entry| (entry.served.id, entry)).collect();
    Ok(LabelContext { dataset: source.dataset.to_string(), readers, entries })
}

/// A label with its prediction, or why it cannot be taken.
fn judge(
    key: &ModelKey,
    readers: &HashMap<VersionNumber, Reader>,
    prediction: PredictionRef,
    entry: Option<PredictionEntry>,
    label: &str,
) -> std::result::Result<(VersionNumber, Judged), String> {
    let entry = entry.filter(|entry| entry.served.model == *key);
    let known = entry.and_then(|entry| Some((readers.get(&entry.served.version)?, entry)));
    let Some((Reader { source: Source { reading, .. }, outcome }, PredictionEntry { served, label: before })) = known
    else {
        return Err(format!("there is no such prediction of {key}: it may be older than predictions are kept"));
    };
    if served.kind != Kind::Row.as_str() {
        return Err(format!("a {} has no single outcome: label predictions of rows", served.kind));
    }
    let Some(inputs) = served.inputs else {
        return Err("its inputs were not kept (predictions.keep_inputs): import the labelled row yourself".into());
    };
    let unreadable = |error: serde_json::Error| format!("its entry cannot be read: {error}");
    let inputs: Inputs = serde_json::from_str(&inputs).map_err(unreadable)?;
    let Output { value } = serde_json::from_str(&served.output).map_err(unreadable)?;
    let label = outcome.read(label).map_err(|why| format!("{} {why}", reading.outcome()))?;
    let loss = served::loss(reading, |name| inputs.get(name).and_then(|cell| cell.as_str()), value, &label)
        .map_err(|why| format!("{} {why}", reading.outcome()))?;
    let before = before.map(|before| before.text);
    let row = Labelled { prediction, at: served.at, inputs, label, before };
    Ok((served.version, Judged { row, loss }))
}

/// Why the import has refused rows, by their lines.
fn reasons(report: &TableImportReport) -> Result<HashMap<u64, &str>> {
    let reasons: HashMap<u64, &str> = report.refusals.iter().map(|row| (row.line, row.reason.as_str())).collect();
    match report.refusals.first() {
        // It lists the first only: which of the others were taken, nobody can say.
        Some(first) if report.refused > report.refusals.len() as u64 => Err(Error::refused(format!(
            "{} of {} labelled rows cannot be taken, the first because {}: send fewer at a time",
            report.refused, report.rows, first.reason
        ))),
        Some(_) | None => Ok(reasons),
    }
}
