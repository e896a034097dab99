//! `refit monitor`

use chrono::NaiveDate;
use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::client::InQueue;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::leave::Leave;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{NOTHING, figure, or_nothing, table};
use crate::render::Table;
use crate::views::{InputsView, ModelFilter, ModelSummary, MonitorRequest, Page, PageQuery, WatchView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these models; all, if none is named.
    #[arg(value_parser = model_key)]
    models: Vec<ModelKey>,
    /// Take rows up to the end of this day instead of all.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
    as_of: Option<NaiveDate>,
    /// Do not wait for the scores: show what is known. They are asked for all the same, which takes a token of the scope operate.
    #[arg(long)]
    no_wait: bool,
}

/// Scores what is live on what has come, and shows how it does.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let models = args.models.iter().map(ToString::to_string).collect();
    let jobs = client.monitor(&MonitorRequest { models, as_of: args.as_of }).await?.jobs;
    if !args.no_wait {
        let scored = async {
            for id in &jobs {
                client.completed(&context.out, *id, InQueue::GiveUp).await?;
            }
            Ok(())
        };
        Leave::listen()?.unless(&jobs, scored).await?;
    }
    let mut named = Vec::new();
    for key in &args.models {
        // The key itself is the first of those that begin with it.
        let filter = ModelFilter { key: Some(key.to_string()), limit: Some(1), ..ModelFilter::default() };
        named.extend(client.models(&filter).await?.items);
    }
    let list = List {
        empty: "no model is live; `refit retrain MODEL` trains one".into(),
        table: &listed,
        end: Some(&|count| format!("{count} live")),
    };
    pages::show(&context.out, &Much::everything(), list, async |PageQuery { limit, cursor }| {
        let mut page = match named.as_slice() {
            [] => client.models(&ModelFilter { limit, cursor, ..ModelFilter::default() }).await?,
            named => Page { items: named.to_vec(), next: None },
        };
        page.items.retain(|model| model.live.is_some());
        Ok(page)
    })
    .await
}

fn listed(models: &[ModelSummary]) -> (Table, Vec<String>) {
    let headings =
        ["model", "live", "condition", ">rows since", ">loss/baseline", ">rise", ">reliability", "inputs", "before it"];
    let mut table = table(&headings);
    for model in models {
        let (live, watch) = (model.live.as_ref(), model.watch.as_ref());
        table.add_row([
            model.key.clone(),
            or_nothing(live.map(|live| &live.version)),
            watch.map_or_else(|| "no rows yet".into(), |watch| watch.condition.clone()),
            watch.map_or(0, |watch| watch.rows).to_string(),
            watch.map_or_else(|| NOTHING.into(), ratios),
            or_nothing(watch.and_then(|watch| watch.rise).map(percent)),
            figure(live.and_then(|live| live.reliability), 2),
            or_nothing(watch.and_then(|watch| watch.inputs.as_ref()).map(inputs)),
            or_nothing(watch.and_then(shadow)),
        ]);
    }
    (table, Vec::new())
}

fn ratios(watch: &WatchView) -> String {
    match (watch.ratio_then, watch.ratio_now) {
        (Some(then), Some(now)) => format!("{then:.3} → {now:.3}"),
        (Some(then), None) => format!("{then:.3}"),
        (None, _) => NOTHING.into(),
    }
}

/// How many have drifted, the farthest by name.
fn inputs(inputs: &InputsView) -> String {
    match (inputs.state.as_str(), inputs.farthest.first()) {
        ("compared", Some(farthest)) if inputs.drifted > 0 => {
            format!("{} of {} drifted: {}", inputs.drifted, inputs.columns, farthest.column)
        }
        ("compared", _) => format!("as in training ({})", inputs.columns),
        (state, _) => state.replace('_', " "),
    }
}

/// What the loss would be with the version before.
fn shadow(watch: &WatchView) -> Option<String> {
    let shadow = watch.shadow.as_ref()?;
    let change = 1.0 / (1.0 + shadow.difference) - 1.0;
    Some(format!("{} would lose {}", shadow.version, percent(change)))
}

fn percent(share: f64) -> String {
    format!("{:+.1} %", 100.0 * share)
}
