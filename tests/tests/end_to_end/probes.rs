//! Probes: thousands of jobs without work, through real workers, each done exactly once (F1, F2, A16).

use std::collections::HashSet;

use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, wait};
use serde_json::Value;

const PROBES: usize = 1000;

fn went_through(refit: &Installation) {
    let answer = refit.json(&["probe", "--count", &PROBES.to_string()]);
    assert_eq!(answer["completed"], PROBES, "{answer}\n{}", refit.logs());
    let jobs = ended(refit);
    assert_eq!(jobs.len(), PROBES);
    let ids: HashSet<&str> = jobs.iter().filter_map(|job| job["id"].as_str()).collect();
    assert_eq!(ids.len(), PROBES);
    for job in &jobs {
        let attempts = attempts(refit, job);
        assert_eq!((attempts.len(), &attempts[0]["outcome"]), (1, &"result".into()), "{job}");
    }
}

fn ended(refit: &Installation) -> Vec<Value> {
    refit.list("jobs?state=completed").unwrap()
}

/// The attempts at a job that is listed.
fn attempts(refit: &Installation, job: &Value) -> Vec<Value> {
    refit.job(job["id"].as_str().unwrap())["attempts"].as_array().unwrap().clone()
}

#[test]
fn f1_probes_go_through_embedded_engines() {
    went_through(&Installation::running());
}

#[test]
fn f1_f2_probes_go_through_the_engines_of_many_machines() {
    let Some(mut refit) = Installation::distributed() else { return };
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    went_through(&refit);
}

/// G1, G2: a worker is killed in the middle; another does what it had not done, and every probe ends once.
#[test]
fn g1_g2_no_probe_is_lost_with_a_worker() {
    let mut refit = Installation::running();
    refit.start_worker(&[]);
    let sent = refit.json(&["probe", "--count", &PROBES.to_string(), "--work-ms", "5", "--no-wait"]);
    assert_eq!(sent["count"], PROBES);
    wait::until("some to have ended", LIMIT, || (ended(&refit).len() > 20).then_some(()));
    refit.workers[0].signal(Signal::SIGKILL);
    wait::until("all to have ended", LIMIT, || (ended(&refit).len() == PROBES).then_some(()));
    let jobs: Vec<Vec<Value>> = ended(&refit).iter().map(|job| attempts(&refit, job)).collect();
    let count = |attempts: &[Value], outcome: &str| attempts.iter().filter(|a| a["outcome"] == outcome).count();
    assert!(jobs.iter().any(|attempts| count(attempts, "lost") > 0), "the worker held nothing when it was killed");
    for attempts in jobs {
        assert_eq!(count(&attempts, "result"), 1, "{attempts:?}");
    }
}

#[test]
fn a_probe_that_nobody_can_take_says_so_at_once() {
    let mut refit = Installation::new();
    refit.set("REFIT_COORDINATOR__POOLS", "cpu, gpu-80g");
    refit.start_coordinator(&[]);
    let sent = refit.json(&["probe", "--pool", "gpu-80g", "--no-wait"]);
    let job = refit.job(sent["jobs"][0].as_str().unwrap());
    assert_eq!(job["why"], "waits: no live worker in pool gpu-80g");
    let refused = refit.refit(&["probe", "--pool", "nosuch"]);
    assert_eq!(refused.code, 4, "{}", refused.stdout);
    assert!(refused.stderr.contains("there are cpu, gpu-80g"), "{}", refused.stderr);
}
