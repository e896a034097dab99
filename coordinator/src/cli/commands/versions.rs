//! `refit versions`

use common::vocabulary::{ModelKey, figures};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{against, figure, or_nothing, rmse, table};
use crate::views::VersionView;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as forecaster/AAPL; a bare symbol stands for its forecaster.
    #[arg(value_parser = model_key)]
    model: ModelKey,
}

/// Lists a model's versions, newest first.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let versions = context.client()?.versions(&args.model).await?;
    context.out.answer(&versions, |versions| text(&args.model, versions))
}

fn text(model: &ModelKey, versions: &[VersionView]) -> String {
    if versions.is_empty() {
        return format!("{model} has no version yet; `refit retrain {model}` makes one");
    }
    let loss = versions.first().map_or("loss", |version| version.loss_name.as_str());
    let (loss_heading, second_heading) =
        (format!(">{loss}"), format!(">{}", versions.first().map_or("", |v| second(v).0)));
    let headings =
        ["version", "status", "mode", "from", "data to", &loss_heading, &second_heading, ">sure", "verdict", ">s"];
    let mut table = table(&headings);
    for version in versions {
        table.add_row([
            version.version.clone(),
            version.status.clone(),
            version.mode.clone(),
            or_nothing(version.parent.as_ref()),
            version.data_through.to_string(),
            against(version.loss, version.baseline_loss),
            second(version).1,
            figure(version.reliability, 2),
            or_nothing(version.verdict.as_ref().map(|verdict| verdict.verdict.replace('_', " "))),
            format!("{:.1}", version.seconds),
        ]);
    }
    format!(
        "{table}\n{loss} (and RMSE) against the hardest naive baseline on the same unseen rows; below 0 is better. sure: reliability"
    )
}

/// The figure that is shown beside the loss.
fn second(version: &VersionView) -> (&'static str, String) {
    match version.figures.get(figures::AUC) {
        Some(auc) => ("AUC", figure(Some(*auc), 4)),
        None => ("RMSE", rmse(version)),
    }
}
