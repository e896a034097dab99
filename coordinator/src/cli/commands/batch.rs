//! `refit batch`: many trainings, and what became of them (A5).

use chrono::NaiveDate;
use common::vocabulary::{Mode, ModelKey};
use serde::Serialize;

use super::placement::Placement;
use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::leave::Leave;
use crate::cli::text::counted;
use crate::cli::watch;
use crate::views::{BatchRequest, JobView, TrainingAnswer, TrainingItem};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// These models, in this order; all of the category, if none is named.
    #[arg(value_parser = model_key)]
    models: Vec<ModelKey>,
    /// Only models of this category: portfolio, on_demand, watchlist, scanning or another.
    #[arg(long)]
    category: Option<String>,
    /// complete, incremental or quick; else chosen for each from its facts.
    #[arg(long)]
    mode: Option<Mode>,
    /// Also what is not needed, cooling down or backing off.
    #[arg(long)]
    force: bool,
    /// Priority instead of the category's; lower is sooner.
    #[arg(long, value_name = "POINTS", allow_hyphen_values = true, value_parser = crate::cli::args::points)]
    priority: Option<f64>,
    /// Decide as of the end of this day instead of now.
    #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
    as_of: Option<NaiveDate>,
    /// So many new rows are enough, and fewer are not; else as the policy says.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    min_new: Option<u32>,
    /// With incremental trainings: also train completely on the same rows and report the gap.
    #[arg(long)]
    yardstick: bool,
    #[command(flatten)]
    placement: Placement,
    /// Stay and watch until all have been judged, then sum up.
    #[arg(long)]
    watch: bool,
}

/// What became of a batch.
#[derive(Debug, Serialize)]
struct Summary {
    /// Trainings that came to a judged version.
    retrained: usize,
    /// Of these, how many went live.
    live: usize,
    /// Not needed, held back or refused.
    skipped: usize,
    /// Ended without a version.
    failed: usize,
    /// What was said to each request.
    items: Vec<TrainingItem>,
    /// The trainings, as they ended.
    jobs: Vec<JobView>,
}

/// Asks for trainings; with `--watch` waits for them and sums up what became of them.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let request = BatchRequest {
        models: args.models.iter().map(ToString::to_string).collect(),
        category: args.category.clone(),
        mode: args.mode.map(|mode| mode.to_string()),
        force: args.force,
        priority: args.priority,
        as_of: args.as_of,
        min_new_rows: args.min_new,
        yardstick: args.yardstick,
        pool: args.placement.pool(),
        device: args.placement.device(),
        memory: args.placement.memory(),
    };
    let answer = client.batch(&request).await?;
    if !args.watch {
        context.out.answer(&answer, asked)?;
        if answer.refused == answer.items.len() as u64 {
            return Err(Failure::new(Code::Refused, "nothing was asked for: every training was refused"));
        }
        return client.tell_blocked(&context.out, answer.items.iter().find_map(|item| item.job)).await;
    }
    let leave = Leave::listen()?;
    context.out.line(asked(&answer));
    let ids: Vec<_> = answer.items.iter().filter_map(|item| item.job).collect();
    let jobs = leave.unless(&ids, watch::until_ended(&context.out, &client, &ids)).await?;
    let summary = summarise(answer, jobs);
    context.out.answer(&summary, text)?;
    match summary.failed {
        0 => Ok(()),
        failed => Err(Failure::failed(format!("{} failed", counted(failed as u64, "training")))
            .next("`refit jobs --all` says why")),
    }
}

fn summarise(answer: TrainingAnswer, jobs: Vec<JobView>) -> Summary {
    let completed = |job: &&JobView| job.state == "completed";
    Summary {
        retrained: jobs.iter().filter(completed).count(),
        live: jobs.iter().filter(|job| job.verdict.as_ref().is_some_and(|verdict| verdict.promoted)).count(),
        skipped: answer.items.iter().filter(|item| item.job.is_none()).count(),
        failed: jobs.iter().filter(|job| !completed(job)).count(),
        items: answer.items,
        jobs,
    }
}

/// What was said to each request that led to nothing, and the counts.
pub(crate) fn asked(answer: &TrainingAnswer) -> String {
    let without_job = answer.items.iter().filter(|item| item.job.is_none());
    let mut lines: Vec<_> = without_job.map(|item| format!("{}: {}, {}", item.model, item.result, item.why)).collect();
    lines.push(format!(
        "{} requested, {} already training, {} skipped, {} refused",
        answer.requested, answer.already_training, answer.skipped, answer.refused
    ));
    lines.join("\n")
}

fn text(summary: &Summary) -> String {
    let Summary { retrained, live, skipped, failed, .. } = summary;
    format!("{retrained} retrained ({live} went live), {skipped} skipped, {failed} failed")
}
