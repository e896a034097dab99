//! `refit jobs`, `refit job`, `refit cancel`

use std::time::{Duration, Instant};

use common::vocabulary::{JobState, ModelKey};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{or_nothing, points, short_ids, table, time};
use crate::cli::{chart, text};
use crate::render::Table;
use crate::views::{CancelAnswer, JobFilter, JobSummary, JobView, PageQuery};

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Those that have ended, too; and all of them, unless there is a limit.
    #[arg(long)]
    all: bool,
    /// At most so many; else the first 100, or all with --json.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only those in this state: queued, dispatched, running, judging, completed, failed or cancelled.
    #[arg(long)]
    state: Option<JobState>,
    /// Only those of this model.
    #[arg(long, value_parser = model_key)]
    model: Option<ModelKey>,
}

impl ListArgs {
    fn filter(&self, PageQuery { limit, cursor }: PageQuery) -> JobFilter {
        JobFilter {
            state: self.state,
            model: self.model.as_ref().map(ToString::to_string),
            ended: (!self.all && self.state.is_none()).then_some(false),
            id: None,
            limit,
            cursor,
        }
    }

    /// What is said where there is none.
    fn none(&self) -> String {
        match (self.all, self.state, &self.model) {
            (_, Some(state), _) => format!("no job is {state}"),
            (true, None, None) => "there is no job yet; `refit retrain MODEL` asks for one".into(),
            (false, None, None) => "the line is empty; `refit jobs --all` shows what has ended".into(),
            (true, None, Some(model)) => format!("{model} has no job yet; `refit retrain {model}` asks for one"),
            (false, None, Some(model)) => {
                format!("{model} has no job in the line; `refit jobs --all --model {model}` shows what has ended")
            }
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobArgs {
    /// The job's id, or its beginning.
    id: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CancelArgs {
    /// The job's id, or its beginning.
    id: String,
    /// Do not wait until its slot is free.
    #[arg(long)]
    no_wait: bool,
}

/// How long a worker may take to free a slot before it is given up waiting for.
const LONGEST_STOP: Duration = Duration::from_secs(15);
/// How often it is asked.
const LOOK: Duration = Duration::from_millis(100);

/// Shows the line of jobs, and with `--all` those that have ended.
pub(crate) async fn list(context: &Context, args: &ListArgs) -> Done {
    let client = context.client()?;
    let much = Much { limit: args.limit, all: args.all };
    let list = List { empty: args.none(), table: &listed, end: None };
    pages::show(&context.out, &much, list, async |query| client.jobs(&args.filter(query)).await).await
}

/// Shows one job.
pub(crate) async fn show(context: &Context, args: &JobArgs) -> Done {
    let client = context.client()?;
    let job = client.job(client.job_named(&args.id).await?).await?;
    context.out.answer(&job, described)
}

/// Cancels one job, and waits until its slot is free.
pub(crate) async fn cancel(context: &Context, args: &CancelArgs) -> Done {
    let client = context.client()?;
    let mut answer = client.cancel(client.job_named(&args.id).await?).await?;
    let mut waits = answer.stopping && !args.no_wait;
    let until = Instant::now() + LONGEST_STOP;
    while waits && Instant::now() < until {
        answer.job = client.job(answer.job.id).await?;
        waits = answer.job.slot_free_seconds.is_none();
        if waits {
            tokio::time::sleep(LOOK).await;
        }
    }
    context.out.answer(&answer, cancelled)?;
    if waits {
        let what = format!("its worker has not said within {} s that the slot is free", LONGEST_STOP.as_secs());
        return Err(Failure::failed(what).next("`refit workers` shows whether it is alive"));
    }
    Ok(())
}

fn cancelled(answer: &CancelAnswer) -> String {
    match answer.job.slot_free_seconds {
        Some(seconds) => format!("job {}: cancelled; its slot was free after {seconds:.2} s", answer.job.id),
        None => format!("job {}: {}", answer.job.id, answer.outcome),
    }
}

fn listed(jobs: &[JobSummary]) -> (Table, Vec<String>) {
    let ids = short_ids(&jobs.iter().map(|job| job.id).collect::<Vec<_>>());
    let mut table = table(&[">#", "job", "model", "mode", "state", ">score", "~why"]);
    for (job, id) in jobs.iter().zip(ids) {
        table.add_row([
            or_nothing(job.position),
            id,
            job.model.clone().unwrap_or_else(|| job.kind.to_string()),
            how(job.reproduces.as_ref(), job.mode),
            job.progress.as_ref().map_or_else(|| job.state.to_string(), text::progress),
            points(job.score),
            job.why.clone(),
        ]);
    }
    (table, Vec::new())
}

/// How its model is trained, or which of its versions is trained again.
fn how(reproduces: Option<&String>, mode: Option<impl ToString>) -> String {
    match reproduces {
        Some(version) => format!("{version}, reproduced"),
        None => or_nothing(mode),
    }
}

fn described(job: &JobView) -> String {
    let model = job.model.as_deref().unwrap_or("no model");
    let how = how(job.reproduces.as_ref(), job.mode.as_ref());
    let mut lines = vec![
        format!("job {}", job.id),
        format!("  {} {model} {how} on {}: {}", job.kind, job.pool, job.state),
        format!("  why      {}", job.why),
        format!("  score    {} = {}", points(job.score), text::terms(&job.terms)),
        format!("  entered  {} as of {}", time(job.enqueued_at), job.as_of.date_naive()),
    ];
    lines.extend(job.position.map(|position| format!("  place    {position} in the line")));
    lines.extend(job.progress.as_ref().map(|progress| format!("  now      {}", text::progress(progress))));
    let yielded = (job.preemptions > 0).then(|| text::counted(job.preemptions.into(), "time"));
    lines.extend(yielded.map(|times| format!("  yielded  {times} to more urgent jobs")));
    lines.extend(job.slot_free_seconds.map(|seconds| format!("  slot     free {seconds:.2} s after it was cancelled")));
    lines.extend(job.version.as_ref().map(|version| format!("  version  {version}")));
    if let Some(verdict) = &job.verdict {
        lines.push(format!("  verdict  {}", text::gate(verdict)));
        lines.extend(verdict.reasons.iter().map(|reason| format!("           {reason}")));
    }
    for attempt in &job.attempts {
        let outcome = attempt.outcome.as_deref().unwrap_or("under way");
        let started = attempt.started_at.map_or_else(|| "not claimed".into(), time);
        let resumed = attempt.resumed_from.map(|step| format!(", went on from step {step}")).unwrap_or_default();
        let message = attempt.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        lines.push(format!("  attempt {} {started}  {outcome}{resumed}{message}", attempt.number));
    }
    lines.extend(job.comparison.as_ref().map(|comparison| format!("  compared {}", comparison.text)));
    if !job.curve.is_empty() {
        lines.push(chart::curve(&job.curve));
    }
    lines.join("\n")
}
