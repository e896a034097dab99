//! `refit check`

use chrono::NaiveDate;
use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::text;
use crate::views::{CheckRequest, DecisionView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these models; all, if none is named.
    #[arg(value_parser = model_key)]
    models: Vec<ModelKey>,
    /// Decide as of the end of this day instead of now.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
    as_of: Option<NaiveDate>,
    /// Also put what is due into the line.
    #[arg(long)]
    enqueue: bool,
}

/// Decides about models and shows every reason.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let models = args.models.iter().map(ToString::to_string).collect();
    let request = CheckRequest { models, as_of: args.as_of, enqueue: args.enqueue };
    let decisions = context.client()?.check(&request).await?;
    context.out.answer(&decisions, |decisions| listed(decisions))
}

fn listed(decisions: &[DecisionView]) -> String {
    let due = decisions.iter().filter(|decision| decision.verdict == "retrain").count();
    let mut lines: Vec<_> = decisions.iter().map(text::decision).collect();
    lines.push(format!("{due} of {} to retrain", decisions.len()));
    lines.join("\n")
}
