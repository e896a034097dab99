//! Labelled texts to a classifier (D1, D2, D6, D7, G4, G9).

use std::fmt::Write;

use refit_tests::Installation;
use refit_tests::draw::draw;
use serde_json::json;

use crate::families::kit::{file, import, trained, version};

const MODEL: &str = "text/toxicity";
const RUDE: [&str; 6] = ["idiot", "stupid", "trash", "shut up", "loser", "garbage"];
const KIND: [&str; 6] = ["thanks", "lovely", "great", "welcome", "bright", "kind"];
const PLAIN: [&str; 12] =
    ["the", "weather", "train", "today", "coffee", "meeting", "river", "garden", "book", "market", "evening", "city"];

/// Texts of plain words, with one that gives the class away in nine of ten; a second opinion on each differs in one of ten.
pub(crate) fn texts(rows: std::ops::Range<u64>) -> String {
    let mut csv = "id,text,label,second\n".to_owned();
    for row in rows {
        let rude = draw(row, 0, 3) == 0;
        let telling = if (draw(row, 1, 10) == 0) != rude { RUDE } else { KIND };
        let mut words: Vec<&str> = (0..8).map(|index| PLAIN[draw(row, 10 + index, 12) as usize]).collect();
        words.insert(draw(row, 2, 8) as usize, telling[draw(row, 3, 6) as usize]);
        let second = (draw(row, 4, 10) == 0) != rude;
        writeln!(csv, "{row},{},{},{}", words.join(" "), u8::from(rude), u8::from(second)).unwrap();
    }
    csv
}

#[test]
fn d1_d2_d6_d7_g4_texts_become_a_judged_classifier_that_learns_more() {
    let refit = Installation::running();
    import(&refit, "toxicity", "base.csv", &texts(0..1500), &["--key", "id", "--kinds", "id:text"]);
    refit.json(&["model", MODEL]);

    // G4: better than the share of the class, on texts that a hash has kept apart for ever.
    trained(&refit, MODEL, &[]);
    let first = version(&refit, MODEL, "v1.0");
    assert_eq!((&first["status"], &first["loss_name"]), (&json!("live"), &json!("log loss")), "{first}");
    assert_eq!((&first["baseline"], &first["verdict"]["beats_naive"]), (&json!("prevalence"), &json!(true)), "{first}");
    assert!(first["figures"]["auc"].as_f64().unwrap() > 0.85, "{first}");
    assert!(first["reliability"].as_f64().unwrap() > 0.5, "{first}");

    let input = &first["importance"][0];
    assert!(input["column"] == "text" && input["rise"].as_f64().unwrap() > 0.1, "{input}");

    // D7: loaded when first needed.
    let asked = file(&refit, "asked.csv", "text\nwhat a lovely garden\nyou stupid loser\n");
    let ask = || refit.json(&["predict", MODEL, "--file", asked.to_str().unwrap()]);
    let answer = ask();
    let value = |row: usize| answer["predictions"][row]["value"].as_f64().unwrap();
    assert!(value(0) < 0.3 && value(1) > 0.6, "{answer}");
    assert_eq!((&answer["version"], &answer["predictions"][1]["label"]), (&json!("v1.0"), &json!(true)), "{answer}");
    assert_eq!(ask()["predictions"][1]["value"], value(1), "the same question has the same answer");

    // D2: new rows and replayed ones; the features keep their parent's scale.
    import(&refit, "toxicity", "more.csv", &texts(1500..1800), &[]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert!(decision["reasons"].as_array().unwrap().iter().any(|r| r["code"] == "new_samples"), "{decision}");
    trained(&refit, MODEL, &["--mode", "incremental", "--yardstick"]);
    let second = version(&refit, MODEL, "v1.1");
    let training = &second["manifest"]["training"];
    assert!(training["new_rows"].as_u64().unwrap() > 150, "{second}");
    assert!(training["train_rows"].as_u64() > training["new_rows"].as_u64(), "{second}");
    assert!(second["gap"]["on_new"].as_f64().unwrap().abs() < 0.5, "{second}");
    if second["status"] == "live" {
        assert_eq!(ask()["version"], "v1.1", "the live version is swapped without a restart");
    }

    // G9: who reads another column starts from scratch, also where an incremental training is asked for.
    refit.json(&["model", MODEL, "--column", "label=second"]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    let reasons = decision["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|r| r["code"] == "schema_changed") && decision["mode"] == "complete", "{decision}");
    let job = trained(&refit, MODEL, &["--mode", "incremental"]);
    assert_eq!(job["mode"], "complete", "{job}");
    assert_eq!(version(&refit, MODEL, "v2.0")["parent"], json!(null));
}

/// D2: a text that was deleted is forgotten by the next training, also where an incremental one is asked for. D6: a word that gives
/// the class away must be confirmed.
#[test]
fn d2_d6_deleted_texts_are_forgotten_and_leaks_must_be_confirmed() {
    let refit = Installation::running();
    import(&refit, "toxicity", "base.csv", &texts(0..900), &["--key", "id", "--kinds", "id:text"]);
    refit.json(&["model", MODEL]);
    trained(&refit, MODEL, &[]);
    import(&refit, "toxicity", "more.csv", &texts(900..1100), &[]);
    import(&refit, "toxicity", "gone.csv", "id\n3\n4\n5\n", &["--delete"]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    let found = decision["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "rows_forgotten");
    assert!(found.unwrap()["text"].as_str().unwrap().starts_with("3 rows that v1.0 was given"), "{decision}");
    let job = trained(&refit, MODEL, &["--mode", "incremental"]);
    assert_eq!(job["mode"], "complete", "{job}");

    let marked: String = texts(0..900)
        .lines()
        .map(|line| {
            if line.ends_with(",1,1") || line.ends_with(",1,0") {
                line.replacen(',', ",removed ", 1)
            } else {
                line.into()
            }
        })
        .map(|line| line + "\n")
        .collect();
    import(&refit, "leaky", "leaky.csv", &marked, &["--key", "id", "--kinds", "id:text"]);
    refit.json(&["model", "text/leaky"]);
    let job = refit.ended(&refit.train("text/leaky", &[]));
    let why = job["why"].as_str().unwrap();
    assert!(job["state"] == "failed" && why.contains("the word \"removed\" alone tells the class"), "{job}");
    assert!(why.ends_with("`refit model text/leaky --column confirmed=removed`"), "{why}");
    let decision = &refit.json(&["check", "text/leaky"])["items"][0];
    assert_eq!(decision["holds"][0]["code"], "failed", "nothing is tried again: {decision}");
    refit.json(&["model", "text/leaky", "--column", "confirmed=removed"]);
    trained(&refit, "text/leaky", &[]);
    let manifest = &version(&refit, "text/leaky", "v1.0")["manifest"];
    assert_eq!(manifest["snapshot"]["reading"]["confirmed"], json!(["removed"]), "it is on record");
}

/// D6: data that cannot teach are refused with what to do, and nothing is tried again.
#[test]
fn d6_one_class_only_is_a_failure_of_the_data() {
    let refit = Installation::running();
    let mut csv = "text,label\n".to_owned();
    (0..600).for_each(|row| writeln!(csv, "{} number {row},0", PLAIN[row % 12]).unwrap());
    import(&refit, "oneclass", "one.csv", &csv, &[]);
    refit.json(&["model", "text/oneclass"]);
    let job = refit.ended(&refit.train("text/oneclass", &[]));
    let outcome = &job["attempts"][0]["outcome"];
    assert_eq!((&job["state"], outcome), (&json!("failed"), &json!("data")), "{job}");
    assert!(job["why"].as_str().unwrap().contains("import rows with the label 1 too"), "{job}");
}
