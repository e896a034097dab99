//! Bars that contradict those that are known: a restated history, or another symbol's prices. Pure.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use common::bars::Bar;

/// As many doubtful bars may be corrections of single days.
const HANDFUL: usize = 5;
/// From one bar to the next, the factor of a restated history moves no more than this: prices are rounded to cents.
const STEADY: f64 = 0.002;
/// So many of the bars must agree: between two of them a dividend may lie.
const AGREEING: f64 = 0.9;
/// Changes that are named.
const NAMED: usize = 3;

/// A close that is said to be another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Of which day.
    pub date: NaiveDate,
    /// The adjusted close that is known.
    pub known: f64,
    /// The one that comes.
    pub new: f64,
}

impl Change {
    fn factor(&self) -> f64 {
        self.new / self.known
    }

    fn percent(&self) -> f64 {
        100.0 * (self.factor() - 1.0).abs()
    }
}

/// What revised bars look like.
#[derive(Debug, Clone, PartialEq)]
pub enum Revision {
    /// Single days are corrected.
    Corrections,
    /// The history is restated by a steady factor, at most this one away from 1.
    Restated {
        /// New close by known close.
        factor: f64,
    },
    /// Something that somebody should look at first.
    Doubtful(Doubt),
}

/// Why a file is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Changes beyond the limit.
    pub beyond: Vec<Change>,
    /// Known bars that the file speaks of.
    pub compared: usize,
    /// The limit, in percent.
    pub limit: f64,
    /// The factor, where it is steady: a split of which only a part is told.
    pub steady: Option<f64>,
}

/// Judges `revised` bars of a file, of which `compared` were known, against the known ones; `limit`: in percent.
pub fn judge(known: &BTreeMap<NaiveDate, Bar>, revised: &[Bar], compared: usize, limit: f64) -> Revision {
    let change = |bar: &Bar| {
        let known = known.get(&bar.date)?;
        Some(Change { date: bar.date, known: known.adj_close, new: bar.adj_close })
    };
    let changes: Vec<Change> = revised.iter().filter_map(change).collect();
    let beyond: Vec<Change> = changes.iter().filter(|change| change.percent() > limit).copied().collect();
    if beyond.len() <= HANDFUL {
        return Revision::Corrections;
    }
    let steady = changes.windows(2).filter(|pair| (pair[1].factor() / pair[0].factor() - 1.0).abs() < STEADY).count();
    let is_steady = steady as f64 >= AGREEING * (changes.len() - 1) as f64;
    let farthest = beyond.iter().map(Change::factor).max_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()));
    let factor = farthest.filter(|_| is_steady);
    let is_whole = known.keys().next() == changes.first().map(|change| &change.date);
    match factor {
        Some(factor) if is_whole => Revision::Restated { factor },
        Some(_) | None => Revision::Doubtful(Doubt { beyond, compared, limit, steady: factor }),
    }
}

impl Doubt {
    /// Two of the doubtful days, by which the symbol that the prices are of may be found.
    pub fn witnesses(&self) -> Vec<Change> {
        [self.beyond.first(), self.beyond.last()].into_iter().flatten().copied().collect()
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { beyond, compared, limit, steady } = self;
        let most = beyond.iter().map(Change::percent).fold(0.0, f64::max);
        write!(
            f,
            "{} of the {compared} days that are known already have a close that differs by more than {limit} %, by {most:.0} % at most: ",
            beyond.len()
        )?;
        for change in beyond.iter().take(NAMED) {
            write!(f, "{} {} instead of {}, ", change.date, change.new, change.known)?;
        }
        if beyond.len() > NAMED {
            write!(f, "…, ")?;
        }
        match steady {
            Some(factor) => write!(
                f,
                "by a steady factor of {factor:.4}, as of a split, but the bars before {} keep their old prices: import the whole \
                 history in one file",
                beyond.first().map(|change| change.date).unwrap_or_default()
            ),
            None => write!(f, "by no steady factor, so it is neither a split nor a dividend"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    /// A series that moves by up to 2 % a day; `phase` makes another symbol of it.
    fn bars(days: std::ops::Range<u64>, phase: f64) -> Vec<Bar> {
        let bar = |day: u64| {
            let close = 100.0 * (1.0 + 0.2 * (day as f64 * 0.1 + phase).sin());
            let close = (close * 100.0).round() / 100.0;
            let date = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
            Bar { date, open: close, high: close, low: close, close, adj_close: close, volume: 1.0 }
        };
        days.map(bar).collect()
    }

    fn scaled(bars: &[Bar], factor: impl Fn(usize) -> f64) -> Vec<Bar> {
        let cents = |close: f64| (close * 100.0).round() / 100.0;
        bars.iter().enumerate().map(|(at, bar)| Bar { adj_close: cents(bar.adj_close * factor(at)), ..*bar }).collect()
    }

    fn judged(revised: &[Bar]) -> Revision {
        let known = bars(0..200, 0.0).into_iter().map(|bar| (bar.date, bar)).collect();
        judge(&known, revised, revised.len(), 5.0)
    }

    #[test]
    fn corrections_splits_and_dividends_are_usual() {
        let known = bars(0..200, 0.0);
        assert_eq!(judged(&[]), Revision::Corrections);
        assert_eq!(judged(&scaled(&known[50..55], |_| 0.5)), Revision::Corrections, "a handful");
        assert_eq!(judged(&scaled(&known, |_| 0.98)), Revision::Corrections, "a dividend within the limit");
        let Revision::Restated { factor } = judged(&scaled(&known, |_| 0.25)) else { panic!("a split of four") };
        assert!((factor - 0.25).abs() < 0.001);
        // Four dividends since, each of 2 %.
        let dividends = scaled(&known[..190], |at| 0.98_f64.powi(4 - (at / 48) as i32));
        assert!(
            matches!(judged(&dividends), Revision::Restated { factor } if factor < 0.93),
            "{:?}",
            judged(&dividends)
        );
    }

    #[test]
    fn another_symbol_and_half_a_split_are_doubted() {
        let Revision::Doubtful(doubt) = judged(&bars(150..189, 2.0)) else { panic!("another symbol") };
        assert_eq!((doubt.compared, doubt.steady), (39, None));
        let said = doubt.to_string();
        assert!(said.contains("of the 39 days that are known") && said.contains("by no steady factor"), "{said}");
        assert_eq!(doubt.witnesses().len(), 2);
        let half = scaled(&bars(150..189, 0.0), |_| 0.1);
        let Revision::Doubtful(doubt) = judged(&half) else { panic!("half a split") };
        assert!((doubt.steady.unwrap() - 0.1).abs() < 0.001);
        assert!(doubt.to_string().contains("import the whole history in one file"), "{doubt}");
    }
}
