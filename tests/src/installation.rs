//! A coordinator and workers on embedded storage, as separate processes that a test may stop and start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::limits::MemoryCage;
use crate::process::{Process, binary};
use crate::services::Services;
use crate::unprivileged_user::UnprivilegedUser;
use crate::{prices, wait};

/// How long a test waits for something that is due in seconds: generous, for two busy cores.
pub const LIMIT: Duration = Duration::from_secs(120);

/// A whole installation in a temporary folder.
pub struct Installation {
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    settings: Vec<(String, String)>,
    /// The coordinator, while it runs.
    pub coordinator: Option<Process>,
    /// The workers that were started.
    pub workers: Vec<Process>,
    // Last, for it goes when everyone who uses it is gone.
    services: Option<Services>,
}

impl Installation {
    /// An empty installation: nothing runs yet.
    ///
    /// # Panics
    /// No temporary folder or runtime can be made.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            settings: vec![
                ("REFIT_API__LISTEN".into(), "127.0.0.1:0".into()),
                // Tests ask for evaluations; one that comes by itself would train what they did not expect.
                ("REFIT_COORDINATOR__EVALUATE_EVERY".into(), "0s".into()),
                ("REFIT_SCHEDULES__PRESETS".into(), "false".into()),
            ],
            coordinator: None,
            workers: Vec::new(),
            services: None,
        }
    }

    /// An empty installation on RabbitMQ, Redis, PostgreSQL and S3, if there are such services.
    pub fn distributed() -> Option<Self> {
        let mut installation = Self::new();
        let services = Services::take(&installation.runtime)?;
        installation.settings.extend(services.settings());
        installation.services = Some(services);
        Some(installation)
    }

    /// A user of its services who has no rights.
    ///
    /// # Panics
    /// It has no services.
    pub fn unprivileged_user(&self) -> UnprivilegedUser {
        self.services.as_ref().expect("a distributed installation").unprivileged_user(&self.runtime)
    }

    /// Another machine of the same installation: the same services, a folder of its own. It must not outlive the first.
    pub fn beside(first: &Self) -> Self {
        Self { settings: first.settings.clone(), ..Self::new() }
    }

    /// An installation with a coordinator and one worker of one slot.
    pub fn running() -> Self {
        let mut installation = Self::new();
        installation.start_coordinator(&[]);
        installation.start_worker(&[]);
        installation
    }

    /// Sets a variable for every process started from here on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.into(), value.into()));
    }

    /// Takes a variable away from every process started from here on, and gives what it was.
    ///
    /// # Panics
    /// It was not set.
    pub fn take(&mut self, key: &str) -> String {
        let at = self.settings.iter().position(|(name, _)| name == key).unwrap_or_else(|| panic!("{key} is not set"));
        self.settings.remove(at).1
    }

    /// The variables of every process started.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// The temporary folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The runtime for calls of the API.
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// A command of this workspace, in this installation's environment and in no other.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary(name));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("REFIT_DATA_DIR", self.data());
        command.envs(self.settings.iter().map(|(k, v)| (k, v)));
        command
    }

    /// Starts the coordinator, with more variables, and waits until it answers.
    ///
    /// # Panics
    /// It does not answer in time.
    pub fn start_coordinator(&mut self, variables: &[(&str, &str)]) {
        let log = self.folder().join("coordinator.log");
        let _ = std::fs::remove_file(self.data().join("api.address"));
        let mut command = self.command("refit");
        command.arg("serve").envs(variables.iter().copied());
        self.coordinator = Some(Process::start(&mut command, &log));
        wait::until("the coordinator to answer", LIMIT, || {
            let coordinator = self.coordinator.as_mut()?;
            assert!(coordinator.ended().is_none(), "the coordinator ended:\n{}", coordinator.output());
            self.get("health")
        });
    }

    /// Starts a worker of one slot, with more variables; the index is that in [`Self::workers`].
    pub fn start_worker(&mut self, variables: &[(&str, &str)]) -> usize {
        let mut command = self.command("refit-worker");
        command.args(["run", "--slots", "1"]).envs(variables.iter().copied());
        self.add_worker(command)
    }

    /// Starts a worker with these flags; the index is that in [`Self::workers`].
    pub fn start_worker_with(&mut self, flags: &[&str]) -> usize {
        let mut command = self.command("refit-worker");
        command.arg("run").args(flags);
        self.add_worker(command)
    }

    /// Starts a worker of one slot with little memory; the index is that in [`Self::workers`].
    pub fn start_worker_inside(&mut self, cage: &MemoryCage) -> usize {
        let mut command = self.command("refit-worker");
        command.args(["run", "--slots", "1"]);
        self.add_worker(cage.around(&command))
    }

    fn add_worker(&mut self, mut command: Command) -> usize {
        let log = self.folder().join(format!("worker-{}.log", self.workers.len()));
        self.workers.push(Process::start(&mut command, &log));
        self.workers.len() - 1
    }

    /// Where the API listens, once it does.
    pub fn address(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.data().join("api.address")).ok()?;
        Some(text.trim().to_owned()).filter(|t| !t.is_empty())
    }

    /// Imports the bars `rows` (counted from the oldest) of a shipped symbol, and makes its model a small one.
    pub fn import(&self, symbol: &str, rows: std::ops::Range<usize>) -> Value {
        let file = prices::cut(symbol, rows, self.folder());
        let report = self.json(&["import", "prices", &file.to_string_lossy()]);
        self.make_small(&format!("forecaster/{symbol}"));
        report
    }

    /// Gives a model a network that trains in a moment.
    pub fn make_small(&self, model: &str) {
        self.put(&format!("models/{model}"), r#"{"hyper":{"hidden":"8","layers":"1","window":"20"}}"#);
    }

    /// Asks for a training that skips the decision, and gives the job's id.
    ///
    /// # Panics
    /// It was not taken.
    pub fn train(&self, model: &str, more: &[&str]) -> String {
        let mut words = vec!["retrain", model, "--force"];
        words.extend(more);
        let answer = self.json(&words);
        answer["items"][0]["job"].as_str().unwrap_or_else(|| panic!("no job: {answer}")).to_owned()
    }

    /// The job as the API shows it now.
    ///
    /// # Panics
    /// The coordinator does not answer in time.
    pub fn job(&self, id: &str) -> Value {
        wait::until("the job to be shown", LIMIT, || self.get(&format!("jobs/{id}")))
    }

    /// Waits until a job has ended and gives it.
    ///
    /// # Panics
    /// It does not end in time; the logs are shown.
    pub fn ended(&self, id: &str) -> Value {
        self.reaches(id, &["completed", "failed", "cancelled"])
    }

    /// Waits until a job is in one of these states and gives it.
    ///
    /// # Panics
    /// It does not get there in time.
    pub fn reaches(&self, id: &str, states: &[&str]) -> Value {
        wait::until(&format!("job {id} to be {states:?}\n{}", self.logs()), LIMIT, || {
            let job = self.get(&format!("jobs/{id}"))?;
            states.contains(&job["state"].as_str()?).then_some(job)
        })
    }

    /// The end of every log, for messages of failed tests.
    pub fn logs(&self) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.folder()).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|e| e == "log") {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
                let tail: Vec<&str> = text.lines().rev().take(30).collect();
                all.push_str(&format!("--- {}\n", entry.file_name().to_string_lossy()));
                all.extend(tail.iter().rev().map(|line| format!("{line}\n")));
            }
        }
        all
    }
}

impl Default for Installation {
    fn default() -> Self {
        Self::new()
    }
}
