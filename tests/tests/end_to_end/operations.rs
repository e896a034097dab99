//! What an operator does to a running system: pause, drain, resume, cancel, scale (F1, G3).

use std::time::Duration;

use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, process, wait};
use serde_json::Value;

/// A training that goes on until somebody ends it, and one that takes some seconds.
const ENDLESS: [&str; 8] = ["--set", "epochs=500", "--set", "patience=100", "--set", "hidden=50", "--set", "window=60"];
const LONG: [&str; 4] = ["--set", "epochs=40", "--set", "patience=100"];

/// An installation with a coordinator, and the first two shipped symbols.
fn ready(mut refit: Installation) -> (Installation, String, String) {
    refit.start_coordinator(&[]);
    let symbols = prices::symbols();
    for symbol in &symbols[..2] {
        refit.import(symbol, 0..1000);
    }
    let model = |index: usize| format!("forecaster/{}", symbols[index]);
    (refit, model(0), model(1))
}

/// Waits until a training has done some steps.
fn under_way(refit: &Installation, job: &str) {
    wait::until("some steps", LIMIT, || refit.job(job)["progress"]["step"].as_u64().filter(|step| *step > 20));
}

fn pool<'a>(pools: &'a Value, name: &str) -> &'a Value {
    pools.as_array().unwrap().iter().find(|pool| pool["pool"] == name).unwrap_or_else(|| panic!("{name}: {pools}"))
}

/// The flag, then SIGTERM, then SIGKILL: the slot is free within 3 s of the request, and the answer says after how long.
fn a_cancelled_training_frees_its_slot(refit: Installation, variables: &[(&str, &str)]) {
    let (mut refit, model, _) = ready(refit);
    let planted = refit.folder().join("planted");
    let worker = refit.start_worker(&[variables, &[("REFIT_FAULT_ONCE", &planted.to_string_lossy())]].concat());
    let id = refit.train(&model, &ENDLESS);
    if variables.is_empty() {
        under_way(&refit, &id);
    } else {
        wait::until("the executor to stop listening", LIMIT, || planted.exists().then_some(()));
    }
    let executor = process::children(refit.workers[worker].pid());
    let answer = refit.json(&["cancel", &id[..13]]);
    let seconds = answer["job"]["slot_free_seconds"].as_f64().unwrap_or_else(|| panic!("{answer}\n{}", refit.logs()));
    assert!(seconds < 3.0, "{seconds} s\n{}", refit.logs());
    println!("cancel: the slot was free {seconds:.2} s after the request {variables:?}");
    assert_eq!(refit.job(&id)["state"], "cancelled");
    assert_eq!(refit.json(&["workers"])[0]["free"], 1);
    if !variables.is_empty() {
        let gone = |pid: &u32| !std::path::Path::new(&format!("/proc/{pid}/exe")).exists();
        assert!(executor.iter().any(gone), "the deaf one was killed");
    }
    let shown = refit.refit(&["job", &id]).ok().stdout;
    assert!(shown.contains("s after it was cancelled"), "{shown}");
    // The slot is of use again.
    let next = refit.ended(&refit.train(&model, &["--set", "epochs=1"]));
    assert_eq!(next["state"], "completed", "{next}\n{}", refit.logs());
}

#[test]
fn g3_a_cancelled_training_frees_its_slot_within_3_seconds() {
    a_cancelled_training_frees_its_slot(Installation::new(), &[]);
}

#[test]
fn g3_an_executor_that_ignores_sigterm_frees_its_slot_within_3_seconds() {
    a_cancelled_training_frees_its_slot(Installation::new(), &[("REFIT_FAULT", "deaf@training:5")]);
}

#[test]
fn g3_f2_a_cancelled_training_frees_its_slot_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    a_cancelled_training_frees_its_slot(refit, &[]);
}

#[test]
fn g3_cancelling_need_not_be_waited_for() {
    let (mut refit, model, _) = ready(Installation::new());
    refit.start_worker(&[]);
    let id = refit.train(&model, &ENDLESS);
    refit.reaches(&id, &["running"]);
    let said = refit.refit(&["cancel", &id, "--no-wait"]).ok().stdout;
    assert!(said.contains("its worker has been told to stop"), "{said}");
    wait::until("the slot to be free", LIMIT, || refit.job(&id)["slot_free_seconds"].as_f64());
}

/// What runs goes on, what waits says why, also after a restart; then the pool is drained, and resumed.
fn a_pool_is_paused_drained_and_resumed(refit: Installation) {
    let (mut refit, first, second) = ready(refit);
    refit.start_worker(&[]);
    let running = refit.train(&first, &ENDLESS);
    under_way(&refit, &running);
    let said = refit.refit(&["pool", "pause", "cpu", "--reason", "new driver"]).ok().stdout;
    assert!(said.contains("pool cpu is paused: 0 jobs in its line, 1 still running"), "{said}");
    let waiting = refit.train(&second, &["--set", "epochs=1"]);
    refit.coordinator.as_ref().unwrap().signal(Signal::SIGTERM);
    refit.coordinator.as_mut().unwrap().wait(LIMIT);
    refit.start_coordinator(&[]);
    under_way(&refit, &running);
    let why = refit.job(&waiting)["why"].as_str().unwrap().to_owned();
    assert!(why.starts_with("pool cpu is paused since") && why.contains("(new driver)"), "{why}");
    assert!(refit.refit(&["jobs"]).ok().stdout.contains("paused"));
    let pools = refit.json(&["pool", "list"]);
    let cpu = pool(&pools, "cpu");
    assert_eq!((&cpu["state"], &cpu["held"], &cpu["running"]), (&"paused".into(), &1.into(), &1.into()), "{pools}");

    refit.refit(&["pool", "drain", "cpu"]).ok();
    let job = refit.reaches(&running, &["queued"]);
    assert_eq!((&job["attempts"][0]["outcome"], &job["state"]), (&"released".into(), &"queued".into()), "{job}");
    wait::until("the slot to be free", LIMIT, || (refit.json(&["workers"])[0]["free"] == 1).then_some(()));
    assert_eq!(pool(&refit.json(&["pool", "list"]), "cpu")["state"], "drained");
    assert_eq!(refit.job(&waiting)["state"], "queued");

    refit.refit(&["pool", "resume", "cpu"]).ok();
    // It stood first in the backlog, and does so again.
    let job = refit.reaches(&running, &["running"]);
    assert!(job["attempts"][1]["resumed_from"].as_u64().is_some_and(|step| step > 20), "{job}");
    refit.refit(&["cancel", &running]).ok();
    assert_eq!(refit.ended(&waiting)["state"], "completed", "{}", refit.logs());
    assert_eq!(refit.refit(&["pool", "pause", "cqu"]).code, 3);
}

#[test]
fn g3_a_pool_is_paused_drained_and_resumed_on_one_machine() {
    a_pool_is_paused_drained_and_resumed(Installation::new());
}

#[test]
fn g3_f2_a_pool_is_paused_drained_and_resumed_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    a_pool_is_paused_drained_and_resumed(refit);
}

/// Asked by the beginning of its id, a worker gives its job back and exits 0; another goes on from the checkpoint.
fn a_worker_is_drained_by_name(refit: Installation) {
    let (mut refit, model, _) = ready(refit);
    refit.start_worker(&[]);
    let id = refit.train(&model, &LONG);
    under_way(&refit, &id);
    let worker = refit.json(&["workers"])[0]["id"].as_str().unwrap().to_owned();
    let said = refit.refit(&["worker", "drain", &worker[..8]]).ok().stdout;
    assert!(said.contains(&worker) && said.contains("1 job back into the line"), "{said}");
    let status = refit.workers[0].wait(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0), "{}", refit.logs());
    refit.start_worker(&[]);
    let job = refit.ended(&id);
    assert_eq!((&job["state"], &job["attempts"][0]["outcome"]), (&"completed".into(), &"released".into()), "{job}");
    assert!(job["attempts"][1]["resumed_from"].as_u64().is_some_and(|step| step > 20), "{job}");
    assert_eq!(refit.refit(&["worker", "drain", "zz"]).code, 3);
    assert_eq!(refit.refit(&["worker", "drain", ""]).code, 2, "two workers begin so: one is gone, one is there");
}

#[test]
fn g3_a_worker_is_drained_by_name_on_one_machine() {
    a_worker_is_drained_by_name(Installation::new());
}

#[test]
fn g3_f2_a_worker_is_drained_by_name_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    a_worker_is_drained_by_name(refit);
}

#[test]
fn g3_a_paused_model_says_so_everywhere() {
    let (mut refit, model, other) = ready(Installation::new());
    refit.start_worker(&[]);
    refit.refit(&["pause", &model, "--reason", "bad feed"]).ok();
    let listed = refit.refit(&["models"]).ok().stdout;
    assert!(listed.contains("paused since"), "{listed}");
    let decision = refit.refit(&["check", &model]).ok().stdout;
    assert!(decision.contains("hold   paused: It is paused since") && decision.contains("(bad feed)"), "{decision}");
    let refused = refit.refit(&["retrain", &model, "--force"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("Resume it first: `refit resume {model}`")), "{}", refused.stderr);
    assert_eq!(refit.ended(&refit.train(&other, &["--set", "epochs=1"]))["state"], "completed");
    refit.refit(&["resume", &model]).ok();
    assert_eq!(refit.ended(&refit.train(&model, &["--set", "epochs=1"]))["state"], "completed");
    assert_eq!(refit.refit(&["pause", "forecaster/NOBODY"]).code, 3);
}

/// A pool wants slots before anyone serves it; a worker of two pools with two slots takes the work of both.
#[test]
fn f1_a16_pools_want_slots_and_workers_bring_them() {
    let mut refit = Installation::new();
    refit.set("REFIT_COORDINATOR__POOLS", "cpu, gpu=cuda:80GiB");
    let (mut refit, first, second) = ready(refit);
    for (words, reason) in [
        (&["--pool", "tpu"], "no worker can ever run this: pool tpu is not in the configuration"),
        (&["--pool=gpu", "--memory=100GiB"], "no worker can ever run this: it needs 100.0 GiB of memory"),
    ] {
        let refused = refit.refit(&[&["retrain", &first, "--force"], &words[..]].concat());
        assert_eq!(refused.code, 4, "{}", refused.stdout);
        assert!(refused.stderr.contains(reason), "{}", refused.stderr);
    }
    let in_gpu = refit.train(&first, &["--set", "epochs=1", "--pool", "gpu"]);
    let in_cpu = refit.train(&second, &["--set", "epochs=1"]);
    let scaling = refit.get("scaling/gpu").unwrap();
    assert_eq!((&scaling["wanted"], &scaling["capacity"]), (&1.into(), &0.into()), "{scaling}");
    assert!(scaling.as_object().unwrap().iter().all(|(key, value)| key == "pool" || value.is_u64()), "{scaling}");
    assert_eq!(refit.get("scaling/nobody").unwrap()["wanted"], 0);
    assert_eq!(refit.job(&in_gpu)["why"], "waits: no live worker in pool gpu");

    refit.start_worker_with(&["--pools", "cpu,gpu", "--slots", "2"]);
    for job in [&in_gpu, &in_cpu] {
        assert_eq!(refit.ended(job)["state"], "completed", "{}", refit.logs());
    }
    let pools = refit.json(&["pool", "list"]);
    for name in ["cpu", "gpu"] {
        let pool = pool(&pools, name);
        assert_eq!(
            (&pool["wanted"], &pool["capacity"], &pool["workers"]),
            (&0.into(), &2.into(), &1.into()),
            "{pools}"
        );
    }
    let table = refit.refit(&["pool", "list"]).ok().stdout;
    assert!(table.contains("cuda, 80.0 GiB"), "{table}");
}

/// With the policy on, a pool without a worker runs on the CPU, and says so.
#[test]
fn f1_the_cpu_stands_in_for_a_pool_without_workers() {
    let mut refit = Installation::new();
    for (key, value) in [("COORDINATOR__POOL", "gpu"), ("DISPATCH__CPU_FALLBACK", "true"), ("DISPATCH__LEASE", "6s")] {
        refit.set(&format!("REFIT_{key}"), value);
    }
    let (mut refit, model, _) = ready(refit);
    refit.start_worker(&[]);
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=1"]));
    assert_eq!(
        (&job["state"], &job["pool"], &job["stand_in"]),
        (&"completed".into(), &"gpu".into(), &"cpu".into()),
        "{job}"
    );
}

/// Nobody waits for what cannot come: it is said within moments, with what would help.
#[test]
fn g3_what_cannot_go_on_is_said_at_once() {
    let mut refit = Installation::new();
    refit.set("REFIT_DISPATCH__LEASE", "6s");
    let (mut refit, model, other) = ready(refit);
    let worker = refit.start_worker(&[]);
    assert_eq!(refit.ended(&refit.train(&model, &["--set", "epochs=1"]))["state"], "completed");
    if refit.json(&["versions", &model])[0]["status"] != "live" {
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }
    refit.import(model.trim_start_matches("forecaster/"), 1000..1040);
    let soon = |words: &[&str], code: i32, said: &[&str]| {
        let begin = std::time::Instant::now();
        let answer = refit.refit(words);
        let (took, all) = (begin.elapsed(), format!("{}{}", answer.stdout, answer.stderr));
        assert!(took < Duration::from_secs(5), "{words:?} took {took:?}");
        assert_eq!(answer.code, code, "{words:?}: {all}");
        said.iter().for_each(|said| assert!(all.contains(said), "{words:?}: {all}"));
    };

    refit.refit(&["pool", "pause", "cpu", "--reason", "new driver"]).ok();
    let paused = ["pool cpu is paused since", "(new driver)", "`refit pool resume cpu`"];
    soon(&["monitor"], 4, &paused);
    soon(&["probe"], 4, &paused);
    soon(&["reproduce", &model, "v1.0"], 0, &paused);
    soon(&["retrain", &other, "--force"], 0, &paused);
    refit.refit(&["pool", "resume", "cpu"]).ok();
    soon(&["monitor"], 0, &["1 live"]);

    // A worker that ends in order says farewell: nobody waits for the end of its lease.
    refit.workers[worker].signal(Signal::SIGTERM);
    let job = refit.json(&["probe", "--no-wait"])["jobs"][0].as_str().unwrap().to_owned();
    let no_worker = || (refit.job(&job)["blocked"]["by"] == "no_worker").then_some(());
    wait::until("it to be known that no worker lives", LIMIT, no_worker);
    let deserted = ["no live worker in pool cpu", "`refit-worker run --pools cpu`"];
    soon(&["probe"], 1, &deserted);
    soon(&["probe", "--pool", "nosuch"], 4, &["there are cpu"]);
    soon(&["forecast", "NOSUCH"], 3, &["there are no bars of NOSUCH"]);
}

/// G14: whoever asks a coordinator that is frozen hears so, in time for a probe.
#[test]
fn the_health_of_a_frozen_coordinator_is_not_waited_for() {
    let refit = Installation::running();
    let coordinator = refit.coordinator.as_ref().unwrap();
    coordinator.signal(Signal::SIGSTOP);
    let asked = refit.refit(&["health"]);
    coordinator.signal(Signal::SIGCONT);
    assert_eq!(asked.code, 1, "{}", asked.stderr);
    assert!(asked.stderr.contains("does not answer"), "{}", asked.stderr);
    refit.refit(&["models"]).ok();
}
