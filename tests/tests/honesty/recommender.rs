//! Small recommenders: what they claim where users have a taste, and where they have none.

use common::losses::Contestant;
use common::random::{Purpose, Stream};
use common::table::Cell;
use common::vocabulary::{ColumnKind, Family, Hyper, Mode, Reading, RecommenderHyper, figures, files};
use domain::judge::{Against, Outcome, Verdict, least_skill};
use models::run::TrainError;

use crate::gate::{judgement, reliability, skill, trust};
use crate::log::Log;
use crate::training::{Others, Trained};
use crate::{count, for_seeds, mean};

const USERS: usize = 80;
const ITEMS: usize = 40;

/// Two camps of users and two kinds of items: each camp likes its kind by so many stars more. Two ratings in three are given, in an
/// order of their own, 20 a day.
fn ratings(seed: u64, liking: f64) -> Log {
    rated(seed, |user, item| if (user + item).is_multiple_of(2) { liking } else { -liking })
}

/// The same of users who like all items alike: some are milder than others, and some items are better.
fn tasteless(seed: u64) -> Log {
    let tenth = |number: usize| (number * 7 % 11) as f64 / 10.0 - 0.5;
    rated(seed, |user, item| tenth(user) + 2.0 * tenth(item))
}

/// Ratings of 3 stars, and what a user adds for an item, and chance.
fn rated(seed: u64, adds: impl Fn(usize, usize) -> f64) -> Log {
    let mut draws = Stream::new(seed, Purpose::Shuffle, 0, 0);
    let mut rows = Vec::new();
    for user in 0..USERS {
        for item in 0..ITEMS {
            if draws.below(3) > 0 {
                rows.push((user, item, (3.0 + adds(user, item) + draws.below(3) as f64 - 1.0).clamp(1.0, 5.0)));
            }
        }
    }
    draws.shuffle(&mut rows);
    let mut log = Log::of(&[("user", ColumnKind::Text), ("item", ColumnKind::Text), ("rating", ColumnKind::Number)]);
    for (at, (user, item, value)) in rows.into_iter().enumerate() {
        let cells = vec![Cell::Text(user.to_string()), Cell::Text(item.to_string()), Cell::Number(value)];
        log.row(format!("{user}|{item}"), at as u64 / 20, cells);
    }
    log
}

/// A training that must succeed; see [`train`].
fn trained(log: &Log, seed: u64, others: Others<'_>) -> Trained {
    train(log, seed, others).unwrap()
}

/// Trains on a log.
fn train(log: &Log, seed: u64, others: Others<'_>) -> Result<Trained, TrainError> {
    let hyper = RecommenderHyper { n_factors: 8, members: 2, seed, ..RecommenderHyper::default() };
    log.train(Reading::of(Family::Recommender).unwrap(), Hyper::Recommender(hyper), others)
}

/// G4: ratings dealt out anew earn no trust.
#[test]
fn shuffled_ratings_earn_no_trust() {
    let found = for_seeds(50, |seed| {
        let version = trained(&ratings(seed, 1.0).shuffled("rating", seed), seed, Others::default());
        (reliability(&version), trust(&version, least_skill(Family::Recommender)), skill(&version).mean)
    });
    let of = |part: fn(&(f64, f64, f64)) -> f64| mean(&found.iter().map(part).collect::<Vec<_>>());
    let (any, enough, skill) = (of(|found| found.0), of(|found| found.1), of(|found| found.2));
    println!("reliability {any:.3}, of the skill asked for {enough:.3}, skill {skill:.4}");
    assert!((0.45..=0.55).contains(&any), "mean reliability {any}");
    assert!(skill.abs() < 0.005, "{skill}");
    assert!(enough < any, "{enough}");
}

/// G4: where there is no taste to be found, a factorisation earns no trust. It is a little worse than biases that are fitted by
/// themselves, and is seen to be: reliability may well be below one half here.
#[test]
fn users_without_a_taste_earn_no_trust() {
    let found = for_seeds(50, |seed| {
        let version = trained(&tasteless(seed), seed, Others::default());
        (reliability(&version), skill(&version).mean)
    });
    let of = |part: fn(&(f64, f64)) -> f64| mean(&found.iter().map(part).collect::<Vec<_>>());
    let (any, skill) = (of(|found| found.0), of(|found| found.1));
    println!("without a taste: reliability {any:.3}, skill {skill:.4}");
    assert!(any <= 0.55, "mean reliability {any}");
    assert!((-0.02..0.005).contains(&skill), "{skill}");
}

/// G4: a taste is found, by the defaults' own patience; and lists of what suits it are better than what is popular (C4), on data whose
/// form was fixed before.
#[test]
fn a_taste_is_found() {
    let found = for_seeds(6, |seed| {
        let version = trained(&ratings(seed, 1.0), seed, Others::default());
        let judgement = judgement(&version);
        assert_eq!(judgement.against, Against::Baseline);
        let skilled = trust(&version, least_skill(Family::Recommender)) > 0.5;
        let ndcg = |who| version.manifest.evaluation.of(who).unwrap().figures[figures::NDCG_10];
        let lists = ndcg(Contestant::Challenger) > ndcg(Contestant::Biases);
        judgement.beats_naive && judgement.outcome == Outcome::Promote && skilled && lists
    });
    assert_eq!(count(&found), found.len());
}

/// G4: another seed is no progress: at most 5 % are found better than the champion of the same recipe.
#[test]
fn two_seeds_of_one_recipe_are_hardly_told_apart() {
    let better = for_seeds(50, |seed| {
        let log = ratings(seed, 0.5);
        let champion = trained(&log, 2 * seed, Others::default());
        let judgement =
            judgement(&trained(&log, 2 * seed + 1, Others { champion: Some(&champion), ..Others::default() }));
        assert_eq!(judgement.against, Against::Champion);
        judgement.verdict == Verdict::Better
    });
    assert!(count(&better) * 20 <= better.len(), "{} of {} pairs", count(&better), better.len());
}

/// G9: ids, values and weights of ratings that judge leave no trace in factors, blends or what travels with them.
#[test]
fn later_ratings_change_no_bit() {
    let log = ratings(3, 1.0);
    let one = trained(&log, 1, Others::default());
    let first = one.manifest.evaluation.first;
    let mut other = log.clone();
    for (at, entry) in other.entries.iter_mut().filter(|entry| entry.arrived >= first).enumerate() {
        entry.cells = vec![
            Some(Cell::Text(format!("stranger {}", at % 9))),
            Some(Cell::Text(format!("new {at}"))),
            Some(Cell::Number(50.0)),
        ];
    }
    assert_ne!(log.entries, other.entries);
    let other = trained(&other, 1, Others::default());
    for name in [files::WEIGHTS, files::PREPROCESSING, files::SKETCH] {
        assert_eq!(one.file(name), other.file(name), "{name}");
    }
}

/// G9: a version that was trained on gate rows is refused by the evaluator, with both dates.
#[test]
fn who_was_trained_on_gate_rows_is_refused() {
    let later = ratings(4, 1.0);
    let mut earlier = later.clone();
    earlier.entries.truncate(later.entries.len() * 3 / 4);
    let champion = trained(&later, 1, Others::default());
    let refused =
        train(&earlier, 2, Others { champion: Some(&champion), ..Others::default() }).err().unwrap().to_string();
    assert!(refused.contains("was fitted on each of the"), "{refused}");
    assert!(refused.contains("nobody is scored on rows they have seen"), "{refused}");
}

/// C1: a rating that was taken back is in no training that follows, complete or incremental.
#[test]
fn what_is_taken_back_is_not_there_any_more() {
    let base = ratings(5, 1.0);
    let parent = trained(&base, 1, Others::default());
    let mut log = base.clone();
    let taken: Vec<String> = (0..ITEMS).map(|item| format!("7|{item}")).collect();
    taken.iter().for_each(|key| log.delete(key, 200));
    let complete = trained(&log, 1, Others::default());
    let mut without = base.clone();
    without.entries.retain(|entry| !taken.contains(&entry.key));
    without.entries.iter_mut().zip(1..).for_each(|(entry, seq)| entry.seq = seq);
    let never_there = trained(&without, 1, Others::default());
    for name in [files::WEIGHTS, files::PREPROCESSING] {
        assert_eq!(complete.file(name), never_there.file(name), "{name}");
    }
    let updated = trained(&log, 1, Others { parent: Some(&parent), ..Others::default() });
    assert_eq!(updated.manifest.mode, Mode::Incremental);
    let users = |version: &Trained| -> Vec<String> {
        let preprocessing: serde_json::Value = serde_json::from_slice(&version.file(files::PREPROCESSING)).unwrap();
        serde_json::from_value(preprocessing["users"].clone()).unwrap()
    };
    assert!(users(&parent).contains(&"7".to_owned()) && !users(&updated).contains(&"7".to_owned()));
}
