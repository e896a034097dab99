//! `refit demo`: the whole way on 12 real tickers, live, in a temporary folder.

mod script;
mod summary;
mod tickers;

use std::time::Instant;

use super::context::Context;
use super::exit::{Done, Failure};
use super::house::{Running, Stop, Team, Workers};
use summary::Summary;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Worker processes.
    #[arg(long, default_value_t = 2)]
    workers: u32,
}

/// Runs the demo; fails when anything in it did.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let started = Instant::now();
    let mut stop = Stop::listen()?;
    let folder = tempfile::Builder::new().prefix("refit-demo-").tempdir();
    let folder = folder.map_err(|e| Failure::failed(format!("no temporary folder: {e}")))?;
    let settings = context.settings_in(folder.path())?;
    let running = Running::start(&settings).await?;
    let team = Team {
        workers: args.workers,
        slots: Some(1),
        data_dir: folder.path().to_owned(),
        config: None,
        log: Some(folder.path().to_owned()),
    };
    let workers = Workers::start(&team)?;
    context.out.line(format!("refit up: the coordinator at {}, {} workers of 1 slot", running.address(), args.workers));
    let client = running.client()?;
    let outcome = tokio::select! {
        outcome = script::play(&context.out, &client) => outcome,
        () = stop.asked() => Err(Failure::failed("the demo was interrupted")),
    };
    workers.drain().await;
    running.stop().await?;
    let summary = outcome.inspect_err(|_| keep(folder))?;
    show(context, &summary, started)
}

fn show(context: &Context, summary: &Summary, started: Instant) -> Done {
    context.out.line(summary.table(&context.out));
    context.out.line(summary.last_line(started.elapsed()));
    match summary.failed() {
        0 => Ok(()),
        failed => Err(Failure::failed(format!("{failed} trainings failed")).next("the lines above say why")),
    }
}
