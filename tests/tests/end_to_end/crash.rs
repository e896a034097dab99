//! Coordinator or worker stopped at each step of a job's lifecycle: after the restart the job ends once, and exactly one version is
//! recorded (G1).

use std::time::Duration;

use coordinator::service::Step;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};

/// The exit code of a planted end.
const PLANTED: i32 = 86;

/// One training of one model came to exactly one recorded version, live or not, and nothing is left in the backlog.
#[track_caller]
fn assert_ended_once(refit: &Installation, model: &str, step: &str) {
    let jobs = wait::until(&format!("the job to end after {step}\n{}", refit.logs()), LIMIT, || {
        let jobs = refit.list("jobs")?;
        (!jobs.is_empty() && jobs.iter().all(|job| job["state"] == "completed")).then_some(jobs)
    });
    assert_eq!(jobs.len(), 1, "{step}: {jobs:?}");
    let versions = refit.json(&["versions", model]);
    assert_eq!(versions.as_array().unwrap().len(), 1, "{step}: {versions}");
    assert_eq!(versions[0]["version"], "v1.0", "{step}");
    let ledger = refit.list(&format!("models/{model}/ledger")).unwrap();
    let promoted = usize::from(versions[0]["status"] == "live");
    assert_eq!(ledger.len(), promoted, "{step}: {ledger:?}");
}

fn ready() -> (Installation, String) {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    (refit, format!("forecaster/{symbol}"))
}

#[test]
fn g1_the_coordinator_stops_at_each_step() {
    for step in Step::ALL {
        let (mut refit, model) = ready();
        refit.coordinator = None;
        refit.start_coordinator(&[("REFIT_FAULT", &format!("exit:{step}"))]);
        refit.start_worker(&[]);
        // The answer is lost when the coordinator stops while it is asked; the row is what counts.
        let _ = refit.refit(&["retrain", &model, "--force", "--set", "epochs=2"]);
        let status = refit.coordinator.as_mut().unwrap().wait(LIMIT);
        assert_eq!(status.code(), Some(PLANTED), "{step}\n{}", refit.logs());
        refit.start_coordinator(&[]);
        assert_ended_once(&refit, &model, step.as_str());
    }
}

#[test]
fn g1_the_worker_stops_at_each_step() {
    for step in ["claimed", "downloaded", "before_upload", "before_seal", "after_seal"] {
        let (mut refit, model) = ready();
        let worker = refit.start_worker(&[("REFIT_FAULT", &format!("kill@{step}"))]);
        refit.train(&model, &["--set", "epochs=2"]);
        let status = refit.workers[worker].wait(LIMIT);
        assert!(!status.success(), "{step}: the fault was planted");
        refit.start_worker(&[]);
        assert_ended_once(&refit, &model, step);
    }
}

#[test]
fn an_executor_that_dies_is_an_attempt_not_a_job() {
    // What happens to the child, and the class it must be put down to.
    for (fault, class) in [("abort", "crash"), ("segfault", "crash"), ("panic", "code"), ("exit", "crash")] {
        let (mut refit, model) = ready();
        let once = refit.folder().join("planted");
        refit.start_worker(&[
            ("REFIT_FAULT", &format!("{fault}@training:5")),
            ("REFIT_FAULT_ONCE", &once.to_string_lossy()),
        ]);
        let job = refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
        assert_eq!(job["state"], "completed", "{fault}: {job}\n{}", refit.logs());
        let attempts = job["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 2, "{fault}: {job}");
        assert_eq!(attempts[0]["outcome"], class, "{fault}: {job}");
        assert!(!attempts[0]["message"].as_str().unwrap().is_empty());
        assert_ended_once(&refit, &model, fault);
    }
}

#[test]
fn a_training_that_hangs_is_stopped_and_tried_again() {
    let (mut refit, model) = ready();
    let once = refit.folder().join("planted");
    refit.start_worker(&[
        ("REFIT_FAULT", "hang@training:5"),
        ("REFIT_FAULT_ONCE", &once.to_string_lossy()),
        ("REFIT_WORKER__STALL_TIMEOUT", "2s"),
    ]);
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
    assert_eq!((&job["state"], &job["attempts"][0]["outcome"]), (&"completed".into(), &"stall".into()), "{job}");
}

#[test]
fn children_end_with_their_supervisor() {
    let (mut refit, model) = ready();
    let worker = refit.start_worker(&[]);
    let id = refit.train(&model, &["--set", "epochs=500", "--set", "patience=100"]);
    refit.reaches(&id, &["running"]);
    let children = refit_tests::process::children(refit.workers[worker].pid());
    assert!(!children.is_empty());
    refit.workers[worker].kill();
    wait::until("the children to be gone", Duration::from_secs(10), || {
        children.iter().all(|pid| !std::path::Path::new(&format!("/proc/{pid}/exe")).exists()).then_some(())
    });
    refit.refit(&["cancel", "--no-wait", &id]).ok();
}
