//! `make bench-rescue`: how soon a job goes on when what runs it is gone, on RabbitMQ, Redis, PostgreSQL and S3.
//!
//! All times are from the signal to what the rows say, by the one clock of this machine: the start of the next attempt where a job
//! shall run elsewhere, the end of the attempt where it shall be back in the backlog.

use chrono::{DateTime, Utc};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use refit_tests::figures::Figures;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, process, wait};
use serde_json::Value;

/// How often each is measured, unless `REFIT_BENCH_REPEATS` says otherwise.
const REPEATS: usize = 7;

fn main() {
    let repeats = std::env::var("REFIT_BENCH_REPEATS").ok().and_then(|n| n.parse().ok()).unwrap_or(REPEATS);
    let Some(mut refit) = Installation::distributed() else { std::process::exit(2) };
    refit.start_coordinator(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..prices::rows(symbol));
    let model = format!("forecaster/{symbol}");
    let (mut elsewhere, mut executor, mut drained) = (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..repeats {
        elsewhere.add(worker_killed(&mut refit, &model));
        executor.add(executor_killed(&mut refit, &model));
        drained.add(worker_drained(&mut refit, &model));
    }
    elsewhere.report("rescue_worker_sigkill_to_running_elsewhere", "s", 18.0);
    executor.report("rescue_executor_sigkill_to_line", "s", 1.0);
    drained.report("rescue_worker_sigterm_to_line", "s", 1.0);
}

/// A training that goes on until it is stopped, once it has a checkpoint.
fn long_training(refit: &Installation, model: &str) -> String {
    let job = refit.train(model, &["--set", "epochs=500", "--set", "patience=100"]);
    wait::until("the training to have a checkpoint", LIMIT, || {
        let at = refit.get(&format!("jobs/{job}"))?["progress"]["step"].as_u64()?;
        (at > 100).then_some(())
    });
    job
}

fn worker_killed(refit: &mut Installation, model: &str) -> f64 {
    let first = refit.start_worker(&[]);
    let job = long_training(refit, model);
    refit.start_worker(&[]);
    wait::until("a second worker with a free slot", LIMIT, || {
        let workers = refit.list("workers")?;
        let ready = |worker: &&Value| worker["state"] == "ready" && worker["free"] == 1;
        workers.iter().find(ready).map(drop)
    });
    let gone = Utc::now();
    refit.workers[first].kill();
    let started = attempt(refit, &job, 1, "started_at");
    end(refit, &job);
    seconds(gone, started)
}

fn executor_killed(refit: &mut Installation, model: &str) -> f64 {
    let worker = refit.start_worker(&[]);
    let job = long_training(refit, model);
    let children = process::children(refit.workers[worker].pid());
    let executor = children.first().expect("a worker has an executor");
    let gone = Utc::now();
    kill(Pid::from_raw(*executor as i32), Signal::SIGKILL).expect("the executor lives");
    let back = attempt(refit, &job, 0, "ended_at");
    end(refit, &job);
    seconds(gone, back)
}

fn worker_drained(refit: &mut Installation, model: &str) -> f64 {
    let worker = refit.start_worker(&[]);
    let job = long_training(refit, model);
    let gone = Utc::now();
    refit.workers[worker].signal(Signal::SIGTERM);
    let back = attempt(refit, &job, 0, "ended_at");
    let shown = refit.job(&job);
    assert_eq!(shown["attempts"][0]["outcome"], "released", "{shown}");
    end(refit, &job);
    seconds(gone, back)
}

/// When something of an attempt (from 0) happened, once it has.
fn attempt(refit: &Installation, job: &str, number: usize, what: &str) -> DateTime<Utc> {
    wait::until(&format!("{what} of attempt {number}\n{}", refit.logs()), LIMIT, || {
        refit.get(&format!("jobs/{job}"))?["attempts"][number][what].as_str()?.parse().ok()
    })
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).as_seconds_f64()
}

/// Makes way for the next measurement.
fn end(refit: &mut Installation, job: &str) {
    refit.refit(&["cancel", job]).ok();
    refit.ended(job);
    refit.workers.clear();
    wait::until("the workers to be forgotten", LIMIT, || {
        let workers = refit.list("workers")?;
        workers.iter().all(|worker| worker["state"] != "ready").then_some(())
    });
}
