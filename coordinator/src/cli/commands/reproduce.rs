//! `refit reproduce`: any version again, from its manifest (G8).

use common::vocabulary::{ModelKey, VersionNumber};

use super::retrain::ended;
use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::watch;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The version to train again.
    version: VersionNumber,
    /// Only ask; do not wait for the comparison.
    #[arg(long)]
    detach: bool,
}

/// Trains a version again and says how the two compare.
pub async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let events = client.events().await?;
    let item = client.reproduce(&args.model, &args.version.to_string()).await?;
    let job = match item.job {
        Some(job) if !args.detach => job,
        Some(_) => return context.out.answer(&item, |item| item.why.clone()),
        None => return Err(Failure::new(Code::Refused, item.why)),
    };
    let jobs = watch::until_ended(&context.out, &client, events, &[job]).await?;
    jobs.iter().try_for_each(|job| {
        context.out.answer(job, |job| job.why.clone())?;
        ended(job)
    })
}
