//! Refit's side of the tabular benchmark: for each fold, trains a ready-made model on the other rows and scores the fold.
//!
//! `bench_tabular MODEL ROWS.csv FOLDS.json SEED OUT.json`. FOLDS: lists of keys to predict. The latest row of a key counts.

#![allow(clippy::print_stdout, reason = "it is a programme")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Instant;

use common::vocabulary::TabularHyper;
use common::vocabulary::records::{Role, preset};
use models::tabular::raw::RawTable;
use models::tabular::{Dataset, Fit, scores};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, rows, folds, seed, out] = arguments.as_slice() else {
        return Err("bench_tabular MODEL ROWS.csv FOLDS.json SEED OUT.json".into());
    };
    let preset = preset(model).ok_or("no such model")?;
    let hyper = TabularHyper { seed: seed.parse()?, ..preset.hyper };
    let key = preset.schema.with_role(Role::Key).next().ok_or("a schema without a key")?;
    let data = Dataset::new(&preset.schema, &read(rows, &key.name)?)?;
    let folds: Vec<BTreeSet<String>> = serde_json::from_str(&std::fs::read_to_string(folds)?)?;
    let mut results = Vec::new();
    for fold in &folds {
        let (test, training): (Vec<usize>, Vec<usize>) =
            (0..data.len()).partition(|&row| fold.contains(&data.keys()[row]));
        let began = Instant::now();
        let mut fit = Fit::new(&data, &training, &hyper)?;
        while fit.advance()? {}
        let model = fit.model()?;
        model.predict(&data, &test)?;
        let seconds = began.elapsed().as_secs_f64();
        let scores = scores(&model, &data, &test)?;
        let by_key = |values: &[f64]| -> BTreeMap<String, f64> {
            scores.keys.iter().cloned().zip(values.iter().copied()).collect()
        };
        results.push(serde_json::json!({
            "seconds": seconds, "members": model.members(), "figures": scores.figures,
            "predictions": by_key(&scores.predictions), "losses": by_key(&scores.losses),
        }));
    }
    Ok(std::fs::write(out, serde_json::to_string(&results)?)?)
}

/// The latest row of each key, in the order of the file.
fn read(path: &str, key: &str) -> Outcome<RawTable> {
    let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let place = names.iter().position(|name| name == key).ok_or("the table has no such key")?;
    let mut latest: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for (number, record) in reader.records().enumerate() {
        let cells: Vec<String> = record?.iter().map(str::to_owned).collect();
        latest.insert(cells[place].clone(), (number, cells));
    }
    let mut rows: Vec<(usize, Vec<String>)> = latest.into_values().collect();
    rows.sort_unstable_by_key(|(number, _)| *number);
    Ok(RawTable { names, rows: rows.into_iter().map(|(_, cells)| cells).collect() })
}
