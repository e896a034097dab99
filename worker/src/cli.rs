//! The command line of `refit-worker`. Exit codes: 0 done or drained, 1 failed, 2 wrong usage, 4 a service refuses what the
//! settings say of it, and will until they are changed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use common::connect::Connector;
use common::open_files;
use common::ports::PortError;
use common::settings::{Log, SettingsError, Sources};
use common::telemetry;
use common::umask::Umask;
use common::visible::{visible_json, visible_lines};
use common::vocabulary::{DeviceKind, Pool};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::devices::Devices;
use crate::process::parent::Parent;
use crate::supervisor::{Ports, Settings, Supervisor};
use crate::{WorkerError, devices, executor, fault};

/// A service refuses; the coordinator ends with the same code.
const REFUSED: u8 = 4;

/// Trains Refit's models: takes jobs from the queue and runs each in a child process.
#[derive(Debug, Parser)]
#[command(name = "refit-worker", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take jobs and train them (what is done without a command)
    Run(RunArgs),
    /// List what there is to compute on
    Devices {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// What this very process can use, whatever a child could
        #[arg(long, hide = true)]
        own: bool,
    },
    /// The child of a supervisor
    #[command(hide = true)]
    Executor {
        /// `cpu` or `cuda:N`
        #[arg(long, default_value = "cpu")]
        device: String,
        /// What it says on standard error, from which level on
        #[arg(long, default_value = "warn")]
        log_level: String,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Trainings at a time [default: one per GPU, without GPUs one per core]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// Pools to take jobs from [default: cpu]
    #[arg(long, value_delimiter = ',')]
    pools: Vec<Pool>,
    /// Folder of the installation
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Settings file
    #[arg(long)]
    config: Option<PathBuf>,
    /// Go down when the process that started this one is gone
    #[arg(long)]
    with_parent: bool,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let parent = Parent::now();
    let cli = Cli::parse();
    let result = match cli.command.unwrap_or(Command::Run(cli.run)) {
        Command::Run(arguments) => with_runtime(async {
            Umask::PRIVATE.apply();
            let done = run(arguments, parent).await;
            telemetry::finish().await;
            done
        }),
        Command::Devices { json, own } => with_runtime(list_devices(json, own)),
        Command::Executor { device, log_level } => return serve(&device, log_level),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ WorkerError::Port(PortError::Unusable { .. })) => {
            failed(&error);
            ExitCode::from(REFUSED)
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("refit-worker: {}", visible_lines(&error.to_string()));
    ExitCode::FAILURE
}

fn serve(device: &str, level: String) -> ExitCode {
    if let Err(error) = telemetry::init(&Log { level, ..Log::default() }) {
        return failed(&error);
    }
    match executor::run(device) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            failed(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Two threads are plenty: the supervisor only waits and copies.
fn with_runtime(work: impl Future<Output = Result<(), WorkerError>>) -> Result<(), WorkerError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(WorkerError::SetUp)?.block_on(work)
}

async fn run(arguments: RunArgs, parent: Parent) -> Result<(), WorkerError> {
    fault::refuse_without_faults()?;
    let common = settings_of(&arguments)?;
    // Its children inherit it.
    common.umask.apply();
    telemetry::start("refit-worker", &common, false)?;
    open_files::raise();
    let devices = Arc::new(Devices::find().await?);
    warn_of_promises(&common, &devices);
    let settings = Settings::of(&common, devices)?;
    std::fs::create_dir_all(&common.data_dir).map_err(WorkerError::folder(&common.data_dir))?;
    let connector = Connector::new(&common)?;
    let ports = Ports { queue: connector.queue().await?, bus: connector.bus().await?, store: connector.store().await? };
    let shutdown = CancellationToken::new();
    let asked = asked_to_end(arguments.with_parent.then_some(parent))?;
    let supervisor = Supervisor::start(settings, ports)?;
    let drain = shutdown.clone();
    tokio::spawn(async move {
        asked.await;
        drain.cancel();
    });
    supervisor.run(shutdown).await
}

/// A pool that is said to train on GPUs, and a worker without one: it works, slowly. A GPU that nobody uses is a pity anywhere.
fn warn_of_promises(common: &common::settings::Settings, devices: &Devices) {
    let promised = |pool: &&Pool| {
        let offers = &common.coordinator.pools;
        offers.iter().any(|offer| offer.pool == **pool && offer.device == Some(DeviceKind::Cuda))
    };
    if !devices.gpus().is_empty() {
        return;
    }
    let note = devices.measure().note;
    if devices.has_idle_gpus() {
        tracing::warn!(note, "this machine has GPUs that this worker does not use");
    }
    for pool in common.worker.pools.iter().filter(promised) {
        tracing::warn!(%pool, note, "the pool offers GPUs by its settings; this worker has none");
    }
}

fn settings_of(arguments: &RunArgs) -> Result<common::settings::Settings, SettingsError> {
    let data_dir = arguments.data_dir.as_ref().map(|folder| folder.display());
    let pools: Vec<&str> = arguments.pools.iter().map(Pool::as_str).collect();
    let sources = Sources::of_process(arguments.config.clone())
        .with_flag("--data-dir", "data_dir", data_dir)
        .with_flag("--slots", "worker.slots", arguments.slots)
        .with_flag("--pools", "worker.pools", (!pools.is_empty()).then(|| pools.join(",")));
    common::settings::Settings::load(&sources)
}

/// Listens from now on; returns when someone wants this worker to end.
fn asked_to_end(parent: Option<Parent>) -> Result<impl Future<Output = ()>, WorkerError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(WorkerError::SetUp)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(WorkerError::SetUp)?;
    let orphaned = async move {
        match parent {
            Some(parent) => parent.gone().await,
            None => std::future::pending().await,
        }
    };
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: draining"),
            _ = interrupt.recv() => tracing::info!("SIGINT: draining"),
            () = orphaned => tracing::info!("the process that started this one is gone: draining"),
        }
    })
}

#[allow(clippy::print_stdout, reason = "this command's answer")]
async fn list_devices(json: bool, own: bool) -> Result<(), WorkerError> {
    let hardware = if own { Devices::own() } else { Devices::find().await? }.measure();
    if json {
        let text = serde_json::to_string_pretty(&hardware)
            .map_err(|error| WorkerError::Devices { reason: error.to_string() })?;
        println!("{}", visible_json(&text));
    } else {
        print!("{}", visible_lines(&devices::table(&hardware)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        let both = Cli::try_parse_from(["refit-worker", "--slots", "2", "--pools", "cpu,gpu-80g"]).unwrap();
        assert_eq!((both.run.slots, both.run.pools.len()), (Some(2), 2));
        assert_eq!(Cli::try_parse_from(["refit-worker", "run", "--slots", "0"]).unwrap_err().exit_code(), 2);
        assert!(Cli::try_parse_from(["refit-worker", "--pools", "GPU!"]).is_err());
    }
}
