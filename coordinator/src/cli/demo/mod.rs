//! `refit demo`: the whole way on 12 real tickers and on generated rows of the other fleets, live, in a temporary folder.

mod fleets;
mod script;
mod summary;
mod tickers;

use std::path::Path;
use std::time::Instant;

use common::settings::{Settings, Sources};
use tempfile::TempDir;

use super::context::Context;
use super::exit::{Done, Failure};
use super::output::Output;
use super::process::{Running, Stop, Team, Workers};
use super::text::counted;
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
    let running = Running::start(settings(folder.path())?).await?;
    let place = folder.path().to_owned();
    let (log, slots) = (Some(place.clone()), Some(1));
    let team = Team { workers: args.workers, slots, data_dir: place, config: None, isolated: true, log };
    let workers = Workers::start(&team)?;
    let workers_up = counted(args.workers.into(), "worker");
    context.out.line(format!("refit up: the coordinator at {}, {workers_up} of 1 slot", running.address()));
    let client = running.client()?;
    let played = tokio::select! {
        played = script::play(&context.out, &client) => Some(played),
        () = stop.asked() => None,
    };
    workers.drain().await;
    running.stop().await;
    let Some(outcome) = played else { return Err(Failure::failed("the demo was interrupted")) };
    let shown = outcome.and_then(|summary| show(&context.out, &summary.after(started.elapsed())));
    shown.map_err(|failure| kept(folder, failure))
}

/// Defaults but for what keeps the demo to itself: its folder, a free port, and no evaluations of its own.
fn settings(folder: &Path) -> Result<Settings, Failure> {
    let sources = Sources::none()
        .with_flag("--data-dir", "data_dir", Some(folder.display()))
        .with_flag("--listen", "api.listen", Some("127.0.0.1:0"))
        .with_flag("--evaluate-every", "coordinator.evaluate_every", Some("0s"))
        .with_flag("--schedules", "schedules.presets", Some("false"));
    Ok(Settings::load(&sources)?)
}

/// Leaves the folder with the logs of what failed.
fn kept(folder: TempDir, failure: Failure) -> Failure {
    let place = folder.keep();
    failure.next(format!("the logs of the workers are in {}", place.display()))
}

fn show(out: &Output, summary: &Summary) -> Done {
    out.answer(summary, Summary::text)?;
    match summary.failed() {
        0 => Ok(()),
        failed => Err(Failure::failed(format!("{} failed", counted(failed as u64, "training")))),
    }
}
