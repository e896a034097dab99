//! `refit check`

use chrono::NaiveDate;
use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::text;
use crate::views::{CheckRequest, EvaluationAnswer};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these models; all, if none is named.
    #[arg(value_parser = model_key)]
    models: Vec<ModelKey>,
    /// Decide as of the end of this day instead of now; kept like any decision, alerts follow it. `refit explain` keeps nothing.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
    as_of: Option<NaiveDate>,
    /// Also put what is due into the line.
    #[arg(long)]
    enqueue: bool,
    /// Show at most so many, most urgent first; else 100, or all that are named.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: Option<u32>,
}

/// Decides about models and shows every reason.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let models = args.models.iter().map(ToString::to_string).collect();
    let request = CheckRequest { models, as_of: args.as_of, enqueue: args.enqueue, limit: args.limit };
    let answer = context.client()?.check(&request).await?;
    context.out.answer(&answer, shown)
}

fn shown(answer: &EvaluationAnswer) -> String {
    let EvaluationAnswer { models, verdicts, enqueued: _, items } = answer;
    let mut lines: Vec<_> = items.iter().map(text::decision).collect();
    if items.len() < *models {
        let more = "`refit models --verdict retrain` lists those to retrain, `refit check MODEL` explains one";
        lines.push(format!("the {} most urgent of {models} are shown: {more}", items.len()));
    }
    lines.push(format!("{} of {models} to retrain", verdicts.retrain));
    lines.join("\n")
}
