//! Nobody is scored on rows they have seen, however these come back (G9).

use std::collections::BTreeSet;

use refit_tests::Installation;
use serde_json::Value;

use crate::families::kit::{import, trained, version};
use crate::families::recommender::ratings;
use crate::families::tabular::{HONEST, employees, schema};
use crate::families::text::texts;

/// How many rows a live version has been scored on since.
fn scored(refit: &Installation, model: &str) -> u64 {
    let models = refit.json(&["monitor", model]);
    let found = models.as_array().unwrap().iter().find(|shown| shown["key"] == model);
    found.unwrap_or_else(|| panic!("{model} is not among {models}"))["watch"]["rows"].as_u64().unwrap_or(0)
}

fn live(refit: &Installation, model: &str) {
    trained(refit, model, &["--mode", "quick"]);
    if version(refit, model, "v1.0")["status"] != "live" {
        refit.json(&["promote", model, "v1.0"]);
    }
}

/// The rows of a file in reverse order, each changed.
fn again(csv: &str, change: impl Fn(&str) -> String) -> String {
    let mut lines: Vec<&str> = csv.lines().collect();
    let header = lines.remove(0);
    let rows: Vec<String> = lines.into_iter().rev().map(change).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// What is predicted from.
fn inputs(person: &str) -> String {
    let cells: Vec<&str> = person.split(',').collect();
    cells[1..5].join(",")
}

#[test]
fn g9_rows_that_come_back_are_scored_by_nobody_who_has_seen_them() {
    let refit = Installation::running();
    let movies = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "toxicity", "texts.csv", &texts(0..1500), &["--key", "id", "--kinds", "id:text"]);
    import(&refit, "churn", "people.csv", &employees(0..1500), &["--key", "id"]);
    import(&refit, "movies", "ratings.csv", &ratings(0..120, 0), &movies);
    refit.json(&["model", "text/toxicity"]);
    refit.json(&["model", "tabular/churn", "--schema", &schema(&refit, &HONEST)]);
    refit.json(&["model", "recommender/movies", "--set", "n_factors=8", "--set", "members=2"]);
    for model in ["text/toxicity", "tabular/churn", "recommender/movies"] {
        live(&refit, model);
    }

    // One column changed in each row, and another order.
    let second = |line: &str| format!("{line}7");
    import(&refit, "toxicity", "texts.csv", &again(&texts(0..1500), second), &[]);
    let badge = |line: &str| line.replace("in use", "unknown").replace("returned", "unknown");
    import(&refit, "churn", "people.csv", &again(&employees(0..1500), badge), &[]);
    let rated = |line: &str| line.replacen(",2,", ",3,", 1);
    import(&refit, "movies", "ratings.csv", &again(&ratings(0..120, 0), rated), &[]);
    for model in ["text/toxicity", "tabular/churn", "recommender/movies"] {
        assert_eq!(scored(&refit, model), 0, "{model} has seen all of it");
    }

    // Under other keys: the same texts with other punctuation, the same people.
    let renamed = |line: &str| format!("again-{line}");
    import(&refit, "toxicity", "texts.csv", &again(&texts(0..300).replace(" the ", " THE, "), renamed), &[]);
    import(&refit, "churn", "people.csv", &again(&employees(0..300), renamed), &[]);
    // Deleted, and imported again.
    let keys: String = (0..200).fold("id\n".to_owned(), |keys, row| format!("{keys}e{row}\n"));
    import(&refit, "churn", "gone.csv", &keys, &["--delete"]);
    import(&refit, "churn", "people.csv", &employees(0..200), &[]);
    assert_eq!((scored(&refit, "text/toxicity"), scored(&refit, "tabular/churn")), (0, 0));

    // What is new is scored, and nothing else.
    import(&refit, "toxicity", "more.csv", &texts(1500..1600), &[]);
    import(&refit, "churn", "more.csv", &employees(1500..1600), &[]);
    let late = import(&refit, "movies", "late.csv", &ratings(120..123, 201), &movies);
    // Two people with the same age, gender, overtime and salary may be one, under another name.
    let people = |rows| employees(rows).lines().skip(1).map(inputs).collect::<Vec<_>>();
    let known: BTreeSet<String> = people(0..1500).into_iter().collect();
    let others = people(1500..1600).iter().filter(|person| !known.contains(*person)).count() as u64;
    assert!(others > 90, "{others}");
    assert_eq!((scored(&refit, "text/toxicity"), scored(&refit, "tabular/churn")), (100, others));
    assert_eq!(Value::from(scored(&refit, "recommender/movies")), late["new"]);
    let broken = refit.get("invariants").unwrap();
    let names: BTreeSet<&str> = broken.as_array().unwrap().iter().filter_map(|found| found["name"].as_str()).collect();
    assert!(names.contains("seen_rows_unscored"), "{broken}");
    assert!(broken.as_array().unwrap().iter().all(|found| found["violations"] == 0), "{broken}");
}

/// Many ratings that come late move the border between days back: who was fitted up to the old one is judged on what came after it.
#[test]
fn g9_rows_that_come_late_hold_no_training_up() {
    let (refit, model) = (Installation::running(), "recommender/movies");
    let movies = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "movies", "ratings.csv", &ratings(0..120, 400), &movies);
    refit.json(&["model", model, "--set", "n_factors=8", "--set", "members=2"]);
    live(&refit, model);
    import(&refit, "movies", "late.csv", &ratings(200..400, 0), &movies);
    trained(&refit, model, &["--mode", "complete"]);
    let (first, second) = (version(&refit, model, "v1.0"), version(&refit, model, "v2.0"));
    let evaluation = |version: &Value| version["manifest"]["evaluation"].clone();
    assert!(evaluation(&second)["first"].as_str() > first["seen_through"].as_str(), "{second}");
    assert_eq!(evaluation(&second)["last"], evaluation(&first)["last"]);
    assert!(second["seen_through"].as_str() < first["seen_through"].as_str(), "the border has moved back: {second}");
}
