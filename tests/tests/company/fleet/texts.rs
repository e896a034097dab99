//! A classifier of texts. For a week labels are dealt by chance: somebody was not attentive.

use refit_tests::fleets::{Signal, Texts, questions};
use serde_json::{Value, json};

use super::flow::Flow;
use super::{Delivery, Fleet, Golden, Kind, Question};
use crate::calendar::{Calendar, Day};

const MODEL: &str = "text/toxicity";

/// The classifier and its rows.
struct Classifier(Flow);

/// A fleet with so many texts from the start.
pub(crate) fn fleet(seed: u64, base: u64) -> impl Fleet {
    let signal = |calendar: &Calendar, day: Day| {
        if day.week == calendar.week_after(0.5) { Signal::Noise } else { Signal::Planted }
    };
    // What is put right or taken back makes the next training a complete one: not every week, or there would be no other.
    let mended = |week| week % 4 == 2;
    Classifier(Flow { table: Box::new(Texts::new(seed)), base, daily: 40, late: 0, mended, signal })
}

impl Fleet for Classifier {
    fn models(&self) -> Vec<(String, Value)> {
        vec![(MODEL.into(), json!({}))]
    }

    fn opening(&self, calendar: &Calendar) -> Vec<Delivery> {
        self.0.opening(calendar)
    }

    fn arrivals(&self, calendar: &Calendar, day: Day) -> Vec<Delivery> {
        self.0.arrivals(calendar, day)
    }

    fn question(&self, turn: u64) -> Question {
        let row = self.0.asked(turn);
        Question {
            name: format!("{MODEL} {}", row.number),
            models: vec![MODEL.into()],
            path: format!("models/{MODEL}/predict"),
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

    /// A hash of the text decides who judges.
    fn is_dated(&self) -> bool {
        false
    }

    fn golden(&self) -> Option<Golden> {
        Some(|case| (json!({ "text": case["text"] }), case["probability"].clone()))
    }
}
