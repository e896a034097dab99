//! `refit reproduce`: any version again, from its manifest (G8).

use common::vocabulary::{ModelKey, VersionNumber};

use super::retrain::ended;
use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::leave::Leave;
use crate::cli::{text, watch};
use crate::views::JobView;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The version to train again.
    version: VersionNumber,
    /// Stay and watch until the two have been compared.
    #[arg(long)]
    watch: bool,
}

/// Trains a version again; with `--watch` stays until it can say how the two compare.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let job = client.reproduce(&args.model, &args.version.to_string()).await?;
    if !args.watch {
        return context.out.answer(&job, |job| {
            let held = text::blocked(job).unwrap_or_default();
            format!("job {0}: {1}; `refit job {0}` shows it{held}", job.id, job.why)
        });
    }
    let leave = Leave::listen()?;
    let jobs = leave.unless(&[job.id], watch::until_ended(&context.out, &client, &[job.id])).await?;
    jobs.iter().try_for_each(|job| {
        context.out.answer(job, compared)?;
        ended(job)
    })
}

fn compared(job: &JobView) -> String {
    job.comparison.as_ref().map_or_else(|| job.why.clone(), |comparison| comparison.text.clone())
}
