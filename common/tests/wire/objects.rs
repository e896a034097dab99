//! What lies in the store: the names of objects, and what is in them, as a release left them.

use std::fmt::Debug;

use bytes::Bytes;
use common::bars::{self, Bar};
use common::losses::{self, Contestant, LossRow, RowLosses, Scored};
use common::ports::StoreKey;
use common::rows::Rows;
use common::seen::{RowName, Seen, Use};
use common::table::{self, Cell, Entries, Entry};
use common::vocabulary::{
    Column, ColumnKind, EvaluationManifest, Family, Manifest, MonitorManifest, Seal, TableSchema, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::readable::lost;
use crate::recorded::{plain, record, recordings};
use crate::samples::{artifact, claim, date, hash, hyper, snapshots};

/// An object of JSON, and how it is read and written again.
struct RecordedObject {
    name: &'static str,
    json: Json,
    again: fn(Json) -> Json,
}

/// Checks that all of an object is known.
fn kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &'static str, json: Json) -> RecordedObject {
    let again = |json| serde_json::to_value(serde_json::from_value::<T>(json).unwrap()).unwrap();
    assert_eq!(again(json.clone()), json, "{name}");
    RecordedObject { name, json, again }
}

fn inputs(found: Json) -> Json {
    json!({ "model": "tabular/churn", "version": "v1.2", "rows": 10, "error": null, "inputs": found })
}

fn objects() -> Vec<RecordedObject> {
    let (claim, hash, artifact) = (claim(), hash(), json!(artifact()));
    let files = json!({ "losses.parquet": { "sha256": hash, "bytes": 7 } });
    let split = json!({ "holdout_rows": 60, "validation_share": 0.15, "holdout_share": 0.1 });
    let evaluation = json!({
        "rows": 60, "first": "2025-04-01", "last": "2025-06-30", "loss": "crps", "baseline": "drift",
        "contestants": [{ "contestant": "challenger", "loss": 0.5, "figures": { "rmse": 1.5 } }],
        "forecasts": {
            "direction": {
                "accuracy": { "value": 0.5, "low": 0.4, "high": 0.6 }, "always_up": 0.5, "pesaran_timmermann": 0.25
            },
            "pit": [6, 6, 6, 6, 6, 6, 6, 6, 6, 6]
        },
        "slices": [{ "name": "site=a", "rows": 60, "loss": 0.5, "baseline_loss": 0.75, "standard_error": 0.125 }],
        "importance": [{ "column": "age", "rise": 0.5, "deviation": 0.25 }],
        "finite": true, "varies": true
    });
    let training = json!({
        "train_rows": 100, "new_rows": 20, "validation_rows": 15, "left_out": 1, "epochs": 9, "best_epoch": 7,
        "steps": 900, "seconds": 1.5, "curve": [{ "epoch": 1, "train_loss": -2.0, "validation_loss": -1.75 }],
        "resumption": { "resumption": "not_bit_identical", "from_step": 40, "because": "another build" }
    });
    let [bars, ..] = snapshots();
    vec![
        kept::<Seal>("seal_result", json!({ "seal": "result", "claim": claim.claim, "manifest": hash })),
        kept::<Seal>("seal_revoked", json!({ "seal": "revoked", "reason": "given up" })),
        kept::<Manifest>(
            "manifest_training",
            json!({
                "format": 1, "model": "text/toxicity", "job": claim.job, "attempt": claim.attempt, "mode": "incremental",
                "parent": artifact, "snapshot": bars, "split": split,
                "hyper": hyper(Family::Text),
                "spec_hash": hash, "seen_through": date(), "data_through": date(), "device": "cpu",
                "libraries": { "refit": "0.1.0" }, "training": training, "evaluation": evaluation,
                "gap": { "on_new": 0.5, "on_old": 0.25, "incremental_seconds": 1.5, "complete_seconds": 6.5 },
                "files": files
            }),
        ),
        kept::<EvaluationManifest>(
            "manifest_evaluation",
            json!({
                "format": 1, "model": "forecaster/AAPL", "job": claim.job, "attempt": claim.attempt,
                "challenger": artifact, "evaluation": evaluation, "files": files
            }),
        ),
        kept::<MonitorManifest>(
            "manifest_monitoring",
            json!({
                "format": 1, "job": claim.job, "attempt": claim.attempt, "files": files,
                "subjects": [{ "model": "forecaster/AAPL", "version": "v1.2", "rows": 10, "error": null }]
            }),
        ),
        kept::<MonitorManifest>(
            "manifest_monitoring_inputs",
            json!({
                "format": 1, "job": claim.job, "attempt": claim.attempt, "files": {},
                "subjects": [
                    inputs(json!({ "code": "no_sketch" })),
                    inputs(json!({ "code": "few_training_rows", "rows": 200, "needed": 256 })),
                    inputs(json!({ "code": "few_new_rows", "rows": 39, "needed": 40 })),
                    inputs(json!({
                        "code": "compared", "rows": 80, "columns": 12, "drifted": 1, "farthest": [
                            { "column": "age", "aspect": "values", "distance": 0.5, "threshold": 0.25 },
                            { "column": "city", "aspect": "missing", "distance": 0.125, "threshold": 0.25 }
                        ]
                    }))
                ]
            }),
        ),
    ]
}

fn all_bars() -> Vec<Bar> {
    vec![Bar { date: date(), open: 1.0, high: 2.0, low: 0.5, close: 1.5, adj_close: 1.4, volume: 100.0 }]
}

fn all_losses() -> RowLosses {
    let scored = |who, loss| (who, Scored { loss, prediction: 2.0 * loss });
    let scores = vec![scored(Contestant::Challenger, 0.25), scored(Contestant::NoChange, 0.5)];
    RowLosses(vec![LossRow { date: date(), key: "AAPL".into(), unit: "AAPL".into(), target: 0.5, scores }])
}

fn all_rows() -> Rows {
    let mut rows = Rows::new(["age", "town"]);
    rows.push([Some("41"), None]);
    rows
}

fn all_seen() -> Seen {
    let row = |key| RowName::new(key, Some(&b"a content"[..]));
    Seen::of([(row("a"), Use::Fitted), (RowName::new("b", None), Use::HeldOut)])
}

fn table_schema() -> TableSchema {
    let kinds = [("user", ColumnKind::Text), ("rating", ColumnKind::Number), ("when", ColumnKind::Time)];
    let columns = kinds.map(|(name, kind)| Column { name: name.into(), kind });
    TableSchema::new(columns.to_vec(), vec!["user".into()], Some("when".into())).unwrap()
}

fn all_entries() -> Vec<Entry> {
    let when = Timestamp(880_000_000_000_000);
    let cells = vec![Some(Cell::Text("ann".into())), Some(Cell::Number(4.5)), Some(Cell::Time(when))];
    let row = |seq, deleted, cells| Entry { seq, key: "ann".into(), at: Some(when), arrived: date(), deleted, cells };
    vec![row(1, false, cells), row(2, true, vec![None; 3])]
}

fn table_file() -> Bytes {
    let mut entries = Entries::new(&table_schema());
    all_entries().iter().for_each(|entry| entries.push(entry));
    table::encode(&table_schema(), &entries).unwrap()
}

fn files() -> Vec<(&'static str, Bytes)> {
    vec![
        ("bars", bars::encode(&"AAPL".parse().unwrap(), &all_bars()).unwrap()),
        ("losses", losses::encode(&all_losses()).unwrap()),
        ("rows", all_rows().encode().unwrap()),
        ("seen", all_seen().encode().unwrap()),
        ("table", table_file()),
    ]
}

/// Whether a file of this name holds what was put into it.
fn holds(name: &str, file: Bytes) -> bool {
    match name {
        "bars" => bars::decode(file).unwrap() == ("AAPL".parse().unwrap(), all_bars()),
        "losses" => losses::decode(file).unwrap() == all_losses(),
        "rows" => Rows::decode(file).unwrap() == all_rows(),
        "seen" => Seen::decode(file).unwrap() == all_seen(),
        "table" => {
            let (columns, entries) = table::decode(file).unwrap();
            columns == table_schema().columns() && entries.iter().eq(all_entries())
        }
        other => panic!("nobody reads {other}"),
    }
}

#[test]
fn every_object_of_this_release_is_recorded() {
    let mut new = Vec::new();
    for RecordedObject { name, json, .. } in objects() {
        new.extend(record(&format!("{name}.object"), format!("{json:#}\n").as_bytes()));
    }
    for (name, file) in files() {
        new.extend(record(&format!("{name}.parquet"), &file));
    }
    assert_eq!(new, Vec::<String>::new(), "were not recorded; they are now: look at them and commit them");
}

/// N−1 into N, and back: nothing that was there is gone, or of another type.
#[test]
fn what_a_release_before_left_in_the_store_is_read_and_it_reads_what_is_written_today() {
    let objects = objects();
    for (name, content) in recordings(".object") {
        let recorded: Json = serde_json::from_slice(&content).unwrap();
        let kept = objects.iter().find(|kept| kept.name == plain(&name)).unwrap_or_else(|| panic!("{name} is unknown"));
        assert_eq!(lost(&recorded, &(kept.again)(recorded.clone()), ""), Vec::<String>::new(), "{name}");
        assert_eq!(lost(&recorded, &kept.json, ""), Vec::<String>::new(), "{name}");
    }
}

/// Tables are named by the hash of what they hold: other bytes for the same rows would be written a second time.
#[test]
fn tables_of_a_release_before_are_read_and_the_same_rows_still_give_the_same_bytes() {
    let written: std::collections::BTreeMap<_, _> = files().into_iter().collect();
    for (name, file) in recordings(".parquet") {
        assert_eq!(written[plain(&name)], file, "{name}");
        assert!(holds(plain(&name), file.into()), "{name}");
    }
}

#[test]
fn objects_are_where_they_always_were() {
    let claim = claim();
    let (job, attempt) = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002");
    let folder = format!("jobs/{job}/{attempt}/00000000-0000-0000-0000-000000000003");
    let artifact = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    assert_eq!(StoreKey::seal(claim.job, claim.attempt).as_str(), format!("jobs/{job}/{attempt}/seal"));
    assert_eq!(StoreKey::claim(claim.job, claim.attempt, claim.claim).as_str(), folder);
    assert_eq!(artifact.as_str(), format!("{folder}/artifact"));
    assert_eq!(artifact.join("manifest.json").unwrap().as_str(), format!("{folder}/artifact/manifest.json"));
    assert_eq!(StoreKey::snapshot(&hash()).as_str(), format!("snapshots/{}.parquet", hash()));
    assert_eq!(StoreKey::predictions(&hash()).as_str(), format!("predictions/{}.parquet", hash()));
}
