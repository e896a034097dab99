//! `refit retrain`

use chrono::NaiveDate;
use common::vocabulary::{Mode, ModelKey};

use super::placement::Placement;
use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::leave::Leave;
use crate::cli::table::points;
use crate::cli::{text, watch};
use crate::views::{JobView, TrainingAnswer, TrainingItem, TrainingRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as forecaster/AAPL; a bare symbol stands for its forecaster.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// complete (from scratch), incremental (from the live version) or quick (fewer epochs); else chosen from the facts.
    #[arg(long)]
    mode: Option<Mode>,
    /// Also when it is not needed, cooling down or backing off; data validation and the gate stay.
    #[arg(long)]
    force: bool,
    /// A hyper-parameter for this training only, such as epochs=20; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    hyper: Vec<(String, String)>,
    /// For trying out: learn from so many rows made up from the training rows, too (texts); such a version says so in its manifest, and
    /// the next training is complete.
    #[arg(long, value_name = "ROWS")]
    simulate: Option<u32>,
    /// Priority instead of the category's; lower is sooner.
    #[arg(long, value_name = "POINTS", allow_hyphen_values = true, value_parser = crate::cli::args::points)]
    priority: Option<f64>,
    /// Decide as of the end of this day instead of now.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
    as_of: Option<NaiveDate>,
    /// So many new rows are enough, and fewer are not; else as the policy says.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    min_new: Option<u32>,
    /// With an incremental training: also train completely on the same rows and report the gap.
    #[arg(long)]
    yardstick: bool,
    #[command(flatten)]
    placement: Placement,
    /// Stay and watch until it has been judged.
    #[arg(long)]
    watch: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err("a hyper-parameter is set as NAME=VALUE, such as epochs=20".into()),
    }
}

/// Asks for a training; with `--watch` shows it until it has been judged.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let simulate = args.simulate.map(|rows| ("simulate".to_owned(), rows.to_string()));
    let request = TrainingRequest {
        model: args.model.to_string(),
        mode: args.mode.map(|mode| mode.to_string()),
        force: args.force,
        priority: args.priority,
        hyper: args.hyper.iter().cloned().chain(simulate).collect(),
        as_of: args.as_of,
        min_new_rows: args.min_new,
        yardstick: args.yardstick,
        pool: args.placement.pool(),
        device: args.placement.device(),
        memory: args.placement.memory(),
    };
    let answer = client.train(&request).await?;
    if let Some(item) = answer.items.iter().find(|item| item.result == "refused") {
        return Err(Failure::new(Code::Refused, format!("{}: {}", item.model, item.why)));
    }
    let job = answer.items.iter().find_map(|item| item.job);
    let Some(job) = job.filter(|_| args.watch) else {
        context.out.answer(&answer, asked)?;
        return client.tell_blocked(&context.out, job).await;
    };
    let leave = Leave::listen()?;
    context.out.line(asked(&answer));
    let jobs = leave.unless(&[job], watch::until_ended(&context.out, &client, &[job])).await?;
    let Some(job) = jobs.into_iter().next() else {
        return Err(Failure::new(Code::NotFound, format!("job {job} is gone")));
    };
    context.out.answer(&job, |job| job.why.clone())?;
    ended(&job)
}

fn asked(answer: &TrainingAnswer) -> String {
    answer.items.iter().map(asked_one).collect::<Vec<_>>().join("\n")
}

/// What became of the request, and what to do next.
fn asked_one(item: &TrainingItem) -> String {
    let mode = item.mode.as_deref().unwrap_or("training");
    let score = item.score.map(|score| format!(", score {} = {}", points(score), text::terms(&item.terms)));
    let first = format!("{}: {} ({mode}): {}", item.model, item.result.replace('_', " "), item.why);
    let next = match (item.job, item.result.as_str()) {
        (Some(job), _) => format!("  job {job}{}; `refit job {job}` shows it", score.unwrap_or_default()),
        (None, "skipped") => "  `--force` trains it all the same".into(),
        (None, _) => return first,
    };
    format!("{first}\n{next}")
}

/// A training that did not come to a recorded outcome is a failure of the command that watched it.
pub(crate) fn ended(job: &JobView) -> Done {
    match job.state.as_str() {
        "completed" => Ok(()),
        state => Err(Failure::failed(format!("job {} {state}: {}", job.id, job.why))
            .next(format!("`refit job {}` shows its attempts", job.id))),
    }
}
