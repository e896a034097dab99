//! One executor child, as its supervisor sees it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use common::vocabulary::FailureClass;
use common::wire::codec::{self, Limits};
use common::wire::frames::{self, FrameError, MAX_FRAME};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use super::cgroup::OomKills;
use super::last_words::LastWords;
use super::{death, memory};
use crate::devices::CPU;
use crate::executor::{FromExecutor, ToExecutor};
use crate::failure::Failure;
use crate::fault;

/// How long a child that was asked to end may take before it is killed.
const TERM_GRACE: Duration = Duration::from_millis(500);

/// How long the kernel may take to end a child that was killed: a driver may have much to clean up.
const KILL_GRACE: Duration = Duration::from_secs(10);

/// Bytes of what cannot be understood that the failure shows.
const SHOWN: usize = 60;

/// What of this process's environment a child is given: never a credential.
const INHERITED: [&str; 8] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "RUST_BACKTRACE",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
];

/// How executors are started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The binary: this one.
    pub program: PathBuf,
    /// LibTorch's CUDA library, to be loaded before anything else.
    pub cuda: Option<PathBuf>,
    /// From which level on children write to the log.
    pub log_level: String,
}

impl Launch {
    /// This very binary; what trains on a GPU is started with LibTorch's CUDA library.
    ///
    /// # Errors
    /// The path of the binary cannot be found out.
    pub fn this_binary(log_level: &str, cuda: Option<PathBuf>) -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()?, cuda, log_level: log_level.to_owned() })
    }

    /// A command with a clean environment, for a device: what computes on the processor is started without CUDA, which would cost
    /// it memory and time.
    fn command_on(&self, device: &str) -> Command {
        if device == CPU { self.command() } else { self.with_cuda() }
    }

    /// A command with a clean environment that can use GPUs.
    pub fn with_cuda(&self) -> Command {
        let mut command = self.command();
        if let Some(cuda) = &self.cuda {
            command.env("LD_PRELOAD", cuda);
            // cuDNN would round to ten bits (TF32), and a network answer otherwise than on the processor.
            command.env("NVIDIA_TF32_OVERRIDE", "0");
        }
        command
    }

    /// A command with a clean environment.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        let kept = |name: &&str| std::env::var_os(name).map(|value| ((*name).into(), value));
        let environment: Vec<(OsString, OsString)> =
            INHERITED.iter().chain(&fault::VARIABLES).filter_map(kept).collect();
        command.env_clear().envs(environment).kill_on_drop(true);
        // One thread per slot: also for what LibTorch starts before it is told.
        command.env("OMP_NUM_THREADS", "1").env("MKL_NUM_THREADS", "1");
        // The driver counts GPUs in the order of the bus; CUDA must, too, or `cuda:1` is measured as another.
        command.env("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        command
    }
}

/// Something a child did.
#[derive(Debug)]
pub enum Event {
    /// It said something.
    Message(FromExecutor),
    /// It died without being asked to.
    Died(Failure),
}

/// A child that is still there though it was killed: it hangs in the kernel, as in a device's driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("process {pid} cannot be killed: it hangs in the kernel, perhaps in the driver of its device")]
pub struct Unkillable {
    /// Its process id.
    pub pid: u32,
}

impl From<Unkillable> for Failure {
    /// That says nothing of the job: another worker may do it.
    fn from(error: Unkillable) -> Self {
        Self::new(FailureClass::Lost, format!("the executor is lost: {error}"))
    }
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct ExecutorProcess {
    child: Child,
    stdin: ChildStdin,
    messages: mpsc::Receiver<Result<FromExecutor, String>>,
    /// Why nothing it says can be believed any more.
    garbled: Option<String>,
    last_words: LastWords,
    oom_kills: OomKills,
    pid: u32,
}

impl ExecutorProcess {
    /// Starts a child on a device (`cpu`, `cuda:0`). It is told things at once; it answers when LibTorch is loaded.
    ///
    /// # Errors
    /// The process cannot be started.
    pub fn spawn(launch: &Launch, device: &str, label: &str) -> io::Result<Self> {
        let oom_kills = OomKills::now();
        let mut command = launch.command_on(device);
        command.args(["executor", "--device", device, "--log-level", &launch.log_level]).process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("a pipe to the child is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let last_words = LastWords::follow(child.stderr.take().ok_or_else(missing)?, label.to_owned());
        let (sender, messages) = mpsc::channel(64);
        tokio::spawn(listen(stdout, sender));
        let pid = child.id().ok_or_else(missing)?;
        Ok(Self { child, stdin, messages, garbled: None, last_words, oom_kills, pid })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Tells it something.
    ///
    /// # Errors
    /// It is gone; [`Self::next`] says why.
    pub async fn send(&mut self, message: &ToExecutor) -> Result<(), FrameError> {
        let body = codec::encode(message).map_err(|error| FrameError::Io(io::Error::other(error)))?;
        frames::send_frame(&mut self.stdin, &body).await
    }

    /// What it says next, or how it died. Cancel-safe.
    pub async fn next(&mut self) -> Event {
        match self.messages.recv().await {
            Some(Ok(message)) => return Event::Message(message),
            Some(Err(reason)) => self.garbled = Some(reason),
            None => {}
        }
        if self.garbled.is_some() {
            self.signal(Signal::SIGKILL);
        }
        // Its pipe has ended; a child that lives on without one is of no use.
        let waited = tokio::time::timeout(TERM_GRACE, self.child.wait()).await;
        let status = match waited {
            Ok(status) => status,
            Err(_) => {
                self.signal(Signal::SIGKILL);
                match tokio::time::timeout(KILL_GRACE, self.child.wait()).await {
                    Ok(status) => status,
                    Err(_) => return Event::Died(self.unkillable().into()),
                }
            }
        };
        if let Some(reason) = &self.garbled {
            return Event::Died(Failure::new(FailureClass::Crash, reason));
        }
        let words = self.last_words.all().await;
        Event::Died(match status {
            Ok(status) => death::failure(status, OomKills::now().rose_since(self.oom_kills), &words),
            Err(error) => Failure::new(FailureClass::Crash, format!("the executor is gone: {error}")),
        })
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Memory it has allocated, bytes.
    pub fn memory(&self) -> u64 {
        memory::anonymous(self.pid)
    }

    /// Ends it and everything it started: SIGTERM, then SIGKILL. Returns when it is gone.
    ///
    /// # Errors
    /// It is still there, and what it holds of its device with it.
    pub async fn kill(mut self) -> Result<(), Unkillable> {
        for (signal, grace) in [(Signal::SIGTERM, TERM_GRACE), (Signal::SIGKILL, KILL_GRACE)] {
            self.signal(signal);
            if tokio::time::timeout(grace, self.child.wait()).await.is_ok() {
                return Ok(());
            }
        }
        Err(self.unkillable())
    }

    fn unkillable(&self) -> Unkillable {
        Unkillable { pid: self.pid }
    }

    /// To its whole process group, as long as it has not been waited for: until then its id cannot be anyone else's.
    fn signal(&self, signal: Signal) {
        if signal == Signal::SIGKILL && fault::spares_children() {
            return;
        }
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) {
            let _ = killpg(Pid::from_raw(pid), signal);
        }
    }
}

/// Reads what a child says until its pipe ends. A task of its own, because reading a frame must not be interrupted.
async fn listen(mut stdout: ChildStdout, messages: mpsc::Sender<Result<FromExecutor, String>>) {
    let limits = Limits { bytes: MAX_FRAME, ..Limits::default() };
    loop {
        let (message, body) = match frames::receive_frame(&mut stdout).await {
            Ok(Some(body)) => (codec::decode(&body, limits).map_err(|error| error.to_string()), body),
            // A pipe that ends in the middle of a frame is that of a child that died: its status says of what.
            Ok(None) | Err(FrameError::Truncated) => return,
            Err(error) => (Err(error.to_string()), Bytes::new()),
        };
        let message = message.map_err(|error| {
            let begins = body[..body.len().min(SHOWN)].escape_ascii();
            format!("the executor said something that cannot be understood ({error}): \"{begins}\"; it was replaced")
        });
        let over = message.is_err();
        if messages.send(message).await.is_err() || over {
            return;
        }
    }
}
