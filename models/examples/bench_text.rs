//! Refit's side of the text benchmark: makes the splits that both sides use, trains on one of them, and compares scores.
//!
//! `split TWEETS SPLITS` · `train TWEETS SPLITS FOLD SEED SCORES` · `tune TWEETS SPLITS HYPER` · `delong SCORES…`

#![allow(clippy::print_stdout, reason = "it is a programme")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use common::vocabulary::TextHyper;
use models::text::{Example, Fit, Model, delong, figures, group, pooled};

type Outcome<T> = Result<T, Box<dyn Error>>;

const FOLDS: usize = 5;
/// Every so many groups of a training split calibrate Refit's model instead of training it; the peer trains on them.
const VALIDATION_EVERY: usize = 20;
/// Rows that arrive after the parent of an incremental training.
const ARRIVING: usize = 1000;

/// A tweet: toxic is hate speech (class 0) or offensive (class 1).
struct Tweet {
    text: String,
    toxic: bool,
}

/// Where the rows of one split are.
struct Split {
    train: Vec<usize>,
    validation: Vec<usize>,
    test: Vec<usize>,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["split", tweets, splits] => split(&read(tweets)?, splits),
        ["train", tweets, splits, fold, seed, scores] => {
            train(&read(tweets)?, &load(splits, fold.parse()?)?, seed.parse()?, scores)
        }
        ["tune", tweets, splits, hyper] => tune(&read(tweets)?, splits, &serde_json::from_str(hyper)?),
        ["delong", ref scores @ ..] => compare(scores),
        _ => Err("bench_text split|train|tune|delong: see the head of examples/bench_text.rs".into()),
    }
}

fn read(path: &str) -> Outcome<Vec<Tweet>> {
    let mut tweets = Vec::new();
    for record in csv::Reader::from_path(path)?.byte_records() {
        let record = record?;
        tweets.push(Tweet { text: String::from_utf8_lossy(&record[0]).into_owned(), toxic: &record[1] != b"2" });
    }
    Ok(tweets)
}

/// Deals the groups of near-duplicates to folds, class by class in the order of their hashes, and writes `row,toxic,fold,role`.
fn split(tweets: &[Tweet], path: &str) -> Outcome<()> {
    let mut groups: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (row, tweet) in tweets.iter().enumerate() {
        groups.entry(group(&tweet.text)).or_default().push(row);
    }
    let mut dealt = [0; 2];
    let mut roles = vec![(0, 0); tweets.len()];
    for rows in groups.values() {
        let place = &mut dealt[usize::from(tweets[rows[0]].toxic)];
        rows.iter().for_each(|row| {
            roles[*row] = (*place % FOLDS, usize::from((*place / FOLDS).is_multiple_of(VALIDATION_EVERY)))
        });
        *place += 1;
    }
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["row", "toxic", "fold", "validation"])?;
    for (row, (fold, validation)) in roles.iter().enumerate() {
        out.write_record([row, usize::from(tweets[row].toxic), *fold, *validation].map(|n| n.to_string()))?;
    }
    println!("{} tweets in {} groups", tweets.len(), groups.len());
    Ok(out.flush()?)
}

fn load(path: &str, fold: usize) -> Outcome<Split> {
    let mut split = Split { train: Vec::new(), validation: Vec::new(), test: Vec::new() };
    for record in csv::Reader::from_path(path)?.deserialize() {
        let (row, _, of, validation): (usize, u8, usize, usize) = record?;
        match (of == fold, validation == 1) {
            (true, _) => split.test.push(row),
            (false, true) => split.validation.push(row),
            (false, false) => split.train.push(row),
        }
    }
    Ok(split)
}

fn examples<'a>(tweets: &'a [Tweet], rows: &[usize]) -> Vec<Example<'a>> {
    rows.iter().map(|row| Example { text: &tweets[*row].text, label: tweets[*row].toxic, weight: 1.0 }).collect()
}

fn finish(mut fit: Fit<'_>) -> Outcome<(Model, u32)> {
    while fit.advance()? {}
    let epochs = fit.position().epoch;
    Ok((fit.finish(), epochs))
}

/// Trains completely, and incrementally on the last rows; prints JSON, writes `toxic,complete,incremental` of the test rows.
fn train(tweets: &[Tweet], split: &Split, seed: u64, path: &str) -> Outcome<()> {
    let hyper = TextHyper { seed, ..TextHyper::default() };
    let (rows, validation) = (examples(tweets, &split.train), examples(tweets, &split.validation));
    let test = examples(tweets, &split.test);
    let began = Instant::now();
    let (complete, epochs) = finish(Fit::new(&hyper, &rows, &validation)?)?;
    let seconds = began.elapsed().as_secs_f64();

    // Every so many rows arrive later, so that they are like the others.
    let step = rows.len() / ARRIVING;
    let arrives = |n: usize| n.is_multiple_of(step) && n / step < ARRIVING;
    let part =
        |new| rows.iter().enumerate().filter(|(n, _)| arrives(*n) == new).map(|(_, row)| *row).collect::<Vec<_>>();
    let (old, new) = (part(false), part(true));
    let (parent, _) = finish(Fit::new(&hyper, &old, &validation)?)?;
    let began = Instant::now();
    let (incremental, update_epochs) = finish(Fit::update(&hyper, &parent, &old, &new, &validation)?)?;
    let update_seconds = began.elapsed().as_secs_f64();

    let labels: Vec<bool> = test.iter().map(|row| row.label).collect();
    let texts: Vec<&str> = test.iter().map(|row| row.text).collect();
    let judged = [&complete, &incremental, &parent].map(|model| {
        let answers = model.predict(&texts);
        let probabilities: Vec<f64> = answers.iter().map(|answer| answer.probability).collect();
        let decided: Vec<bool> = answers.iter().map(|answer| answer.label).collect();
        (figures(&probabilities, &decided, &labels, model.minority(), model.prevalence()), probabilities)
    });
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["toxic", "complete", "incremental"])?;
    for (n, label) in labels.iter().enumerate() {
        out.write_record([f64::from(u8::from(*label)), judged[0].1[n], judged[1].1[n]].map(|x| x.to_string()))?;
    }
    out.flush()?;
    let [complete, incremental, parent] = judged.map(|(figures, _)| figures);
    let line = serde_json::json!({
        "seconds": seconds, "update_seconds": update_seconds, "rows": rows.len(), "arriving": new.len(),
        "epochs": epochs, "update_epochs": update_epochs,
        "complete": complete, "incremental": incremental, "parent": parent,
    });
    println!("{line}");
    Ok(())
}

/// Figures on the validation rows of every split, for the choice of hyper-parameters.
fn tune(tweets: &[Tweet], splits: &str, hyper: &TextHyper) -> Outcome<()> {
    let (mut auc, mut loss, mut f1, mut seconds, mut epochs) = (0.0, 0.0, 0.0, 0.0, 0);
    for fold in 0..FOLDS {
        let split = load(splits, fold)?;
        let (rows, validation) = (examples(tweets, &split.train), examples(tweets, &split.validation));
        let began = Instant::now();
        let (model, passes) = finish(Fit::new(hyper, &rows, &validation)?)?;
        seconds += began.elapsed().as_secs_f64();
        let labels: Vec<bool> = validation.iter().map(|row| row.label).collect();
        let answers = model.predict(&validation.iter().map(|row| row.text).collect::<Vec<_>>());
        let (probabilities, decided): (Vec<f64>, Vec<bool>) = answers.iter().map(|a| (a.probability, a.label)).unzip();
        let figures = figures(&probabilities, &decided, &labels, model.minority(), model.prevalence());
        auc += figures.auc.unwrap_or(f64::NAN);
        loss += figures.log_loss;
        f1 += figures.f1.unwrap_or(f64::NAN);
        epochs += passes;
    }
    let n = FOLDS as f64;
    println!("auc {:.5} log loss {:.5} f1 {:.4} seconds {:.3} epochs {epochs}", auc / n, loss / n, f1 / n, seconds / n);
    Ok(())
}

/// Each file holds `toxic,first,second` of disjoint rows: prints the difference of AUC, pooled, as JSON.
fn compare(paths: &[&str]) -> Outcome<()> {
    let mut differences = Vec::new();
    for path in paths {
        let (mut labels, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for record in csv::Reader::from_path(path)?.deserialize() {
            let (label, a, b): (f64, f64, f64) = record?;
            labels.push(label > 0.5);
            first.push(a);
            second.push(b);
        }
        differences.push(delong(&first, &second, &labels)?);
    }
    println!("{}", serde_json::to_string(&pooled(&differences))?);
    Ok(())
}
