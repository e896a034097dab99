//! Worker processes: started, started again when they die, drained at the end.

use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use crate::cli::exit::{Code, Failure};

/// The binary, beside this one.
const BINARY: &str = "refit-worker";
/// Longest wait for a drain: the worker's own grace of 30 s, and some.
const GRACE: Duration = Duration::from_secs(40);

/// Which workers to run.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    /// How many processes.
    pub(crate) workers: u32,
    /// Slots of each; the worker's own choice, if none.
    pub(crate) slots: Option<u32>,
    /// The folder they share with the coordinator.
    pub(crate) data_dir: PathBuf,
    /// The settings file of the coordinator, for them as well.
    pub(crate) config: Option<PathBuf>,
    /// Take no settings from the environment or from files: the demo keeps to itself.
    pub(crate) isolated: bool,
    /// Where their logs go; to this process's stderr, if nowhere.
    pub(crate) log: Option<PathBuf>,
}

/// Running workers. Dropping kills them; [`Workers::drain`] lets them hand back what they hold.
pub(crate) struct Workers {
    keepers: JoinSet<()>,
    drain: CancellationToken,
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// The binary is missing, or does not start.
    pub(crate) fn start(team: &Team) -> Result<Self, Failure> {
        let this = std::env::current_exe().map_err(|e| Failure::failed(format!("this binary has no path: {e}")))?;
        let binary = this.with_file_name(BINARY);
        if !binary.exists() {
            return Err(Failure::new(Code::NotFound, format!("{} is missing", binary.display()))
                .next("it is built with `cargo build --workspace` and lies beside refit"));
        }
        let (mut keepers, drain) = (JoinSet::new(), CancellationToken::new());
        for number in 1..=team.workers {
            let keeper = Keeper { number, binary: binary.clone(), team: team.clone(), drain: drain.clone() };
            let first = keeper.spawn().map_err(|e| Failure::failed(format!("{BINARY} does not start: {e}")))?;
            keepers.spawn(keeper.keep(first));
        }
        Ok(Self { keepers, drain })
    }

    /// Lets every worker checkpoint, hand back its jobs and end.
    pub(crate) async fn drain(mut self) {
        self.drain.cancel();
        while self.keepers.join_next().await.is_some() {}
    }
}

/// Keeps one worker running.
struct Keeper {
    number: u32,
    binary: PathBuf,
    team: Team,
    drain: CancellationToken,
}

impl Keeper {
    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.binary);
        command.arg("run").arg("--with-parent").arg("--data-dir").arg(&self.team.data_dir);
        command.args(self.team.slots.iter().flat_map(|slots| ["--slots".into(), slots.to_string()]));
        command.args(self.team.config.iter().flat_map(|file| ["--config".as_ref(), file.as_os_str()]));
        if self.team.isolated {
            let settings = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"REFIT_"));
            settings.for_each(|(name, _)| {
                command.env_remove(name);
            });
            command.current_dir(&self.team.data_dir);
        }
        if let Some(folder) = &self.team.log {
            let log =
                File::options().create(true).append(true).open(folder.join(format!("worker-{}.log", self.number)))?;
            command.stdout(log.try_clone()?).stderr(log);
        } else {
            command.stdout(Stdio::null());
        }
        // Its own group: Ctrl-C reaches this process alone, which then drains the workers in order.
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true).spawn()
    }

    async fn keep(self, first: Child) {
        let mut backoff = Backoff::default();
        let mut child = Some(first);
        loop {
            let started = Instant::now();
            if let Some(mut running) = child.take() {
                tokio::select! {
                    () = self.drain.cancelled() => return self.end(&mut running).await,
                    ended = running.wait() => match ended {
                        // Only a drain ends one in order, and whoever asked for it wants it gone.
                        Ok(status) if status.success() => {
                            return tracing::info!(worker = self.number, "a worker was drained; it stays down");
                        }
                        ended => self.report(ended),
                    },
                }
            }
            let pause = backoff.after(started.elapsed());
            tokio::select! {
                () = self.drain.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            child = self.spawn().map_err(|error| tracing::error!(worker = self.number, %error, "cannot start")).ok();
        }
    }

    fn report(&self, ended: std::io::Result<ExitStatus>) {
        let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        tracing::warn!(worker = self.number, how, "a worker ended; it is started again");
    }

    async fn end(&self, child: &mut Child) {
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
            // One that has just ended by itself cannot be told any more.
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
            tracing::warn!(
                worker = self.number,
                "not drained in time; its jobs go on elsewhere from their checkpoints"
            );
            let _gone = child.kill().await;
        }
    }
}
