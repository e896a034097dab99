//! `refit pause`, `refit resume`: a model, by hand.

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::text;
use crate::views::{ModelView, PauseRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct PauseArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ResumeArgs {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
}

/// Holds back every training of a model that has not begun.
pub(crate) async fn pause(context: &Context, args: &PauseArgs) -> Done {
    let request = PauseRequest { reason: args.reason.clone() };
    let model = context.client()?.pause_model(&args.model, &request).await?;
    context.out.answer(&model, sentence)
}

/// Lets a model be trained again.
pub(crate) async fn resume(context: &Context, args: &ResumeArgs) -> Done {
    let model = context.client()?.resume_model(&args.model).await?;
    context.out.answer(&model, sentence)
}

fn sentence(model: &ModelView) -> String {
    let job = model.active_job.map(|job| {
        format!(
            "; its job {job} {}",
            if model.paused.is_some() { "waits in its place unless it runs already" } else { "goes on" }
        )
    });
    match &model.paused {
        Some(pause) => format!("{} is paused {}{}", model.key, text::pause(pause), job.unwrap_or_default()),
        None => format!("{} may be trained again{}", model.key, job.unwrap_or_default()),
    }
}
