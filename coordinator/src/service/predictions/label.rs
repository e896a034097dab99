//! Labels: what came of rows that were predicted. A labelled row joins the data set by the road of any other; its prediction
//! keeps the outcome, and how wrong it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use common::vocabulary::{ModelKey, PredictionId, Source, Timestamp, VersionNumber};
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
    let Known { dataset, sources, mut entries } = known(core, key, &labels).await?;
    let mut report = LabelsReport { model: key.to_string(), dataset, labelled: 0, superseded: 0, refused: Vec::new() };
    let mut judged: BTreeMap<VersionNumber, Vec<Judged>> = BTreeMap::new();
    for (id, label) in labels {
        match judge(key, &sources, entries.remove(&id), label) {
            Ok((version, one)) => judged.entry(version).or_default().push(one),
            Err(why) => report.refused.push(RefusedLabel { prediction: id.into_untyped_uuid(), why }),
        }
    }
    for (version, judged) in judged {
        if let Some(source) = sources.get(&version) {
            join(core, key, source, judged, &mut report).await?;
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
            report.refused.push(RefusedLabel { prediction: row.id.into_untyped_uuid(), why: (*why).to_owned() });
            continue;
        }
        report.labelled += 1;
        report.superseded += u64::from(row.before.is_some());
        db::predictions::set_label(&mut tx, row.id, &Label { text: row.label, loss, at: now }).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// What is known of predictions that are to be labelled.
struct Known {
    /// The data set that the model reads now, by name.
    dataset: String,
    /// What the versions that predicted read: each its own, whatever the model reads by now.
    sources: HashMap<VersionNumber, Source>,
    /// The predictions.
    entries: HashMap<PredictionId, Entry>,
}

async fn known(core: &Core, key: &ModelKey, labels: &BTreeMap<PredictionId, String>) -> Result<Known> {
    let mut view = core.db.snapshot().await?;
    let Some(source) = model::known(&mut view, key).await?.source else {
        return Err(Error::invalid(format!("{key} forecasts prices: what came of a forecast, the next bars say")));
    };
    let ids: Vec<PredictionId> = labels.keys().copied().collect();
    let entries = db::predictions::of_ids(&mut view, &ids).await?;
    let of_model = entries.iter().filter(|entry| entry.served.model == *key);
    let versions: BTreeSet<VersionNumber> = of_model.map(|entry| entry.served.version).collect();
    let mut sources = HashMap::new();
    for version in versions {
        let serving = db::serving::get(&mut view, key, version).await?;
        sources.extend(serving.and_then(|serving| Some((version, serving.source?))));
    }
    let entries = entries.into_iter().map(|entry| (entry.served.id, entry)).collect();
    Ok(Known { dataset: source.dataset.to_string(), sources, entries })
}

/// A label with its prediction, or why it cannot be taken.
fn judge(
    key: &ModelKey,
    sources: &HashMap<VersionNumber, Source>,
    entry: Option<Entry>,
    label: String,
) -> std::result::Result<(VersionNumber, Judged), String> {
    let entry = entry.filter(|entry| entry.served.model == *key);
    let known = entry.and_then(|entry| Some((sources.get(&entry.served.version)?, entry)));
    let Some((Source { reading, .. }, Entry { served, label: before })) = known else {
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
    let row = Labelled { id: served.id, at: served.at, inputs, label, before };
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
