//! Questions all the while, from a thread of its own: forecasts, predictions and recommendations, of every model in turn. Each is
//! counted, and each answer is looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{ApiResponse, Client};
use crate::fleet::{Fleet, Kind, Question};
use crate::outages::Outages;
use crate::promises::{Breaches, Promise};

/// Between two questions: trainings shall get on, too.
const PACE: Duration = Duration::from_millis(20);
/// Between two looks at the health, in questions.
const HEALTH: u64 = 10;

/// Asks, until it is stopped.
pub(crate) struct Asker {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<AskerResults>,
}

/// What came of the questions.
#[derive(Debug, Default)]
pub(crate) struct AskerResults {
    /// Questions that were answered.
    pub(crate) answered: u64,
    /// Questions that were not, though nothing was being replaced.
    pub(crate) failed: u64,
    /// Questions that were not while something was.
    pub(crate) excused: u64,
    /// What was wrong.
    pub(crate) breaches: Breaches,
    /// What a version has said of a row.
    said: HashMap<(String, String), Value>,
}

impl Asker {
    /// Starts to ask.
    pub(crate) fn start(client: Client, fleets: Arc<Vec<Box<dyn Fleet>>>, outages: Arc<Outages>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut asked = AskerResults::default();
            for turn in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let fleet = &fleets[turn as usize % fleets.len()];
                asked.ask(&client, &outages, &fleet.question(turn / fleets.len() as u64));
                if turn.is_multiple_of(HEALTH) {
                    asked.look_at_health(&client, &outages);
                }
                std::thread::park_timeout(PACE);
            }
            asked
        });
        Self { stop, thread }
    }

    /// Asks no more, and gives what came of it.
    pub(crate) fn stop(self) -> AskerResults {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().expect("the asker goes on until it is stopped")
    }
}

impl AskerResults {
    fn ask(&mut self, client: &Client, outages: &Outages, question: &Question) {
        let began = Instant::now();
        let before: HashMap<&str, Moves> =
            question.models.iter().filter_map(|model| Some((model.as_str(), Moves::of(client, model)?))).collect();
        let Some(answer) = client.try_post(&question.path, &question.body) else {
            return self.unanswered(outages, began, question, "nobody answers");
        };
        let Some(spoken) = Spoken::of(question, &answer) else {
            return self.unanswered(outages, began, question, &answer.body.to_string());
        };
        self.answered += 1;
        if let Err(why) = spoken.is_sane() {
            self.breaches.note(Promise::Sane, format!("{}: {why}", question.name));
        }
        if matches!(question.kind, Kind::Row(_)) {
            self.compare(question, &spoken);
        }
        if let Some(before) = before.get(spoken.model.as_str()) {
            self.look_at_ledger(client, question, &spoken, before);
        }
    }

    /// Who answers is live before or after the question, or was in between.
    fn look_at_ledger(&mut self, client: &Client, question: &Question, spoken: &Spoken, before: &Moves) {
        let is_live = before.0.last() == Some(&spoken.version);
        let Some(after) = (if is_live { None } else { Moves::of(client, &spoken.model) }) else { return };
        let since = before.0.len().saturating_sub(1);
        self.breaches.insist(
            Promise::Served,
            after.0.iter().skip(since).any(|version| *version == spoken.version),
            || format!("{}: {} answers, and live were {before:?}, then {after:?}", question.name, spoken.version),
        );
    }

    fn unanswered(&mut self, outages: &Outages, began: Instant, question: &Question, answer: &str) {
        if outages.excuses_questions(began) {
            self.excused += 1;
        } else {
            self.failed += 1;
            self.breaches.note(Promise::Answered, format!("{}: {answer}", question.name));
        }
    }

    /// A version says the same of the same row each time.
    fn compare(&mut self, question: &Question, spoken: &Spoken) {
        let key = (question.name.clone(), spoken.version.clone());
        let first = self.said.entry(key).or_insert_with(|| spoken.said.clone());
        self.breaches.insist(Promise::Sane, *first == spoken.said, || {
            format!("{}: {} said {first}, now {}", question.name, spoken.version, spoken.said)
        });
    }

    /// Every coordinator is well, and one at most leads.
    fn look_at_health(&mut self, client: &Client, outages: &Outages) {
        let began = Instant::now();
        let all: Vec<Option<ApiResponse>> =
            (0..client.installations()).map(|installation| client.health(installation)).collect();
        if outages.excuses_health(began) {
            return;
        }
        let says = |name: &'static str| {
            all.iter().flatten().filter(move |answer| answer.is_fine() && answer.body[name] == true).count()
        };
        self.breaches.insist(Promise::Health, says("healthy") == all.len() && says("leads") == 1, || {
            format!("nothing was done to any coordinator, and they say {all:?}")
        });
    }
}

/// The versions of a model that have been live, in order.
#[derive(Debug)]
struct Moves(Vec<String>);

impl Moves {
    fn of(client: &Client, model: &str) -> Option<Self> {
        let ledger = client.try_get(&format!("models/{model}/ledger?limit=1000")).filter(ApiResponse::is_fine)?.body;
        let version = |entry: &Value| entry["version"].as_str().map(str::to_owned);
        ledger["items"].as_array()?.iter().rev().map(version).collect::<Option<_>>().map(Self)
    }
}

/// An answer, as far as it is looked at.
struct Spoken {
    model: String,
    version: String,
    said: Value,
    kind: Kind,
}

impl Spoken {
    /// Of a question; `None`: nobody has answered it.
    fn of(question: &Question, answer: &ApiResponse) -> Option<Self> {
        let body = Some(&answer.body).filter(|_| answer.is_fine())?;
        let answer = if question.kind == Kind::Forecast { &body[0] } else { body };
        let model = match (question.kind, answer["model_type"].as_str()) {
            (Kind::Forecast, Some("own")) => format!("forecaster/{}", answer["symbol"].as_str()?),
            (Kind::Forecast, Some("universal")) => "forecaster/universal".to_owned(),
            (Kind::Forecast, _) => return None,
            (Kind::Row(_) | Kind::List, _) => answer["model"].as_str()?.to_owned(),
        };
        let said = match question.kind {
            Kind::Forecast => answer["confidence"].clone(),
            Kind::Row(_) => answer["predictions"][0]["value"].clone(),
            Kind::List => answer["items"].clone(),
        };
        Some(Self { model, version: answer["version"].as_str()?.to_owned(), said, kind: question.kind })
    }

    fn is_sane(&self) -> Result<(), String> {
        let within = |most: f64| self.said.as_f64().is_some_and(|value| (0.0..=most).contains(&value));
        let sane = match self.kind {
            Kind::Forecast => within(1.0),
            Kind::Row(most) => within(most),
            Kind::List => self.said.as_array().is_some_and(|items| {
                let names: std::collections::BTreeSet<_> = items.iter().map(|item| item["item"].as_str()).collect();
                !items.is_empty() && names.len() == items.len()
            }),
        };
        if sane { Ok(()) } else { Err(format!("{} {} says {}", self.model, self.version, self.said)) }
    }
}
