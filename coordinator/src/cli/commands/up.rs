//! `refit up`: everything on this machine.

use super::serve;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::process::{Running, Stop, Team, Workers};
use crate::cli::text::counted;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Worker processes.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Trainings at a time in each worker; else one a GPU, or one a core.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    slots: Option<u32>,
    #[command(flatten)]
    serve: serve::Args,
}

/// Runs the coordinator and workers until Ctrl-C or SIGTERM, then drains the workers; a second signal does not wait.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let mut stop = Stop::listen()?;
    let settings = serve::settings(context, &args.serve)?;
    let team = Team {
        workers: args.workers,
        slots: args.slots,
        data_dir: settings.data_dir.clone(),
        config: context.config_file(),
        isolated: false,
        log: None,
    };
    let mut running = tokio::select! {
        started = Running::start(settings) => started?,
        () = stop.asked() => return Ok(()),
    };
    let workers = Workers::start(&team)?;
    context.out.line(greeting(running.address(), args.workers));
    let ended = tokio::select! {
        () = stop.asked() => Ok(()),
        failure = running.broken() => Err(failure),
    };
    context.out.line("draining: trainings are checkpointed and go on at the next start; Ctrl-C again does not wait");
    let drained = async {
        workers.drain().await;
        if ended.is_ok() {
            running.stop().await;
        }
    };
    tokio::select! {
        () = drained => {}
        () = stop.asked() => {}
    }
    ended
}

fn greeting(address: &str, workers: u32) -> String {
    let starting =
        format!("{} {} starting", counted(workers.into(), "worker"), if workers == 1 { "is" } else { "are" });
    format!(
        "the coordinator answers at {address}, {starting}\n\
         next, in another terminal:\n  \
         refit import prices AAPL.csv    daily bars in (date,open,high,low,close,adj_close,volume)\n  \
         refit check                     what needs training, and why\n  \
         refit batch --watch             train it and watch\n\
         {address}/docs shows the API; Ctrl-C drains the workers and ends"
    )
}
