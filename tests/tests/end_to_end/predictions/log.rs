//! The log of predictions, and labels that come back (D2).

use refit_tests::Installation;
use serde_json::{Value, json};

use crate::predictions::kit::{MODEL, file, trained};

fn rows_of(refit: &Installation) -> (u64, u64) {
    let dataset = refit.json(&["data", "show", "toxicity"]);
    (dataset["rows"].as_u64().unwrap(), dataset["entries"].as_u64().unwrap())
}

#[test]
fn d2_served_predictions_are_logged_labelled_and_trained_on() {
    come_back(&Installation::running());
}

#[test]
fn d2_served_predictions_are_logged_and_labelled_on_the_engines_of_many_machines() {
    let Some(mut refit) = Installation::distributed() else { return };
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    come_back(&refit);
}

fn come_back(refit: &Installation) {
    trained(refit);
    let asked = file(refit, "asked.csv", "text\nthanks for the coffee\nyou idiot\n\"a river, a book\"\n");
    let answer = refit.json(&["predict", MODEL, "--file", asked.to_str().unwrap()]);
    let ids: Vec<&str> = answer["predictions"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();

    // What was served is there at once, the newest first, with what it was made from.
    let logged = refit.json(&["predictions", MODEL]);
    let found = logged["items"].as_array().unwrap();
    assert_eq!(found.iter().rev().map(|p| p["id"].as_str().unwrap()).collect::<Vec<_>>(), ids, "{logged}");
    let second = &found[1];
    assert_eq!((&second["version"], &second["kind"]), (&json!("v1.0"), &json!("row")), "{second}");
    assert_eq!(second["inputs"], json!({"text": "you idiot"}));
    assert_eq!(second["output"]["value"], answer["predictions"][1]["value"]);
    let again = refit.json(&["predict", MODEL, "--file", asked.to_str().unwrap()]);
    assert_ne!(again["predictions"][1]["id"], answer["predictions"][1]["id"]);
    let hash = |logged: &Value, index: usize| logged["items"][index]["inputs_hash"].clone();
    let newest = refit.json(&["predictions", MODEL, "--limit", "3"]);
    assert_eq!(newest["items"].as_array().unwrap().len(), 3);
    assert_eq!(hash(&newest, 1), hash(&logged, 1), "the same inputs have the same hash");

    // A label brings its row into the data set, once; a second label stands for the first.
    let before = rows_of(refit);
    let report = refit.json(&["label", MODEL, ids[1], "1"]);
    assert_eq!((&report["labelled"], &report["superseded"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(rows_of(refit), (before.0 + 1, before.1 + 1));
    let labels = file(refit, "labels.csv", &format!("prediction,label\n{},0\n{},0\n", ids[0], ids[1]));
    let report = refit.json(&["label", MODEL, "--file", labels.to_str().unwrap()]);
    assert_eq!((&report["labelled"], &report["superseded"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(rows_of(refit), (before.0 + 2, before.1 + 3), "the row of the second is the same one, anew");
    refit.json(&["label", MODEL, ids[1], "1"]);

    // How the version's predictions turned out: the mean log loss of the two.
    let scored = refit.json(&["predictions", MODEL, "--scored"]);
    let score = &scored["scores"][0];
    assert_eq!((&score["version"], &score["served"], &score["labelled"]), (&json!("v1.0"), &json!(6), &json!(2)));
    let value = |row: usize| answer["predictions"][row]["value"].as_f64().unwrap();
    let expected = -(f64::ln(1.0 - value(0)) + f64::ln(value(1))) / 2.0;
    assert!((score["loss"].as_f64().unwrap() - expected).abs() < 1e-9, "{scored}");
    assert_eq!((scored["loss_name"].as_str(), scored["items"].as_array().unwrap().len()), (Some("log loss"), 2));

    // The labelled rows are new rows as any other: a training takes them.
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert_eq!(decision["model"], MODEL, "{decision}");
    crate::predictions::kit::complete(refit);
    let versions = refit.versions(MODEL);
    let parts = versions[0]["manifest"]["snapshot"]["parts"].as_array().unwrap();
    let entries: u64 = parts.iter().map(|part| part["entries"].as_u64().unwrap()).sum();
    assert_eq!(entries, rows_of(refit).1, "{parts:?}");

    // What cannot be labelled is said.
    let refused = |words: &[&str], part: &str| {
        let answer = refit.refit(words);
        assert!(answer.code != 0 && answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    };
    let unknown = uuid::Uuid::now_v7().to_string();
    refused(&["label", MODEL, &unknown, "1"], "there is no such prediction of text/toxicity");
    refused(&["label", MODEL, ids[0], " "], "label is empty");
    let before = rows_of(refit);
    refused(&["label", MODEL, ids[0], "nonsense"], "which is none of its words: \"0\", \"1\"");
    refused(&["label", MODEL, ids[0], "no"], "did you mean \"0\"?");
    assert_eq!(rows_of(refit), before, "nothing is stored");
    let mixed = file(refit, "mixed.csv", &format!("prediction,label\n{},1\n{},unknown\n", ids[0], ids[1]));
    let report = refit.json(&["label", MODEL, "--file", mixed.to_str().unwrap()]);
    assert_eq!((&report["labelled"], &report["refused"][0]["prediction"]), (&json!(1), &json!(ids[1])), "{report}");
    refused(&["label", "forecaster/AAPL", ids[0], "1"], "forecaster/AAPL");
    refused(&["label", MODEL, ids[0]], "<VALUE>");
}

/// Privacy: without inputs only their hash is kept, and what cannot be done without them is said.
#[test]
fn d2_inputs_are_left_out_if_the_settings_say_so() {
    let mut refit = Installation::new();
    refit.set("REFIT_PREDICTIONS__KEEP_INPUTS", "false");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    trained(&refit);
    let body = json!({"rows": [{"text": "you idiot"}]});
    let answer = refit.post(&format!("models/{MODEL}/predict"), &body);
    let logged = refit.json(&["predictions", MODEL]);
    let found = &logged["items"][0];
    assert_eq!((&found["inputs"], &found["id"]), (&Value::Null, &answer["predictions"][0]["id"]), "{found}");
    assert_eq!(found["inputs_hash"].as_str().unwrap().len(), 64);
    let refused = refit.refit(&["label", MODEL, found["id"].as_str().unwrap(), "1"]);
    assert!(refused.code != 0 && refused.stderr.contains("its inputs were not kept"), "{}", refused.stderr);
}
