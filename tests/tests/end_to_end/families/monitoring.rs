//! Life after promotion, on real versions of every family: what comes is scored once, many models in one job.

use refit_tests::{Installation, prices};
use serde_json::{Value, json};

use crate::families::kit::{import, trained, version};
use crate::families::recommender::ratings;
use crate::families::text::texts;

const TEXT: &str = "text/toxicity";
const MOVIES: &str = "recommender/movies";
const PRICES: &str = "forecaster/AAPL";

/// What `refit monitor` says of a model.
fn watch(models: &Value, key: &str) -> Value {
    let found = models.as_array().unwrap().iter().find(|model| model["key"] == key);
    found.unwrap_or_else(|| panic!("{key} is not among {models}"))["watch"].clone()
}

fn bars(refit: &Installation, rows: std::ops::Range<usize>) {
    let path = prices::cut("AAPL", rows, refit.folder());
    refit.json(&["import", "prices", path.to_str().unwrap()]);
}

/// G9, G10: live versions of three families are scored on what has come since, in one job; then nothing is left to score.
#[test]
fn g10_what_is_live_is_watched_on_what_comes() {
    let refit = Installation::running();
    let all = prices::rows("AAPL");
    bars(&refit, 0..all - 30);
    import(&refit, "toxicity", "base.csv", &texts(0..1500), &["--key", "id", "--kinds", "id:text"]);
    let key = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "movies", "base.csv", &ratings(0..120, 0), &key);
    refit.json(&["model", TEXT]);
    refit.json(&["model", MOVIES, "--set", "n_factors=8", "--set", "members=2"]);
    for model in [TEXT, MOVIES, PRICES] {
        trained(&refit, model, &["--mode", "quick"]);
        if version(&refit, model, "v1.0")["status"] != "live" {
            refit.json(&["promote", model, "v1.0"]);
        }
    }
    assert_eq!(watch(&refit.json(&["monitor"]), TEXT), Value::Null, "nothing has come");

    bars(&refit, 0..all);
    import(&refit, "toxicity", "more.csv", &texts(1500..1700), &[]);
    let late = import(&refit, "movies", "late.csv", &ratings(120..123, 201), &[]);
    let models = refit.json(&["monitor"]);
    let rows = |key: &str| watch(&models, key)["rows"].clone();
    assert_eq!((rows(TEXT), rows(PRICES)), (json!(200), json!(30)), "{models}");
    assert_eq!(rows(MOVIES), late["new"], "{models}");
    assert_eq!(watch(&models, TEXT)["condition"], "well", "{models}");
    // D8: inputs are compared with those of the training, in every family, once enough have come.
    let inputs = |key: &str| watch(&models, key)["inputs"].clone();
    let of_texts = inputs(TEXT);
    assert_eq!(
        (&of_texts["state"], &of_texts["drifted"], &of_texts["rows"]),
        (&json!("compared"), &json!(0), &json!(200))
    );
    assert_eq!((&inputs(PRICES)["state"], &inputs(PRICES)["rows"]), (&json!("few_new_rows"), &json!(30)), "{models}");
    assert_eq!(inputs(MOVIES)["columns"], 3, "{models}");
    let monitorings = || {
        let jobs = refit.json(&["jobs", "--all"]);
        jobs.as_array().unwrap().iter().filter(|job| job["kind"] == "monitor").count()
    };
    assert_eq!(monitorings(), 1, "three models, one job");
    assert_eq!(watch(&refit.json(&["monitor"]), TEXT)["rows"], 200);
    assert_eq!(monitorings(), 1, "nothing is scored twice");

    // What the texts mean turns round: the classifier is worse than its baseline now, and a training is asked for.
    let turn = |line: &str| match line.split(',').collect::<Vec<_>>()[..] {
        [id, text, "0", second] => format!("{id},{text},1,{second}\n"),
        [id, text, "1", second] => format!("{id},{text},0,{second}\n"),
        _ => format!("{line}\n"),
    };
    let turned: String = texts(1700..1900).lines().map(turn).collect();
    import(&refit, "toxicity", "turned.csv", &turned, &[]);
    let models = refit.json(&["monitor", TEXT]);
    let found = watch(&models, TEXT);
    assert_eq!((&found["condition"], &found["rows"]), (&json!("alarming"), &json!(400)), "{found}");
    let decision = &refit.json(&["check", TEXT])["items"][0];
    assert!(decision["reasons"].as_array().unwrap().iter().any(|r| r["code"] == "degraded"), "{decision}");
}
