//! Services of one test's own, to be restarted and frozen without anybody else noticing.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// RabbitMQ, Redis and PostgreSQL, or some of them, stopped and forgotten at the end.
pub struct PrivateServices {
    folder: TempDir,
    /// Which of them, in one word each.
    which: &'static str,
    variables: HashMap<String, String>,
}

impl PrivateServices {
    /// Starts them.
    ///
    /// # Panics
    /// They do not come up.
    pub fn start() -> Self {
        Self::of("rabbitmq redis postgres")
    }

    /// Starts some of them.
    ///
    /// # Panics
    /// They do not come up.
    pub fn of(which: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut services = Self { folder, which, variables: HashMap::new() };
        services.run(&["up"]);
        let variables = services.run(&["env"]);
        let variables = variables.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        services.variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        services
    }

    /// What `deploy/services.sh env` says of one of them.
    ///
    /// # Panics
    /// It says nothing of that.
    pub fn variable(&self, name: &str) -> &str {
        self.variables.get(name).unwrap_or_else(|| panic!("services.sh env has no {name}"))
    }

    /// `deploy/services.sh` with these words, for these services.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/services.sh"));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("REFIT_SERVICES_DIR", self.folder.path().join("services"));
        command.env("REFIT_SERVICES", self.which);
        command
    }

    /// Runs `deploy/services.sh` with these words, and gives what it prints.
    ///
    /// # Panics
    /// It fails.
    pub fn run(&self, words: &[&str]) -> String {
        let output = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let output = output.expect("deploy/services.sh can be started");
        assert!(output.status.success(), "services.sh {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for PrivateServices {
    fn drop(&mut self) {
        if !self.command(&["down", "--purge"]).status().is_ok_and(|status| status.success()) {
            eprintln!("services are left behind in {}", self.folder.path().display());
        }
    }
}
