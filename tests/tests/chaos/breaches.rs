//! What was found broken, by the name of the invariant: by the coordinators themselves while it goes on, and from outside.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::invariant::Invariant;

use crate::load::Client;

/// Breaches by name.
pub(crate) type Breaches = BTreeMap<String, Vec<String>>;

/// Breaches that are kept of a name.
const KEPT: usize = 20;

/// Notes a breach.
pub(crate) fn note(breaches: &mut Breaches, invariant: Invariant, what: impl Into<String>) {
    let (known, what) = (breaches.entry(invariant.name().to_owned()).or_default(), what.into());
    if known.len() < KEPT && !known.contains(&what) {
        known.push(what);
    }
}

/// Asks both coordinators every few seconds to check what must always hold.
pub(crate) struct Auditor {
    stop: Arc<AtomicBool>,
    found: Arc<Mutex<Breaches>>,
    thread: JoinHandle<()>,
}

impl Auditor {
    pub(crate) fn start(client: Client) -> Self {
        let (stop, found) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Breaches::new())));
        let (stopped, noted) = (stop.clone(), found.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                for installation in 0..2 {
                    ask(&client, installation, &mut noted.lock().unwrap_or_else(PoisonError::into_inner));
                }
                std::thread::park_timeout(Duration::from_secs(3));
            }
        });
        Self { stop, found, thread }
    }

    /// What has been found so far.
    pub(crate) fn found(&self) -> Breaches {
        self.found.try_lock().map(|found| found.clone()).unwrap_or_default()
    }

    pub(crate) fn stop(self) -> Breaches {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().expect("the auditor goes on until it is stopped");
        std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Has a coordinator check now. `false`: it does not answer.
pub(crate) fn ask(client: &Client, installation: u64, breaches: &mut Breaches) -> bool {
    let Some(answer) = client.get(installation, "invariants") else { return false };
    for invariant in answer.as_array().into_iter().flatten() {
        for breach in invariant["breaches"].as_array().into_iter().flatten() {
            let name = invariant["name"].as_str().unwrap_or_default().to_owned();
            let (known, what) =
                (breaches.entry(name).or_default(), breach["what"].as_str().unwrap_or_default().to_owned());
            if known.len() < KEPT && !known.contains(&what) {
                known.push(what);
            }
        }
    }
    true
}
