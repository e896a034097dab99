//! `make bench-lists`: how long each list, look-up and question about one model takes through the API and on the command line, and how
//! much the coordinator's memory grows meanwhile, also while everything is exported. 100,000 models and 1,000,000 jobs
//! (`REFIT_BENCH_MODELS`, `REFIT_BENCH_JOBS`); on SQLite, and on PostgreSQL where the services are.

mod fill;

use std::process::Stdio;
use std::time::Instant;

use refit_tests::Installation;
use reqwest::Method;
use serde_json::{Value, json};

use crate::fill::Size;

/// Milliseconds that a request or a command may take at the 99th percentile.
const GOAL: f64 = 100.0;
/// Milliseconds that a question about one model may take.
const ONE: f64 = 10.0;
/// MiB that the coordinator may grow by.
const GROWTH: f64 = 50.0;
/// How often each request is made, and each command given, unless `REFIT_BENCH_REPEATS` says otherwise.
const REPEATS: u32 = 200;
/// Pages that are turned to find out where a list goes on.
const TURNED: usize = 30;

fn main() {
    let size = Size::of_environment();
    measure("sqlite", Installation::new(), size);
    match Installation::distributed() {
        Some(refit) => measure("postgresql", refit, size),
        None => println!("skipped: there is no PostgreSQL"),
    }
}

fn measure(database: &str, mut refit: Installation, size: Size) {
    // What the leader does by itself is measured elsewhere.
    refit.set("REFIT_COORDINATOR__MONITOR_EVERY", "0s");
    refit.set("REFIT_COORDINATOR__CHECK_EVERY", "1day");
    refit.start_coordinator(&[]);
    let begin = Instant::now();
    fill::fill(&refit, size);
    refit.coordinator.take();
    refit.start_coordinator(&[]);
    println!(
        "{database}: {} models and {} jobs are there after {:.0} s",
        size.models,
        size.jobs,
        begin.elapsed().as_secs_f64()
    );
    let bench = Bench { refit: &refit, database, client: reqwest::Client::new() };
    bench.warm();
    let before = resident(&refit);
    bench.requests();
    bench.commands();
    report(&format!("lists_{database}_growth_by_pages"), peak(&refit) - before, "MiB", GROWTH);
    bench.exports();
    report(&format!("lists_{database}_growth"), peak(&refit) - before, "MiB", GROWTH);
}

fn report(name: &str, figure: f64, unit: &str, goal: f64) {
    println!("bench: {name} {figure:.2} {unit}, goal {goal:.0} {unit}, ratio {:.2}", figure / goal);
}

struct Bench<'a> {
    refit: &'a Installation,
    database: &'a str,
    client: reqwest::Client,
}

impl Bench<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.refit.address().expect("the coordinator listens"))
    }

    /// One answer, whole.
    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> String {
        let request = self.client.request(method, self.url(path));
        let request = body.iter().fold(request, |request, body| request.json(body));
        self.refit.runtime().block_on(async {
            let answer = request.send().await.expect("the coordinator answers");
            answer.text().await.expect("the coordinator answers to the end")
        })
    }

    /// Connections are there, and what is read first has been.
    fn warm(&self) {
        for path in ["models", "jobs", "decisions", "audit", "datasets", "pools", "models/forecaster/S000001"] {
            self.ask(Method::GET, path, None);
        }
    }

    /// Where pages of a list begin, from its beginning on.
    fn cursors(&self, path: &str) -> Vec<String> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut found = vec![format!("{path}{sign}limit=100")];
        let mut cursor = String::new();
        for _ in 0..TURNED {
            let page = self.ask(Method::GET, &format!("{path}{sign}limit=1000{cursor}"), None);
            let page: Value = serde_json::from_str(&page).expect("a page");
            let Some(next) = page["next"].as_str() else { break };
            found.push(format!("{path}{sign}limit=100&cursor={next}"));
            cursor = format!("&cursor={next}");
        }
        found
    }

    /// The same request again and again, in turn for each of some paths.
    fn repeat(&self, name: &str, goal: f64, paths: &[String], method: &Method, body: Option<&Value>) {
        let mut took = Vec::new();
        for path in paths.iter().cycle().take(fill::number("REFIT_BENCH_REPEATS", REPEATS) as usize) {
            let begin = Instant::now();
            self.ask(method.clone(), path, body);
            took.push(1e3 * begin.elapsed().as_secs_f64());
        }
        self.report(&format!("api_{name}"), took, goal);
    }

    fn report(&self, name: &str, mut took: Vec<f64>, goal: f64) {
        took.sort_by(f64::total_cmp);
        let at =
            |share: f64| took.get((share * took.len() as f64) as usize).or(took.last()).copied().unwrap_or(f64::NAN);
        report(&format!("lists_{}_{name}_p50", self.database), at(0.5), "ms", goal);
        report(&format!("lists_{}_{name}_p99", self.database), at(0.99), "ms", goal);
    }

    fn requests(&self) {
        let lists = [
            ("models", "models"),
            ("models_of_family", "models?family=forecaster"),
            ("models_by_beginning", "models?key=forecaster/S0001"),
            ("models_of_category", "models?category=portfolio"),
            ("models_of_verdict", "models?verdict=retrain"),
            ("models_to_look_at", "models?attention=true"),
            ("jobs", "jobs"),
            ("jobs_ended", "jobs?ended=true"),
            ("jobs_completed", "jobs?state=completed"),
            ("jobs_failed", "jobs?state=failed"),
            ("jobs_queued", "jobs?state=queued"),
            ("jobs_of_model", "jobs?model=forecaster/S000001"),
            ("jobs_by_beginning", "jobs?id=30303030-3030-3030-3030"),
            ("decisions", "decisions"),
            ("decisions_of_verdict", "decisions?verdict=retrain"),
            ("datasets", "datasets"),
            ("audit", "audit"),
            ("audit_by", "audit?by=token7"),
            ("tokens", "tokens"),
            ("workers", "workers"),
            ("pools", "pools"),
            ("versions", "models/forecaster/S000001/versions"),
            ("ledger", "models/forecaster/S000001/ledger"),
            ("predictions", "models/forecaster/S000001/predictions"),
            ("predictions_scored", "models/forecaster/S000001/predictions?scored=true"),
        ];
        for (name, path) in lists {
            self.repeat(name, GOAL, &self.cursors(path), &Method::GET, None);
        }
        let models: Vec<String> = (1..50).map(|n| format!("forecaster/S{n:06}")).collect();
        let of = |what: fn(&String) -> String| models.iter().map(what).collect::<Vec<_>>();
        self.repeat("model", ONE, &of(|key| format!("models/{key}")), &Method::GET, None);
        self.repeat("version", GOAL, &of(|key| format!("models/{key}/versions/v1.0")), &Method::GET, None);
        self.repeat("job", GOAL, &of(|key| format!("jobs?id={}", beginning(key))), &Method::GET, None);
        self.repeat("slip", GOAL, &of(|key| format!("models/{}", key.replace('S', "T"))), &Method::GET, None);
        let check = json!({ "models": [models[0]] });
        self.repeat("check", ONE, &["evaluations".to_owned()], &Method::POST, Some(&check));
    }

    /// Whole commands, from their start to their end.
    fn commands(&self) {
        let job = beginning("forecaster/S000001");
        let commands: [(&str, &[&str]); 8] = [
            ("models", &["models"]),
            ("models_by_beginning", &["models", "forecaster/S0001"]),
            ("jobs", &["jobs"]),
            ("jobs_ended", &["jobs", "--all", "--limit", "100"]),
            ("job", &["job", &job]),
            ("versions", &["versions", "forecaster/S000001"]),
            ("check", &["check", "forecaster/S000001"]),
            ("audit", &["audit"]),
        ];
        for (name, words) in commands {
            let once = || {
                let begin = Instant::now();
                self.refit.refit(words).ok();
                1e3 * begin.elapsed().as_secs_f64()
            };
            let repeats = fill::number("REFIT_BENCH_REPEATS", REPEATS) / 4;
            self.report(&format!("cli_{name}"), (0..repeats.max(1)).map(|_| once()).collect(), GOAL);
        }
    }

    /// Everything there is, to nowhere.
    fn exports(&self) {
        for words in [["models", "--all"].as_slice(), &["models", "--json"], &["jobs", "--all", "--json"]] {
            let begin = Instant::now();
            let mut command = self.refit.command("refit");
            let status = command.args(words).stdout(Stdio::null()).status().expect("refit can be started");
            assert!(status.success(), "{words:?}");
            println!("refit {}: {:.1} s", words.join(" "), begin.elapsed().as_secs_f64());
        }
    }
}

/// The id of the job whose number a model has, as the beginning of one: ids are digits as text here.
fn beginning(key: &str) -> String {
    let digits = key.trim_start_matches(|c: char| !c.is_ascii_digit());
    let text: String = format!("{:0>16}", digits).bytes().map(|digit| format!("{digit:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

fn status(refit: &Installation, line: &str) -> f64 {
    let pid = refit.coordinator.as_ref().expect("a coordinator runs").pid();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|found| found.strip_prefix(line)).expect("the kernel says so");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

/// The coordinator's resident memory, in MiB.
fn resident(refit: &Installation) -> f64 {
    status(refit, "VmRSS:")
}

/// The most it has had, in MiB.
fn peak(refit: &Installation) -> f64 {
    status(refit, "VmHWM:")
}
