//! `refit predictions`

use common::vocabulary::ModelKey;
use serde_json::Value;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{NOTHING, figure, or_nothing, table, time};
use crate::views::{LoggedPredictionView, LoggedPredictionsView, PredictionFilter};

/// Predictions asked for at a time.
const AT_ONCE: u32 = 1_000;
/// Inputs of up to so many names get a column each.
const FEW: usize = 3;
/// Characters shown of what a prediction was made from.
const SHOWN: usize = 48;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// At most so many, the newest.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only those whose outcome is known, and how each version's have turned out.
    #[arg(long)]
    scored: bool,
}

/// Lists what was served.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let ask = async |left: u32, cursor| {
        let filter = PredictionFilter { limit: Some(left.min(AT_ONCE)), cursor, scored: args.scored };
        client.predictions(&args.model, &filter).await
    };
    let mut found = ask(args.limit, None).await?;
    while let (Some(cursor), left @ 1..) = (found.page.next.take(), args.limit - found.page.items.len() as u32) {
        let more = ask(left, Some(cursor)).await?.page;
        found.page.items.extend(more.items);
        found.page.next = more.next;
    }
    context.out.answer(&found, |found| text(found, args.scored))
}

fn text(found: &LoggedPredictionsView, scored: bool) -> String {
    let named = few_inputs(&found.page.items);
    let inputs: Vec<&str> = if named.is_empty() { vec!["~from"] } else { named.iter().map(String::as_str).collect() };
    let mut listed =
        table(&[&["prediction", "at", "version", "kind"], &inputs[..], &["~said", "label", ">loss"]].concat());
    for one in &found.page.items {
        let from = match (&one.inputs, named.as_slice()) {
            (None, _) => vec![one.inputs_hash.chars().take(12).collect()],
            (Some(inputs), []) => vec![short(inputs)],
            (Some(inputs), names) => names.iter().map(|name| short(&inputs[name.as_str()])).collect(),
        };
        let mut row = vec![one.id.to_string(), time(one.at), one.version.clone(), one.kind.clone()];
        row.extend(from);
        row.extend([output_text(one), or_nothing(one.label.as_ref()), figure(one.loss, 4)]);
        listed.add_row(row);
    }
    if !scored {
        return match found.page.items.is_empty() {
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

/// The inputs' names, where all predictions have the same few: each gets a column.
fn few_inputs(predictions: &[LoggedPredictionView]) -> Vec<String> {
    let names = |one: &LoggedPredictionView| match &one.inputs {
        Some(Value::Object(fields)) => fields.keys().cloned().collect(),
        Some(_) | None => Vec::new(),
    };
    let first = predictions.first().map(names).unwrap_or_default();
    let all_alike = first.len() <= FEW && predictions.iter().all(|one| names(one) == first);
    if all_alike { first } else { Vec::new() }
}

fn output_text(one: &LoggedPredictionView) -> String {
    match one.output.get("value").and_then(Value::as_f64) {
        Some(value) => figure(Some(value), 4),
        None => short(&one.output),
    }
}

/// The beginning of a value, as people write it.
fn short(value: &Value) -> String {
    let text = plain(value).replace(['\n', '\r'], " ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A value without the signs of JSON: of what has names the values, one after the other.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(_) => value.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => figure(Some(float), 4),
            Some(_) | None => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields.values().map(plain).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_without_the_signs_of_json() {
        let list = json!({ "items": [{ "item": "Alien", "rating": 4.31 }, { "item": "Heat", "rating": 4.0 }] });
        let table = [
            (list, "Alien 4.3100, Heat 4.0000"),
            (json!({ "text": "late\nagain", "hours": 3, "paid": true, "why": null }), "3 true late again –"),
            (json!("x".repeat(60)), concat!("xxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxx", "…")),
        ];
        for (value, shown) in table {
            assert_eq!(short(&value), shown, "{value}");
        }
    }
}
