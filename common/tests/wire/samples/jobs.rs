//! Grants, with every kind of job, every family and every way to read rows.

use common::drift::Look;
use common::vocabulary::records::Schema;
use common::vocabulary::{
    BarsPart, Contestants, EvaluateSpec, Family, JobSpec, Mode, MonitorSpec, PredictSpec, ProbeSpec, RatingColumns,
    Reading, RowsPart, Snapshot, SplitPolicy, Subject, TablePart, TextColumns, TrainSpec, TrialSpec, VersionNumber,
    Watermark,
};
use common::wire::{Grant, ToWorker};
use serde_json::json;

use super::{Sample, artifact, checkpoint, claim, date, hash, hyper, there_and_back};

/// Rows of each kind: bars, ratings, texts and records.
pub(crate) fn snapshots() -> [Snapshot; 4] {
    let symbol = || "AAPL".parse().unwrap();
    let bars = BarsPart { hash: hash(), symbol: symbol(), rows: 10, first: date(), last: date() };
    let table = |name: &str, reading| {
        let part = TablePart { hash: hash(), dataset: name.parse().unwrap(), first_seq: 1, entries: 10 };
        Snapshot::Table { dataset: name.parse().unwrap(), reading, parts: vec![part], through: date() }
    };
    [
        Snapshot::Bars { symbols: vec![symbol()], parts: vec![bars] },
        table("movies", Reading::Ratings(ratings())),
        table("comments", Reading::Texts(texts())),
        table("churn", Reading::Records(schema())),
    ]
}

fn ratings() -> RatingColumns {
    RatingColumns { user: "user".into(), item: "item".into(), value: "rating".into(), weight: Some("weight".into()) }
}

fn texts() -> TextColumns {
    TextColumns {
        text: "text".into(),
        label: "label".into(),
        positive: vec!["yes".into()],
        weight: None,
        group: Some("site".into()),
        confirmed: vec!["spam".into()],
    }
}

fn schema() -> Schema {
    let column = |name: &str, kind: &str, role: &str| json!({ "name": name, "kind": kind, "role": role });
    let columns = [
        column("id", "category", "key"),
        column("age", "number", "feature"),
        column("since", "date", "time"),
        column("left", "flag", "target"),
        json!({ "name": "bonus", "kind": "number", "role": "feature", "available_at": "after", "confirmed_at": 1_750_000_000_000_000_i64 }),
    ];
    let slices = json!([{ "column": "age", "bands": [30.0, 50.0] }]);
    let task = json!({ "is": { "column": "left", "positive": "yes" } });
    serde_json::from_value(json!({ "columns": columns, "task": task, "order": "time", "slices": slices })).unwrap()
}

fn split() -> SplitPolicy {
    SplitPolicy { holdout_rows: 60, validation_share: 0.15, holdout_share: 0.1 }
}

fn train(family: Family, snapshot: Snapshot) -> JobSpec {
    JobSpec::Train(Box::new(TrainSpec {
        model: format!("{family}/AAPL").parse().unwrap(),
        mode: Mode::Incremental,
        snapshot,
        hyper: hyper(family),
        split: split(),
        parent: Some(artifact()),
        contestants: Contestants { champion: Some(artifact()), universal: None },
        yardstick: true,
        reproduces: Some(VersionNumber { major: 1, minor: 1 }),
    }))
}

fn trial(snapshot: Snapshot) -> JobSpec {
    let (model, hyper) = ("forecaster/AAPL".parse().unwrap(), hyper(Family::Forecaster));
    JobSpec::Trial(Box::new(TrialSpec { model, snapshot, hyper, split: split() }))
}

fn evaluate(snapshot: Snapshot) -> JobSpec {
    JobSpec::Evaluate(Box::new(EvaluateSpec {
        model: "forecaster/AAPL".parse().unwrap(),
        snapshot,
        split: split(),
        challenger: artifact(),
        contestants: Contestants { champion: Some(artifact()), universal: Some(artifact()) },
    }))
}

fn monitor(snapshot: Snapshot) -> JobSpec {
    let subject = Subject {
        model: "forecaster/AAPL".parse().unwrap(),
        snapshot,
        rows: 10,
        split: split(),
        beyond: Watermark { date: date(), entry: 7, through: date() },
        live: artifact(),
        shadow: Some(artifact()),
        inputs: Some(Look { chance: 0.01, least_distance: 0.1, from_rows: 50 }),
    };
    JobSpec::Monitor(MonitorSpec { subjects: vec![subject] })
}

fn predict() -> JobSpec {
    JobSpec::Predict(Box::new(PredictSpec {
        model: "tabular/churn".parse().unwrap(),
        artifact: artifact(),
        reading: Reading::Records(schema()),
        parts: vec![RowsPart { hash: hash(), rows: 10 }],
    }))
}

fn grant(spec: JobSpec) -> Sample {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().ok();
    let (resume, batch_size) = (Some(checkpoint()), Some(32));
    let grant = Grant { claim: claim(), number: 1, spec, resume, batch_size, timeout: Some(60.0), trace };
    there_and_back(&ToWorker::Grant { grants: vec![grant] })
}

pub(super) fn told() -> Vec<(&'static str, Sample)> {
    let [bars, ratings, texts, records] = snapshots();
    vec![
        ("grant_train_forecaster", grant(train(Family::Forecaster, bars.clone()))),
        ("grant_train_recommender", grant(train(Family::Recommender, ratings))),
        ("grant_train_text", grant(train(Family::Text, texts))),
        ("grant_train_tabular", grant(train(Family::Tabular, records))),
        ("grant_trial", grant(trial(bars.clone()))),
        ("grant_evaluate", grant(evaluate(bars.clone()))),
        ("grant_monitor", grant(monitor(bars))),
        ("grant_predict", grant(predict())),
        ("grant_probe", grant(JobSpec::Probe(ProbeSpec { work_ms: 1 }))),
    ]
}
