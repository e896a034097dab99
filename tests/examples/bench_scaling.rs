//! `make bench-scaling`: what a second worker brings, and how long slots stand idle, on RabbitMQ, Redis, PostgreSQL and S3.
//!
//! A slot is busy from the grant of a claim to its end, by the worker's own log ("a claim begins", "a claim ended"): inputs, training,
//! upload and seal. Idle is what lies between: the end told, the next job handed out, its doorbell, claim and grant. Counted from the
//! first claim until the backlog is empty, when the last job begins.

use std::time::Duration;

use chrono::{DateTime, Utc};
use refit_tests::{Installation, prices, wait};
use serde_json::{Value, json};

/// Trainings with one worker and with two.
const TRAININGS: usize = 40;
/// Tickers that go through two slots, unless `REFIT_BENCH_TICKERS` says otherwise.
const TICKERS: usize = 2_000;
/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_hours(4);

fn main() {
    let tickers = std::env::var("REFIT_BENCH_TICKERS").ok().and_then(|n| n.parse().ok()).unwrap_or(TICKERS);
    let Some((one, _)) = trained(TRAININGS, 1) else { std::process::exit(2) };
    let Some((two, _)) = trained(TRAININGS, 2) else { std::process::exit(2) };
    println!(
        "bench: scaling_{TRAININGS}_trainings {two:.1} s, one worker {one:.1} s, ratio {:.2} (goal >= 1.8)",
        one / two
    );
    let Some((wall, slots)) = trained(tickers, 2) else { std::process::exit(2) };
    let busy: f64 = slots.iter().map(Slot::busy).sum::<f64>() / slots.len() as f64;
    let gaps: Vec<f64> = slots.iter().flat_map(Slot::gaps).collect();
    let longest = gaps.iter().copied().fold(0.0, f64::max);
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    println!(
        "{tickers} trainings in {wall:.1} s; between two of a slot {:.0} ms, at most {:.0} ms",
        mean * 1e3,
        longest * 1e3
    );
    println!("bench: scaling_slots_busy {:.1} % (goal >= 97 %; {tickers} tickers)", 100.0 * busy);
}

/// What a slot did: when each claim began and ended.
struct Slot(Vec<(DateTime<Utc>, DateTime<Utc>)>);

impl Slot {
    /// Of a worker of one slot, from its log.
    fn of(log: &str) -> Self {
        let times = |what: &str| {
            let at = |line: &str| line.split_whitespace().next()?.parse::<DateTime<Utc>>().ok();
            log.lines().filter(|line| line.contains(what)).filter_map(at).collect::<Vec<_>>()
        };
        Self(times("a claim begins").into_iter().zip(times("a claim ended")).collect())
    }

    /// Share of the time, from the first claim to the beginning of the last, that it held one.
    fn busy(&self) -> f64 {
        let (Some((first, _)), Some((last, _))) = (self.0.first(), self.0.last()) else { return 0.0 };
        let held: f64 = self.0[..self.0.len() - 1].iter().map(|(begin, end)| (*end - *begin).as_seconds_f64()).sum();
        held / (*last - *first).as_seconds_f64()
    }

    /// Seconds between the end of a claim and the beginning of the next.
    fn gaps(&self) -> Vec<f64> {
        self.0.windows(2).map(|pair| (pair[1].0 - pair[0].1).as_seconds_f64()).collect()
    }
}

/// Trains so many tickers on so many workers of one slot: seconds from the first grant to the last end, and what the slots did.
fn trained(tickers: usize, workers: usize) -> Option<(f64, Vec<Slot>)> {
    let mut refit = Installation::distributed()?;
    refit.start_coordinator(&[]);
    let models = register(&refit, tickers);
    let answer = refit.post("trainings/batch", &json!({"models": models, "force": true, "mode": "complete"}));
    assert_eq!(answer["requested"], tickers, "{}", answer["items"][0]);
    for _ in 0..workers {
        refit.start_worker(&[]);
    }
    // Told, not asked again and again: who measures takes no share of the two cores.
    for item in answer["items"].as_array()? {
        let path = format!("jobs/{}?wait=60", item["job"].as_str()?);
        wait::until("a training to end", LIMIT, || refit.get(&path)?["ended_at"].as_str().map(drop));
    }
    let slots: Vec<Slot> = refit.workers.iter().map(|worker| Slot::of(&worker.output())).collect();
    let ended: usize = slots.iter().map(|slot| slot.0.len()).sum();
    assert_eq!(ended, tickers, "each was trained once\n{}", refit.logs());
    let all = || slots.iter().flat_map(|slot| &slot.0);
    let (first, last) = (all().map(|(begin, _)| begin).min()?, all().map(|(_, end)| end).max()?);
    Some(((*last - *first).as_seconds_f64(), slots))
}

/// Brings in the shipped prices under as many names as are wanted, each with a model that trains in a second or two.
fn register(refit: &Installation, tickers: usize) -> Vec<String> {
    let files: Vec<String> = prices::symbols()
        .iter()
        .map(|symbol| std::fs::read_to_string(prices::cut(symbol, 0..1000, refit.folder())).expect("a shipped symbol"))
        .collect();
    let register = |number: usize| {
        let (symbol, file) = (format!("T{number:04}"), &files[number % files.len()]);
        let report: Value = refit.post_csv(&format!("imports?file={symbol}.csv&symbol={symbol}"), file);
        assert_eq!(report["refused"], 0, "{report}");
        let model = format!("forecaster/{symbol}");
        refit.put(&format!("models/{model}"), r#"{"hyper":{"epochs":"5"}}"#);
        model
    };
    (0..tickers).map(register).collect()
}
