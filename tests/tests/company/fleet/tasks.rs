//! Models of software tasks: how long they take, and whether they overrun. Their outcomes are known a week after they begin.

use refit_tests::fleets::{Tasks, questions};
use serde_json::{Value, json};

use super::flow::{Flow, steady, weekly};
use super::{Delivery, Fleet, Golden, Kind, Question};
use crate::calendar::{Calendar, Day, WEEK};

const MODELS: [&str; 2] = ["tabular/duration", "tabular/risk"];

/// The models and their rows.
struct Projects(Flow);

/// Their fleet.
pub(crate) fn fleet(seed: u64) -> impl Fleet {
    let table = Box::new(Tasks::new(seed));
    Projects(Flow { table, base: 2_000, daily: 15, late: WEEK, mended: weekly, signal: steady })
}

impl Fleet for Projects {
    /// Fewer trees than those of the presets, and no network: the whole company has to fit into minutes.
    fn models(&self) -> Vec<(String, Value)> {
        MODELS
            .map(|model| (model.into(), json!({ "hyper": { "trees": "60", "shrinkage": "0.1", "epochs": "0" } })))
            .into()
    }

    fn opening(&self, calendar: &Calendar) -> Vec<Delivery> {
        self.0.opening(calendar)
    }

    fn arrivals(&self, calendar: &Calendar, day: Day) -> Vec<Delivery> {
        self.0.arrivals(calendar, day)
    }

    fn question(&self, turn: u64) -> Question {
        let (row, model) = (self.0.asked(turn), MODELS[turn as usize % MODELS.len()]);
        Question {
            name: format!("{model} {}", row.number),
            models: vec![model.into()],
            path: format!("models/{model}/predict"),
            body: json!({ "rows": questions(self.0.table.as_ref(), &[row]) }),
            // Hours, or the chance to overrun.
            kind: Kind::Row(if model == MODELS[0] { 1e4 } else { 1.0 }),
        }
    }

    fn rivals(&self) -> &'static [&'static str] {
        &["prevalence", "estimate", "median"]
    }

    fn is_own(&self, _: &str, snapshot: &Value) -> bool {
        snapshot["dataset"] == self.0.table.dataset()
    }

    /// By their numbers, which say nothing of days.
    fn is_dated(&self) -> bool {
        false
    }

    fn golden(&self) -> Option<Golden> {
        Some(|case| (case["record"].clone(), case["value"].clone()))
    }
}
