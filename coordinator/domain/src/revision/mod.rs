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
/// How far from a whole number the factor of a split may seem to be, by the market's own move of the day.
const SPLIT_SLACK: f64 = 0.08;
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

/// From how many percent on a change is doubted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Of a known close, where more than a handful change.
    pub revision: f64,
    /// Of a known close, from one on.
    pub correction: f64,
    /// From the last known close to the first that follows it.
    pub jump: f64,
}

/// What a file says of a symbol, next to what is known.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    /// Bars of known days that differ, oldest first.
    pub revised: &'a [Bar],
    /// Bars of days that had none, oldest first.
    pub new: &'a [Bar],
    /// Known days that it speaks of.
    pub compared: usize,
}

/// Why a file is held.
#[derive(Debug, Clone, PartialEq)]
pub enum Doubt {
    /// Known days have other closes.
    Contradiction(Contradiction),
    /// The new bars do not go on where the known ones end.
    Jump(Jump),
}

/// Closes that are said to be others.
#[derive(Debug, Clone, PartialEq)]
pub struct Contradiction {
    /// Changes beyond the limit.
    pub beyond: Vec<Change>,
    /// Known bars that the file speaks of.
    pub compared: usize,
    /// The limit, in percent.
    pub limit: f64,
    /// The factor, where it is steady: a split of which only a part is told.
    pub steady: Option<f64>,
}

/// A gap in price between the known bars and the new ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Jump {
    /// The last known day and its adjusted close.
    pub from: (NaiveDate, f64),
    /// The first day after it, likewise.
    pub to: (NaiveDate, f64),
    /// The newest day of the file, likewise.
    pub last: (NaiveDate, f64),
    /// The limit, in percent.
    pub limit: f64,
}

/// Judges the bars of a file against the known ones.
pub fn judge(known: &BTreeMap<NaiveDate, Bar>, coming: Coming<'_>, limits: Limits) -> Revision {
    let change = |bar: &Bar| {
        let known = known.get(&bar.date)?;
        Some(Change { date: bar.date, known: known.adj_close, new: bar.adj_close })
    };
    let changes: Vec<Change> = coming.revised.iter().filter_map(change).collect();
    let revision = contradiction(known, &changes, coming.compared, limits);
    match (revision, jump(known, coming, limits.jump)) {
        (Revision::Corrections | Revision::Restated { .. }, Some(jump)) => Revision::Doubtful(Doubt::Jump(jump)),
        (revision, _) => revision,
    }
}

fn contradiction(known: &BTreeMap<NaiveDate, Bar>, changes: &[Change], compared: usize, limits: Limits) -> Revision {
    let beyond =
        |limit: f64| -> Vec<Change> { changes.iter().filter(|change| change.percent() > limit).copied().collect() };
    let (many, far) = (beyond(limits.revision), beyond(limits.correction));
    let (beyond, limit) = match (many.len() > HANDFUL, far.is_empty()) {
        (true, _) => (many, limits.revision),
        (false, false) => (far, limits.correction),
        (false, true) => return Revision::Corrections,
    };
    let steady = changes.windows(2).filter(|pair| (pair[1].factor() / pair[0].factor() - 1.0).abs() < STEADY).count();
    let is_steady = changes.len() > 1 && steady as f64 >= AGREEING * (changes.len() - 1) as f64;
    let farthest = beyond.iter().map(Change::factor).max_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()));
    let factor = farthest.filter(|_| is_steady);
    let is_whole = known.keys().next() == changes.first().map(|change| &change.date);
    match factor {
        Some(factor) if is_whole => Revision::Restated { factor },
        Some(_) | None => {
            Revision::Doubtful(Doubt::Contradiction(Contradiction { beyond, compared, limit, steady: factor }))
        }
    }
}

/// The seam: the first new bar after the known ones, against the last of these as the file leaves it.
fn jump(known: &BTreeMap<NaiveDate, Bar>, coming: Coming<'_>, limit: f64) -> Option<Jump> {
    let (date, last) = known.last_key_value()?;
    let close = coming.revised.iter().find(|bar| bar.date == *date).unwrap_or(last).adj_close;
    let first = coming.new.iter().find(|bar| bar.date > *date)?;
    let newest = coming.new.last()?;
    let seam = Change { date: first.date, known: close, new: first.adj_close };
    (seam.percent() > limit).then_some(Jump {
        from: (*date, close),
        to: (first.date, first.adj_close),
        last: (newest.date, newest.adj_close),
        limit,
    })
}

impl Doubt {
    /// Two of the doubtful days and their closes, by which the symbol that the prices are of may be found.
    pub fn witnesses(&self) -> Vec<(NaiveDate, f64)> {
        match self {
            Self::Contradiction(Contradiction { beyond, .. }) => {
                [beyond.first(), beyond.last()].into_iter().flatten().map(|change| (change.date, change.new)).collect()
            }
            Self::Jump(Jump { to, last, .. }) => vec![*to, *last],
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradiction(contradiction) => write!(f, "{contradiction}"),
            Self::Jump(jump) => write!(f, "{jump}"),
        }
    }
}

impl Jump {
    /// The whole number by which a split would have divided (true) or multiplied (false) the prices.
    fn split(&self) -> Option<(f64, bool)> {
        let fall = self.from.1 / self.to.1;
        let by = fall.max(1.0 / fall);
        let whole = by.round();
        (whole >= 2.0 && (by / whole - 1.0).abs() < SPLIT_SLACK).then_some((whole, fall > 1.0))
    }
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from: (before, known), to: (date, new), limit, .. } = self;
        let percent = Change { date: *date, known: *known, new: *new }.percent();
        write!(
            f,
            "its first new close, {new} on {date}, is {percent:.0} % away from the last known one, {known} on {before} (more than \
             {limit} %)"
        )?;
        match self.split() {
            Some((by, divided)) => {
                let split = if divided { "a split" } else { "a reverse split" };
                write!(
                    f,
                    ", as after {split} by {by}, but the bars before keep their old prices: import the whole adjusted history in one \
                     file"
                )
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for Contradiction {
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
            None if beyond.len() == 1 => write!(f, "more than a correction usually changes"),
            None => write!(f, "by no steady factor, so it is neither a split nor a dividend"),
        }
    }
}

#[cfg(test)]
mod tests;
