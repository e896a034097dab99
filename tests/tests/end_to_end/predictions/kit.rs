//! A small classifier of texts that has been trained.

use std::fmt::Write;
use std::path::PathBuf;

use refit_tests::Installation;
use refit_tests::draw::draw;
use serde_json::Value;

/// The classifier.
pub(crate) const MODEL: &str = "text/toxicity";

const WORDS: [&str; 10] =
    ["weather", "train", "coffee", "meeting", "river", "garden", "book", "market", "evening", "city"];

/// A text that gives its class away, nine times of ten.
pub(crate) fn text(row: u64, rude: bool) -> String {
    let telling = if (draw(row, 1, 10) == 0) != rude { "idiot" } else { "thanks" };
    let mut words: Vec<&str> = (0..6).map(|index| WORDS[draw(row, 10 + index, 10) as usize]).collect();
    words.insert(draw(row, 2, 6) as usize, telling);
    words.join(" ")
}

/// Labelled texts.
pub(crate) fn texts(rows: std::ops::Range<u64>) -> String {
    let mut csv = "id,text,label\n".to_owned();
    for row in rows {
        let rude = draw(row, 0, 3) == 0;
        writeln!(csv, "{row},{},{}", text(row, rude), u8::from(rude)).unwrap();
    }
    csv
}

/// Writes a file into the installation's folder.
pub(crate) fn file(refit: &Installation, name: &str, content: &str) -> PathBuf {
    let path = refit.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Brings the texts in and trains the classifier once, whatever it is: it is live.
pub(crate) fn trained(refit: &Installation) {
    let base = file(refit, "base.csv", &texts(0..1200));
    refit.json(&["data", "import", "toxicity", base.to_str().unwrap(), "--key", "id", "--kinds", "id:text,label:text"]);
    refit.json(&["model", MODEL]);
    complete(refit);
    assert_eq!(live(refit), "v1.0");
}

/// Trains the classifier completely.
pub(crate) fn complete(refit: &Installation) {
    completely(refit, MODEL);
}

/// Trains a model completely.
pub(crate) fn completely(refit: &Installation, model: &str) {
    let job = refit.ended(&refit.train(model, &["--mode", "complete"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
}

/// The live version.
pub(crate) fn live(refit: &Installation) -> Value {
    let model = refit.get(&format!("models/{MODEL}")).expect("the model");
    model["live"]["version"].clone()
}
