//! The recommender's side of the benchmark: reads ratings, trains, and prints one JSON object a line.
//!
//! `speed FILE`, `folds FILE FOLDS OUT`, `seeds FILE FOLDS`, `forward FILE`, `small FILE HYPER`: FILE has
//! `user item rating unix_time`, tab separated.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::time::Instant;

use common::random::{Purpose, Stream};
use common::vocabulary::{Algorithm, RecommenderHyper};
use models::recommender::Sides;
use models::recommender::baseline::Baseline;
use models::recommender::evaluate::{Mode, RowScore, figures, score_lists, score_rows};
use models::recommender::fit::{Fit, Start};
use models::recommender::model::Model;
use models::recommender::ratings::{RatingEntry, Ratings, Reader};
use models::recommender::split::forward;
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["speed", file] => speed(file),
        ["folds", file, folds, out] => quality(&read(file)?, folds, out),
        ["seeds", file, folds] => seeds(&read(file)?, folds),
        ["forward", file] => in_time(&read(file)?),
        ["small", file, hyper] => small(&read(file)?, &serde_json::from_str(hyper)?),
        _ => {
            Err("usage: speed FILE | folds FILE FOLDS OUT | seeds FILE FOLDS | forward FILE | small FILE HYPER".into())
        }
    }
}

fn read(file: &str) -> Outcome<Ratings> {
    let mut reader = Reader::default();
    let mut lines = csv::ReaderBuilder::new().delimiter(b'\t').has_headers(false).from_path(file)?;
    let mut line = csv::StringRecord::new();
    while lines.read_record(&mut line)? {
        let (value, time) = (line[2].parse()?, line[3].parse().ok());
        reader.push(RatingEntry { user: &line[0], item: &line[1], value, time, weight: 1.0 })?;
    }
    Ok(reader.ratings())
}

fn train(ratings: &Ratings, sides: Sides<'_>, hyper: RecommenderHyper, start: Start<'_>) -> Outcome<Model> {
    let mut fit = Fit::new(ratings, sides, hyper, start)?;
    while fit.advance()? {}
    Ok(fit.finish()?)
}

/// Both algorithms on all rows: seconds of the passes with everything that prepares them.
fn speed(file: &str) -> Outcome<()> {
    let began = Instant::now();
    let ratings = read(file)?;
    let reading = began.elapsed().as_secs_f64();
    let rows: Vec<u32> = (0..ratings.len() as u32).collect();
    let began = Instant::now();
    let mut fit = Fit::new(
        &ratings,
        Sides { train: &rows, validation: &[] },
        RecommenderHyper::of(Algorithm::Svd),
        Start::Complete,
    )?;
    while fit.advance()? {}
    let fitting = began.elapsed().as_secs_f64();
    say(json!({"rows": ratings.len(), "read": reading, "fit": fitting}))
}

/// The folds of a file: for each a line of training rows and a line of test rows.
fn folds(file: &str) -> Outcome<Vec<[Vec<u32>; 2]>> {
    let text = fs::read_to_string(file)?;
    let rows = |line: &str| line.split(' ').map(str::parse).collect::<Result<Vec<u32>, _>>();
    let lines: Vec<&str> = text.lines().collect();
    lines.chunks_exact(2).map(|pair| Ok([rows(pair[0])?, rows(pair[1])?])).collect()
}

fn test(
    ratings: &Ratings,
    [train_rows, test]: &[Vec<u32>; 2],
    hyper: RecommenderHyper,
) -> Outcome<(f64, Vec<RowScore>)> {
    let sides = Sides { train: train_rows, validation: &[] };
    let began = Instant::now();
    let model = train(ratings, sides, hyper, Start::Complete)?;
    let seconds = began.elapsed().as_secs_f64();
    Ok((seconds, score_rows(&model, &Baseline::fit(ratings, sides)?, ratings, &[], test, Mode::AsTrained)))
}

/// Writes `fold row user prediction` of both algorithms to `OUT.svd` and `OUT.implicit`.
fn quality(ratings: &Ratings, file: &str, out: &str) -> Outcome<()> {
    for (name, algorithm) in [("svd", Algorithm::Svd), ("implicit", Algorithm::Implicit)] {
        let mut lines = String::new();
        let mut all = Vec::new();
        for (fold, sides) in folds(file)?.iter().enumerate() {
            let (seconds, scores) = test(ratings, sides, RecommenderHyper::of(algorithm))?;
            for score in &scores {
                writeln!(lines, "{fold} {} {} {}", score.row, score.user, score.prediction)?;
            }
            let (total, _) = figures(&scores);
            all.extend(scores);
            say(json!({"algorithm": name, "fold": fold, "seconds": seconds, "figures": total}))?;
        }
        fs::write(format!("{out}.{name}"), lines)?;
        say(json!({"algorithm": name, "figures": figures(&all).0}))?;
    }
    Ok(())
}

/// The default with three seeds.
fn seeds(ratings: &Ratings, file: &str) -> Outcome<()> {
    for seed in [1, 2, 3] {
        let mut all = Vec::new();
        for sides in &folds(file)? {
            all.extend(test(ratings, sides, RecommenderHyper { seed, ..RecommenderHyper::default() })?.1);
        }
        say(json!({"seed": seed, "figures": figures(&all).0}))?;
    }
    Ok(())
}

/// Sets as small as a young application has: some users and the items they share. What is printed are validation rows, to choose by,
/// and held out ones, to look at once.
fn small(all: &Ratings, hyper: &RecommenderHyper) -> Outcome<()> {
    for (users, items) in [(60, 100), (120, 60), (300, 100), (943, 60), (943, 300)] {
        for seed in 0..5 {
            let ratings = part(all, users, items, seed)?;
            let n = ratings.len();
            let split = forward(&ratings, n / 10, n * 27 / 200);
            let sides = Sides { train: &split.train, validation: &split.validation };
            let mut fit = Fit::new(&ratings, sides, RecommenderHyper { seed, ..hyper.clone() }, Start::Complete)?;
            while fit.advance()? {}
            let curve = fit.position().curve.clone();
            let best = |member| {
                let own = curve.iter().filter(|point| point.member == member).filter_map(|point| point.validation);
                own.fold(f64::INFINITY, f64::min)
            };
            let members: Vec<f64> = (0..hyper.members).map(best).collect();
            let model = fit.finish()?;
            let baseline = Baseline::fit(&ratings, sides)?;
            let rmse = |rows: &[u32]| figures(&score_rows(&model, &baseline, &ratings, &[], rows, Mode::AsTrained)).0;
            let (validation, holdout) = (rmse(&split.validation), rmse(&split.holdout));
            say(json!({"users": users, "items": items, "ratings": n, "seed": seed, "passes": curve.len(),
                       "members": members.iter().sum::<f64>() / members.len() as f64,
                       "validation": [validation.rmse, validation.baseline_rmse],
                       "holdout": [holdout.rmse, holdout.baseline_rmse]}))?;
        }
    }
    Ok(())
}

/// The ratings some users gave to the items with the most ratings, in an order of time of their own.
fn part(all: &Ratings, users: usize, items: usize, seed: u64) -> Outcome<Ratings> {
    let mut draws = Stream::new(seed, Purpose::Shuffle, 0, 0);
    let mut chosen: Vec<u32> = (0..all.users.len() as u32).collect();
    draws.shuffle(&mut chosen);
    chosen.truncate(users);
    let mut count = vec![0; all.items.len()];
    all.item.iter().for_each(|item| count[*item as usize] += 1);
    let mut popular: Vec<usize> = (0..count.len()).collect();
    popular.sort_by_key(|item| std::cmp::Reverse(count[*item]));
    popular.truncate(items);
    let mut rows: Vec<usize> = (0..all.len())
        .filter(|row| chosen.contains(&all.user[*row]) && popular.contains(&(all.item[*row] as usize)))
        .collect();
    draws.shuffle(&mut rows);
    let mut reader = Reader::default();
    for (time, row) in (0..).zip(rows) {
        let (user, item) = (all.users.name(all.user[row]), all.items.name(all.item[row]));
        reader.push(RatingEntry { user, item, value: f64::from(all.value[row]), time: Some(time), weight: 1.0 })?;
    }
    Ok(reader.ratings())
}

/// The newest fifth held out: ratings with fold-in, lists, and an incremental training against a complete one.
fn in_time(ratings: &Ratings) -> Outcome<()> {
    let n = ratings.len();
    let split = forward(ratings, n / 5, n / 20);
    let sides = Sides { train: &split.train, validation: &split.validation };
    let model = train(ratings, sides, RecommenderHyper::default(), Start::Complete)?;
    let began = Instant::now();
    let scores = score_rows(&model, &Baseline::fit(ratings, sides)?, ratings, &[], &split.holdout, Mode::Forward);
    let (total, groups) = figures(&scores);
    say(json!({"forward": total, "groups": groups, "seconds": began.elapsed().as_secs_f64()}))?;
    for given in [0.0, 0.5] {
        say(json!({"given": given, "lists": score_lists(&model, ratings, &split.holdout, given)}))?;
    }
    incremental(ratings)
}

/// 1,000 and 5,000 newer rows added to a parent.
fn incremental(ratings: &Ratings) -> Outcome<()> {
    let n = ratings.len();
    for fresh in [n / 100, n / 20] {
        let split = forward(ratings, n / 10, fresh);
        let baseline_of = |train| Baseline::fit(ratings, Sides { train, validation: &[] });
        let mut whole = split.train.clone();
        whole.extend(&split.validation);
        whole.sort_unstable();
        let timed = |train_rows: &[u32], start| -> Outcome<(f64, Model)> {
            let began = Instant::now();
            let model =
                train(ratings, Sides { train: train_rows, validation: &[] }, RecommenderHyper::default(), start)?;
            Ok((began.elapsed().as_secs_f64(), model))
        };
        let (_, parent) = timed(&split.train, Start::Complete)?;
        let (complete, from_start) = timed(&whole, Start::Complete)?;
        let (update, updated) =
            timed(&whole, Start::Incremental { parent: &parent, fresh: &split.validation, bereft: &[] })?;
        let baseline = baseline_of(&whole)?;
        for (what, seconds, model) in
            [("parent", 0.0, &parent), ("complete", complete, &from_start), ("incremental", update, &updated)]
        {
            let rmse = |mode| figures(&score_rows(model, &baseline, ratings, &[], &split.holdout, mode)).0.rmse;
            say(json!({"training": what, "fresh": fresh, "seconds": seconds,
                       "rmse": rmse(Mode::Forward), "rmse_as_trained": rmse(Mode::AsTrained)}))?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the benchmark reads it")]
fn say(line: serde_json::Value) -> Outcome<()> {
    println!("{line}");
    Ok(())
}
