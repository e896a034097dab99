//! Models of employees: who leaves, and who is rated well. For a week what used to keep people drives them away.

use refit_tests::fleets::{Employees, Signal, questions};
use serde_json::{Value, json};

use super::flow::Flow;
use super::{Delivery, Fleet, Golden, Kind, Question};
use crate::calendar::{Calendar, Day};

const MODELS: [&str; 2] = ["tabular/attrition", "tabular/performance"];

/// The models and their rows.
struct Staff(Flow);

/// Their fleet.
pub(crate) fn fleet(seed: u64) -> impl Fleet {
    let signal = |calendar: &Calendar, day: Day| {
        if day.week == calendar.week_after(0.7) { Signal::Turned } else { Signal::Planted }
    };
    // As of texts: in other weeks, new rows are learnt from by themselves.
    let mended = |week| week % 2 == 1;
    Staff(Flow { table: Box::new(Employees::new(seed)), base: 1_500, daily: 14, late: 0, mended, signal })
}

impl Fleet for Staff {
    fn models(&self) -> Vec<(String, Value)> {
        MODELS.map(|model| (model.into(), json!({}))).into()
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
            kind: Kind::Row(1.0),
        }
    }

    fn rivals(&self) -> &'static [&'static str] {
        &["prevalence"]
    }

    fn is_own(&self, _: &str, snapshot: &Value) -> bool {
        snapshot["dataset"] == self.0.table.dataset()
    }

    /// A hash of the employee decides who judges.
    fn is_dated(&self) -> bool {
        false
    }

    fn golden(&self) -> Option<Golden> {
        Some(|case| (case["record"].clone(), case["value"].clone()))
    }
}
