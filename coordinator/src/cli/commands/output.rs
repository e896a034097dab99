//! `refit output`

use std::path::PathBuf;

use serde::Serialize;
use uuid::Uuid;

use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::file;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The job, or the beginning of its id.
    job: String,
    /// Where to write it; else to stdout.
    file: Option<PathBuf>,
}

/// Where the predictions of a job have been written to.
#[derive(Debug, Serialize)]
struct Written {
    job: Uuid,
    file: PathBuf,
}

/// Shows what a batch prediction says of each row, as CSV.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    if args.file.is_none() && context.out.is_json() {
        let what = "what a batch says of each row is CSV, not one JSON document";
        return Err(Failure::new(Code::Usage, what).next("name a file for it, or leave out --json"));
    }
    let client = context.client()?;
    let job = client.job_named(&args.job).await?;
    match &args.file {
        Some(target) => {
            client.batch_output(job, &mut file::create(target)?).await?;
            context.out.answer(&Written { job, file: target.clone() }, |written| written.file.display().to_string())
        }
        None => client.batch_output(job, &mut context.out.pieces()).await,
    }
}
