//! `refit versions`

use common::vocabulary::{ModelKey, figures};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{against, figure, or_nothing, rmse, table};
use crate::render::Table;
use crate::views::{ImportanceView, PageQuery, SliceView, VersionSummary, VersionView};

/// So many inputs of a version are shown, the most important ones.
const SHOWN: usize = 5;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as forecaster/AAPL; a bare symbol stands for its forecaster.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    #[command(flatten)]
    much: Much,
}

/// What forecasts are shown with, beside their loss.
const RMSE: &str = "RMSE";

/// Lists a model's versions, newest first.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let (client, model) = (context.client()?, &args.model);
    let newest = client.versions(model, &PageQuery { limit: Some(1), cursor: None }).await?.items.pop();
    let details = match newest.filter(|_| !context.out.is_json()) {
        Some(newest) => details(&client.version(model.as_str(), &newest.version).await?),
        None => Vec::new(),
    };
    let empty = format!("{model} has no version yet; `refit retrain {model}` makes one");
    let list = List { empty, table: &|versions| listed(versions, &details), end: None };
    pages::show(&context.out, &args.much, list, async |query| client.versions(model, &query).await).await
}

fn listed(versions: &[VersionSummary], details: &[String]) -> (Table, Vec<String>) {
    let loss = versions.first().map_or("loss", |version| version.loss_name.as_str());
    let beside = versions.first().map_or("", |version| second(version).0);
    let (loss_heading, second_heading) = (format!(">{loss}"), format!(">{beside}"));
    let headings =
        ["version", "status", "mode", "from", "data to", &loss_heading, &second_heading, ">sure", "verdict", ">s"];
    let mut table = table(&headings);
    for version in versions {
        table.add_row([
            version.version.clone(),
            version.status.clone(),
            version.mode.to_string(),
            or_nothing(version.parent.as_ref()),
            version.data_through.to_string(),
            against(version.loss, version.baseline_loss),
            second(version).1,
            figure(version.reliability, 2),
            or_nothing(version.verdict.as_ref().map(|verdict| verdict.verdict.replace('_', " "))),
            format!("{:.1}", version.seconds),
        ]);
    }
    let both = if beside == RMSE { format!("{loss} and {RMSE}") } else { loss.to_owned() };
    let summary = format!(
        "{both} against the hardest naive baseline on the same unseen rows; below 0 is better. sure: reliability"
    );
    (table, std::iter::once(summary).chain(details.iter().cloned()).collect())
}

/// What is told of the newest version beside its line.
fn details(newest: &VersionView) -> Vec<String> {
    [groups(newest), inputs(newest)].into_iter().flatten().collect()
}

/// The loss of a version for each group, against the baseline's.
fn groups(version: &VersionView) -> Option<String> {
    let group = |slice: &SliceView| format!("{} {}", slice.name, against(slice.loss, slice.baseline_loss));
    let groups: Vec<String> = version.slices.iter().map(group).collect();
    (!groups.is_empty()).then(|| format!("{} by group: {}", version.version, groups.join(", ")))
}

/// What a version goes by: the inputs whose shuffling costs most.
fn inputs(version: &VersionView) -> Option<String> {
    let input = |of: &ImportanceView| format!("{} {:+.4}", of.column, of.rise);
    let inputs: Vec<String> = version.importance.iter().take(SHOWN).map(input).collect();
    (!inputs.is_empty())
        .then(|| format!("{} goes by (rise of its loss when shuffled): {}", version.version, inputs.join(", ")))
}

/// The figure that is shown beside the loss.
fn second(version: &VersionSummary) -> (&'static str, String) {
    let of = |name: &str| version.figures.get(name).copied();
    match (of(figures::AUC), of(figures::MEDIAN_ERROR)) {
        (Some(auc), _) => ("AUC", figure(Some(auc), 4)),
        (None, Some(error)) => ("median", figure(Some(error), 4)),
        (None, None) => (RMSE, rmse(version)),
    }
}
