//! Short real trainings, asked for again and again as a client would: of every model that is not being trained. A few are cancelled,
//! and a live pointer goes back now and then.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use refit_tests::draw::draw;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::arena::Arena;

/// Between two requests.
const PACE: Duration = Duration::from_millis(150);
/// Bars of every symbol.
pub(crate) const BARS: usize = 420;

/// Asks, until it is stopped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    accepted: Arc<Mutex<Vec<Uuid>>>,
    thread: JoinHandle<()>,
}

impl Load {
    pub(crate) fn start(arena: &Arena, seed: u64, symbols: Vec<String>) -> Self {
        let (stop, accepted) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let client = Client::of(arena);
        let (stopped, taken) = (stop.clone(), accepted.clone());
        let thread = std::thread::spawn(move || {
            for turn in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let symbol = &symbols[turn as usize % symbols.len()];
                if let Some(job) = client.ask(draw(seed, turn, 2), symbol) {
                    let mut accepted = taken.lock().unwrap_or_else(PoisonError::into_inner);
                    if !accepted.contains(&job) {
                        accepted.push(job);
                    }
                    drop(accepted);
                    if draw(seed, turn + 1_000_000, 25) == 0 {
                        client.post(turn, &format!("jobs/{job}/cancel"), &json!({}));
                    }
                }
                if draw(seed, turn + 2_000_000, 40) == 0 {
                    client.post(turn, &format!("models/forecaster/{symbol}/rollback"), &json!({"reason": "chaos"}));
                }
                std::thread::park_timeout(PACE);
            }
        });
        Self { stop, accepted, thread }
    }

    /// Asks no more; gives the jobs that were taken.
    pub(crate) fn stop(self) -> Vec<Uuid> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().expect("the load goes on until it is stopped");
        std::mem::take(&mut *self.accepted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A client of both coordinators that takes no answer for an answer.
pub(crate) struct Client {
    runtime: Arc<Runtime>,
    http: reqwest::Client,
    addresses: Vec<PathBuf>,
}

impl Client {
    pub(crate) fn of(arena: &Arena) -> Self {
        Self {
            runtime: arena.runtime.clone(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(4)).build().expect("a client"),
            addresses: arena.installations.iter().map(|installation| installation.data().join("api.address")).collect(),
        }
    }

    fn url(&self, which: u64, path: &str) -> Option<String> {
        let file = &self.addresses[which as usize % self.addresses.len()];
        let address = std::fs::read_to_string(file).ok()?;
        (!address.trim().is_empty()).then(|| format!("{}/api/v1/{path}", address.trim()))
    }

    fn answer(&self, request: reqwest::RequestBuilder) -> Option<Value> {
        self.runtime.block_on(async { request.send().await.ok()?.error_for_status().ok()?.json().await.ok() })
    }

    pub(crate) fn get(&self, which: u64, path: &str) -> Option<Value> {
        self.answer(self.http.get(self.url(which, path)?))
    }

    fn post(&self, which: u64, path: &str, body: &Value) -> Option<Value> {
        self.answer(self.http.post(self.url(which, path)?).json(body))
    }

    /// Asks for a training, and gives its job.
    fn ask(&self, which: u64, symbol: &str) -> Option<Uuid> {
        // A second or two: long enough to be struck in the middle.
        let hyper = json!({"epochs": "40", "patience": "100"});
        let body = json!({"model": format!("forecaster/{symbol}"), "force": true, "mode": "complete", "hyper": hyper});
        let answer = self.post(which, "trainings", &body)?;
        answer["items"][0]["job"].as_str()?.parse().ok()
    }
}
