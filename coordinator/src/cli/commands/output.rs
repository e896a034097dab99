//! `refit output`

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The job, or the beginning of its id.
    job: String,
    /// Where to write it; else to stdout.
    file: Option<PathBuf>,
}

/// Shows what a batch prediction says of each row, as CSV.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let job = client.job_named(&args.job).await?;
    match &args.file {
        Some(target) => {
            let unwritable = |error| Failure::failed(format!("{} cannot be written: {error}", target.display()));
            client.batch_output(job, &mut std::fs::File::create(target).map_err(unwritable)?).await
        }
        None => client.batch_output(job, &mut context.out.pieces()).await,
    }
}
