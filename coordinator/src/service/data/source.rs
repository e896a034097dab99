//! Where a model's rows come from, and how it reads them: what a request says, on top of what is known.

use std::collections::BTreeMap;

use common::vocabulary::records::{self, Schema, Task};
use common::vocabulary::{ColumnKind, DatasetName, Family, Reading, Source, TextColumns, Timestamp};

use super::{infer, outcomes};
use crate::db::{self, Connection, models::Model};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::lookup::dataset;
use crate::views::ModelRequest;

/// The source of a model, with what the request says otherwise; forecasters have none.
pub(crate) async fn of(core: &Core, model: &Model, request: &ModelRequest) -> Result<Option<Source>> {
    match model.hyper.family() {
        Family::Forecaster => of_forecaster(model, request).map(|()| None),
        Family::Recommender | Family::Text => of_columns(model, request).map(Some),
        Family::Tabular => of_records(core, model, request).await.map(Some),
    }
}

/// Refuses a data set that is not there where one of nearly the same name is, or where versions read another: a slip. Else it may be named
/// before its first rows come.
pub(crate) async fn is_meant(view: &mut Connection, model: &Model) -> Result<()> {
    let Some(Source { dataset, .. }) = &model.source else { return Ok(()) };
    if db::datasets::get(view, dataset).await?.is_some() {
        return Ok(());
    }
    match dataset::nearest(view, dataset).await? {
        None if model.live.is_none() => Ok(()),
        nearest => Err(dataset::not_there(dataset, nearest)),
    }
}

/// Refuses columns that the model's data set has not. One without rows yet has no columns: they are looked at with each decision.
pub(crate) async fn check(view: &mut Connection, model: &Model) -> Result<()> {
    let Some(Source { dataset, reading }) = &model.source else { return Ok(()) };
    let Some(found) = db::datasets::get(view, dataset).await? else { return Ok(()) };
    let Some(schema) = &found.schema else { return Ok(()) };
    let refused =
        |reason: String| Error::invalid(format!("{} cannot read the data set {dataset}: {reason}", model.key));
    reading.fits(schema).map_err(|missing| refused(missing.to_string()))?;
    let outcome = reading.outcome();
    let is_number = schema.columns().iter().any(|column| column.name == outcome && column.kind == ColumnKind::Number);
    if matches!(reading, Reading::Ratings(_)) && !is_number {
        return Err(refused(format!("a rating is a number, and the column {outcome} is not of numbers")));
    }
    let expected = outcomes::of_reading(view, &found, reading).await?;
    match (reading, expected.without_positive()) {
        (Reading::Texts(columns), Some(used)) => Err(refused(format!(
            "{outcome} is never {}: name what is looked for with positive=WORD; its words are {used}",
            columns.positive.join(" or ")
        ))),
        (Reading::Texts(columns), None) if columns.positive != TextColumns::default().positive => {
            match columns.positive.iter().find_map(|word| expected.never_says(word).map(|used| (word, used))) {
                Some((word, used)) => Err(refused(format!("{outcome} is never {word:?}; its words are {used}"))),
                None => Ok(()),
            }
        }
        (Reading::Records(schema), used) => match (&schema.task, used) {
            (Task::Is { positive, .. }, Some(used)) => Err(refused(format!(
                "{outcome} is never {positive:?}: name what is predicted as {outcome}=WORD; its words are {used}"
            ))),
            (Task::Number { .. }, _) if !is_number => Err(refused(format!(
                "a number is to be predicted, and the column {outcome} is not of numbers: name what is looked for as \
                 {outcome}=WORD, or import it as numbers"
            ))),
            (Task::Is { .. } | Task::Number { .. } | Task::Exceeds { .. } | Task::LogRatio { .. }, _) => Ok(()),
        },
        (Reading::Texts(_) | Reading::Ratings(_), _) => Ok(()),
    }
}

/// A column has one role: two of them would read the same cells.
fn one_role_each(reading: &Reading) -> Result<()> {
    let mut taken = BTreeMap::new();
    for (role, column) in reading.roles() {
        // These name words, no column.
        if role != "positive"
            && role != "confirmed"
            && let Some(other) = taken.insert(column.clone(), role.clone())
        {
            return Err(Error::invalid(format!("the column {column} cannot be both {other} and {role}")));
        }
    }
    Ok(())
}

fn of_forecaster(model: &Model, request: &ModelRequest) -> Result<()> {
    no_schema(model, request)?;
    match (&request.dataset, &request.columns) {
        (None, None) => Ok(()),
        (_, _) => Err(Error::invalid(format!("{} reads the bars of its symbol, no data set", model.key))),
    }
}

/// Columns by role, of a data set of the model's own name if nobody says otherwise.
fn of_columns(model: &Model, request: &ModelRequest) -> Result<Source> {
    no_schema(model, request)?;
    let dataset = dataset(model, request, None)?;
    let known = model.source.as_ref().map(|source| source.reading.clone());
    let Some(reading) = known.or_else(|| Reading::of(model.hyper.family())) else {
        return Err(Error::invalid(format!("{} reads no data set", model.key)));
    };
    let columns = request.columns.clone().unwrap_or_default();
    let reading = reading.with(&columns).map_err(|error| Error::invalid(error.to_string()))?;
    one_role_each(&reading)?;
    Ok(Source { dataset, reading })
}

/// A schema: the one given, one made from the rows that are there, the one that is known, or that of a ready-made model.
async fn of_records(core: &Core, model: &Model, request: &ModelRequest) -> Result<Source> {
    if request.columns.is_some() {
        return Err(Error::invalid(format!("{} reads records by a schema: say there what a column is for", model.key)));
    }
    let known = model.source.as_ref().and_then(|source| schema_of(&source.reading));
    let preset = records::preset(model.key.name());
    let dataset = dataset(model, request, preset.as_ref().map(|preset| preset.dataset))?;
    let mut schema = match (&request.schema, &request.predict) {
        (Some(_), Some(_)) => return Err(Error::invalid("give a schema, or say what to predict: not both")),
        (Some(schema), None) => serde_json::from_value(schema.clone())
            .map_err(|error| Error::invalid(format!("the schema cannot be read: {error}")))?,
        (None, Some(what)) => infer::schema(core, &dataset, task(what)).await?,
        (None, None) => match known.cloned().or(preset.map(|preset| preset.schema)) {
            Some(schema) => schema,
            None => return Err(needs_schema(model)),
        },
    };
    for column in request.confirm_columns.iter().flatten() {
        schema.confirm(column, Timestamp::now()).map_err(invalid)?;
        tracing::warn!(model = %model.key, column, "somebody confirmed that this input is known before the outcome");
    }
    schema.validate().map_err(invalid)?;
    if model.live.is_some() && known.is_some_and(|known| !known.predicts_like(&schema)) {
        return Err(Error::invalid(format!(
            "{} has versions that predict something else, or for other records: register a model of another name",
            model.key
        )));
    }
    Ok(Source { dataset, reading: Reading::Records(schema) })
}

fn schema_of(reading: &Reading) -> Option<&Schema> {
    match reading {
        Reading::Records(schema) => Some(schema),
        Reading::Ratings(_) | Reading::Texts(_) => None,
    }
}

/// What is to be predicted: `COLUMN=VALUE`, `ACTUAL/ESTIMATE` or `COLUMN`.
fn task(words: &str) -> Task {
    if let Some((column, positive)) = words.split_once('=') {
        return Task::Is { column: column.trim().into(), positive: positive.trim().into() };
    }
    match words.split_once('/') {
        Some((actual, estimate)) => Task::LogRatio { actual: actual.trim().into(), estimate: estimate.trim().into() },
        None => Task::Number { column: words.trim().into() },
    }
}

/// The data set that is named, the one that is known, one of the model's kind, or one of its own name.
fn dataset(model: &Model, request: &ModelRequest, of_kind: Option<&str>) -> Result<DatasetName> {
    match (&request.dataset, &model.source) {
        (Some(name), _) => Ok(name.parse()?),
        (None, Some(source)) => Ok(source.dataset.clone()),
        (None, None) => of_kind
            .unwrap_or(model.key.name())
            .parse()
            .map_err(|_| Error::invalid(format!("name the data set that {} reads", model.key))),
    }
}

fn no_schema(model: &Model, request: &ModelRequest) -> Result<()> {
    match (&request.schema, &request.predict, &request.confirm_columns) {
        (None, None, None) => Ok(()),
        (_, _, _) => Err(Error::invalid(format!("{} is a {}: it takes no schema", model.key, model.hyper.family()))),
    }
}

fn needs_schema(model: &Model) -> Error {
    let names = records::presets().iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
    Error::invalid(format!(
        "say what {} predicts: by a schema, by what to predict (left=yes), or by the name of a ready-made model ({names})",
        model.key
    ))
}

fn invalid(error: records::SchemaError) -> Error {
    Error::invalid(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_role() {
        let reading = |role: &str, column: &str| {
            let reading = Reading::of(Family::Text).unwrap();
            one_role_each(&reading.with(&[(role.to_owned(), column.to_owned())].into()).unwrap())
        };
        let refused = reading("text", "label").unwrap_err().to_string();
        assert_eq!(refused, "the column label cannot be both label and text");
        assert!(reading("group", "text").is_err() && reading("positive", "text").is_ok());
    }

    #[test]
    fn what_to_predict_is_said_in_a_word() {
        let is = Task::Is { column: "left".into(), positive: "yes".into() };
        let ratio = Task::LogRatio { actual: "hours".into(), estimate: "guess".into() };
        assert_eq!([task("left = yes"), task("hours/guess")], [is, ratio]);
        assert_eq!(task("price"), Task::Number { column: "price".into() });
    }
}
