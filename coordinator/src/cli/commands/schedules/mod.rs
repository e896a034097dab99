//! `refit schedules`: what is done by the calendar.

mod flags;
mod listed;
pub(crate) mod runs;

use domain::schedule::ScheduleName;

use self::flags::{TaskFlags, TimingFlags};
pub(crate) use self::flags::{kind, weekday};
use super::scheduler;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::pages::{self, List, Much};
use crate::views::{PauseRequest, ScheduleRequest, ScheduleView};

/// Lists the schedules, or does something with one.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    much: Much,
}

/// What to do with schedules.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the schedules: what they do, when they are due next, and how their last run ended.
    List(Much),
    /// Show one schedule with its next five due times.
    Show(Named),
    /// Make a schedule.
    Add(AddArgs),
    /// Change a schedule; what is not named stays as it is.
    Edit(AddArgs),
    /// Let a schedule rest until it is resumed.
    Pause(PauseArgs),
    /// Let a paused schedule go on, from its next due time.
    Resume(Named),
    /// Do now what a schedule does when it is due, and wait for its end.
    Run(RunArgs),
    /// List the runs of a schedule, or of all, newest first.
    History(HistoryArgs),
    /// Take a schedule away, with its history.
    Delete(Named),
    /// List the presets: schedules to begin with.
    Presets,
}

#[derive(Debug, clap::Args)]
struct Named {
    /// The schedule.
    name: ScheduleName,
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    /// What it is called, such as weekly-retrain.
    name: ScheduleName,
    #[command(flatten)]
    timing: TimingFlags,
    #[command(flatten)]
    task: TaskFlags,
    /// Take when it is due and what it does from a preset, such as low-traffic; flags change it.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
}

#[derive(Debug, clap::Args)]
struct PauseArgs {
    /// The schedule.
    name: ScheduleName,
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// The schedule.
    name: ScheduleName,
    /// Do not wait for its end.
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, clap::Args)]
struct HistoryArgs {
    /// The schedule; all, if none is named.
    name: Option<ScheduleName>,
    #[command(flatten)]
    much: Much,
}

/// Does it.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let out = &context.out;
    let schedule = match args.command.as_ref().unwrap_or(&Command::List(args.much.clone())) {
        Command::List(much) => {
            let empty = "no schedules; `refit schedules add NAME --daily 02:00 --task retrain` makes one".into();
            let list = List { empty, table: &listed::table_of, end: None };
            tell_if_stopped(context).await?;
            return pages::show(out, much, list, async |query| client.schedules(&query).await).await;
        }
        Command::History(HistoryArgs { name, much }) => {
            let list = List { empty: "no runs yet".into(), table: &runs::table_of, end: None };
            return match name {
                Some(name) => {
                    pages::show(out, much, list, async |query| client.schedule_runs(name, &query).await).await
                }
                None => pages::show(out, much, list, async |query| client.all_schedule_runs(&query).await).await,
            };
        }
        Command::Run(RunArgs { name, no_wait }) => {
            let run = client.run_schedule(name).await?;
            return if *no_wait { out.answer(&run, runs::sentence) } else { runs::wait_for(context, run).await };
        }
        Command::Presets => return out.answer(&listed::presets(), |presets| listed::preset_table(presets)),
        Command::Delete(Named { name }) => {
            let gone = client.delete_schedule(name).await?;
            return out.answer(&gone, |gone| format!("the schedule {} is deleted, with its history", gone.name));
        }
        Command::Show(Named { name }) => {
            tell_if_stopped(context).await?;
            client.schedule(name).await?
        }
        Command::Add(args) => {
            match client.schedule(&args.name).await {
                Ok(_) => {
                    let failure = Failure::new(Code::Refused, format!("there is a schedule {}", args.name));
                    return Err(failure.next(format!("`refit schedules edit {} …` changes it", args.name)));
                }
                Err(failure) if failure.code == Code::NotFound => {}
                Err(failure) => return Err(failure),
            }
            client.put_schedule(&args.name, &request(args, None)?).await?
        }
        Command::Edit(args) => {
            let now = client.schedule(&args.name).await?;
            client.put_schedule(&args.name, &request(args, Some(now))?).await?
        }
        Command::Pause(PauseArgs { name, reason }) => {
            client.pause_schedule(name, &PauseRequest { reason: reason.clone() }).await?
        }
        Command::Resume(Named { name }) => client.resume_schedule(name).await?,
    };
    out.answer(&schedule, listed::whole)
}

/// Due times are worth nothing while nobody looks at them.
async fn tell_if_stopped(context: &Context) -> Done {
    if !context.out.is_json() {
        let status = context.client()?.scheduler().await?;
        if !status.running {
            context.out.note(format!("{}: nothing begins by itself", scheduler::state(&status)));
        }
    }
    Ok(())
}

/// What a schedule is to become, from what it is.
fn request(args: &AddArgs, now: Option<ScheduleView>) -> Result<ScheduleRequest, Failure> {
    let base = match (&args.preset, &now) {
        (Some(name), _) => listed::presets().into_iter().find(|preset| preset.name == *name).map(|preset| preset.task),
        (None, Some(now)) => Some(now.task.clone()),
        (None, None) => None,
    };
    Ok(ScheduleRequest {
        timing: args.timing.timing(),
        zone: args.timing.zone.map(|zone| zone.to_string()),
        task: args.task.task(base)?,
        missed: args.timing.missed,
        jitter_seconds: args.timing.jitter.map(|jitter| jitter.as_secs() as u32),
        preset: args.preset.clone(),
    })
}
