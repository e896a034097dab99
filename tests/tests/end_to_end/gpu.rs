//! A forecaster trains on a GPU, where one is at hand and LibTorch has CUDA; else this says that it was skipped (F1).

use refit_tests::cli::Answer;
use refit_tests::{Installation, prices};
use serde_json::Value;

#[test]
fn f1_a_forecaster_trains_on_a_gpu() {
    let mut refit = Installation::new();
    let asked = refit.command("refit-worker").args(["devices", "--json"]).output().unwrap();
    let hardware: Value = Answer::of(asked).ok().json();
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
}
