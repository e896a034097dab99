//! The main pipeline, as a user sees it: real prices in, judged versions out (A1–A6, A14–A16, G4, G5, G7–G10).

use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};

/// Everything a data scientist does with one model, in order, on one installation.
#[test]
fn a1_a2_a3_a4_a6_g4_g5_g8_one_model_from_first_price_to_rollback() {
    let refit = Installation::running();
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    let last = prices::rows(symbol);

    // A1, G5: no version yet; the decision says so in words and asks for a complete training.
    refit.import(symbol, 0..last - 60);
    let decision = &refit.json(&["check", &model])["items"][0];
    assert_eq!(decision["verdict"], "retrain", "{decision}");
    assert_eq!(decision["reasons"][0]["code"], "no_model");
    assert_eq!(decision["mode"], "complete");

    // A2: a complete training gives v1.0, judged against the naive baseline on rows it has not seen (G4, G9).
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=3"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    assert_eq!(job["version"], "v1.0");
    let verdict = &job["verdict"];
    assert!(verdict["rows"].as_u64().unwrap() >= 40, "{verdict}");
    assert!(!verdict["reasons"].as_array().unwrap().is_empty());
    assert!(!job["curve"].as_array().unwrap().is_empty(), "the loss curve is shown");
    let shown = refit.refit(&["job", job["id"].as_str().unwrap()]).ok().stdout;
    assert!(shown.contains("v1.0"), "{shown}");

    let live = refit.versions(&model)[0].clone();
    let (seen, through) = (live["seen_through"].as_str().unwrap(), live["data_through"].as_str().unwrap());
    assert!(seen < through, "the newest rows were kept from the training: {seen} < {through}");
    if live["status"] != "live" {
        // A first version worse than naive is recorded and not promoted; the rest of this pipeline needs a live one.
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }

    // New bars: an incremental training starts from v1.0 and becomes v1.1, with v1.0's scaler (A14).
    let report = &refit.import(symbol, last - 80..last)[0];
    assert_eq!((report["accepted"].as_u64(), report["unchanged"].as_u64()), (Some(60), Some(20)), "{report}");
    let decision = &refit.json(&["check", &model])["items"][0];
    assert!(decision["reasons"].as_array().unwrap().iter().any(|r| r["code"] == "new_samples"), "{decision}");
    let job = refit.ended(&refit.train(&model, &["--mode", "incremental", "--set", "epochs=4"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.1".into()), "{job}\n{}", refit.logs());
    let versions = refit.versions(&model);
    let v = |n: &str| versions.iter().find(|v| v["version"] == n).unwrap().clone();
    assert_eq!(v("v1.1")["parent"], "v1.0");
    assert!(v("v1.1")["manifest"]["training"]["new_rows"].as_u64().unwrap() >= 40);
    let scaler = |n: &str| scaler(&refit, v(n)["job"].as_str().unwrap());
    assert_eq!(scaler("v1.0"), scaler("v1.1"), "A14: the same normalisation between trainings");

    // A4, G7: whatever the gate said of v1.1, v1.0 can be made live again, and the ledger keeps both moves.
    if v("v1.1")["status"] == "live" {
        let entry = refit.json(&["rollback", &model]);
        assert_eq!((&entry["version"], &entry["kind"]), (&"v1.0".into(), &"rollback".into()), "{entry}");
    }
    let shown = &refit.json(&["models"])[0];
    assert_eq!(shown["live"]["version"], "v1.0", "{shown}");

    // G8: trained again from its manifest, v1.0 has the same weights to the bit.
    let answer = refit.json(&["reproduce", &model, "v1.0"]);
    let job = refit.ended(answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    assert!(job["why"].as_str().unwrap().contains("to the bit"), "{}", job["why"]);

    // A6: the report names the model, its age and what to do.
    let report = refit.json(&["report", "incremental"]);
    let row = report["models"].as_array().unwrap().iter().find(|r| r["model"] == model.as_str()).unwrap();
    assert!(!row["action"].as_str().unwrap().is_empty());

    // A forecast comes from the live version's own distribution, or says why it does not.
    let forecast = &refit.json(&["forecast", symbol])[0];
    assert!(!forecast["because"].as_str().unwrap().is_empty(), "{forecast}");
}

/// How the version of a job scales its inputs, as its artifact says.
fn scaler(refit: &Installation, job: &str) -> serde_json::Value {
    let mut folders = vec![refit.data().join("store/jobs").join(job)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_name() == "preprocessing.json" {
                let all: serde_json::Value = serde_json::from_slice(&std::fs::read(entry.path()).unwrap()).unwrap();
                assert!(all["inputs"]["scales"].is_array(), "{all}");
                return all["inputs"].clone();
            } else if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    panic!("job {job} left no artifact")
}

/// A5: one request for a category; the answer counts what was asked for, what already trains and what is not needed.
#[test]
fn a5_a16_e2_a_batch_trains_a_category_on_two_workers() {
    let mut refit = Installation::running();
    refit.start_worker(&[]);
    let symbols: Vec<String> = prices::symbols().into_iter().take(4).collect();
    for symbol in &symbols {
        refit.import(symbol, 0..500);
        let model = format!("forecaster/{symbol}");
        let body = r#"{"category":"portfolio","hyper":{"hidden":"8","layers":"1","window":"20","epochs":"2"}}"#;
        refit.put(&format!("models/{model}"), body);
    }
    let answer = refit.json(&["batch", "--category", "portfolio"]);
    assert_eq!(answer["requested"], 4, "{answer}");
    // E2: portfolio without a model scores 20 − 20 = 0, and each further place in the list 5 more.
    let scores: Vec<f64> = answer["items"].as_array().unwrap().iter().map(|i| i["score"].as_f64().unwrap()).collect();
    assert_eq!(scores, [0.0, 5.0, 10.0, 15.0]);
    let again = refit.json(&["batch", "--category", "portfolio"]);
    assert_eq!((&again["requested"], &again["already_training"]), (&0.into(), &4.into()), "nothing twice: {again}");

    let mut workers = std::collections::BTreeSet::new();
    for item in answer["items"].as_array().unwrap() {
        let job = refit.ended(item["job"].as_str().unwrap());
        assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
        workers.insert(job["attempts"][0]["worker"].as_str().unwrap().to_owned());
    }
    assert_eq!(workers.len(), 2, "A16: the work spread over both workers");
    let held = refit.json(&["batch", "--category", "portfolio"]);
    assert_eq!(held["skipped"], 4, "just trained: {held}");
}

/// The universal model stands in for a symbol without a model of its own.
#[test]
fn e9_the_universal_model_stands_in() {
    let refit = Installation::running();
    for symbol in prices::symbols().iter().take(3) {
        refit.import(symbol, 0..450);
    }
    refit.make_small("forecaster/universal");
    let job = refit.ended(&refit.train("forecaster/universal", &["--set", "epochs=1"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let forecast = &refit.json(&["forecast", &prices::symbols()[0]])[0];
    assert_ne!(forecast["model_type"], "own", "{forecast}");
    assert!(!forecast["because"].as_str().unwrap().is_empty());
}

/// Cancelling frees the slot at once; the job ends once, without a version.
#[test]
fn g3_a_running_training_is_cancelled() {
    let refit = Installation::running();
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..1000);
    let model = format!("forecaster/{symbol}");
    let id = refit.train(&model, &["--set", "epochs=500", "--set", "patience=100"]);
    refit.reaches(&id, &["running"]);
    refit.refit(&["cancel", &id]).ok();
    assert_eq!(refit.ended(&id)["state"], "cancelled");
    wait::until("the slot to be free", LIMIT, || {
        let workers = refit.json(&["workers"]);
        (workers[0]["free"] == 1).then_some(())
    });
    assert_eq!(refit.json(&["versions", &model]), serde_json::json!([]));
}

/// SIGTERM: the worker gives its job back with a checkpoint and exits 0; another goes on from there.
#[test]
fn g2_g3_a_drained_worker_hands_its_job_on() {
    let mut refit = Installation::running();
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..1000);
    let id = refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=40", "--set", "patience=100"]);
    wait::until("some progress", LIMIT, || refit.job(&id)["progress"]["step"].as_u64().filter(|s| *s > 20));
    refit.workers[0].signal(nix::sys::signal::Signal::SIGTERM);
    let status = refit.workers[0].wait(LIMIT);
    assert!(status.success(), "{status}\n{}", refit.logs());
    refit.start_worker(&[]);
    let job = refit.ended(&id);
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let attempts = job["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{job}");
    assert_eq!(attempts[0]["outcome"], "released");
    assert!(attempts[1]["resumed_from"].as_u64().unwrap() > 0, "{job}");
}
