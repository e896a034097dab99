//! `refit predictions`

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{NOTHING, figure, or_nothing, table, time};
use crate::views::{LoggedPredictionView, LoggedPredictionsView};

/// Characters shown of what a prediction was made from.
const SHOWN: usize = 48;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Only those whose outcome is known, and how each version's have turned out.
    #[arg(long)]
    scored: bool,
}

/// Lists what was served.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let found = context.client()?.predictions(&args.model, args.limit, args.scored).await?;
    context.out.answer(&found, |found| text(found, args.scored))
}

fn text(found: &LoggedPredictionsView, scored: bool) -> String {
    let mut listed = table(&["prediction", "at", "version", "kind", "~from", "~said", "label", ">loss"]);
    for one in &found.predictions {
        listed.add_row([
            one.id.to_string(),
            time(one.at),
            one.version.clone(),
            one.kind.clone(),
            one.inputs.as_ref().map_or_else(|| one.inputs_hash.chars().take(12).collect(), short),
            said(one),
            or_nothing(one.label.as_ref()),
            figure(one.loss, 4),
        ]);
    }
    if !scored {
        return match found.predictions.is_empty() {
            true => format!("{} has predicted nothing yet, or nothing that is still kept", found.model),
            false => listed.to_string(),
        };
    }
    let loss = found.loss_name.as_deref().unwrap_or("loss");
    let mut scores = table(&["version", ">served", ">labelled", &format!(">mean {loss}")]);
    for score in &found.scores {
        scores.add_row([
            score.version.clone(),
            score.served.to_string(),
            score.labelled.to_string(),
            figure(score.loss, 4),
        ]);
    }
    format!("{scores}\n\n{listed}")
}

fn said(one: &LoggedPredictionView) -> String {
    match one.output.get("value").and_then(serde_json::Value::as_f64) {
        Some(value) => figure(Some(value), 4),
        None => short(&one.output),
    }
}

/// The beginning of a value; of one that has names, the values only.
fn short(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Object(fields) => {
            let cell = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            fields.values().map(cell).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::Null => NOTHING.to_owned(),
        other => other.to_string(),
    };
    let text = text.replace(['\n', '\r'], " ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
