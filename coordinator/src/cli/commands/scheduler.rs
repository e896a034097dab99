//! `refit scheduler`: the scheduler as a whole, and ways to run it for people with cron or systemd.

use std::time::Duration;

use common::vocabulary::{Family, Timestamp, Zone};
use domain::schedule::{
    ReportParameters, ScheduleName, Selection, Task, TimeOfDay, Timing, TrainingParameters, Weekday,
};

use super::schedules::{kind, runs, weekday};
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::table::{span, time};
use crate::cli::text;
use crate::views::{PauseRequest, SchedulerView};

/// What to do with the scheduler.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Say whether it runs, what is due next, and how runs have ended.
    Status,
    /// Look at schedules again; what was due meanwhile is not made up for.
    Start,
    /// Look at schedules no more; what runs goes on.
    Stop(StopArgs),
    /// Do a task now and wait for its end: a schedule by its name, or health-check, evaluate, retrain, backup, cleanup, report.
    Task(TaskArgs),
    /// Do what is due and wait for its end: once, or again and again, for people with cron or systemd.
    Run(RunArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct StopArgs {
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TaskArgs {
    /// A schedule, or a task.
    name: ScheduleName,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Once, then end: the same as --mode once of schedules.
    #[arg(long, conflicts_with = "mode")]
    once: bool,
    /// Again and again, so long after each other; 5min without --mode, 24h with --mode continuous.
    #[arg(long, value_name = "SPAN", value_parser = interval)]
    interval: Option<Duration>,
    /// Leave schedules alone and retrain the recommenders: once, continuous, daily or weekly.
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,
    /// For daily and weekly: at, such as 02:00.
    #[arg(long, value_name = "TIME", default_value = "02:00")]
    time: TimeOfDay,
    /// For weekly: on.
    #[arg(long, value_name = "DAY", default_value = "sunday", value_parser = weekday)]
    day: Weekday,
    /// Whose clocks say so; else UTC.
    #[arg(long, value_name = "ZONE")]
    zone: Option<Zone>,
    /// With --mode: so many new ratings are enough to retrain, and fewer are not.
    #[arg(long, value_name = "N", requires = "mode", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    min_ratings: Option<u32>,
}

/// At least a second: whoever looks again and again leaves the machine to others meanwhile.
fn interval(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(span) if span >= Duration::from_secs(1) => Ok(span),
        Ok(_) => Err("an interval is of a second or more".into()),
        Err(_) => Err(format!("{text:?} is no span of time: write it like 5min or 24h")),
    }
}

/// How often recommenders are retrained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    Once,
    Continuous,
    Daily,
    Weekly,
}

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_mins(5);
/// Between two trainings.
const RETRAIN: Duration = Duration::from_hours(24);

/// Does it.
pub(crate) async fn run(context: &Context, command: &Command) -> Done {
    let client = context.client()?;
    let status = match command {
        Command::Status => client.scheduler().await?,
        Command::Start => client.start_scheduler().await?,
        Command::Stop(StopArgs { reason }) => client.stop_scheduler(&PauseRequest { reason: reason.clone() }).await?,
        Command::Task(TaskArgs { name }) => return task(context, name).await,
        Command::Run(args) => return again_and_again(context, args).await,
    };
    context.out.answer(&status, shown)
}

/// Does a task, by the name of its schedule or its own.
async fn task(context: &Context, name: &ScheduleName) -> Done {
    let client = context.client()?;
    let run = match kind(name.as_str()) {
        Ok(kind) => {
            client
                .run_task(Task::new(
                    kind,
                    Selection::default(),
                    TrainingParameters::default(),
                    ReportParameters::default(),
                ))
                .await?
        }
        Err(_) => client.run_schedule(name).await?,
    };
    runs::wait_for(context, run).await
}

async fn again_and_again(context: &Context, args: &RunArgs) -> Done {
    let zone = args.zone.unwrap_or(Zone::UTC);
    let timing = match args.mode {
        None if args.once => return look(context).await,
        Some(Mode::Once) => return retrain(context, args).await,
        None | Some(Mode::Continuous) => None,
        Some(Mode::Daily) => Some(Timing::Daily { time: args.time }),
        Some(Mode::Weekly) => Some(Timing::Weekly { day: args.day, time: args.time }),
    };
    if context.out.is_json() {
        return Err(Failure::new(
            Code::Usage,
            "--json is one document, and this has no end: use --once or --mode once",
        ));
    }
    let every = args.interval.unwrap_or(if args.mode.is_none() { LOOK } else { RETRAIN });
    loop {
        if let Some(timing) = &timing {
            let now = Timestamp::now();
            let Some(due) = timing.next_after(now, zone) else { return Ok(()) };
            context.out.line(format!("the next training is due {} UTC", time(due.utc())));
            sleep_until(due).await;
        }
        let done = if args.mode.is_none() { look(context).await } else { retrain(context, args).await };
        if let Err(failure) = done {
            context.out.note(failure);
        }
        if timing.is_none() {
            context.out.line(format!("the next look is in {}", span(every)));
            tokio::time::sleep(every).await;
        }
    }
}

/// Waits for a time on the wall clock, which may be set meanwhile.
async fn sleep_until(due: Timestamp) {
    loop {
        let left = due.seconds_since(Timestamp::now());
        if left <= 0.0 {
            return;
        }
        tokio::time::sleep(Duration::from_secs_f64(left.min(30.0))).await;
    }
}

/// Has the coordinator look what is due, and waits for the ends of those runs.
async fn look(context: &Context) -> Done {
    let mut ended = Vec::new();
    for run in context.client()?.look_at_schedules().await? {
        ended.push(runs::ended(context, run).await?);
    }
    context.out.answer(&ended, |ended| match ended.as_slice() {
        [] => "nothing is due".to_owned(),
        ended => ended.iter().map(runs::sentence).collect::<Vec<_>>().join("\n"),
    })?;
    ended.iter().try_for_each(runs::succeeded)
}

async fn retrain(context: &Context, args: &RunArgs) -> Done {
    let of = Selection { family: Some(Family::Recommender), ..Selection::default() };
    let parameters = TrainingParameters { min_new_rows: args.min_ratings, ..TrainingParameters::default() };
    let run = context.client()?.run_task(Task::Retrain { of, parameters }).await?;
    runs::wait_for(context, run).await
}

/// Whether schedules are looked at, and if not, why.
pub(crate) fn state(status: &SchedulerView) -> String {
    match (status.running, &status.stopped) {
        (true, _) => "the scheduler runs".to_owned(),
        (false, Some(pause)) => format!("the scheduler is stopped {}", text::pause(pause)),
        (false, None) => "the scheduler is off (schedules.enabled = false)".to_owned(),
    }
}

fn shown(status: &SchedulerView) -> String {
    let SchedulerView { running, schedules, paused, open, next, last_30_days: counts, .. } = status;
    let state = state(status);
    let mut lines = vec![format!(
        "{state}: {}, {paused} paused, {} under way",
        text::counted(*schedules, "schedule"),
        text::counted(*open, "run")
    )];
    let rate = counts.success_rate.map(|rate| format!(", success rate {:.1} %", 100.0 * rate)).unwrap_or_default();
    let mean = counts.mean_seconds.map(|mean| format!(", {mean:.0} s each")).unwrap_or_default();
    lines.push(format!(
        "last 30 days: {} completed, {} failed, {} skipped{rate}{mean}",
        counts.completed, counts.failed, counts.skipped
    ));
    lines.extend(next.iter().filter(|_| *running).map(|due| format!("  {} UTC  {}", time(due.due), due.schedule)));
    lines.join("\n")
}
