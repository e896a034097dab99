//! `refit model`

use std::collections::BTreeMap;

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::views::{ModelRequest, ModelView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as recommender/movies or text/toxicity; its family is the part before the slash.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The data set it reads; one of the model's own name, if never said.
    #[arg(long)]
    dataset: Option<String>,
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
    /// Whether Refit enqueues by itself what it finds due.
    #[arg(long, value_name = "BOOL")]
    auto_retrain: Option<bool>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err("write NAME=VALUE, such as user=customer".into()),
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
        dataset: args.dataset.clone(),
        columns: named(&args.columns),
    };
    let model = context.client()?.put_model(&args.model, &request).await?;
    context.out.answer(&model, text)
}

fn text(model: &ModelView) -> String {
    let dataset = model.source.as_ref().and_then(|source| source["dataset"].as_str());
    let reads = dataset.map_or_else(String::new, |dataset| format!(", reads the data set {dataset}"));
    let live = model.live.as_ref().map_or("no live version", |version| version.version.as_str());
    format!("{}: {}{reads}, {} rows, {live}", model.key, model.category, model.rows)
}
