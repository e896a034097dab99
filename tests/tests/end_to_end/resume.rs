//! SIGKILL at a random moment of training: every run ends bit-identical to the uninterrupted one, and is recorded once (G2).
//!
//! `REFIT_RESUME_KILLS` sets how often (`make bench-resume`: 50); a few by default.

use std::collections::BTreeSet;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use refit_tests::draw::draw;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, process, wait};
use serde_json::Value;

fn weights(version: &Value) -> String {
    version["manifest"]["files"]["weights.safetensors"]["sha256"].as_str().expect("a hash").to_owned()
}

#[test]
fn g2_a_training_killed_anywhere_ends_bit_identical_and_once() {
    let kills: u64 = std::env::var("REFIT_RESUME_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut refit = Installation::running();
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    refit.import(symbol, 0..1000);
    // Long enough for checkpoints: the first comes after two seconds.
    refit.put(&format!("models/{model}"), r#"{"hyper":{"hidden":"50","layers":"2","window":"60"}}"#);
    let ask = ["--set", "epochs=40", "--set", "patience=100"];

    let first = refit.ended(&refit.train(&model, &ask));
    assert_eq!(first["state"], "completed", "{first}\n{}", refit.logs());
    let steps = refit.versions(&model)[0]["manifest"]["training"]["steps"].as_u64().unwrap();

    let (mut resumed, mut from_start) = (0, 0);
    for round in 0..kills {
        let id = refit.train(&model, &ask);
        let moment = draw(round, 1, steps.saturating_sub(20));
        let worker = refit.workers.len() - 1;
        wait::until("the moment", LIMIT, || {
            let job = refit.job(&id);
            let there = job["progress"]["step"].as_u64().is_some_and(|step| step >= moment);
            (there || job["state"] == "completed").then_some(())
        });
        // One in four takes the whole worker, the others only the child that trains.
        if round % 4 == 3 {
            refit.workers[worker].kill();
            refit.start_worker(&[]);
        } else {
            for child in process::children(refit.workers[worker].pid()) {
                let _ = kill(Pid::from_raw(child as i32), Signal::SIGKILL);
            }
        }
        let job = refit.ended(&id);
        assert_eq!(job["state"], "completed", "round {round}: {job}\n{}", refit.logs());
        match job["attempts"].as_array().and_then(|all| all.last()).and_then(|last| last["resumed_from"].as_u64()) {
            Some(step) if step > 0 => resumed += 1,
            _ => from_start += 1,
        }
    }

    let versions = refit.versions(&model);
    let all = &versions;
    assert_eq!(all.len() as u64, kills + 1, "each run is recorded once: {versions:?}");
    let jobs: BTreeSet<&str> = all.iter().map(|v| v["job"].as_str().unwrap()).collect();
    assert_eq!(jobs.len(), all.len());
    let bits: BTreeSet<String> = all.iter().map(weights).collect();
    assert_eq!(bits.len(), 1, "one training has one result, however often it is killed: {bits:?}");
    println!(
        "resume: {kills} kills, {resumed} went on from a checkpoint, {from_start} from the start, 1 distinct result"
    );
}
