//! The live version says what its artifact says it says, and what it has said whenever it was asked.

use serde_json::{Map, Value, json};

use crate::command_line::{Broken, Checked};
use crate::family::Family;
use crate::reference::Model;
use crate::shared_installation::SharedInstallation;
use crate::verbs::predict;

/// A row, and what a version says of it.
pub(crate) type Golden = (Map<String, Value>, f64);

/// Asks the live version: its golden cases the first time, the same questions every time.
pub(super) fn kept(installation: &SharedInstallation, family: Family, model: &mut Model) -> Checked {
    let Some(live) = model.live().filter(|_| family.has_dataset()).map(str::to_owned) else { return Ok(()) };
    let first = !model.answers.contains_key(&(live.clone(), String::new()));
    let cases = model.versions.get(&live).filter(|_| first).map(|version| version.golden.clone()).unwrap_or_default();
    let mut rows = questions(family);
    let asked = rows.len();
    rows.extend(cases.iter().map(|(row, _)| row.clone()));
    let said = installation.post(&format!("models/{}/predict", model.key), &json!({ "rows": rows }))?;
    let answers = said["predictions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (questions, golden) = answers.split_at(asked.min(answers.len()));
    predict::says(model, &said["version"], "", predict::values(questions))?;
    let same = |((_, value), answer): (&Golden, &Value)| answer["value"].as_f64() == Some(*value);
    match said["version"] != live.as_str() || (golden.len() == cases.len() && cases.iter().zip(golden).all(same)) {
        true => Ok(()),
        false => Err(Broken::new("golden", format!("{live} of {} says {golden:?} of {cases:?}", model.key))),
    }
}

fn questions(family: Family) -> Vec<Map<String, Value>> {
    let mut lines = family.questions().lines().map(|line| line.split(','));
    let names: Vec<&str> = lines.next().into_iter().flatten().collect();
    let row = |cells: std::str::Split<'_, char>| {
        names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), Value::from(cell))).collect()
    };
    lines.map(row).collect()
}

/// The cases of an artifact that can be asked about rows.
pub(super) fn cases(family: Family, golden: &Value) -> Vec<Golden> {
    let cases = golden.as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |fields: Value| fields.as_object().cloned();
    let case = |case: &Value| match family {
        Family::Text => Some((row(json!({ "text": case["text"] }))?, case["probability"].as_f64()?)),
        Family::Tabular => Some((row(case["record"].clone())?, case["value"].as_f64()?)),
        Family::Recommender if case["ratings"] == json!([]) => {
            Some((row(json!({ "user": case["user"], "item": case["item"] }))?, case["prediction"].as_f64()?))
        }
        Family::Recommender | Family::Forecaster => None,
    };
    cases.iter().filter_map(case).collect()
}
