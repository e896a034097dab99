//! The company's installation: processes that may be killed, and what is done through its API. What is done is checked where it is
//! done: rows that are reported, requests that are taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use refit_tests::Installation;
use serde_json::{Value, json};

use crate::client::{Client, until};
use crate::fleet::{Counts, Delivery, Fleet, Target};
use crate::outages::Outages;
use crate::promises::{Breaches, Promise};

/// Settings of every process: a life of weeks in minutes.
const SETTINGS: [(&str, &str); 13] = [
    // Days and rows after which a model may be trained again: every week has trainings.
    ("POLICY__RETRAIN_THRESHOLD_DAYS", "5"),
    ("POLICY__MIN_NEW_SAMPLES", "5"),
    // Prices are hard to know: what is not reliable learns from new rows all the same.
    ("POLICY__MIN_RELIABILITY_FOR_UPDATE", "0.05"),
    // Whoever is live answers, however reliable: answers are looked at, not their worth.
    ("POLICY__RELIABILITY_THRESHOLD", "0"),
    // Nothing happens by the wall clock: the company's days are given.
    ("COORDINATOR__MONITOR_EVERY", "0s"),
    // What has been silent so long is dead.
    ("DISPATCH__HEARTBEAT", "1s"),
    ("DISPATCH__LEASE", "5s"),
    ("DISPATCH__BACKOFF_BASE", "500ms"),
    ("COORDINATOR__CHECK_EVERY", "10s"),
    ("COORDINATOR__PREDICT_WITHIN", "20s"),
    // Somebody on this machine is told of each alert.
    ("ALERTS__PRIVATE_ADDRESSES", "true"),
    ("ALERTS__GATHER", "2s"),
    ("ALERTS__MERGE_FROM", "1000"),
];

/// Everything there is.
pub(crate) struct World {
    /// One for each coordinator; workers belong to the first.
    pub(crate) installations: Vec<Installation>,
    pub(crate) client: Client,
    pub(crate) outages: Arc<Outages>,
    pub(crate) breaches: Breaches,
    /// Rows there must be, by what was sent.
    books: BTreeMap<Target, u64>,
}

impl World {
    /// Everything on this machine: one coordinator, two workers.
    pub(crate) fn embedded() -> Self {
        Self::start(Installation::new(), 1)
    }

    /// On the services of a cluster: two coordinators, two workers. `None`: there are no services.
    pub(crate) fn distributed() -> Option<Self> {
        let mut first = Installation::distributed()?;
        let store =
            first.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__STORE").map(|(_, url)| url.clone());
        first.set("REFIT_STORAGE__BACKUPS", &store.expect("a store").replacen('?', "-backups?", 1));
        Some(Self::start(first, 2))
    }

    fn start(mut first: Installation, coordinators: usize) -> Self {
        for (name, value) in SETTINGS {
            first.set(&format!("REFIT_{name}"), value);
        }
        let mut installations = vec![first];
        for _ in 1..coordinators {
            installations.push(Installation::beside(&installations[0]));
        }
        installations.iter_mut().for_each(|installation| installation.start_coordinator(&[]));
        for _ in 0..2 {
            installations[0].start_worker(&[]);
        }
        let client = Client::of(&installations);
        let world = Self {
            installations,
            client,
            outages: Arc::default(),
            breaches: Breaches::default(),
            books: BTreeMap::new(),
        };
        world.wait_for_workers(2);
        world
    }

    /// Waits until somebody leads and knows so many live workers.
    pub(crate) fn wait_for_workers(&self, count: u64) {
        until(&format!("{count} workers\n{}", self.installations[0].logs()), || {
            let leads = |installation| {
                self.client.health(installation).is_some_and(|health| {
                    health.body["leads"] == true
                        && health.body["healthy"] == true
                        && health.body["workers"].as_u64() == Some(count)
                })
            };
            (0..self.installations.len()).any(leads).then_some(())
        });
    }

    /// Registers the models of these fleets.
    pub(crate) fn register(&self, fleets: &[Box<dyn Fleet>]) {
        for (key, settings) in fleets.iter().flat_map(|fleet| fleet.models()) {
            self.client.put(&format!("models/{key}"), &settings);
        }
    }

    /// Brings rows in; what is said of them must be what was sent.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) {
        let answer = self.client.post_csv(&delivery.path, &delivery.csv);
        let count = |name: &str| answer.body[name].as_u64().unwrap_or_default();
        let said = match &delivery.to {
            Target::Bars(_) => {
                Counts { new: count("accepted"), replaced: count("revised"), deleted: 0, refused: count("refused") }
            }
            Target::Dataset(_) => Counts {
                new: count("new"),
                replaced: count("superseded"),
                deleted: count("deleted"),
                refused: count("refused"),
            },
        };
        self.breaches.insist(Promise::Counted, answer.is_fine() && said == delivery.expected, || {
            format!(
                "POST {}: {:?} were sent, and the answer is {}: {}",
                delivery.path, delivery.expected, answer.status, answer.body
            )
        });
        let rows = self.books.entry(delivery.to.clone()).or_default();
        *rows = *rows + delivery.expected.new - delivery.expected.deleted;
    }

    /// Where the store lies.
    pub(crate) fn store(&self) -> String {
        let installation = &self.installations[0];
        let named =
            installation.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__STORE").map(|(_, url)| url.clone());
        named.unwrap_or_else(|| format!("file://{}", installation.data().join("store").display()))
    }

    /// Rows there must be, of every symbol and data set.
    pub(crate) fn books(&self) -> &BTreeMap<Target, u64> {
        &self.books
    }

    /// Rows that came in by another way than a delivery.
    pub(crate) fn book(&mut self, to: Target, rows: u64) {
        *self.books.entry(to).or_default() += rows;
    }

    /// Decides on all models as of a day and enqueues what is due: the jobs.
    pub(crate) fn evaluate(&self, day: NaiveDate) -> Vec<String> {
        let decisions = self.client.post("evaluations", &json!({ "as_of": day, "enqueue": true }));
        let job = |decision: &Value| decision["job"].as_str().map(str::to_owned);
        decisions["items"].as_array().into_iter().flatten().filter_map(job).collect()
    }

    /// Has live versions scored on what has come: the jobs.
    pub(crate) fn monitor(&self, day: NaiveDate) -> Vec<String> {
        let asked = self.client.post("monitorings", &json!({ "as_of": day }));
        asked["jobs"].as_array().into_iter().flatten().filter_map(|job| job.as_str().map(str::to_owned)).collect()
    }

    /// Asks for one training: its job.
    pub(crate) fn train(&self, model: &str, mode: &str, day: NaiveDate, hyper: &Value) -> String {
        let body = json!({ "model": model, "mode": mode, "force": true, "as_of": day, "hyper": hyper });
        let answer = self.client.post("trainings", &body);
        answer["items"][0]["job"].as_str().unwrap_or_else(|| panic!("{model}: no job: {answer}")).to_owned()
    }

    /// Waits until these jobs have ended.
    pub(crate) fn finish(&self, jobs: &[String]) -> Vec<Value> {
        jobs.iter().map(|job| self.client.ended(job)).collect()
    }

    /// A model as it is shown.
    pub(crate) fn model(&self, key: &str) -> Value {
        self.client.get(&format!("models/{key}"))
    }

    /// The live version of a model, by its number.
    pub(crate) fn live(&self, key: &str) -> String {
        self.model(key)["live"]["version"].as_str().unwrap_or_default().to_owned()
    }

    /// A version as it is shown.
    pub(crate) fn version(&self, key: &str, number: &str) -> Value {
        self.client.get(&format!("models/{key}/versions/{number}"))
    }
}
