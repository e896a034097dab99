//! Ratings to lists (C1, C4, C7, G4, G9, G10).

use std::fmt::Write;

use refit_tests::Installation;
use refit_tests::draw::draw;
use serde_json::{Value, json};

use crate::families::kit::{import, trained, version};

const MODEL: &str = "recommender/movies";
const USERS: u64 = 120;
const ITEMS: u64 = 60;

/// Two tastes: a user likes the items of their own, by and large. Everybody rates half of the items, over 200 days from `day` on.
pub(crate) fn ratings(users: std::ops::Range<u64>, day: u64) -> String {
    let mut csv = "user,item,rating,time\n".to_owned();
    for user in users {
        for item in 0..ITEMS {
            if draw(user, item, 2) == 0 {
                continue;
            }
            let likes = user % 2 == item % 2;
            let value = if likes { 4 } else { 2 } + draw(user, 1000 + item, 2);
            let at = 1_577_836_800 + (day + draw(user, 2000 + item, 200)) * 86_400 + user;
            writeln!(csv, "{user},film {item},{value},{at}").unwrap();
        }
    }
    csv
}

fn items(list: &Value) -> Vec<u64> {
    let number = |item: &Value| item["item"].as_str().unwrap().trim_start_matches("film ").parse().unwrap();
    list["items"].as_array().unwrap().iter().map(number).collect()
}

#[test]
fn c1_c4_c7_g4_ratings_become_a_judged_recommender_that_learns_more() {
    let refit = Installation::running();
    let key = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    let base = import(&refit, "movies", "base.csv", &ratings(0..USERS, 0), &key);
    assert_eq!(base["refused"], 0, "{base}");
    // Smaller than the defaults, to be quick.
    let hyper = ["n_factors=8", "members=2"];
    let set: Vec<&str> = hyper.iter().flat_map(|pair| ["--set", pair]).collect();
    refit.json(&[&["model", MODEL], &set[..]].concat());
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert_eq!(decision["reasons"][0]["code"], "no_model", "{decision}");

    // G4, G9: better than the biases alone, on the newest tenth, which it has not seen.
    trained(&refit, MODEL, &[]);
    let first = version(&refit, MODEL, "v1.0");
    assert_eq!((&first["status"], &first["loss_name"]), (&json!("live"), &json!("squared error")), "{first}");
    assert!(first["loss"].as_f64() < first["baseline_loss"].as_f64(), "{first}");
    assert_eq!((&first["baseline"], &first["verdict"]["beats_naive"]), (&json!("biases"), &json!(true)), "{first}");
    let evaluation = &first["manifest"]["evaluation"];
    assert!(first["seen_through"].as_str() < evaluation["first"].as_str(), "{evaluation}");
    assert!(first["figures"]["ndcg_10"].as_f64().unwrap() > 0.0, "{first}");

    // What it is worth to know who rates and what: without either, the version is worse.
    let inputs = first["importance"].as_array().unwrap();
    assert_eq!(inputs.len(), 2, "{first}");
    assert!(inputs.iter().all(|input| input["rise"].as_f64().unwrap() > 0.1), "{inputs:?}");

    // C4: what they like, and nothing that they have rated.
    let list = refit.json(&["recommend", MODEL, "7", "-n", "5"]);
    assert_eq!((&list["known"], &list["version"]), (&json!(true), &json!("v1.0")), "{list}");
    let liked = items(&list);
    assert!(liked.iter().all(|item| draw(7, *item, 2) == 0), "he has rated some of {list}");
    assert!(liked.iter().filter(|item| *item % 2 == 1).count() >= 4, "not his taste: {list}");
    assert!(list["items"].as_array().unwrap().iter().all(|item| !item["reason"].as_str().unwrap().is_empty()));

    // C4: one who came after the training is folded in, from their ratings in the data set or in the call.
    let late = import(&refit, "movies", "late.csv", &ratings(USERS..USERS + 1, 201), &[]);
    assert!(late["new"].as_u64().unwrap() > 20, "{late}");
    let list = refit.json(&["recommend", MODEL, &USERS.to_string(), "-n", "5"]);
    assert_eq!((&list["known"], &list["stored"]), (&json!(false), &late["new"]), "{list}");
    assert!(items(&list).iter().filter(|item| *item % 2 == 0).count() >= 4, "not the newcomer's taste: {list}");
    let given = refit.json(&["recommend", MODEL, "nobody", "-n", "5", "--rating", "film 1=5", "--rating", "film 2=1"]);
    assert_eq!((&given["known"], &given["stored"]), (&json!(false), &json!(0)), "{given}");
    assert!(!items(&given).contains(&1), "{given}");
    for (words, why) in [
        (&["--rating", "film 1=9"][..], "the rating of film 1 is 9: recommender/movies v1.0 knows ratings from 2 to 5"),
        (&["--rating", "film 1=5", "--rating", "film 1=4"], "film 1 is rated twice"),
    ] {
        let refused = refit.refit(&[&["recommend", MODEL, "nobody"][..], words].concat());
        assert!(refused.code == 4 && refused.stderr.contains(why), "{words:?}: {}", refused.stderr);
    }
    let unknown =
        refit.refit(&["recommend", MODEL, "nobody", "--rating", "film 1=5", "--rating", "no such film=4"]).ok();
    assert!(unknown.stdout.contains("v1.0 knows nothing of no such film"), "{}", unknown.stdout);
    let pairs = crate::families::kit::file(&refit, "pairs.csv", "user,item\n7,film 1\n7,film 2\n");
    let predicted = refit.json(&["predict", MODEL, "--file", pairs.to_str().unwrap()]);
    let value = |row: usize| predicted["predictions"][row]["value"].as_f64().unwrap();
    assert!(value(0) > value(1) + 1.0, "{predicted}");

    // Enough new ratings ask for an incremental training; it is judged beside the live version, and answers without a restart (C7).
    import(&refit, "movies", "more.csv", &ratings(USERS + 1..USERS + 30, 201), &[]);
    let decision = &refit.json(&["check", MODEL])["items"][0];
    assert!(decision["reasons"].as_array().unwrap().iter().any(|r| r["code"] == "new_samples"), "{decision}");
    trained(&refit, MODEL, &["--mode", "incremental"]);
    let second = version(&refit, MODEL, "v1.1");
    assert_eq!(second["parent"], "v1.0");
    assert!(second["manifest"]["training"]["new_rows"].as_u64().unwrap() >= 100, "{second}");
    let contestants = second["manifest"]["evaluation"]["contestants"].as_array().unwrap();
    assert!(contestants.iter().any(|figures| figures["contestant"] == "champion"), "{second}");
    if second["status"] == "live" {
        let list = refit.json(&["recommend", MODEL, &USERS.to_string()]);
        assert_eq!((&list["version"], &list["known"]), (&json!("v1.1"), &json!(true)), "{list}");
    }
}

/// G9: rows younger than the delay of their labels are not counted, fitted or scored, as of whatever day is asked.
#[test]
fn g9_ratings_count_once_they_have_matured() {
    let mut refit = Installation::new();
    refit.set("REFIT_POLICY__RATING_DELAY_DAYS", "10");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    // Days 0 to 199 after 2020-01-01.
    let base = ratings(0..USERS, 0);
    let key = ["--key", "user,item", "--time", "time", "--kinds", "user:text"];
    import(&refit, "movies", "base.csv", &base, &key);
    refit.json(&["model", MODEL, "--set", "n_factors=8", "--set", "members=1"]);
    let matured = |day: u64| {
        let until = 1_577_836_800 + (day + 1 - 10) * 86_400;
        let at = |line: &str| line.rsplit(',').next().unwrap().parse::<u64>().unwrap();
        base.lines().skip(1).filter(|line| at(line) < until).count() as u64
    };
    let day = |day: u64| (chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(day)).to_string();
    trained(&refit, MODEL, &["--as-of", &day(150)]);
    let first = version(&refit, MODEL, "v1.0");
    let manifest = &first["manifest"];
    assert_eq!(manifest["snapshot"]["through"], json!(day(140)), "{manifest}");
    assert!(manifest["data_through"].as_str().unwrap() <= day(140).as_str(), "{manifest}");
    let rows = |what: &str| manifest["training"][what].as_u64().unwrap();
    let scored = manifest["evaluation"]["rows"].as_u64().unwrap();
    assert_eq!(rows("train_rows") + rows("validation_rows") + scored, matured(150), "{manifest}");

    // Later, what has matured since is new, though it was there all the time.
    let decision = &refit.json(&["check", MODEL, "--as-of", &day(170)])["items"][0];
    let expected = format!("{} new rows since", matured(170) - matured(150));
    let reason = |reason: &Value| reason["text"].as_str().unwrap().starts_with(&expected);
    assert!(decision["reasons"].as_array().unwrap().iter().any(reason), "{expected}: {decision}");
    trained(&refit, MODEL, &["--as-of", &day(170), "--mode", "incremental"]);
    let second = version(&refit, MODEL, "v1.1");
    assert_eq!(second["manifest"]["snapshot"]["through"], json!(day(160)), "{second}");
    assert!(second["manifest"]["training"]["new_rows"].as_u64().unwrap() > 0, "{second}");
}

/// What makes no sense is refused in words.
#[test]
fn c1_what_a_recommender_cannot_read_is_said() {
    let refit = Installation::running();
    let refused = |words: &[&str], part: &str| {
        let answer = refit.refit(words);
        assert!(answer.code != 0 && answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    };
    refused(&["model", MODEL, "--column", "usr=customer"], "did you mean \"user\"?");
    refused(&["model", MODEL, "--set", "n_factors=0"], "n_factors = 0 is out of range: 1 to 512");
    refused(&["model", "forecaster/AAPL", "--dataset", "movies"], "reads the bars of its symbol");
    refused(&["model", "horoscope/leo"], "is not a model family");
    refit.json(&["model", MODEL, "--column", "user=customer"]);
    refused(&["recommend", MODEL, "7"], "has no live version yet: train it first");
    refused(&["retrain", MODEL], "rows");
    let prices = crate::families::kit::file(&refit, "rows.csv", "user,item\n1,2\n");
    refused(&["predict", "recommender/none", "--file", prices.to_str().unwrap()], "recommender/none");
}
