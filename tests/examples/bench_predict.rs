//! `make bench-predict`: one row at a time through the API, warm, while both slots of the only worker train.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use refit_tests::draw::draw;
use refit_tests::figures::Figures;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};
use serde_json::json;

const MODEL: &str = "text/bench";
/// Questions asked one after the other.
const ONE_BY_ONE: usize = 1_000;
/// How long many are asked at once, unless `REFIT_BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 10;
/// Clients that ask then.
const CLIENTS: usize = 8;

fn main() {
    let seconds = std::env::var("REFIT_BENCH_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SECONDS);
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit.start_worker_with(&["--slots", "2"]);
    classifier(&refit);
    let url = format!("{}/api/v1/models/{MODEL}/predict", refit.address().expect("the coordinator listens"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");

    let idle = runtime.block_on(one_by_one(&url));
    println!("bench: predict_one_row_idle_p50 {:.2} ms ({ONE_BY_ONE} questions)", idle.median());

    let trainings = busy(&refit);
    let latency = runtime.block_on(one_by_one(&url));
    latency.report("predict_one_row_both_slots_training", "ms", 10.0);
    let rate = runtime.block_on(at_once(&url, Duration::from_secs(seconds)));
    println!(
        "bench: predict_rate_both_slots_training {rate:.0} /s (goal >= 300 /s; {CLIENTS} clients, one row a question)"
    );
    for job in trainings {
        assert_eq!(refit.job(&job)["state"], "running", "the slots were to train all the while");
        refit.refit(&["cancel", &job]).ok();
    }
}

/// A word of its own for each number: figures would be taken for one and the same.
fn word(number: u64) -> String {
    let letter = |place: u32| char::from(b'a' + (number / 13_u64.pow(place) % 13) as u8);
    (0..3).map(letter).collect::<String>() + "ing"
}

/// A classifier that has been trained and answers.
fn classifier(refit: &Installation) {
    let mut csv = "text,label\n".to_owned();
    for row in 0..5_000_u64 {
        let rude = draw(row, 0, 3) == 0;
        let words: Vec<String> = (0..12).map(|place| word(draw(row, 10 + place, 2_000))).collect();
        // Nine times in ten: a word that tells the class for sure would have to be confirmed.
        let telling = if (draw(row, 1, 10) == 0) != rude { "idiot" } else { "thanks" };
        writeln!(csv, "{} {telling},{}", words.join(" "), u8::from(rude)).expect("a text can be written to");
    }
    let file = refit.folder().join("texts.csv");
    std::fs::write(&file, csv).expect("the folder can be written to");
    refit.json(&["data", "import", "bench", &file.to_string_lossy()]);
    refit.json(&["model", MODEL]);
    let job = refit.ended(&refit.train(MODEL, &[]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
}

/// Keeps both slots training: the jobs.
fn busy(refit: &Installation) -> Vec<String> {
    let symbols = &prices::symbols()[..2];
    let mut jobs = Vec::new();
    for symbol in symbols {
        let file = prices::cut(symbol, 0..prices::rows(symbol), refit.folder());
        refit.json(&["import", "prices", &file.to_string_lossy()]);
        let model = format!("forecaster/{symbol}");
        jobs.push(refit.train(&model, &["--set", "epochs=500", "--set", "patience=100"]));
    }
    for job in &jobs {
        wait::until("both slots to train", LIMIT, || (refit.job(job)["progress"]["step"].as_u64()? > 20).then_some(()));
    }
    jobs
}

async fn ask(client: &reqwest::Client, url: &str, number: u64) {
    let text = format!("{} {} thanks", word(draw(number, 1, 2_000)), word(draw(number, 2, 2_000)));
    let answer = client.post(url).json(&json!({"rows": [{"text": text}]})).send().await.expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert!(status.is_success(), "{status}: {text}");
}

/// Milliseconds of each question, asked over one connection, one after the other.
async fn one_by_one(url: &str) -> Figures {
    let client = reqwest::Client::new();
    for number in 0..20 {
        ask(&client, url, number).await;
    }
    let mut figures = Figures::default();
    for number in 0..ONE_BY_ONE {
        let asked = Instant::now();
        ask(&client, url, number as u64).await;
        figures.add(asked.elapsed().as_secs_f64() * 1e3);
    }
    figures
}

/// Answers a second, with several clients that each ask again as soon as they have theirs.
async fn at_once(url: &str, time: Duration) -> f64 {
    let (start, answered) = (Instant::now(), AtomicU64::new(0));
    let asking = (0..CLIENTS as u64).map(|number| {
        let answered = &answered;
        async move {
            let client = reqwest::Client::new();
            while start.elapsed() < time {
                ask(&client, url, number * 1_000_000 + answered.fetch_add(1, Ordering::Relaxed)).await;
            }
        }
    });
    futures::future::join_all(asking).await;
    answered.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}
