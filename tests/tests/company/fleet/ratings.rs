//! A recommender. For a week everybody likes what they disliked before.

use refit_tests::fleets::{Ratings, Signal};
use serde_json::{Value, json};

use super::flow::{Flow, weekly};
use super::{Delivery, Fleet, Kind, Question, TASTES_TURN};
use crate::calendar::{Calendar, Day};

const MODEL: &str = "recommender/movies";

/// The recommender and its rows.
struct Recommender(Flow);

/// Its fleet.
pub(crate) fn fleet(seed: u64) -> impl Fleet {
    let signal = |calendar: &Calendar, day: Day| {
        if day.week == calendar.week_after(TASTES_TURN) { Signal::Turned } else { Signal::Planted }
    };
    let table = Box::new(Ratings::new(seed));
    Recommender(Flow { table, base: 8_000, daily: 120, late: 0, mended: weekly, signal })
}

impl Fleet for Recommender {
    fn models(&self) -> Vec<(String, Value)> {
        vec![(MODEL.into(), json!({ "hyper": { "n_factors": "8", "members": "2" } }))]
    }

    fn opening(&self, calendar: &Calendar) -> Vec<Delivery> {
        self.0.opening(calendar)
    }

    fn arrivals(&self, calendar: &Calendar, day: Day) -> Vec<Delivery> {
        self.0.arrivals(calendar, day)
    }

    /// Half of those who ask have ratings, the others are told what everybody likes.
    fn question(&self, turn: u64) -> Question {
        let user = if turn.is_multiple_of(2) { format!("u{}", turn % 400) } else { format!("guest {turn}") };
        Question {
            name: format!("{MODEL} {user}"),
            models: vec![MODEL.into()],
            path: format!("models/{MODEL}/recommendations"),
            body: json!({ "user": user, "n": 5 }),
            kind: Kind::List,
        }
    }

    fn rivals(&self) -> &'static [&'static str] {
        &["biases"]
    }

    fn is_own(&self, _: &str, snapshot: &Value) -> bool {
        snapshot["dataset"] == self.0.table.dataset()
    }

    fn is_dated(&self) -> bool {
        true
    }
}
