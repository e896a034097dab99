//! All families in one installation.

use std::path::{Path, PathBuf};

use refit_tests::{Installation, prices};
use serde_json::Value;

use crate::families::kit::{import, trained, version};
use crate::families::{recommender, tabular, text};

/// With a live universal forecaster, a model of every other family is trained and judged as if there were none; and each of them comes
/// out the same once more, every file to the bit: what a cleanup took can be given back.
#[test]
fn a1_a4_g8_a_universal_model_is_in_nobody_elses_way() {
    let refit = Installation::running();
    for symbol in prices::symbols().iter().take(2) {
        refit.import(symbol, 0..450);
    }
    refit.make_small("forecaster/universal");
    trained(&refit, "forecaster/universal", &["--set", "epochs=1"]);
    // Whatever the gate said of so short a training.
    refit.refit(&["promote", "forecaster/universal", "v1.0"]);
    let own = format!("forecaster/{}", prices::symbols()[0]);
    trained(&refit, &own, &["--set", "epochs=1"]);
    assert!(is_beside(&version(&refit, &own, "v1.0"), "universal"), "it is scored beside its own family");

    let keys = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "movies", "ratings.csv", &recommender::ratings(0..60, 0), &keys);
    import(&refit, "toxicity", "texts.csv", &text::texts(0..900), &["--key", "id", "--kinds", "id:text"]);
    import(&refit, "churn", "employees.csv", &tabular::employees(0..900), &["--key", "id"]);
    refit.json(&["model", "recommender/movies", "--set", "n_factors=4", "--set", "members=2"]);
    refit.json(&["model", "text/toxicity"]);
    refit.json(&["model", "tabular/churn", "--schema", &tabular::schema(&refit, &tabular::HONEST)]);
    for model in ["recommender/movies", "text/toxicity", "tabular/churn"] {
        trained(&refit, model, &[]);
        assert!(!is_beside(&version(&refit, model, "v1.0"), "universal"), "{model}");
    }
    for model in [&own, "recommender/movies", "text/toxicity", "tabular/churn"] {
        let job = refit.json(&["reproduce", model, "v1.0"]);
        assert_eq!(job["reproduces"], "v1.0", "{job}");
        let ended = refit.ended(job["id"].as_str().unwrap());
        assert!(ended["why"].as_str().unwrap().contains("to the bit"), "{ended}\n{}", refit.logs());
        let again = manifest(&refit.data().join("store/jobs").join(job["id"].as_str().unwrap())).unwrap();
        assert_eq!(files(&version(&refit, model, "v1.0")["manifest"]), files(&again), "{model}");
        assert_eq!(refit.json(&["versions", model]).as_array().unwrap().len(), 1, "it takes no number");
    }
}

/// Whether a version was scored beside another contestant.
fn is_beside(version: &Value, contestant: &str) -> bool {
    let contestants = version["manifest"]["evaluation"]["contestants"].as_array().unwrap();
    contestants.iter().any(|figures| figures["contestant"] == contestant)
}

/// The files of an artifact with their hashes; the losses depend on who else was scored.
fn files(manifest: &Value) -> Value {
    let mut files = manifest["files"].clone();
    files.as_object_mut().unwrap().remove("losses.parquet");
    files
}

/// The manifest somewhere below a folder.
fn manifest(folder: &Path) -> Option<Value> {
    let entries: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let here = entries.iter().find(|path| path.ends_with("manifest.json"));
    match here {
        Some(path) => serde_json::from_slice(&std::fs::read(path).unwrap()).ok(),
        None => entries.iter().find_map(|path| manifest(path)),
    }
}
