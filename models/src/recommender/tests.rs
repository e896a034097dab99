//! The family as a whole, on ratings with a planted taste.

use super::Sides;
use super::baseline::Baseline;
use super::evaluate::{Group, Mode, figures, score_lists, score_rows};
use super::fit::{Fit, Start};
use super::golden::{differs, golden};
use super::model::{Model, Trust};
use super::ratings::{RatingEntry, Ratings, Reader};
use super::split::{Split, forward};
use crate::error::TrainError;
use common::random::{Purpose, Stream};
use common::vocabulary::{Algorithm, RecommenderHyper};
use common::wire::ListedReason;

/// Users in two camps, items of two kinds: each camp likes its kind. Two users in three hold what they are asked.
fn planted(users: usize, seed: u64) -> Vec<(String, String, f64)> {
    let mut draws = Stream::new(seed, Purpose::Shuffle, 0, 0);
    let mut rows = Vec::new();
    for user in 0..users {
        for item in 0..40 {
            if draws.below(3) > 0 {
                let liked = (user + item) % 2 == 0;
                let value = if liked { 4.0 } else { 2.0 } + (draws.below(3) as f64 - 1.0);
                rows.push((format!("user {user}"), format!("item {item}"), value));
            }
        }
    }
    draws.shuffle(&mut rows);
    rows
}

fn ratings(rows: &[(String, String, f64)]) -> Ratings {
    let mut reader = Reader::default();
    for (at, (user, item, value)) in rows.iter().enumerate() {
        let time = Some(at as i64);
        reader.push(RatingEntry { user, item, value: *value, time, weight: 1.0 }).unwrap();
    }
    reader.ratings()
}

fn sides(split: &Split) -> Sides<'_> {
    Sides { train: &split.train, validation: &split.validation }
}

fn finish(mut fit: Fit) -> Model {
    while fit.advance().unwrap() {}
    fit.finish().unwrap()
}

fn train(ratings: &Ratings, sides: Sides<'_>, hyper: RecommenderHyper) -> Model {
    finish(Fit::new(ratings, sides, hyper, Start::Complete).unwrap())
}

fn small(algorithm: Algorithm) -> RecommenderHyper {
    RecommenderHyper {
        n_factors: 8,
        n_epochs: 40,
        lr: 0.03,
        members: if algorithm == Algorithm::Svd { 1 } else { 2 },
        ..RecommenderHyper::of(algorithm)
    }
}

const BOTH: [Algorithm; 2] = [Algorithm::Implicit, Algorithm::Svd];

fn skill(rows: &[(String, String, f64)], algorithm: Algorithm) -> f64 {
    let ratings = ratings(rows);
    let split = forward(&ratings, 400, 200);
    let model = train(&ratings, sides(&split), small(algorithm));
    let baseline = Baseline::fit(&ratings, sides(&split)).unwrap();
    let (total, _) = figures(&score_rows(&model, &baseline, &ratings, &[], &split.holdout, Mode::Forward));
    assert_eq!(total.rows, 400);
    1.0 - (total.rmse / total.baseline_rmse).powi(2)
}

/// C1; JUDGING: what is there is found, what is not there is not.
#[test]
fn a_planted_taste_is_found_and_shuffled_ratings_show_no_skill() {
    for algorithm in BOTH {
        let mut rows = planted(150, 1);
        let found = skill(&rows, algorithm);
        assert!(found > 0.3, "{algorithm:?}: {found}");
        let mut values: Vec<f64> = rows.iter().map(|row| row.2).collect();
        Stream::new(9, Purpose::Shuffle, 0, 0).shuffle(&mut values);
        rows.iter_mut().zip(values).for_each(|(row, value)| row.2 = value);
        let shuffled = skill(&rows, algorithm);
        assert!(shuffled < 0.02, "{algorithm:?}: {shuffled}");
    }
}

/// Stopped after any pass and resumed, complete and incremental.
#[test]
fn a_resumed_fit_gives_the_same_bits() {
    let ratings = ratings(&planted(40, 2));
    let split = forward(&ratings, 100, 80);
    let parent_sides = Sides { train: &split.train[..split.train.len() - 60], validation: &split.validation };
    for algorithm in BOTH {
        let hyper = RecommenderHyper { n_epochs: 4, update_epochs: 3, replay: 0.5, ..small(algorithm) };
        let parent = train(&ratings, parent_sides, hyper.clone());
        let fresh = &split.train[split.train.len() - 60..];
        for start in [Start::Complete, Start::Incremental { parent: &parent, fresh, bereft: &[] }] {
            let new = || Fit::new(&ratings, sides(&split), hyper.clone(), start).unwrap();
            let through = finish(new());
            for stop in 0..8 {
                let mut fit = new();
                for _ in 0..stop {
                    fit.advance().unwrap();
                }
                let state = fit.state();
                let fit = Fit::resume(&ratings, sides(&split), hyper.clone(), start, state.clone()).unwrap();
                assert_eq!(fit.state(), state);
                assert_eq!(finish(fit), through, "{algorithm:?} stopped after {stop}");
            }
        }
    }
}

#[test]
fn a_stored_model_answers_with_the_same_bits_and_a_damaged_one_is_refused() {
    let ratings = ratings(&planted(40, 3));
    let split = forward(&ratings, 0, 100);
    for algorithm in BOTH {
        let model = train(&ratings, sides(&split), small(algorithm));
        let preprocessing = model.preprocessing().unwrap();
        let loaded = Model::load(model.tensors(), &preprocessing).unwrap();
        // Versions from before trust was measured were trusted entirely.
        let mut older: serde_json::Value = serde_json::from_str(&preprocessing).unwrap();
        assert!(older.as_object_mut().unwrap().remove("trust").is_some());
        assert_eq!(Model::load(model.tensors(), &older.to_string()).unwrap().trust, Trust::default());
        assert_eq!(loaded, model);
        let cases = golden(&model);
        assert!(cases.len() >= 12 && cases.windows(2).any(|pair| pair[0].prediction != pair[1].prediction));
        assert_eq!(differs(&loaded, &cases), None);
        for name in model.tensors().0.keys() {
            let mut missing = model.tensors();
            missing.0.remove(name);
            assert!(matches!(Model::load(missing, &preprocessing), Err(TrainError::Data(_))), "{name}");
        }
        let mut far = model.tensors();
        let count = far.0["history.item"].sizes[0];
        far.i64("history.item", &[count], vec![99; count]);
        assert!(matches!(Model::load(far, &preprocessing), Err(TrainError::Data(_))));
        assert!(matches!(Model::load(model.tensors(), &preprocessing[1..]), Err(TrainError::Data(_))));
    }
}

/// No leakage: the ids, values and weights of rows held out leave no trace.
#[test]
fn other_held_out_rows_give_the_same_model() {
    let rows = planted(40, 4);
    let mut changed = rows.clone();
    for (at, row) in changed.iter_mut().rev().take(100).enumerate() {
        *row = (format!("stranger {at}"), format!("a new item {}", at % 7), 40.0);
    }
    let of = |rows: &[_]| {
        let ratings = ratings(rows);
        let split = forward(&ratings, 100, 100);
        (train(&ratings, sides(&split), small(Algorithm::Implicit)), Baseline::fit(&ratings, sides(&split)).unwrap())
    };
    assert_eq!(of(&rows), of(&changed));
}

/// C4: one who came after the training is folded in from their ratings.
#[test]
fn an_unseen_user_is_recommended_what_his_camp_likes() {
    let ratings = ratings(&planted(150, 5));
    let split = forward(&ratings, 0, 500);
    let model = train(&ratings, sides(&split), small(Algorithm::Implicit));
    let call = [
        ("item 0", 5.0, 1.0),
        ("item 2", 5.0, 1.0),
        ("item 1", 1.0, 1.0),
        ("item 3", 1.0, 1.0),
        ("unheard of", 5.0, 1.0),
    ];
    let profile = model.profile("stranger", call);
    assert!(!profile.known && profile.ratings() == 4);
    let predicted = |item| model.predict(&profile, item);
    assert!(predicted("item 4") > predicted("item 5") + 0.5, "{} {}", predicted("item 4"), predicted("item 5"));
    let list = model.recommend(&profile, 50);
    assert_eq!(list.len(), 36);
    assert!(list.iter().all(|r| call.iter().all(|rated| rated.0 != r.item)));
    assert!(list.is_sorted_by(|a, b| a.score >= b.score));
    assert!(
        matches!(&list[0].reason, ListedReason::RatedToo { one, .. } if one.starts_with("item ")),
        "{}",
        list[0].reason
    );
    let nobody = model.recommend(&model.profile("nobody", []), 3);
    assert!(matches!(nobody[0].reason, ListedReason::Popular { users } if users > 0), "{}", nobody[0].reason);
    let known = model.profile("user 1", []);
    let rated: Vec<&str> = model.rated(&known).map(|rated| rated.0).collect();
    assert!(known.known && !rated.is_empty());
    assert!(model.recommend(&known, 40).iter().all(|r| !rated.contains(&r.item.as_str())));
}

/// C1: new ids are folded in, what is touched is refitted, and the parent's rest is kept in mind.
#[test]
fn an_incremental_training_is_close_to_a_complete_one() {
    let ratings = ratings(&planted(150, 6));
    let split = forward(&ratings, 600, 300);
    let late = |row: &&u32| ratings.users.name(ratings.user[**row as usize]) == "user 7" || row.is_multiple_of(10);
    let (fresh, old): (Vec<&u32>, Vec<&u32>) = split.train.iter().partition(late);
    let (fresh, old): (Vec<u32>, Vec<u32>) = (fresh.into_iter().copied().collect(), old.into_iter().copied().collect());
    for algorithm in BOTH {
        let parent = train(&ratings, Sides { train: &old, validation: &split.validation }, small(algorithm));
        assert!(!parent.profile("user 7", []).known);
        let start = Start::Incremental { parent: &parent, fresh: &fresh, bereft: &[] };
        let updated = finish(Fit::new(&ratings, sides(&split), small(algorithm), start).unwrap());
        assert!(updated.profile("user 7", []).known);
        let complete = train(&ratings, sides(&split), small(algorithm));
        let baseline = Baseline::fit(&ratings, sides(&split)).unwrap();
        let rmse =
            |model| figures(&score_rows(model, &baseline, &ratings, &[], &split.holdout, Mode::AsTrained)).0.rmse;
        let [before, after, all] = [&parent, &updated, &complete].map(rmse);
        assert!(after < before && after < all + 0.02, "{algorithm:?}: {before} {after} {all}");
        let other = RecommenderHyper { n_factors: 9, ..small(algorithm) };
        assert!(matches!(Fit::new(&ratings, sides(&split), other, start), Err(TrainError::Data(_))));
    }
}

/// C1: of ratings that were taken back, nothing is left in what the model makes of the user: they are folded in anew.
#[test]
fn who_takes_ratings_back_is_known_by_what_is_left() {
    let of = |rows: &[(String, String, f64)]| ratings(rows);
    let contrary = |row: &(String, String, f64)| row.0 == "user 2" && row.2 < 3.0;
    let mut before = planted(150, 10);
    // They say of their own kind that they dislike it, and take that back later.
    before.iter_mut().filter(|row| row.0 == "user 2").for_each(|row| row.2 = 6.0 - row.2);
    let after: Vec<_> = before.iter().filter(|row| !contrary(row)).cloned().collect();
    let (before, after) = (of(&before), of(&after));
    let rows = |ratings: &Ratings| (0..ratings.len() as u32).collect::<Vec<_>>();
    let (all, left) = (rows(&before), rows(&after));
    for algorithm in BOTH {
        let parent = train(&before, Sides { train: &all, validation: &[] }, small(algorithm));
        let sides = Sides { train: &left, validation: &[] };
        let his: Vec<u32> =
            left.iter().copied().filter(|row| after.users.name(after.user[*row as usize]) == "user 2").collect();
        let start = |bereft| Start::Incremental { parent: &parent, fresh: &[], bereft };
        let hyper = RecommenderHyper { update_epochs: 1, replay: 0.0, ..small(algorithm) };
        let updated = finish(Fit::new(&after, sides, hyper, start(&his[..1])).unwrap());
        let complete = train(&after, sides, small(algorithm));
        let said = |model: &Model| model.predict(&model.profile("user 2", []), "item 4");
        let [was, is, should] = [&parent, &updated, &complete].map(said);
        assert!((is - should).abs() < 0.5 * (was - should).abs(), "{algorithm:?}: {was} {is} {should}");
    }
    let beyond = Start::Incremental {
        parent: &train(&before, Sides { train: &all, validation: &[] }, small(Algorithm::Svd)),
        fresh: &[],
        bereft: &[9999],
    };
    let refused = Fit::new(&after, Sides { train: &left, validation: &[] }, small(Algorithm::Svd), beyond).map(drop);
    assert!(matches!(refused, Err(TrainError::Code(_))));
}

/// C1: a few thousand ratings are enough for the defaults: passes and patience are counted by what there is to learn.
#[test]
fn few_ratings_are_learnt_with_the_defaults() {
    for users in [75, 150] {
        let ratings = ratings(&planted(users, 11));
        let split = forward(&ratings, 400, 300);
        let model = train(&ratings, sides(&split), RecommenderHyper { members: 1, ..RecommenderHyper::default() });
        let baseline = Baseline::fit(&ratings, sides(&split)).unwrap();
        let (all, _) = figures(&score_rows(&model, &baseline, &ratings, &[], &split.holdout, Mode::Forward));
        let skill = 1.0 - (all.rmse / all.baseline_rmse).powi(2);
        assert!(skill > 0.3, "{} ratings: {skill}", ratings.len());
    }
}

#[test]
fn weights_count_and_scales_hold() {
    let of = |weight: f64| {
        let mut reader = Reader::default();
        for (user, item, value) in planted(40, 7) {
            let contrary = item == "item 3" && user.ends_with('1');
            let (value, weight) = if contrary { (1.0, weight) } else { (value, 1.0) };
            reader.push(RatingEntry { user: &user, item: &item, value, time: None, weight }).unwrap();
        }
        let ratings = reader.ratings();
        let rows: Vec<u32> = (0..ratings.len() as u32).collect();
        let model = train(&ratings, Sides { train: &rows, validation: &[] }, small(Algorithm::Svd));
        let mean = |users: &[&str]| -> f64 {
            users.iter().map(|user| model.predict(&model.profile(user, []), "item 3")).sum::<f64>() / users.len() as f64
        };
        assert!((1.0..=5.0).contains(&model.predict(&model.profile("user 1", []), "item 3")));
        mean(&["user 1", "user 11", "user 21"])
    };
    assert!(of(5.0) < of(0.01) - 0.5, "against their camp: {} {}", of(5.0), of(0.01));
}

#[test]
fn rows_are_reported_by_how_much_is_known_and_lists_beat_popularity() {
    let mut rows = planted(150, 8);
    rows.sort_by_key(|row| row.0 == "user 5");
    let ratings = ratings(&rows);
    let split = forward(&ratings, 40, 400);
    let model = train(&ratings, sides(&split), small(Algorithm::Implicit));
    let baseline = Baseline::fit(&ratings, sides(&split)).unwrap();
    let scores = score_rows(&model, &baseline, &ratings, &[], &split.holdout, Mode::Forward);
    let (_, groups) = figures(&scores);
    assert_eq!(groups[&Group::None].rows, 1, "the first rating of user 5");
    assert!(groups[&Group::Few].rows >= 19);
    let split = forward(&ratings, 1_000, 400);
    let model = train(&ratings, sides(&split), small(Algorithm::Implicit));
    let lists = score_lists(&model, &ratings, &split.holdout, 0.0);
    let mean = |of: fn(&super::evaluate::ListScore) -> f64| lists.iter().map(of).sum::<f64>() / lists.len() as f64;
    assert!(mean(|l| l.ndcg) > mean(|l| l.popular_ndcg) + 0.05, "{} {}", mean(|l| l.ndcg), mean(|l| l.popular_ndcg));
}

#[test]
fn trainings_that_cannot_be_are_refused() {
    let ratings = ratings(&planted(5, 9));
    let none = Sides { train: &[], validation: &[] };
    let refused = |sides, hyper| Fit::new(&ratings, sides, hyper, Start::Complete).map(drop).unwrap_err().to_string();
    assert!(refused(none, RecommenderHyper::default()).contains("no ratings to train on"));
    let all: Vec<u32> = (0..ratings.len() as u32).collect();
    let sides = Sides { train: &all, validation: &[] };
    assert!(refused(sides, RecommenderHyper { lr: 1.0, ..RecommenderHyper::default() }).contains("out of range"));
    let fit = Fit::new(&ratings, sides, RecommenderHyper::default(), Start::Complete).unwrap();
    assert!(matches!(fit.finish(), Err(TrainError::Code(_))));
}
