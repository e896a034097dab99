//! `refit versions`

use common::vocabulary::ModelKey;

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
    let headings = ["version", "status", "mode", "from", "data to", ">CRPS", ">RMSE", ">reliability", "verdict", ">s"];
    let mut table = table(&headings);
    for version in versions {
        table.add_row([
            version.version.clone(),
            version.status.clone(),
            version.mode.clone(),
            or_nothing(version.parent.as_ref()),
            version.data_through.to_string(),
            against(version.loss, version.baseline_loss),
            rmse(version),
            figure(version.reliability, 2),
            or_nothing(version.verdict.as_ref().map(|verdict| verdict.verdict.replace('_', " "))),
            format!("{:.1}", version.seconds),
        ]);
    }
    format!("{table}\nCRPS and RMSE against the hardest naive baseline on the same unseen rows; below 0 is better")
}
