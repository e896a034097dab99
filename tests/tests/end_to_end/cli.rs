//! The command line as scripts and people meet it.

use nix::sys::signal::Signal;
use refit_tests::cli::CommandOutput;
use refit_tests::installation::LIMIT;
use refit_tests::process::Process;
use refit_tests::{Installation, wait};
use serde_json::{Value, json};

fn coordinator() -> Installation {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit
}

#[test]
fn without_a_coordinator_the_answer_says_how_to_start_one() {
    let refit = Installation::new();
    let answer = refit.refit(&["models", "--api", "http://127.0.0.1:1"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{}", answer.stderr);
    assert!(answer.stderr.contains("refit up"), "{}", answer.stderr);
    assert!(answer.stderr.lines().count() <= 2, "{}", answer.stderr);
}

#[test]
fn exit_codes_tell_usage_not_found_and_refused_apart() {
    let refit = coordinator();
    let symbol = &refit_tests::prices::symbols()[0];
    refit.import(symbol, 0..100);
    let cases: &[(&[&str], i32)] = &[
        (&["models"], 0),
        (&["--help"], 0),
        (&["sideways"], 2),
        (&["retrain"], 2),
        (&["retrain", symbol, "--set", "epochs"], 2),
        (&["check", "no/such/key"], 2),
        (&["models", "--api", "gopher://localhost"], 2),
        (&["check", "NOPE"], 3),
        (&["job", "ffff"], 3),
        (&["import", "prices", "/no/such/FILE.csv"], 3),
        (&["promote", symbol, "v1.0"], 3),
        (&["rollback", symbol], 4),
        (&["retrain", symbol, "--force", "--set", "epochs=0"], 4),
    ];
    for (words, code) in cases {
        let answer = refit.refit(words);
        assert_eq!(answer.code, *code, "{words:?}: {}{}", answer.stdout, answer.stderr);
        assert_eq!(answer.code != 0, !answer.stderr.is_empty(), "{words:?}: errors are on stderr: {}", answer.stderr);
    }
}

#[test]
fn json_is_one_document_on_stdout_also_when_it_fails() {
    let refit = coordinator();
    let symbol = &refit_tests::prices::symbols()[0];
    refit.import(symbol, 0..100);
    let answers: &[&[&str]] = &[
        &["models"],
        &["check"],
        &["jobs"],
        &["versions", symbol],
        &["workers"],
        &["report", "incremental"],
        &["cleanup", "--dry-run"],
        &["forecast", symbol],
        &["config"],
    ];
    for words in answers {
        let answer = refit.json(words);
        assert!(answer.is_array() || answer.is_object(), "{words:?}: {answer}");
    }
    let failure = refit.refit(&["check", "NOPE", "--json"]);
    assert_eq!((failure.code, &failure.json()["error"]["code"]), (3, &json!(3)));
    let refused = refit.refit(&["batch", symbol, "--json"]);
    assert_eq!((refused.code, &refused.json()["refused"]), (4, &json!(1)));
}

/// Whether a process does something of its own at Ctrl-C.
fn listens_to_ctrl_c(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigCgt:")?.trim(), 16).ok());
    caught.is_some_and(|caught| caught & 1 << (Signal::SIGINT as i32 - 1) != 0)
}

/// Ctrl-C ends the watching: one line says that the work goes on, and how to see it.
#[test]
fn whoever_leaves_is_told_that_the_work_goes_on() {
    let refit = Installation::running();
    let symbol = &refit_tests::prices::symbols()[0];
    refit.import(symbol, 0..400);
    let leave = |name: &str, words: &[&str]| {
        let log = refit.folder().join(name);
        let mut watcher = Process::start(refit.command("refit").args(words), &log);
        wait::until("somebody to watch", LIMIT, || listens_to_ctrl_c(watcher.pid()).then_some(()));
        watcher.signal(Signal::SIGINT);
        assert_eq!(watcher.wait(LIMIT).code(), Some(130), "{}", watcher.output());
        watcher.output()
    };
    // The one slot is taken, so that the training waits.
    let said = leave("probe", &["probe", "--work-ms", "120000"]);
    assert_eq!(said.lines().count(), 1, "{said}");
    let said = leave("retrain", &["retrain", symbol, "--force", "--watch"]);
    let last = said.lines().last().unwrap();
    let jobs = refit.json(&["jobs"]);
    let training =
        jobs.as_array().unwrap().iter().find(|job| job["kind"] == "train").unwrap_or_else(|| panic!("{jobs}"));
    assert!(training["state"] == "queued" || training["state"] == "dispatched", "it goes on: {training}");
    let advised = format!("the job goes on: `refit job {}` shows it", training["id"].as_str().unwrap());
    assert!(last.contains(&advised), "{said}");
}

#[test]
fn ids_may_be_abbreviated_and_tables_fit_a_hundred_columns() {
    let refit = coordinator();
    let symbol = &refit_tests::prices::symbols()[0];
    refit.import(symbol, 0..400);
    let id = refit.train(&format!("forecaster/{symbol}"), &[]);
    let shown = refit.refit(&["job", &id[..13]]).ok().stdout;
    assert!(shown.contains(&id) && shown.contains("why") && shown.contains("score"), "{shown}");
    let (tables, mut widest): (&[&[&str]], usize) =
        (&[&["models"], &["jobs"], &["check"], &["report", "incremental"]], 0);
    for words in tables {
        let table = refit.refit(words).ok().stdout;
        assert!(!table.contains('\u{1b}'), "no colour when nobody looks");
        widest = widest.max(
            table.lines().filter(|l| l.contains('│') || l.contains('─')).map(|l| l.chars().count()).max().unwrap_or(0),
        );
    }
    assert!(widest <= 100, "{widest}");
    let cancelled = refit.json(&["cancel", &id[..13]]);
    assert_eq!(cancelled["job"]["state"], "cancelled", "{cancelled}");
}

#[test]
fn settings_come_from_default_file_environment_and_flag_in_this_order() {
    let refit = Installation::new();
    let file = refit.folder().join("refit.toml");
    std::fs::write(&file, "[api]\nlisten = \"127.0.0.1:2222\"\n").unwrap();
    let shown = |environment: Option<&str>, words: &[&str]| {
        let mut command = refit.command("refit");
        command.env_remove("REFIT_API__LISTEN").args(["config", "--json"]).args(words);
        command.envs(environment.map(|address| ("REFIT_API__LISTEN", address)));
        listen(&CommandOutput::of(command.output().unwrap()).ok().json())
    };
    let file = ["--config", file.to_str().unwrap()];
    let defaults = shown(None, &[]);
    assert_eq!(defaults.1, "default", "{defaults:?}");
    let from_file = shown(None, &file);
    assert_eq!(from_file.0, "127.0.0.1:2222");
    let from_environment = shown(Some("127.0.0.1:3333"), &file);
    assert_eq!(from_environment.0, "127.0.0.1:3333");
    let sources = [&defaults.1, &from_file.1, &from_environment.1];
    assert!(sources[0] != sources[1] && sources[1] != sources[2], "each says where it came from: {sources:?}");
}

/// The value of `api.listen` and where it came from.
fn listen(config: &Value) -> (String, String) {
    let found = config.as_array().unwrap().iter().find(|entry| entry["key"] == "api.listen");
    let entry = found.unwrap_or_else(|| panic!("{config}"));
    (entry["value"].as_str().unwrap().into(), entry["origin"].as_str().unwrap().into())
}

#[test]
fn completions_are_written_for_every_shell() {
    let refit = Installation::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(refit.refit(&["completions", shell]).ok().stdout.contains("refit"), "{shell}");
    }
}

#[test]
fn long_lists_come_in_pages() {
    let refit = coordinator();
    let none = refit.refit(&["jobs", "--all"]).ok().stdout;
    assert!(none.contains("no job yet") && !none.contains("--all"), "it does not advise itself: {none}");
    refit.refit(&["probe", "--count", "250", "--no-wait"]).ok();
    let rows = |shown: &str| shown.lines().filter(|line| line.contains(" queued ")).count();
    let shown = |words: &[&str]| refit.refit(words).ok().stdout;
    let first = shown(&["jobs"]);
    assert!(first.contains("the first 100; --all shows all"), "{first}");
    assert_eq!(rows(&first), 100, "{first}");
    assert_eq!(rows(&shown(&["jobs", "--limit", "120"])), 120);
    let all = shown(&["jobs", "--all"]);
    assert_eq!((rows(&all), all.contains("--all")), (250, false), "{all}");
    let headings = all.lines().filter(|line| line.contains("score")).count();
    assert_eq!(headings, 1, "one table: {all}");
    assert_eq!(refit.json(&["jobs"]).as_array().unwrap().len(), 250);
    assert_eq!(refit.json(&["jobs", "--limit", "7"]).as_array().unwrap().len(), 7);
    assert!(shown(&["jobs", "--state", "failed"]).contains("no job is failed"));

    let several = refit.refit(&["job", "0"]);
    assert_eq!((several.code, several.stdout.as_str()), (2, ""));
    assert!(several.stderr.contains("more than 5 jobs begin with \"0\""), "{}", several.stderr);
}
