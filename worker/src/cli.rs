//! The command line of `refit-worker`. Exit codes: 0 done or drained, 1 failed, 2 wrong usage.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::embedded::{DirectoryStore, SqliteBus, SqliteQueue};
use common::vocabulary::Pool;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::process::Launch;
use crate::process::parent::Parent;
use crate::supervisor::{Ports, Settings, Supervisor};
use crate::{WorkerError, devices, executor};

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
    },
    /// The child of a supervisor
    #[command(hide = true)]
    Executor {
        /// `cpu` or `cuda:N`
        #[arg(long, default_value = "cpu")]
        device: String,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Trainings at a time [default: one per GPU, without GPUs one per core]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// Pools to take jobs from [default: cpu, and gpu where there is one]
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
        Command::Run(arguments) => with_runtime(run(arguments, parent)),
        Command::Devices { json } => with_runtime(list_devices(json)),
        Command::Executor { device } => return serve(&device),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("refit-worker: {error}");
    ExitCode::FAILURE
}

fn serve(device: &str) -> ExitCode {
    match executor::run(device) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Two threads are plenty: the supervisor only waits and copies.
fn with_runtime(work: impl Future<Output = Result<(), WorkerError>>) -> Result<(), WorkerError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(WorkerError::SetUp)?.block_on(work)
}

async fn run(arguments: RunArgs, parent: Parent) -> Result<(), WorkerError> {
    let data_dir = arguments.data_dir.clone().unwrap_or_else(|| ".data".into());
    let settings = settings(&arguments, &data_dir).await?;
    let ports = connect(&data_dir).await?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(WorkerError::SetUp)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(WorkerError::SetUp)?;
    let supervisor = Supervisor::start(settings, ports)?;
    let orphaned = async { if arguments.with_parent { parent.gone().await } else { std::future::pending().await } };
    let asked = async {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: draining"),
            _ = interrupt.recv() => tracing::info!("SIGINT: draining"),
            () = orphaned => tracing::info!("the parent is gone: draining"),
        }
        shutdown.cancel();
        std::future::pending().await
    };
    tokio::select! {
        () = supervisor.run(shutdown.clone()) => Ok(()),
        never = asked => never,
    }
}

async fn connect(data_dir: &Path) -> Result<Ports, WorkerError> {
    std::fs::create_dir_all(data_dir).map_err(WorkerError::folder(data_dir))?;
    let bus_file = data_dir.join("bus.db");
    Ok(Ports {
        queue: Arc::new(SqliteQueue::open(&bus_file).await?),
        bus: Arc::new(SqliteBus::open(&bus_file).await?),
        store: Arc::new(DirectoryStore::open(&data_dir.join("store")).await?),
    })
}

async fn settings(arguments: &RunArgs, data_dir: &Path) -> Result<Settings, WorkerError> {
    let devices = devices::list().await?;
    let gpus: Vec<String> =
        devices.iter().filter(|device| device.is_gpu()).map(|device| device.device.clone()).collect();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let compute = if gpus.is_empty() { vec!["cpu".to_owned()] } else { gpus.clone() };
    let wanted = arguments.slots.map_or(if gpus.is_empty() { cores } else { gpus.len() }, usize::from);
    let pools = if arguments.pools.is_empty() { default_pools(!gpus.is_empty()) } else { arguments.pools.clone() };
    Ok(Settings {
        folder: data_dir.join("workers"),
        pools,
        slots: compute.into_iter().cycle().take(wanted).collect(),
        devices: devices.into_iter().map(|device| device.name).collect(),
        launch: Launch::this_binary().map_err(|source| WorkerError::Spawn { source })?,
        heartbeat: Duration::from_secs(3),
        claim_repeat: Duration::from_secs(1),
        orphan_limit: Duration::from_secs(30 * 60),
        stall_timeout: Duration::from_secs(10 * 60),
        drain_grace: Duration::from_secs(30),
        checkpoint_every: Duration::from_secs(2),
        cache_bytes: 4 << 30,
    })
}

fn default_pools(gpu: bool) -> Vec<Pool> {
    let gpu = gpu.then(|| "gpu".parse()).and_then(Result::ok);
    std::iter::once(Pool::cpu()).chain(gpu).collect()
}

#[allow(clippy::print_stdout, reason = "this command's answer")]
async fn list_devices(json: bool) -> Result<(), WorkerError> {
    let devices = devices::list().await?;
    if json {
        let text = serde_json::to_string_pretty(&devices)
            .map_err(|error| WorkerError::Devices { reason: error.to_string() })?;
        println!("{text}");
    } else {
        print!("{}", devices::table(&devices));
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
