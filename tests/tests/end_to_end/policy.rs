//! A model's own policy as people set it and look at it.

use nix::sys::signal::Signal;
use refit_tests::Installation;
use refit_tests::installation::LIMIT;
use serde_json::{Value, json};

/// What holds for a key of the policy, and where it comes from.
fn holds(model: &Value, key: &str) -> (Value, Value) {
    let found = model["policy"].as_array().unwrap().iter().find(|one| one["key"] == key);
    let found = found.unwrap_or_else(|| panic!("{key}: {model}"));
    (found["value"].clone(), found["from"].clone())
}

/// Two models of bars; the first gets a policy of its own, sees it, keeps it, and gives it back.
#[test]
fn a_model_gets_a_policy_of_its_own_and_gives_it_back() {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let symbols = refit_tests::prices::symbols();
    let (ours, other) = (symbols[0].as_str(), symbols[1].as_str());
    refit.import(ours, 0..400);
    refit.import(other, 0..400);

    let said = refit.refit(&["model", ours, "--policy", "min_new_samples=30", "--policy", "auto_retrain=false"]).ok();
    let shown: Vec<&str> = said.stdout.split_whitespace().collect();
    assert!(said.stdout.contains("its own policy: auto_retrain=false, min_new_samples=30"), "{}", said.stdout);
    assert!(shown.windows(5).any(|row| row == ["min_new_samples", "30", "the", "model's", "own"]), "{}", said.stdout);
    assert!(shown.windows(3).any(|row| row == ["max_increments", "5", "default"]), "{}", said.stdout);
    assert_eq!(refit.json(&["model", ours])["decision"]["verdict"], "recommended", "decided on anew");
    let listed = refit.refit(&["models"]).ok().stdout;
    assert!(listed.contains("own policy") && listed.contains("min_new_samples=30"), "{listed}");
    let audit = refit.json(&["audit"]);
    let noted = |call: &Value| call["method"] == "PUT" && call["subject"] == format!("forecaster/{ours}");
    assert!(audit.as_array().unwrap().iter().any(noted), "{audit}");

    for (words, code, why) in [
        ("min_new_sample=5", 4, "did you mean policy.min_new_samples?"),
        ("holdout_rows=5", 4, "5 is out of range: 40 to 2000"),
        ("holdout_rows=many", 4, "an integer is needed"),
        ("force_retrain_age_days=3", 4, "it must not be less than policy.max_model_age_days, which is 30"),
        ("label_delay_days=3", 4, "it says nothing about a model of the family forecaster"),
        ("min_new_samples", 2, "KEY=default"),
    ] {
        let refused = refit.refit(&["model", ours, "--policy", words]);
        assert_eq!(refused.code, code, "{words}: {}", refused.stderr);
        assert!(refused.stderr.contains(why), "{words}: {}", refused.stderr);
    }

    // The settings are others after a restart: what is not its own follows.
    let coordinator = refit.coordinator.as_mut().unwrap();
    coordinator.signal(Signal::SIGTERM);
    coordinator.wait(LIMIT);
    refit.start_coordinator(&[("REFIT_POLICY__MIN_NEW_SAMPLES", "9"), ("REFIT_POLICY__MAX_INCREMENTS", "7")]);
    let again = refit.json(&["model", ours, "--category", "portfolio"]);
    assert_eq!(again["own_policy"], json!({ "auto_retrain": false, "min_new_samples": 30 }));
    assert_eq!(holds(&again, "min_new_samples"), (json!(30), json!("the model's own")));
    assert_eq!(holds(&again, "max_increments"), (json!(7), json!("environment REFIT_POLICY__MAX_INCREMENTS")));
    assert_eq!(holds(&refit.json(&["model", other]), "min_new_samples").0, json!(9));

    let path = format!("models/forecaster/{ours}");
    let body = json!({ "policy": { "min_new_samples": null, "auto_retrain": "default", "max_increments": 3 } });
    let back = refit.put(&path, &body.to_string());
    assert_eq!(back["own_policy"], json!({ "max_increments": 3 }));
    assert_eq!(refit.json(&["model", ours, "--policy", "max_increments="])["own_policy"], json!({}));
    assert!(!refit.refit(&["models"]).ok().stdout.contains("own policy"));
}
