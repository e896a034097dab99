//! Degradation: the rise of a version's loss as a share of its baseline's on the same rows. Plain error would fire whenever the
//! market is restless or users are hard to please; the baseline has the same rows to deal with.

use std::fmt;

use common::losses::{Contestant, LossRow, RowLosses};
use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::judge::{MeanEstimate, Pairing};

/// Observations of a window at least.
const WINDOW: usize = 20;
/// A window grows with what has come, up to so many observations.
const LARGEST_WINDOW: usize = 1_000;
/// Windows in a row that need no other proof.
const IN_A_ROW: usize = 3;
/// Standard errors that a single window must be off by.
const CLEAR: f64 = 2.0;

/// Losses of a live version, the `challenger`, beside its baseline.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// On the rows it was promoted by.
    pub held_out: &'a RowLosses,
    /// On those that have come since, oldest first.
    pub arrived: &'a RowLosses,
    /// How rows depend on each other.
    pub pairing: Pairing,
    /// The baseline that counts.
    pub baseline: Contestant,
}

/// Rises of the ratio to the baseline, as shares of what it was at promotion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From here on a version is degraded.
    pub armed: f64,
    /// From here on somebody should know.
    pub alert: f64,
    /// Down to here it stays degraded.
    pub disarmed: f64,
}

/// How a live version does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Condition {
    /// Too few rows have come to tell.
    Unknown,
    /// As well as at its promotion.
    Well,
    /// Clearly worse, against its baseline, than at its promotion.
    Degraded,
    /// So much worse that somebody should know.
    Alarming,
}

/// The condition of a live version, with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// How it does.
    pub condition: Condition,
    /// Rows that have come and were scored.
    pub rows: u64,
    /// Loss over the baseline's at its promotion.
    pub ratio_then: Option<f64>,
    /// The same on the newest window.
    pub ratio_now: Option<f64>,
    /// How much more that is, as a share: 0.15 is 15 %.
    pub rise: Option<f64>,
    /// In standard errors.
    pub z: Option<f64>,
    /// Observations of the newest window.
    pub window: u64,
    /// What it has lost beyond what was to be expected at its promotion, in losses of the baseline on one row; since what it has made up for
    /// does not count, it is a CUSUM (Page, 1954). Absent of what an earlier release has assessed.
    #[serde(default)]
    pub regret: Option<f64>,
    /// How many questions it was asked for each row that has come; absent where nobody has asked any that is known of.
    #[serde(default)]
    pub asked: Option<f64>,
}

impl Condition {
    /// Whether it asks for a training.
    pub fn is_degraded(self) -> bool {
        match self {
            Self::Degraded | Self::Alarming => true,
            Self::Unknown | Self::Well => false,
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Well => "well",
            Self::Degraded => "degraded",
            Self::Alarming => "alarming",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A window against the rows of the promotion.
#[derive(Debug, Clone, Copy)]
struct Rise {
    ratio: f64,
    rise: f64,
    z: f64,
}

/// Assesses a live version. `before`: what was found last, for a version stays degraded until it has clearly recovered.
pub fn assess(record: &Record<'_>, thresholds: &Thresholds, before: Option<Condition>) -> Health {
    let then = estimate(record, &record.held_out.0);
    let windows = windows(record);
    let rises: Vec<Rise> = windows.iter().map_while(|window| rise(record, then?, window)).collect();
    let newest = rises.first().copied();
    let condition = newest.map_or(Condition::Unknown, |newest| {
        let clear = newest.rise >= thresholds.armed && newest.z >= CLEAR;
        let lasting = rises.len() >= IN_A_ROW && rises[..IN_A_ROW].iter().all(|rise| rise.rise >= thresholds.armed);
        let not_over = before.is_some_and(Condition::is_degraded) && newest.rise > thresholds.disarmed;
        match (clear || lasting, newest.rise >= thresholds.alert) {
            (true, true) => Condition::Alarming,
            (true, false) => Condition::Degraded,
            (false, _) if not_over => Condition::Degraded,
            (false, _) => Condition::Well,
        }
    });
    Health {
        condition,
        rows: record.arrived.0.len() as u64,
        ratio_then: then.map(|then| 1.0 + then.mean),
        ratio_now: newest.map(|newest| newest.ratio),
        rise: newest.map(|newest| newest.rise),
        z: newest.map(|newest| newest.z).filter(|z| z.is_finite()),
        window: newest.and(windows.first()).map_or(0, |window| observations(record.pairing, window).len() as u64),
        regret: then.and_then(|then| regret(record, 1.0 + then.mean)),
        asked: None,
    }
}

/// What has come, row by row: the loss less what was to be expected of it, the baseline's times the ratio at promotion.
fn regret(record: &Record<'_>, ratio: f64) -> Option<f64> {
    let rows = || {
        record
            .arrived
            .0
            .iter()
            .filter_map(|row| Some((row.of(Contestant::Challenger)?.loss, row.of(record.baseline)?.loss)))
    };
    let (sum, count) = rows().fold((0.0, 0_u64), |(sum, count), (_, baseline)| (sum + baseline, count + 1));
    let typical = sum / count as f64;
    (typical > 0.0).then(|| {
        rows().fold(0.0, |regret: f64, (loss, baseline)| (regret + (loss - ratio * baseline) / typical).max(0.0))
    })
}

fn rise(record: &Record<'_>, then: MeanEstimate, window: &[LossRow]) -> Option<Rise> {
    let now = estimate(record, window)?;
    let (ratio, before) = (1.0 + now.mean, 1.0 + then.mean);
    let doubt = now.standard_error.hypot(then.standard_error);
    (before > 0.0).then(|| Rise { ratio, rise: ratio / before - 1.0, z: (ratio - before) / doubt })
}

/// The loss over the baseline's, less 1.
fn estimate(record: &Record<'_>, rows: &[LossRow]) -> Option<MeanEstimate> {
    let losses = RowLosses(rows.to_vec());
    record.pairing.pair(&losses, Contestant::Challenger, record.baseline).estimate()
}

/// Disjoint windows of what has come, the newest first.
fn windows(record: &Record<'_>) -> Vec<Vec<LossRow>> {
    let observations = observations(record.pairing, &record.arrived.0);
    let size = (observations.len() / IN_A_ROW).clamp(WINDOW, LARGEST_WINDOW);
    let newest_first = observations.rchunks_exact(size).take(IN_A_ROW);
    newest_first.map(|window| window.iter().flat_map(|rows| rows.iter().cloned()).collect()).collect()
}

/// Rows that come together: those of a date where dates are compared, else each by itself.
fn observations(pairing: Pairing, rows: &[LossRow]) -> Vec<&[LossRow]> {
    match pairing {
        Pairing::Dates => rows.chunk_by(|a, b| a.date == b.date).collect(),
        Pairing::Users | Pairing::Texts | Pairing::Records => rows.chunks(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use common::losses::Scored;
    use common::random::{Purpose, Stream};

    use super::*;

    const THRESHOLDS: Thresholds = Thresholds { armed: 0.15, alert: 0.2, disarmed: 0.05 };

    /// Rows whose baseline loses 1 on the mean and whose version `ratio` of that, give or take.
    fn rows(seed: u64, ratios: &[f64]) -> RowLosses {
        let mut stream = Stream::new(seed, Purpose::Shuffle, 0, 0);
        let row = |(day, ratio): (u64, &f64)| {
            let (baseline, noise) = (0.5 + stream.uniform(), 0.2 * (stream.uniform() - 0.5));
            let scored = |loss| Scored { loss, prediction: 0.0 };
            LossRow {
                date: NaiveDate::default() + Days::new(day),
                key: "A".into(),
                unit: day.to_string(),
                target: 0.0,
                scores: vec![
                    (Contestant::Challenger, scored(ratio * baseline + noise)),
                    (Contestant::NoChange, scored(baseline)),
                ],
            }
        };
        RowLosses((0..).zip(ratios).map(row).collect())
    }

    fn health(pairing: Pairing, arrived: &[f64], before: Option<Condition>) -> Health {
        let (held_out, arrived) = (rows(1, &[0.8; 60]), rows(2, arrived));
        let record = Record { held_out: &held_out, arrived: &arrived, pairing, baseline: Contestant::NoChange };
        assess(&record, &THRESHOLDS, before)
    }

    #[test]
    fn conditions_have_their_words() {
        let all = [Condition::Unknown, Condition::Well, Condition::Degraded, Condition::Alarming];
        assert_eq!(all.map(|condition| condition.to_string()), ["unknown", "well", "degraded", "alarming"]);
    }

    /// The numbers go by losses over the baseline's: 0.8 then, 0.88 now, a tenth more.
    #[test]
    fn the_rise_is_a_share_of_the_ratio_at_the_promotion() {
        let found = health(Pairing::Texts, &[0.88; 90], None);
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 0.015;
        assert!(near(found.ratio_then, 0.8) && near(found.ratio_now, 0.88) && near(found.rise, 0.1), "{found:?}");
        assert_eq!((found.rows, found.window), (90, 30), "a window is a third of what has come");
    }

    /// A rise of just the threshold is degradation, and alarming; one down to the lower threshold is over.
    #[test]
    fn thresholds_belong_to_the_worse_side_and_the_end_does_not() {
        let (held_out, arrived) = (rows(1, &[0.8; 60]), rows(2, &[0.94; 40]));
        let (pairing, baseline) = (Pairing::Texts, Contestant::NoChange);
        let record = Record { held_out: &held_out, arrived: &arrived, pairing, baseline };
        let rise = assess(&record, &THRESHOLDS, None).rise.unwrap();
        let with =
            |armed, alert, disarmed, before| assess(&record, &Thresholds { armed, alert, disarmed }, before).condition;
        assert_eq!(with(rise, 9.0, 0.0, None), Condition::Degraded);
        assert_eq!(with(rise, rise, 0.0, None), Condition::Alarming);
        assert_eq!(with(9.0, 9.0, rise, Some(Condition::Degraded)), Condition::Well);
        assert_eq!(with(9.0, 9.0, rise - 0.001, Some(Condition::Degraded)), Condition::Degraded);
    }

    #[test]
    fn a_version_that_lost_nothing_at_its_promotion_has_no_rise() {
        let (mut held_out, arrived) = (rows(1, &[0.8; 60]), rows(2, &[0.8; 60]));
        held_out.0.iter_mut().for_each(|row| row.scores[0].1.loss = 0.0);
        let (pairing, baseline) = (Pairing::Texts, Contestant::NoChange);
        let found = assess(&Record { held_out: &held_out, arrived: &arrived, pairing, baseline }, &THRESHOLDS, None);
        assert_eq!((found.condition, found.ratio_then, found.rise), (Condition::Unknown, Some(0.0), None));
    }

    /// G10: what speaks of degradation is the ratio to the baseline, on windows of at least 20 rows.
    #[test]
    fn a_rise_of_the_ratio_is_degradation() {
        for pairing in [Pairing::Dates, Pairing::Users, Pairing::Texts] {
            let of = |ratio: f64, rows| health(pairing, &vec![ratio; rows], None).condition;
            assert_eq!(of(1.5, 19), Condition::Unknown, "{pairing:?}: too few");
            assert_eq!(of(0.8, 30), Condition::Well, "{pairing:?}");
            assert_eq!(of(0.85, 30), Condition::Well, "{pairing:?}: 6 % more");
            assert_eq!(of(0.94, 40), Condition::Degraded, "{pairing:?}: 17 % more");
            assert_eq!(of(1.1, 40), Condition::Alarming, "{pairing:?}: 37 % more");
        }
    }

    /// A version that does as it did has little to regret, however long; one that does worse, the more the longer.
    #[test]
    fn regret_grows_while_a_version_does_worse_and_is_made_up_for() {
        let of = |ratios: &[f64]| health(Pairing::Dates, ratios, None).regret.unwrap();
        assert!(of(&[0.8; 400]) < 6.0, "{}", of(&[0.8; 400]));
        let (short, long) = (of(&[1.1; 40]), of(&[1.1; 80]));
        assert!((short - 12.0).abs() < 3.0 && (long - 24.0).abs() < 4.0, "{short} and {long}");
        let made_up: Vec<f64> = [vec![1.1; 40], vec![0.5; 60]].concat();
        assert!(of(&made_up) < 3.0, "{}", of(&made_up));
        assert_eq!(health(Pairing::Dates, &[], None).regret, None);
    }

    #[test]
    fn it_lasts_until_the_version_has_recovered() {
        let after = |ratio: f64, before| health(Pairing::Dates, &[ratio; 25], Some(before)).condition;
        assert_eq!(after(0.88, Condition::Well), Condition::Well, "10 % more");
        assert_eq!(after(0.88, Condition::Degraded), Condition::Degraded);
        assert_eq!(after(0.82, Condition::Alarming), Condition::Well);
    }

    /// One window that is a little worse proves nothing where losses vary; three in a row do.
    #[test]
    fn three_windows_in_a_row_need_no_other_proof() {
        let mut held_out = rows(1, &[0.8; 60]);
        let noisy = |row: &mut LossRow, index: usize| {
            row.scores[0].1.loss += if index.is_multiple_of(2) { 0.7 } else { -0.7 };
        };
        held_out.0.iter_mut().enumerate().for_each(|(index, row)| noisy(row, index));
        let assessed = |count: usize| {
            let mut arrived = rows(2, &vec![0.98; count]);
            arrived.0.iter_mut().enumerate().for_each(|(index, row)| noisy(row, index / 3));
            let (pairing, baseline) = (Pairing::Texts, Contestant::NoChange);
            assess(&Record { held_out: &held_out, arrived: &arrived, pairing, baseline }, &THRESHOLDS, None)
        };
        let (once, lasting) = (assessed(24), assessed(72));
        assert!(once.z.unwrap() < CLEAR && once.condition == Condition::Well, "{once:?}");
        assert!(lasting.condition.is_degraded(), "{lasting:?}");
    }

    /// The same rows with losses twice as high, the baseline's too: the market moved, not the version.
    #[test]
    fn hard_times_for_everyone_are_no_degradation() {
        let mut arrived = rows(2, &[0.8; 60]);
        arrived.0.iter_mut().for_each(|row| row.scores.iter_mut().for_each(|(_, scored)| scored.loss *= 2.0));
        let held_out = rows(1, &[0.8; 60]);
        let (pairing, baseline) = (Pairing::Dates, Contestant::NoChange);
        let found = assess(&Record { held_out: &held_out, arrived: &arrived, pairing, baseline }, &THRESHOLDS, None);
        assert_eq!((found.condition, found.rows, found.window), (Condition::Well, 60, 20));
    }
}
