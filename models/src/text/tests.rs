//! What a training promises as a whole, on texts made up here.

use crate::error::TrainError;
use crate::tensors::{Numbers, Tensors};
use common::random::{Purpose, Stream};

use super::data::Row;
use super::scores::{Report, score};
use super::{Example, Fit, Model, Side, TextEntry, Texts};
use common::vocabulary::TextHyper;

const FILLERS: [&str; 12] =
    ["today", "the", "weather", "is", "so", "fine", "over", "there", "maybe", "never", "people", "say"];

/// Rows of random words; `odd` words make label 1 likely where they occur.
fn rows(seed: u64, n: usize, odd: &[&str]) -> Vec<Row> {
    let mut stream = Stream::new(seed, Purpose::Weights, 0, 0);
    let entry = |at: usize| {
        let mut words: Vec<&str> = (0..6).map(|_| FILLERS[stream.below(FILLERS.len())]).collect();
        let is_odd = stream.uniform() < 0.3;
        if is_odd {
            words[stream.below(6)] = odd[stream.below(odd.len())];
        }
        let label = stream.uniform() < if is_odd { 0.9 } else { 0.05 };
        let text = format!("{} {}", words.join(" "), letters(at));
        TextEntry { key: format!("{seed}-{at}"), text: text.into(), label: Some(label), ..TextEntry::default() }
    };
    Texts::of((0..n).map(entry)).rows
}

/// The number in letters, so that no two texts are near-duplicates.
fn letters(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'q')).collect()
}

fn hyper() -> TextHyper {
    TextHyper { hash_bits: 16, ..TextHyper::default() }
}

fn on(rows: &[Row], side: Side) -> Vec<Example<'_>> {
    rows.iter().filter(|row| Side::of(&row.text) == side).map(Row::example).collect()
}

fn finished(mut fit: Fit<'_>) -> Model {
    while fit.advance().unwrap() {}
    fit.finish()
}

fn trained(rows: &[Row]) -> Model {
    finished(Fit::new(&hyper(), &on(rows, Side::Train), &on(rows, Side::Validation)).unwrap())
}

fn judged(model: &Model, rows: &[Row]) -> Report {
    score(model, rows.iter().filter(|row| Side::of(&row.text) == Side::Holdout))
}

/// D1: a planted signal is found, probabilities are calibrated, and the n-grams that make it are told.
#[test]
fn a_planted_signal_is_found() {
    let rows = rows(1, 4000, &["zebra", "quagga"]);
    let model = trained(&rows);
    let report = judged(&model, &rows);
    // The best there is: the odd rows above the others.
    assert!(report.figures.auc.unwrap() > 0.88, "{:?}", report.figures);
    assert!(report.figures.f1.unwrap() > 0.85 && report.figures.calibration_error < 0.05, "{:?}", report.figures);
    let losses = |of: fn(&super::Scored) -> f64| report.rows.iter().map(of).sum::<f64>() / report.rows.len() as f64;
    assert!((losses(|row| row.loss) - report.figures.log_loss).abs() < 1e-12);
    assert!(losses(|row| row.loss) < 0.6 * losses(|row| row.baseline));
    let found =
        |text: &str| model.terms().iter().any(|term| term.text == text && term.effect > 0.0 && term.rows > 100.0);
    assert!(found("zebra") && found("quagga"), "{:?}", model.terms());
    assert!(report.slices.iter().any(|slice| slice.name == "style=short"));
}

/// JUDGING §6: shuffled labels show no skill.
#[test]
fn shuffled_labels_show_no_skill() {
    let mut skills = Vec::new();
    for seed in 0..5 {
        let mut rows = rows(10 + seed, 3000, &["zebra"]);
        let mut labels: Vec<bool> = rows.iter().map(|row| row.label).collect();
        Stream::new(seed, Purpose::Shuffle, 0, 0).shuffle(&mut labels);
        rows.iter_mut().zip(labels).for_each(|(row, label)| row.label = label);
        let figures = judged(&trained(&rows), &rows).figures;
        assert!((figures.auc.unwrap() - 0.5).abs() < 0.12, "{figures:?}");
        skills.push(1.0 - figures.log_loss / figures.baseline_log_loss);
    }
    assert!(skills.iter().sum::<f64>() / 5.0 < 0.01, "{skills:?}");
}

/// Nothing of a row that judges reaches the model.
#[test]
fn held_out_rows_change_no_bit() {
    let rows = rows(2, 1500, &["zebra"]);
    let mut other = rows.clone();
    for row in other.iter_mut().filter(|row| matches!(Side::of(&row.text), Side::Holdout | Side::Anchor)) {
        row.label = !row.label;
        row.weight = 9.0;
    }
    assert_ne!(rows, other);
    assert_eq!(trained(&rows), trained(&other));
    // Validation rows calibrate, and reach neither the counts nor the weights.
    let (train, validation) = (on(&rows, Side::Train), on(&rows, Side::Validation));
    let turned: Vec<Example<'_>> = validation.iter().map(|row| Example { label: !row.label, ..*row }).collect();
    let turned = finished(Fit::new(&hyper(), &train, &turned).unwrap());
    let model = trained(&rows);
    assert_eq!((&model.scale, &model.weights), (&turned.scale, &turned.weights));
    assert_ne!(model.facts.calibration, turned.facts.calibration);
}

fn resumes<'a>(start: impl Fn() -> Fit<'a>) {
    let whole = finished(start());
    let mut running = start();
    loop {
        let resumed = start().resume(running.state()).unwrap();
        assert_eq!(resumed.position(), running.position());
        assert_eq!(finished(resumed), whole);
        if !running.advance().unwrap() {
            break;
        }
    }
    assert!(running.position().epoch > 2 && running.position().done);
    assert!(!running.advance().unwrap());
    assert_eq!(finished(start().resume(running.state()).unwrap()), whole);
}

/// A training that is stopped after any pass and resumed gives the same bits.
#[test]
fn a_resumed_training_is_the_same_to_the_bit() {
    let rows = rows(3, 1500, &["zebra"]);
    let (train, validation) = (on(&rows, Side::Train), on(&rows, Side::Validation));
    let parent = trained(&rows);
    let complete = || Fit::new(&hyper(), &train, &validation).unwrap();
    let update = || Fit::update(&hyper(), &parent, &train[200..], &train[..200], &validation).unwrap();
    resumes(complete);
    resumes(update);
    let alien = Fit::new(&hyper(), &train[1..], &validation).unwrap().state();
    assert!(matches!(complete().resume(alien), Err(TrainError::Data(_))));
}

/// D2: new rows are learned, new words too, nothing old is forgotten, and the scale stays.
#[test]
fn an_update_learns_and_does_not_forget() {
    let old = rows(4, 3000, &["zebra"]);
    let new = rows(5, 600, &["quagga"]);
    let parent = trained(&old);
    let train = on(&old, Side::Train);
    let model =
        finished(Fit::update(&hyper(), &parent, &train, &on(&new, Side::Train), &on(&old, Side::Validation)).unwrap());
    let auc = |model: &Model, rows: &[Row]| judged(model, rows).figures.auc.unwrap();
    assert!(auc(&parent, &new) < 0.6 && auc(&model, &new) > 0.8, "{} {}", auc(&parent, &new), auc(&model, &new));
    assert!(auc(&model, &old) > auc(&parent, &old) - 0.01);
    for (column, slot) in parent.scale.columns.slots().iter().enumerate() {
        let now = model.scale.columns.find(*slot).unwrap();
        assert_eq!(parent.scale.counts[column], model.scale.counts[now]);
    }
    assert_eq!((model.updates(), parent.updates()), (1, 0));
    assert_eq!(model.rows(), parent.rows() + on(&new, Side::Train).len() as u64);
    let other = TextHyper { words: 1, ..hyper() };
    let refused = Fit::update(&other, &parent, &train, &train, &train).unwrap_err().to_string();
    assert!(refused.contains("train completely"), "{refused}");
}

/// A row that counts twice moves the weights as two rows do.
#[test]
fn weights_count_like_repeated_rows() {
    let rows = rows(6, 800, &["zebra"]);
    let (train, validation) = (on(&rows, Side::Train), on(&rows, Side::Validation));
    let heavy: Vec<Example<'_>> = train.iter().map(|row| Example { weight: 2.0, ..*row }).collect();
    let exact = TextHyper { tolerance: 0.0, epochs: 400, ..hyper() };
    let heavy = finished(Fit::new(&exact, &heavy, &validation).unwrap());
    let twice = finished(Fit::new(&exact, &[train.clone(), train].concat(), &validation).unwrap());
    assert_eq!(heavy.scale, twice.scale);
    let pairs = heavy.weights.means.iter().zip(&twice.weights.means);
    assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 1e-3), "{:?}", pairs.max_by(|a, b| a.0.total_cmp(b.0)));
}

/// D1: a model is the same after a round trip; a damaged one is an error, never a panic.
#[test]
fn models_survive_their_files_and_damage_is_told() {
    let rows = rows(7, 1200, &["zebra"]);
    let model = trained(&rows);
    let preprocessing = model.preprocessing().unwrap();
    let loaded = Model::load(model.tensors(), &preprocessing).unwrap();
    // Versions from before trust was measured were trusted entirely.
    let mut older: serde_json::Value = serde_json::from_str(&preprocessing).unwrap();
    assert!(older["facts"].as_object_mut().unwrap().remove("trust").is_some());
    assert_eq!(Model::load(model.tensors(), &older.to_string()).unwrap().facts.trust, 1.0);
    assert_eq!(loaded, model);
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).chain(["", "@x", "zebra \u{1f600}"]).collect();
    assert_eq!(loaded.predict(&texts), model.predict(&texts));
    assert!(
        model
            .golden(&texts, 5)
            .iter()
            .all(|golden| { loaded.predict(&[&golden.text])[0].probability.to_bits() == golden.probability.to_bits() })
    );
    assert!((1..=5).contains(&model.golden(&texts, 5).len()) && model.golden(&[], 5).is_empty());
    let refused = |tensors: Tensors, preprocessing: &str| {
        assert!(matches!(Model::load(tensors, preprocessing), Err(TrainError::Data(_))), "{preprocessing:.80}");
    };
    for name in ["slots", "counts", "weights", "precisions"] {
        let mut missing = model.tensors();
        missing.0.remove(name);
        refused(missing, &preprocessing);
        let mut broken = model.tensors();
        match &mut broken.0.get_mut(name).unwrap().numbers {
            Numbers::I64(numbers) => numbers[0] = 1 << 40,
            Numbers::F64(numbers) => numbers[0] = f64::NAN,
            Numbers::F32(_) => unreachable!(),
        }
        refused(broken, &preprocessing);
    }
    refused(model.tensors(), &preprocessing[1..]);
    refused(model.tensors(), &preprocessing.replacen("\"columns\":", "\"columns\":9", 1));
    refused(model.tensors(), &preprocessing.replacen("\"threshold\":0.", "\"threshold\":7.", 1));
}
