//! Labels: what came of rows that were predicted. A labelled row joins the data set by the road of any other; its prediction
//! keeps the outcome, and how wrong it was.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use common::vocabulary::{ModelKey, PredictionId, Reading, Source, TableSchema, Timestamp};
use newtype_uuid::GenericUuid;
use serde::Deserialize;

use super::Kind;
use super::entry::Inputs;
use super::sheet::{Filling, Labelled};
use crate::db::predictions::{Entry, Label};
use crate::db::{self};
use crate::domain::served;
use crate::service::core::Core;
use crate::service::import::table;
use crate::service::{Error, Result, model};
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
    let labels: BTreeMap<PredictionId, String> = request
        .labels
        .into_iter()
        .map(|given| (GenericUuid::from_untyped_uuid(given.prediction), given.value))
        .collect();
    core.log.written().await;
    let (source, schema, mut entries) = known(core, key, &labels).await?;
    let Source { dataset, reading } = &source;
    let filling = Filling::new(&schema, &reading.inputs(), reading.outcome())?;
    let (mut judged, mut refused) = (Vec::new(), Vec::new());
    for (id, label) in labels {
        match judge(key, reading, entries.remove(&id), label) {
            Ok(one) => judged.push(one),
            Err(why) => refused.push(RefusedLabel { prediction: id.into_untyped_uuid(), why }),
        }
    }
    let (losses, rows): (Vec<f64>, Vec<Labelled>) = judged.into_iter().map(|one| (one.loss, one.row)).unzip();
    let sheet = filling.sheet(&rows)?;
    let imported = if rows.is_empty() {
        None
    } else {
        let request = TableImportRequest {
            file: format!("labels of {key}"),
            delimiter: Some(",".into()),
            ..TableImportRequest::default()
        };
        Some(table::rows(core, dataset, request, sheet.csv.as_slice()).await?)
    };
    let reasons = reasons(imported.as_ref())?;
    let now = Timestamp::now();
    let mut report =
        LabelsReport { model: key.to_string(), dataset: dataset.to_string(), labelled: 0, superseded: 0, refused };
    let mut tx = core.db.begin().await?;
    for ((row, loss), line) in rows.into_iter().zip(losses).zip(&sheet.lines) {
        if let Some(why) = reasons.get(line) {
            report.refused.push(RefusedLabel { prediction: row.id.into_untyped_uuid(), why: (*why).to_owned() });
            continue;
        }
        report.labelled += 1;
        report.superseded += u64::from(row.before.is_some());
        db::predictions::set_label(&mut tx, row.id, &Label { text: row.label, loss, at: now }).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    match report.refused.first() {
        Some(first) if report.labelled == 0 => Err(Error::refused(format!("{}: {}", first.prediction, first.why))),
        Some(_) | None => Ok(report),
    }
}

/// Where the model's rows come from, what they look like, and the predictions that are named.
async fn known(
    core: &Core,
    key: &ModelKey,
    labels: &BTreeMap<PredictionId, String>,
) -> Result<(Source, TableSchema, HashMap<PredictionId, Entry>)> {
    let mut view = core.db.snapshot().await?;
    let Some(source) = model::known(&mut view, key).await?.source else {
        return Err(Error::invalid(format!("{key} forecasts prices: what came of a forecast, the next bars say")));
    };
    let schema = db::datasets::get(&mut view, &source.dataset).await?.and_then(|dataset| dataset.schema);
    let schema = schema.ok_or_else(|| Error::refused(format!("the data set {} has no rows yet", source.dataset)))?;
    let ids: Vec<PredictionId> = labels.keys().copied().collect();
    let entries = db::predictions::of_ids(&mut view, &ids).await?;
    Ok((source, schema, entries.into_iter().map(|entry| (entry.served.id, entry)).collect()))
}

/// A label with its prediction, or why it cannot be taken.
fn judge(
    key: &ModelKey,
    reading: &Reading,
    entry: Option<Entry>,
    label: String,
) -> std::result::Result<Judged, String> {
    let Some(Entry { served, label: before }) = entry.filter(|entry| entry.served.model == *key) else {
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
    let loss = served::loss(reading, |name| inputs.get(name).and_then(|cell| cell.as_str()), value, &label)
        .map_err(|why| format!("{} {why}", reading.outcome()))?;
    let before = before.map(|before| before.text);
    Ok(Judged { row: Labelled { id: served.id, at: served.at, inputs, label, before }, loss })
}

/// Why the import has refused rows, by their lines.
fn reasons(imported: Option<&TableImportReport>) -> Result<HashMap<u64, &str>> {
    let Some(report) = imported else { return Ok(HashMap::new()) };
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
