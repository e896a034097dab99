//! A forecaster trains on a GPU, where one is at hand and LibTorch has CUDA; else this says that it was skipped (F1).

use refit_tests::cli::CommandOutput;
use refit_tests::{Installation, prices};
use serde_json::Value;

/// The validation losses of a version's epochs.
fn losses(version: &Value) -> Vec<f64> {
    let curve = version["manifest"]["training"]["curve"].as_array().unwrap();
    curve.iter().map(|point| point["validation_loss"].as_f64().unwrap()).collect()
}

#[test]
fn f1_a_forecaster_trains_on_a_gpu() {
    let mut refit = Installation::new();
    let asked = refit.command("refit-worker").args(["devices", "--json"]).output().unwrap();
    let hardware: Value = CommandOutput::of(asked).ok().json();
    if hardware["devices"][0]["device"] != "cuda:0" {
        eprintln!("skipped: {}", hardware["note"].as_str().unwrap());
        return;
    }
    assert!(hardware["devices"][0]["memory"].as_u64().is_some_and(|memory| memory > 0), "{hardware}");
    refit.set("REFIT_COORDINATOR__POOLS", "cpu,gpu=cuda");
    refit.start_coordinator(&[]);
    refit.start_worker_with(&["--pools", "gpu", "--slots", "1"]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let model = format!("forecaster/{symbol}");
    let job = refit.ended(&refit.train(&model, &["--pool", "gpu", "--device", "cuda", "--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let version = &refit.versions(&model)[0];
    assert_eq!(version["manifest"]["device"], "cuda:0", "{version}");
    let worker = &refit.json(&["workers"])[0];
    assert!(worker["devices"][0]["memory_used"].as_u64().is_some_and(|used| used > 0), "{worker}");

    // The processor learns the same from the same rows, and opens what the GPU left: it is scored beside it.
    refit.start_worker(&[("CUDA_VISIBLE_DEVICES", "")]);
    let job = refit.ended(&refit.train(&model, &["--mode", "complete", "--pool", "cpu", "--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let versions = refit.json(&["versions", &model]);
    let (of_cpu, of_gpu) = (losses(&versions[0]), losses(&versions[1]));
    assert_eq!(versions[0]["manifest"]["device"], "cpu", "{versions}");
    assert!(of_cpu.iter().zip(&of_gpu).all(|(a, b)| (a - b).abs() < 1e-3), "{of_cpu:?} {of_gpu:?}");

    // What is live goes on on the GPU with the rows that have come, whoever trained it.
    refit.import(symbol, 0..540);
    let wanted = ["--mode", "incremental", "--pool", "gpu", "--device", "cuda"];
    let job = refit.ended(&refit.train(&model, &wanted));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    assert_eq!(refit.json(&["versions", &model])[0]["manifest"]["device"], "cuda:0");
}
