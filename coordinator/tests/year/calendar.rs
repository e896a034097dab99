//! When schedules are due, counted by hand: day by day, by the clocks on the wall, and not by what Refit makes of it.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use common::vocabulary::{Timestamp, Zone};
use serde_json::{Value, json};

/// By whose clocks.
pub(crate) const ZONE: &str = "Europe/Madrid";

/// When something is due.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rhythm {
    /// Every so many hours, counted in UTC.
    Hours(i64),
    Daily(u32, u32),
    Weekly(Weekday, u32, u32),
    /// On a day of each month.
    Monthly(u32, u32, u32),
}

/// A schedule that is watched.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) name: &'static str,
    pub(crate) rhythm: Rhythm,
    /// What to ask for; nothing for one that is there from the start.
    pub(crate) request: Option<Value>,
}

fn own(name: &'static str, rhythm: Rhythm, timing: Value, task: Value, missed: &str) -> Watched {
    let request = json!({ "timing": timing, "zone": ZONE, "task": task, "missed": missed });
    Watched { name, rhythm, request: Some(request) }
}

/// Those that are there from the start, and some of one's own: at hours that the turns of daylight saving leave out and show twice.
pub(crate) fn watched() -> Vec<Watched> {
    let preset = |name, rhythm| Watched { name, rhythm, request: None };
    vec![
        preset("daily-check", Rhythm::Daily(6, 0)),
        preset("priority-check", Rhythm::Hours(6)),
        preset("weekly-retrain", Rhythm::Weekly(Weekday::Sun, 2, 0)),
        preset("daily-report", Rhythm::Daily(23, 30)),
        preset("weekly-report", Rhythm::Weekly(Weekday::Mon, 8, 0)),
        own(
            "in-the-gap",
            Rhythm::Daily(2, 30),
            json!({ "kind": "cron", "expression": "30 2 * * *" }),
            json!({ "kind": "evaluate", "of": { "tag": "priority" } }),
            "skip",
        ),
        own(
            "month-end",
            Rhythm::Monthly(31, 20, 0),
            json!({ "kind": "monthly", "day": 31, "time": "20:00" }),
            json!({ "kind": "backup", "of": { "family": "text" } }),
            "all",
        ),
        own(
            "sundays",
            Rhythm::Weekly(Weekday::Sun, 3, 0),
            json!({ "kind": "weekly", "day": "sunday", "time": "03:00" }),
            json!({ "kind": "cleanup" }),
            "all",
        ),
    ]
}

/// The due times of a rhythm after one instant and up to another.
pub(crate) fn due(rhythm: Rhythm, after: Timestamp, to: Timestamp) -> BTreeSet<i64> {
    let zone: Zone = ZONE.parse().unwrap();
    if let Rhythm::Hours(hours) = rhythm {
        let step = hours * 3_600_000_000;
        return ((after.0 / step + 1)..=(to.0 / step)).map(|n| n * step).collect();
    }
    let (first, last) = (zone.date_time(after).date_naive(), zone.date_time(to).date_naive());
    let days = (0..).map(|n| first + Days::new(n)).take_while(|day| *day <= last);
    let at =
        |day: NaiveDate, hour, minute| zone.instant(day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap())).0;
    let due = days.filter_map(|day| match rhythm {
        Rhythm::Daily(hour, minute) => Some(at(day, hour, minute)),
        Rhythm::Weekly(weekday, hour, minute) => (day.weekday() == weekday).then(|| at(day, hour, minute)),
        Rhythm::Monthly(wanted, hour, minute) => {
            let is_last = (day + Days::new(1)).day() == 1;
            (day.day() == wanted || (is_last && day.day() < wanted)).then(|| at(day, hour, minute))
        }
        Rhythm::Hours(_) => None,
    });
    due.filter(|at| *at > after.0 && *at <= to.0).collect()
}
