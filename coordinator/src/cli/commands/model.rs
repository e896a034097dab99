//! `refit model`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::file;
use crate::cli::table::table;
use crate::cli::text::{self, counted};
use crate::views::{InputView, ModelRequest, ModelView, PolicyValue};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as recommender/movies, text/toxicity or tabular/attrition; its family is the part before the slash.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The data set it reads; one of the model's own name, if never said.
    #[arg(long)]
    dataset: Option<String>,
    /// Of a model of records: a JSON file that says which columns there are, what they are for, and what is predicted.
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Of a model of records, in place of a schema: left=yes, price, or hours/estimate; the columns are read off the rows.
    #[arg(long, value_name = "WHAT")]
    predict: Option<String>,
    /// An input that gives the outcome away and is known before it all the same; may be repeated.
    #[arg(long = "confirm-column", value_name = "COLUMN")]
    confirm_columns: Vec<String>,
    /// Which column is what, such as user=customer or positive=0,1; may be repeated.
    #[arg(long = "column", value_name = "ROLE=COLUMN", value_parser = assignment)]
    columns: Vec<(String, String)>,
    /// A hyper-parameter that differs from the defaults, such as algorithm=svd; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    hyper: Vec<(String, String)>,
    /// portfolio, on_demand, watchlist, scanning or another word.
    #[arg(long)]
    category: Option<String>,
    /// A tag; may be repeated. Those there are, are replaced.
    #[arg(long = "tag")]
    tags: Vec<String>,
    /// Whether Refit enqueues by itself what it finds due: short for --policy auto_retrain=BOOL.
    #[arg(long, value_name = "BOOL")]
    auto_retrain: Option<bool>,
    /// A key of the settings' policy that it gets a value of its own for, such as min_new_samples=30; KEY=default takes it back; may be
    /// repeated. `refit model KEY` shows them all.
    #[arg(long = "policy", value_name = "KEY=VALUE", value_parser = own)]
    policy: Vec<(String, PolicyValue)>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err("write NAME=VALUE, such as user=customer".into()),
    }
}

/// `KEY=` and `KEY=default` take it back.
fn own(text: &str) -> Result<(String, PolicyValue), String> {
    match text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
        Some((key, "" | "default")) if !key.is_empty() => Ok((key.into(), PolicyValue::Settings)),
        Some((key, value)) if !key.is_empty() => Ok((key.into(), PolicyValue::Text(value.into()))),
        _ => Err("write KEY=VALUE, such as min_new_samples=30, or KEY=default to take it back to the settings".into()),
    }
}

/// Registers a model or changes it; what is left out stays as it is.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let named = |pairs: &[(String, String)]| -> Option<BTreeMap<String, String>> {
        (!pairs.is_empty()).then(|| pairs.iter().cloned().collect())
    };
    let request = ModelRequest {
        category: args.category.clone(),
        tags: (!args.tags.is_empty()).then(|| args.tags.clone()),
        hyper: named(&args.hyper),
        auto_retrain: args.auto_retrain,
        policy: (!args.policy.is_empty()).then(|| args.policy.iter().cloned().collect()),
        dataset: args.dataset.clone(),
        schema: args.schema.as_deref().map(schema).transpose()?,
        predict: args.predict.clone(),
        confirm_columns: (!args.confirm_columns.is_empty()).then(|| args.confirm_columns.clone()),
        columns: named(&args.columns),
    };
    let model = context.client()?.put_model(&args.model, &request).await?;
    let is_asked = request.policy.is_some() || request == ModelRequest::default();
    context.out.answer(&model, |model| [text(model), inputs(model), policy(model, is_asked)].concat())
}

fn schema(file: &Path) -> Result<serde_json::Value, Failure> {
    let text = std::io::read_to_string(file::open(file)?).map_err(|error| file::unreadable(file, &error))?;
    serde_json::from_str(&text).map_err(|error| file::unusable(file, error))
}

fn text(model: &ModelView) -> String {
    let dataset = model.source.as_ref().and_then(|source| source["dataset"].as_str());
    let reads = match dataset {
        Some(dataset) if model.rows == 0 => {
            format!(", reads the data set {dataset}, whose columns are checked when its first rows come")
        }
        Some(dataset) => format!(", reads the data set {dataset}"),
        None => String::new(),
    };
    let live = model.live.as_ref().map_or("no live version", |version| version.version.as_str());
    format!("{}: {}{reads}, {}, {live}", model.key, model.category, counted(model.rows, "row"))
}

/// Inputs that have drifted, if there are any.
fn inputs(model: &ModelView) -> String {
    let found = model.watch.as_ref().and_then(|watch| watch.inputs.as_ref()).filter(|inputs| inputs.drifted > 0);
    found.map_or_else(String::new, |inputs| {
        let off = inputs.farthest.iter().filter(|input| input.distance > input.threshold);
        let off: Vec<String> = off.map(input_drift).collect();
        let (drifted, columns) = (inputs.drifted, counted(inputs.columns.into(), "input"));
        format!("\n  {drifted} of {columns} drifted in {}: {}", counted(inputs.rows, "row"), off.join(", "))
    })
}

fn input_drift(InputView { column, aspect, distance, threshold }: &InputView) -> String {
    format!("{column} ({aspect}: {distance:.2}, up to {threshold:.2} is none)")
}

/// What it has of its own; the whole policy it is under, if that was asked about.
fn policy(model: &ModelView, whole: bool) -> String {
    let own = match text::own_policy(&model.own_policy) {
        own if own.is_empty() => String::new(),
        own => format!("\n  its own policy: {own}"),
    };
    if !whole {
        return own;
    }
    let mut table = table(&["policy", ">value", "from"]);
    for key in &model.policy {
        table.add_row([key.key.clone(), text::policy_value(&key.value), key.from.clone()]);
    }
    format!("{own}\n{table}")
}
