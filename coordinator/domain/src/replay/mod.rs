//! Another policy over the days that were: when it would have trained, what that would have cost, and what it would have lost.
//!
//! What a version that never was would have lost is not known. It is estimated by how losses have risen with the rows that came since a
//! training ([`Staleness`]), learned of the versions that were (after Regol and others, "When to retrain a machine learning model", ICML 2025);
//! composed of the versions that are live day by day (after Böther and others, "Modyn", 2023). So policies are compared by the same estimate, and
//! what really happened stands beside it.

mod staleness;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use common::vocabulary::{Hyper, Mode, ModelKey, SplitPolicy, Timestamp, Trainable, VersionNumber};

pub use self::staleness::{Seen, Staleness};
use crate::cost::{Features, Prices};
use crate::decide::{Decline, Facts, LiveFacts, ModePrices, Request, Rules, Verdict, decide};

/// Rows of a window that speaks of degradation.
const WINDOW: u64 = 20;

/// What came on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// Which.
    pub date: NaiveDate,
    /// Rows that came.
    pub rows: u64,
    /// What the baseline lost on one of them, on average.
    pub baseline: f64,
}

/// A model, and the days it has lived through.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// The model.
    pub model: ModelKey,
    /// How it is trained.
    pub hyper: Hyper,
    /// How its rows are parted.
    pub split: SplitPolicy,
    /// Rows there were before the first day.
    pub rows_before: u64,
    /// The version that was live then: when it was trained, and on how many rows.
    pub live_before: Option<(Timestamp, u64)>,
    /// The days, oldest first.
    pub days: Vec<Day>,
}

/// What a policy would have come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Trainings.
    pub trainings: u64,
    /// Of these, complete ones.
    pub complete: u64,
    /// Seconds that those with a price would have taken.
    pub seconds: f64,
    /// Trainings whose price nobody knows.
    pub unpriced: u64,
    /// Rows that a live version would have answered for.
    pub rows: u64,
    /// What it would have lost on them.
    pub loss: f64,
    /// What the baseline lost on them.
    pub baseline: f64,
    /// By day: what it would have lost, and what the baseline lost.
    pub days: Vec<(NaiveDate, f64, f64)>,
}

/// A version that would have been live.
struct Version {
    trained_at: Timestamp,
    rows: u64,
    increments: u32,
    data_through: NaiveDate,
    /// What it would have lost beyond what was to be expected at its training (see [`crate::monitor::Health::regret`]).
    regret: f64,
}

/// Lives through the days under some rules: at the end of each it is decided, and what is due is trained at once and goes live.
pub fn replay(life: &Life, rules: &Rules, prices: &Prices, staleness: &Staleness) -> Outcome {
    let mut outcome = Outcome::default();
    let mut rows = life.rows_before;
    let mut live = life.live_before.map(|(trained_at, rows)| Version {
        trained_at,
        rows,
        increments: 0,
        data_through: trained_at.date(),
        regret: 0.0,
    });
    for day in &life.days {
        if let Some(version) = &mut live {
            let since = (rows + day.rows).saturating_sub(version.rows);
            let ratio = staleness.ratio(since);
            let (loss, baseline) = (day.rows as f64 * day.baseline * ratio, day.rows as f64 * day.baseline);
            outcome.rows += day.rows;
            outcome.loss += loss;
            outcome.baseline += baseline;
            outcome.days.push((day.date, loss, baseline));
            version.regret = (version.regret + day.rows as f64 * (ratio - staleness.ratio(0))).max(0.0);
        }
        rows += day.rows;
        let now = Timestamp::end_of(day.date);
        let armed = rules.policy.performance_degradation_threshold;
        let facts = facts(life, live.as_ref(), (rows, day.date), prices, staleness, armed);
        let decision = decide(&facts, rules, &Request::default(), now);
        let Some(mode) = decision.mode.filter(|_| decision.verdict == Verdict::Retrain) else { continue };
        outcome.trainings += 1;
        outcome.complete += u64::from(mode != Mode::Incremental);
        match facts.prices.of(mode) {
            Some(price) => outcome.seconds += price.seconds,
            None => outcome.unpriced += 1,
        }
        let increments = if mode == Mode::Incremental { live.map_or(0, |live| live.increments) + 1 } else { 0 };
        live = Some(Version { trained_at: now, rows, increments, data_through: day.date, regret: 0.0 });
    }
    outcome
}

fn facts(
    life: &Life,
    live: Option<&Version>,
    (rows, newest): (u64, NaiveDate),
    prices: &Prices,
    staleness: &Staleness,
    armed: f64,
) -> Facts {
    let new_rows = live.map_or(rows, |live| rows.saturating_sub(live.rows));
    let price = |mode| prices.of(&life.model, &Features::of(&life.hyper, mode, rows, new_rows));
    let decline = |live: &Version| {
        let since = rows.saturating_sub(live.rows);
        let rise = staleness.ratio(since) / staleness.ratio(0) - 1.0;
        (since >= WINDOW && rise >= armed).then_some(Decline { rise, window: WINDOW, one_of: None })
    };
    Facts {
        live: live.map(|live| LiveFacts {
            version: VersionNumber { major: 1, minor: live.increments },
            trained_at: live.trained_at,
            reliability: None,
            increments: live.increments,
            data_through: live.data_through,
            rows: live.rows,
            degraded: decline(live),
            drift: None,
            regret: Some(live.regret),
        }),
        rows,
        newest: Some(newest),
        new_rows,
        trainable: Trainable { least: new_rows, most: new_rows },
        minimum_rows: life.split.minimum_rows(&life.hyper),
        last_training: live.map(|live| live.trained_at),
        prices: ModePrices { complete: price(Mode::Complete), incremental: price(Mode::Incremental) },
        ..Facts::default()
    }
}
