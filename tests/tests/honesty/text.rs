//! Small classifiers of texts: what they claim where a word tells the class, and where none does.

use common::losses::Contestant;
use common::random::{Purpose, Stream};
use common::table::Cell;
use common::vocabulary::{ColumnKind, Family, Hyper, Mode, Reading, TextHyper, files};
use domain::judge::{Against, Outcome, Verdict, least_skill};
use models::run::TrainError;
use models::text::Side;

use crate::gate::{judgement, reliability, skill, trust};
use crate::log::Log;
use crate::training::{Others, Trained};
use crate::{count, for_seeds, mean};

const WORDS: usize = 40;

/// Texts of random words, of which a third are of the class; each has a last word of its own, so that no two are near-duplicates.
/// `telling`: how often a row of the class has a word that no other has.
fn texts(seed: u64, rows: u64, telling: f64) -> Log {
    let mut log = Log::of(&[("text", ColumnKind::Text), ("label", ColumnKind::Text), ("second", ColumnKind::Text)]);
    more(&mut log, seed, rows, telling);
    log
}

/// So many more of them.
fn more(log: &mut Log, seed: u64, rows: u64, telling: f64) {
    let mut draws = Stream::new(seed, Purpose::Weights, 0, 0);
    for row in 0..rows {
        let mut words: Vec<String> = (0..8).map(|_| letters(draws.below(WORDS) as u64)).collect();
        let is_positive = draws.uniform() < 1.0 / 3.0;
        if is_positive && draws.uniform() < telling {
            words[draws.below(8)] = "zebra".into();
        }
        words.push(letters(1_000_000 * (seed + 1) + row));
        let label = |positive| Cell::Text(u8::from(positive).to_string());
        let cells = vec![Cell::Text(words.join(" ")), label(is_positive), label(is_positive != (row % 9 == 0))];
        log.row(format!("{seed}-{row}"), row / 10, cells);
    }
}

/// A number in letters: digits are no words.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// How texts are read unless told otherwise.
fn reading() -> Reading {
    Reading::of(Family::Text).unwrap()
}

/// The same with a column in another role.
fn reading_with(role: &str, column: &str) -> Reading {
    reading().with(&[(role.to_owned(), column.to_owned())].into()).unwrap()
}

/// A training that must succeed; see [`train`].
fn trained(log: &Log, seed: u64, others: Others<'_>) -> Trained {
    train(log, reading(), seed, others).unwrap()
}

/// Trains on a log.
fn train(log: &Log, reading: Reading, seed: u64, others: Others<'_>) -> Result<Trained, TrainError> {
    log.train(reading, Hyper::Text(TextHyper { hash_bits: 16, seed, ..TextHyper::default() }), others)
}

/// G9, D2: a model cannot go on from one that reads other columns, or other rows: the trainer itself refuses.
#[test]
fn who_reads_other_columns_is_no_parent() {
    let mut log = texts(1, 900, 0.9);
    let parent = trained(&log, 1, Others::default());
    more(&mut log, 2, 200, 0.9);
    let others = Others { parent: Some(&parent), ..Others::default() };
    assert_eq!(trained(&log, 1, others).manifest.mode, Mode::Incremental);
    for (role, column) in [("label", "second"), ("text", "second"), ("positive", "0")] {
        let refused = train(&log, reading_with(role, column), 1, others).err().unwrap().to_string();
        assert!(refused.contains("an incremental training keeps its parent's"), "{role}: {refused}");
    }
    let sliced = train(&log, reading_with("group", "second"), 1, others);
    assert!(sliced.is_ok(), "only the verdict looks at groups");
}

/// G4: labels that have nothing to do with the texts earn no trust, and by far not the skill that is asked of a classifier.
#[test]
fn shuffled_labels_earn_no_trust() {
    let found = for_seeds(50, |seed| {
        let version = trained(&texts(seed, 1200, 0.9).shuffled("label", seed), seed, Others::default());
        (reliability(&version), trust(&version, least_skill(Family::Text)), skill(&version).mean)
    });
    let of = |part: fn(&(f64, f64, f64)) -> f64| mean(&found.iter().map(part).collect::<Vec<_>>());
    let (any, enough, skill) = (of(|found| found.0), of(|found| found.1), of(|found| found.2));
    println!("reliability {any:.3}, of the skill asked for {enough:.3}, skill {skill:.4}");
    assert!((0.45..=0.55).contains(&any), "mean reliability {any}");
    assert!(skill.abs() < 0.005, "{skill}");
    assert!(enough < 0.05, "{enough}");
}

/// G4: a word that tells the class nine times in ten is found.
#[test]
fn a_telling_word_is_found() {
    let found = for_seeds(6, |seed| {
        let version = trained(&texts(seed, 1200, 0.9), seed, Others::default());
        let judgement = judgement(&version);
        assert_eq!(judgement.against, Against::Baseline);
        judgement.beats_naive
            && judgement.outcome == Outcome::Promote
            && trust(&version, least_skill(Family::Text)) > 0.5
    });
    assert_eq!(count(&found), found.len());
}

/// G4: another seed is no progress: at most 5 % are found better than the champion of the same recipe.
#[test]
fn two_seeds_of_one_recipe_are_hardly_told_apart() {
    let better = for_seeds(200, |seed| {
        let log = texts(seed, 900, 0.5);
        let champion = trained(&log, 2 * seed, Others::default());
        let judgement =
            judgement(&trained(&log, 2 * seed + 1, Others { champion: Some(&champion), ..Others::default() }));
        assert_eq!(judgement.against, Against::Champion);
        judgement.verdict == Verdict::Better
    });
    println!("{} of {} pairs", count(&better), better.len());
    assert!(count(&better) * 20 <= better.len(), "{} of {} pairs", count(&better), better.len());
}

/// The side of the text of an entry.
fn side(entry: &common::table::Entry) -> Side {
    match &entry.cells[0] {
        Some(Cell::Text(text)) => Side::of(text),
        other => panic!("{other:?} is no text"),
    }
}

/// G9: nothing of a row that judges reaches counts, IDF, weights, calibration or threshold: they are the same to the bit.
#[test]
fn rows_that_judge_change_no_bit() {
    let log = texts(3, 900, 0.9);
    let mut other = log.clone();
    let judging = other.entries.iter_mut().filter(|entry| matches!(side(entry), Side::Holdout | Side::Anchor));
    let mut changed = 0;
    for entry in judging {
        entry.cells[1] = Some(Cell::Text("1".into()));
        changed += 1;
    }
    assert!(changed > 100);
    let [one, other] = [log, other].map(|log| trained(&log, 1, Others::default()));
    for name in [files::WEIGHTS, files::PREPROCESSING, files::SKETCH] {
        assert_eq!(one.file(name), other.file(name), "{name}");
    }
    assert_ne!(one.manifest.evaluation, other.manifest.evaluation);
}

/// G9: who has learnt from the texts of another column may have learnt from those that judge, and is not scored on them.
#[test]
fn who_was_parted_by_other_texts_is_no_champion() {
    let mut log = texts(4, 900, 0.9);
    log.entries.iter_mut().for_each(|entry| entry.cells[2] = entry.cells[0].clone());
    let champion = train(&log, reading_with("text", "second"), 1, Others::default()).unwrap();
    let version = trained(&log, 1, Others { champion: Some(&champion), ..Others::default() });
    assert_eq!(version.manifest.evaluation.of(Contestant::Champion), None);
    assert_eq!(judgement(&version).against, Against::Baseline);
}

/// D2: what was deleted or changed is forgotten: an incremental training cannot, and says so; a complete one never knew it.
#[test]
fn deleted_texts_are_forgotten() {
    let base = texts(5, 900, 0.9);
    let parent = trained(&base, 1, Others::default());
    let others = Others { parent: Some(&parent), ..Others::default() };
    let mut log = base.clone();
    more(&mut log, 6, 200, 0.9);
    let gone = |row: u64| format!("5-{row}");
    (0..40).for_each(|row| log.delete(gone(row), 100));
    let refused = train(&log, reading(), 1, others).err().unwrap().to_string();
    assert!(refused.contains("40 texts that the parent has learnt from have been deleted"), "{refused}");
    let complete = trained(&log, 1, Others::default());
    let mut without = base.clone();
    without.entries.retain(|entry| (0..40).all(|row| entry.key != gone(row)));
    more(&mut without, 6, 200, 0.9);
    without.entries.iter_mut().zip(1..).for_each(|(entry, seq)| entry.seq = seq);
    let never_there = trained(&without, 1, Others::default());
    for name in [files::WEIGHTS, files::PREPROCESSING] {
        assert_eq!(complete.file(name), never_there.file(name), "{name}");
    }
    // What was never given to the parent, it need not forget.
    let mut log = base;
    more(&mut log, 6, 200, 0.9);
    log.delete("6-3", 100);
    assert_eq!(train(&log, reading(), 1, others).unwrap().manifest.mode, Mode::Incremental);
}

/// D2: simulated rows are on record, teach nothing that judges, and are forgotten by the next training.
#[test]
fn simulated_rows_are_kept_apart() {
    let log = texts(7, 900, 0.9);
    let real = trained(&log, 1, Others::default());
    let simulating = |parent| {
        let hyper = TextHyper { hash_bits: 16, seed: 1, simulate: 100, ..TextHyper::default() };
        log.train(reading(), Hyper::Text(hyper), Others { parent, ..Others::default() }).unwrap()
    };
    let complete = simulating(None);
    assert_eq!(complete.manifest.training.train_rows, real.manifest.training.train_rows + 100);
    let keys = |version: &Trained| version.losses.0.iter().map(|row| row.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&complete), keys(&real), "none of them judges");
    let updated = simulating(Some(&real));
    assert_eq!(updated.manifest.training.new_rows, 100, "an update from simulated rows alone");
    assert!(updated.manifest.hyper.simulates());
    let refused = train(&log, reading(), 1, Others { parent: Some(&updated), ..Others::default() });
    assert!(refused.err().unwrap().to_string().contains("and simulated rows"), "nothing real goes on from it");
}
