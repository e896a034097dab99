//! The one installation that all walks share: a coordinator, two workers, a live universal forecaster.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use refit_tests::Installation;
use refit_tests::installation::LIMIT;
use serde_json::Value;

use crate::command_line::{Act, Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::{Company, Family, Row};

/// No answer takes longer.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Workers, of one slot each.
const WORKERS: usize = 2;

/// Small numbers, so that little is much: the least rows, and thresholds that a few rows reach.
const SETTINGS: [(&str, &str); 17] = [
    ("COORDINATOR__CHECK_EVERY", "0s"),
    ("COORDINATOR__CONDEMNED_FOR", "1m"),
    ("COORDINATOR__MONITOR_EVERY", "0s"),
    ("COORDINATOR__PREDICT_WITHIN", "30s"),
    ("DISPATCH__HEARTBEAT", "500ms"),
    ("DISPATCH__LEASE", "5s"),
    ("LOG__LEVEL", "warn"),
    ("POLICY__HOLDOUT_ROWS", "40"),
    ("POLICY__MIN_NEW_RATINGS", "10"),
    ("POLICY__MIN_NEW_RECORDS", "20"),
    ("POLICY__MIN_NEW_SAMPLES", "20"),
    ("POLICY__MIN_NEW_TEXTS", "20"),
    ("POLICY__NECESSARY_NEW_RATINGS", "40"),
    ("POLICY__RECOMMENDED_NEW_RATINGS", "20"),
    ("POLICY__RECOMMENDER_THRESHOLD_DAYS", "0"),
    ("POLICY__RELIABILITY_THRESHOLD", "0"),
    ("POLICY__RETRAIN_THRESHOLD_DAYS", "0"),
];

/// What Kubernetes puts into every pod beside a service called `refit`.
const KUBERNETES: [(&str, &str); 3] =
    [("REFIT_PORT", "tcp://10.0.0.1:7438"), ("REFIT_PORT_7438_TCP_PORT", "7438"), ("REFIT_SERVICE_HOST", "10.0.0.1")];

/// The installation.
pub(crate) struct SharedInstallation {
    refit: Mutex<Installation>,
    http: reqwest::blocking::Client,
    address: RwLock<String>,
    mutant: Option<String>,
    /// Coordinators that were killed.
    kills: AtomicU64,
    /// Who steps alone takes it for writing: nobody else steps meanwhile.
    pub(crate) turn: RwLock<()>,
    /// Checks that find what is known already: walks go on.
    known: Vec<String>,
    /// Where the files of walks lie.
    pub(crate) files: PathBuf,
}

/// Starts the coordinator; a mutant lacks something.
fn start(refit: &mut Installation, mutant: Option<&str>) {
    let fault = mutant.map(|mutant| format!("mutant:{mutant}"));
    let mut variables = KUBERNETES.to_vec();
    variables.extend(fault.iter().map(|fault| ("REFIT_FAULT", fault.as_str())));
    refit.start_coordinator(&variables);
}

impl SharedInstallation {
    /// Opens one; a mutant lacks something.
    pub(crate) fn open(mutant: Option<&str>, known: &[String]) -> Self {
        let mut refit = Installation::new();
        for (key, value) in SETTINGS {
            refit.set(&format!("REFIT_{key}"), value);
        }
        start(&mut refit, mutant);
        for _ in 0..WORKERS {
            refit.start_worker(&KUBERNETES);
        }
        let http = reqwest::blocking::Client::builder().timeout(TIME_LIMIT).build().expect("a client");
        let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wander").join(mutant.unwrap_or("house"));
        let _none_yet = std::fs::remove_dir_all(&files);
        std::fs::create_dir_all(&files).expect("a folder for files");
        let address = RwLock::new(refit.address().expect("the coordinator listens"));
        let mutant = mutant.map(str::to_owned);
        let installation = Self {
            refit: Mutex::new(refit),
            http,
            address,
            mutant,
            kills: AtomicU64::new(0),
            turn: RwLock::new(()),
            known: known.to_vec(),
            files,
        };
        installation
            .settled()
            .and_then(|()| installation.universal())
            .unwrap_or_else(|broken| panic!("{broken}\n{}", installation.logs()));
        installation
    }

    /// How many coordinators were killed so far.
    pub(crate) fn kills(&self) -> u64 {
        self.kills.load(Ordering::SeqCst)
    }

    /// Whether what this check finds is known already: it waits for nothing.
    pub(crate) fn knows(&self, check: &str) -> bool {
        self.known.iter().any(|known| known == check)
    }

    /// Lets pass what is known to be untrue.
    ///
    /// # Errors
    /// It is not known.
    pub(crate) fn beyond(&self, checked: Checked) -> Checked {
        checked.or_else(|broken| if self.knows(broken.check) { Ok(()) } else { Err(broken) })
    }

    fn refit(&self) -> MutexGuard<'_, Installation> {
        self.refit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A universal forecaster is live, as in every company that forecasts.
    fn universal(&self) -> Checked {
        for (symbol, company) in [("UNIA", Company::Own), ("UNIB", Company::Other)] {
            let rows = (0..Family::Forecaster.base() + 60).map(|id| (id, Row::default()));
            let path = self.files.join(format!("{symbol}.csv"));
            std::fs::write(&path, Family::Forecaster.csv(rows, company)).expect("a file");
            self.say(&line(format!("import prices {}", path.display())))?;
        }
        let key = "forecaster/universal";
        self.say(&line(format!("model {key} {}", Family::Forecaster.small())))?;
        let asked = self.say(&line(format!("retrain {key} --force")))?;
        let job = asked.json["items"][0]["job"].as_str().unwrap_or_default().to_owned();
        let ended = self.get(&format!("jobs/{job}?wait=50"))?;
        if self.get(&format!("models/{key}"))?["live"].is_null() {
            let said = self.say(&line(format!("promote {key} v1.0")))?;
            if !said.done() {
                return Err(Broken::new("house", format!("no universal forecaster: {} {ended}", said.stderr)));
            }
        }
        Ok(())
    }

    /// Runs a line, as typed, and gives what it says.
    ///
    /// # Errors
    /// It does not end.
    pub(crate) fn say(&self, line: &CommandLine) -> Checked<CommandOutput> {
        let folder = tempfile::tempdir_in(&self.files).expect("a folder");
        let (out, err) = (folder.path().join("out"), folder.path().join("err"));
        let output = |path: &Path| Stdio::from(File::create(path).expect("a file"));
        let mut command = self.refit().command("refit");
        command.args(&line.words).arg("--json").stdin(Stdio::null()).stdout(output(&out)).stderr(output(&err));
        let mut child = command.spawn().expect("refit can be started");
        let until = Instant::now() + TIME_LIMIT;
        let code = loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                break status.code().unwrap_or(-1);
            }
            if Instant::now() > until {
                let _ended = child.kill().and_then(|()| child.wait().map(drop));
                return Err(Broken::new("hang", format!("{line}: no answer within {} s", TIME_LIMIT.as_secs())));
            }
            std::thread::park_timeout(Duration::from_millis(1));
        };
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let json = serde_json::from_str(&read(&out)).unwrap_or(Value::Null);
        Ok(CommandOutput { code, json, stderr: read(&err).trim().to_owned() })
    }

    /// What the API shows at a path.
    ///
    /// # Errors
    /// It answers with anything but success.
    pub(crate) fn get(&self, path: &str) -> Checked<Value> {
        self.ask(path, None)
    }

    /// What the API answers to a body.
    ///
    /// # Errors
    /// It answers with anything but success.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Checked<Value> {
        self.ask(path, Some(body))
    }

    fn ask(&self, path: &str, body: Option<&Value>) -> Checked<Value> {
        let url = format!("{}/api/v1/{path}", self.address.read().unwrap_or_else(PoisonError::into_inner));
        let request = match body {
            None => self.http.get(url),
            Some(body) => self.http.post(url).json(body),
        };
        let broken = |why: String| Broken::new("api", format!("{path}: {why}"));
        let answer = request.send().map_err(|error| broken(error.to_string()))?;
        let status = answer.status();
        let text = answer.text().map_err(|error| broken(error.to_string()))?;
        match status.is_success() {
            true => serde_json::from_str(&text).map_err(|error| broken(format!("{error}: {text}"))),
            false => Err(broken(format!("{status}: {text}"))),
        }
    }

    /// What the artifact of a job's version remembers of its answers; null if it is not there.
    pub(crate) fn golden(&self, job: &str) -> Value {
        let entries =
            |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let attempts = entries(self.refit().data().join("store/jobs").join(job));
        let files = attempts.flat_map(entries).map(|claim| claim.join("golden.json"));
        let read = |path: PathBuf| serde_json::from_slice(&std::fs::read(path).ok()?).ok();
        files.filter_map(read).next().unwrap_or(Value::Null)
    }

    /// Does something to a process, and waits until all is well again.
    ///
    /// # Errors
    /// It does not get well.
    pub(crate) fn act(&self, act: Act) -> Checked {
        let mut refit = self.refit();
        match act {
            Act::Restart | Act::KillCoordinator => {
                self.kills.fetch_add(u64::from(act == Act::KillCoordinator), Ordering::SeqCst);
                let signal = if act == Act::Restart { Signal::SIGTERM } else { Signal::SIGKILL };
                if let Some(coordinator) = refit.coordinator.as_mut() {
                    coordinator.signal(signal);
                    coordinator.wait(LIMIT);
                }
                start(&mut refit, self.mutant.as_deref());
                let address = refit.address().expect("the coordinator listens");
                *self.address.write().unwrap_or_else(PoisonError::into_inner) = address;
            }
            Act::KillWorker => {
                refit.workers.remove(0).kill();
                refit.start_worker(&KUBERNETES);
            }
        }
        drop(refit);
        self.settled()
    }

    /// Waits until it is healthy, leads, and its workers are heard of. A disk that stalls for some seconds is told of, and is over soon.
    pub(crate) fn settled(&self) -> Checked {
        let until = Instant::now() + LIMIT;
        loop {
            let health = self.get("health");
            match &health {
                Ok(health)
                    if health["healthy"] == true
                        && health["leads"] == true
                        && health["workers"].as_u64() >= Some(WORKERS as u64) =>
                {
                    return Ok(());
                }
                Ok(_) | Err(_) if Instant::now() < until => std::thread::park_timeout(Duration::from_millis(20)),
                Ok(_) | Err(_) => return Err(Broken::new("health", format!("not well after {LIMIT:?}: {health:?}"))),
            }
        }
    }

    /// Undoes what a broken walk may have left of what concerns everybody.
    pub(crate) fn mend(&self) {
        let _open_already = self.say(&line("pool resume cpu"));
    }

    /// The end of every log.
    pub(crate) fn logs(&self) -> String {
        self.refit().logs()
    }
}
