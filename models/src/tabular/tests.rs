//! The family as a whole: skill where there is some, none where there is none, no leakage, the same bits.

use super::testing::{column, durations, planted, planted_schema, planted_table};
use super::*;
use common::random::{Purpose, Stream};
use common::vocabulary::TabularHyper;
use common::vocabulary::records::{Kind, Role};

fn small() -> TabularHyper {
    TabularHyper { trees: 40, epochs: 4, shrinkage: 0.1, race_margin: 10.0, ..TabularHyper::default() }
}

fn train(data: &Dataset, rows: &[usize], hyper: &TabularHyper) -> Model {
    let mut fit = Fit::new(data, rows, hyper).unwrap();
    while fit.advance().unwrap() {}
    fit.model().unwrap()
}

fn range(from: usize, to: usize) -> Vec<usize> {
    (from..to).collect()
}

/// B2: a planted signal is found, on rows the fit has not seen, and the planted columns are the important ones.
#[test]
fn planted_signals_are_found() {
    let data = planted(1500, 1);
    let model = train(&data, &range(0, 1000), &small());
    let judged = scores(&model, &data, &range(1000, 1500)).unwrap();
    assert!(judged.figures["auc"] > 0.85 && judged.skill() > 0.2, "{:?}", judged.figures);
    assert!(judged.figures["calibration_error"] < 0.08, "{:?}", judged.figures);
    assert_eq!(judged.slices.len(), 6, "{:?}", judged.slices);
    let order: Vec<String> =
        importance(&model, &data, &range(1000, 1500), 3, 1).unwrap().into_iter().map(|i| i.column).collect();
    assert_eq!(order, ["x", "team", "noise"]);
    let data = durations(900, 2);
    let model = train(&data, &range(0, 700), &small());
    let judged = scores(&model, &data, &range(700, 900)).unwrap();
    assert_eq!(judged.baselines[0].1.len(), 200);
    assert!(judged.skill() > 0.35, "{:?}", judged.figures);
    assert!((0.7..0.9).contains(&judged.figures["coverage_80"]), "{:?}", judged.figures);
}

/// JUDGING §6: shuffled labels show no skill.
#[test]
fn shuffled_labels_show_no_skill() {
    let mut aucs = Vec::new();
    for seed in 0..5 {
        let mut table = planted_table(900, seed);
        let mut labels: Vec<String> = table.rows.iter().map(|row| row[4].clone()).collect();
        Stream::new(seed, Purpose::Shuffle, 0, 0).shuffle(&mut labels);
        table.rows.iter_mut().zip(labels).for_each(|(row, label)| row[4] = label);
        let data = Dataset::new(&planted_schema(), &table).unwrap();
        let judged = scores(&train(&data, &range(0, 600), &small()), &data, &range(600, 900)).unwrap();
        assert!(judged.skill() < 0.02, "{:?}", judged.figures);
        aucs.push(judged.figures["auc"]);
    }
    let mean = aucs.iter().sum::<f64>() / 5.0;
    assert!((0.45..0.55).contains(&mean), "{aucs:?}");
}

/// JUDGING §6: rows that are not fitted on change nothing, down to the last bit.
#[test]
fn rows_held_out_have_no_influence() {
    let mut table = planted_table(400, 3);
    let model = |table: &raw::RawTable| {
        let data = Dataset::new(&planted_schema(), table).unwrap();
        let model = train(&data, &range(0, 300), &small());
        (model.tensors(), model.preprocessing().unwrap())
    };
    let before = model(&table);
    for row in &mut table.rows[300..] {
        (row[1], row[3], row[4]) = ("1e9".into(), "unheard of".into(), "yes".into());
    }
    assert_eq!(before, model(&table));
    table.rows[299][1] = "0.77".into();
    assert_ne!(before, model(&table), "a row that is fitted on does count");
}

/// A fit stopped after any piece and resumed gives the same bits.
#[test]
fn resumed_fits_give_the_same_bits() {
    for data in [planted(300, 4), durations(300, 4)] {
        let (rows, hyper) = (range(0, 250), TabularHyper { trees: 20, epochs: 2, ..small() });
        let whole = train(&data, &rows, &hyper);
        let mut fit = Fit::new(&data, &rows, &hyper).unwrap();
        let mut pieces = 0;
        while fit.advance().unwrap() {
            pieces += 1;
            let state = fit.state();
            let position = fit.position();
            assert!(position.round <= position.rounds && position.rounds <= position.pieces, "{position:?}");
            fit = Fit::new(&data, &rows, &hyper).unwrap().resume(state).unwrap();
            assert_eq!(format!("{position:?}"), format!("{:?}", fit.position()));
        }
        assert!(pieces > 10);
        assert_eq!(whole, fit.model().unwrap());
        let mut state = fit.state();
        state.0.remove("progress.best");
        assert!(Fit::new(&data, &rows, &hyper).unwrap().resume(state).is_err());
    }
}

#[test]
fn models_survive_a_round_trip_and_damage_is_an_error() {
    let data = planted(300, 5);
    let model = train(&data, &range(0, 250), &small());
    let preprocessing = model.preprocessing().unwrap();
    let read = Model::load(model.tensors(), &preprocessing).unwrap();
    let all = range(0, 300);
    assert_eq!(model.predict(&data, &all).unwrap(), read.predict(&data, &all).unwrap());
    for name in model.tensors().0.keys() {
        let mut tensors = model.tensors();
        tensors.0.remove(name);
        assert!(Model::load(tensors, &preprocessing).is_err(), "{name}");
    }
    assert!(Model::load(model.tensors(), &preprocessing[..preprocessing.len() / 2]).is_err());
    assert!(Model::load(model.tensors(), &preprocessing.replace("\"format\":1", "\"format\":9")).is_err());
}

/// Incremental: new rows are learnt, without forgetting, and bits do not depend on stops.
#[test]
fn updates_go_on_from_the_parent() {
    let data = planted(1500, 6);
    let parent = train(&data, &range(0, 600), &small());
    let (new, old, unseen) = (range(600, 800), range(0, 600), range(800, 1500));
    let run = |stop: bool| {
        let mut fit = Fit::update(&parent, &data, &new, &old, &small()).unwrap();
        while fit.advance().unwrap() {
            if stop {
                let state = fit.state();
                fit = Fit::update(&parent, &data, &new, &old, &small()).unwrap().resume(state).unwrap();
            }
        }
        fit.model().unwrap()
    };
    let child = run(false);
    assert_eq!(child, run(true));
    assert_ne!(child.tensors(), parent.tensors());
    let loss = |model: &Model| scores(model, &data, &unseen).unwrap().loss();
    let complete = loss(&train(&data, &range(0, 800), &small()));
    assert!(
        loss(&child) < complete * 1.05 && loss(&child) < loss(&parent) * 1.03,
        "{} {} {complete}",
        loss(&child),
        loss(&parent)
    );
}

/// A2: a handful of new rows, all of one class, is learnt among so many replayed ones that a fit makes sense.
#[test]
fn a2_few_new_rows_are_learnt_beside_old_ones() {
    let data = planted(1000, 6);
    let parent = train(&data, &range(0, 600), &small());
    let negative: Vec<usize> = range(600, 1000).into_iter().filter(|row| data.targets()[*row] == 0.0).take(3).collect();
    let mut fit = Fit::update(&parent, &data, &negative, &range(0, 600), &small()).unwrap();
    while fit.advance().unwrap() {}
    assert_ne!(fit.model().unwrap().tensors(), parent.tensors());
}

/// A row of weight 5 counts like five rows.
#[test]
fn weights_count() {
    let mut schema = planted_schema();
    schema.columns.push(column("worth", Kind::Number, Role::Weight));
    let weighed = |worth: fn(&str) -> String| {
        let mut table = planted_table(400, 7);
        table.names.push("worth".into());
        table.rows.iter_mut().for_each(|row| row.push(worth(&row[4])));
        Dataset::new(&schema, &table)
    };
    let mean = |worth| {
        let data = weighed(worth).unwrap();
        let model = train(&data, &range(0, 400), &small());
        model.predict(&data, &range(0, 400)).unwrap().iter().map(|p| p.value).sum::<f64>() / 400.0
    };
    let alike = mean(|_| String::new());
    assert!(mean(|label| if label == "yes" { "5" } else { "1" }.into()) > alike + 0.1);
    let refused = weighed(|_| "-1".into()).unwrap_err().to_string();
    assert!(refused.contains("row with key 0: \"-1\" is not a weight"), "{refused}");
}

/// D6: what one model cannot read in a log that others read too holds it up only where it is much.
#[test]
fn a_few_unreadable_cells_of_a_log_are_missing_and_counted() {
    let log = |index: usize, text: &str, rows: usize| {
        let mut table = planted_table(400, 8);
        table.rows.iter_mut().take(rows).for_each(|row| row[index] = text.into());
        Dataset::of_log(&planted_schema(), &table)
    };
    let known = |data: &Dataset| data.targets().iter().filter(|target| target.is_finite()).count();
    let whole = log(1, "0.5", 1).unwrap();
    let input = log(1, "unknown", 3).unwrap();
    assert_eq!((known(&input), input.unusable), (known(&whole), 0));
    assert!(log(1, "unknown", 300).unwrap_err().to_string().contains("declare the column as a category"));
    let missing = log(4, "", 12).unwrap();
    assert_eq!((known(&missing), missing.unusable), (known(&whole) - 12, 0), "not known yet");
    let unusable = log(4, "unknown", 12).unwrap();
    assert_eq!((known(&unusable), unusable.unusable), (known(&whole) - 12, 12));
}

#[test]
fn bad_data_is_refused_in_words() {
    let refused = |index: usize, text: &str| {
        let mut table = planted_table(50, 8);
        table.rows[6][index] = text.into();
        Dataset::new(&planted_schema(), &table).unwrap_err().to_string()
    };
    assert!(refused(1, "much").starts_with("row 7, column x: \"much\" is not a number; correct the cell"));
    let data = planted(50, 8);
    assert!(Fit::new(&data, &range(0, 20), &small()).err().unwrap().to_string().contains("at least 30"));
    let ones: Vec<usize> = (0..50).filter(|&row| data.targets()[row] == 1.0).cycle().take(40).collect();
    assert!(Fit::new(&data, &ones, &small()).err().unwrap().to_string().contains("of each class are needed"));
}
