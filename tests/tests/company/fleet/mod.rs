//! What the company has: a file a fleet, with its models, the rows that arrive for them, and what is asked of them. Pure: the same
//! calendar and seed bring the same deliveries and questions.
//!
//! A new family is a new file here and a line in [`all`].

mod employees;
mod flow;
mod prices;
mod ratings;
mod tasks;
mod texts;

use serde_json::Value;

use crate::calendar::{Calendar, Day};

/// When ratings turn round for a week: after this share of all weeks.
pub(crate) const TASTES_TURN: f64 = 0.6;

/// Models of one family that read the same rows.
pub(crate) trait Fleet: Send + Sync {
    /// The models, and the bodies that register them.
    fn models(&self) -> Vec<(String, Value)>;

    /// What was there from the start.
    fn opening(&self, calendar: &Calendar) -> Vec<Delivery>;

    /// What arrives on a day.
    fn arrivals(&self, calendar: &Calendar, day: Day) -> Vec<Delivery>;

    /// One of many questions, the same for the same turn.
    fn question(&self, turn: u64) -> Question;

    /// Who may be scored beside a version and the live one: baselines, and whom the family knows besides.
    fn rivals(&self) -> &'static [&'static str];

    /// Whether a snapshot, as a manifest shows it, holds this model's rows.
    fn is_own(&self, model: &str, snapshot: &Value) -> bool;

    /// Whether versions are judged on rows that come later than what they were fitted on.
    fn is_dated(&self) -> bool;

    /// How its golden cases are asked; `None`: they are no rows, or are answered otherwise for a reason.
    fn golden(&self) -> Option<Golden> {
        None
    }
}

/// A golden case of an artifact, as a row that can be asked about, and what has to be answered.
pub(crate) type Golden = fn(&Value) -> (Value, Value);

/// Rows on their way in.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// Where to: a symbol's bars or a data set.
    pub(crate) to: Target,
    /// What `POST` takes, below `/api/v1`.
    pub(crate) path: String,
    /// The file.
    pub(crate) csv: String,
    /// What has to be said of it.
    pub(crate) expected: Counts,
}

/// Whose rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// Bars of a symbol.
    Bars(String),
    /// A data set.
    Dataset(String),
}

/// What becomes of the rows of a delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Rows that were not there.
    pub(crate) new: u64,
    /// Rows that stand for an earlier one.
    pub(crate) replaced: u64,
    /// Rows that are gone.
    pub(crate) deleted: u64,
    /// Rows that cannot be taken.
    pub(crate) refused: u64,
}

/// Something to ask, and how the answer is to be read.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Names it: the same name asks the same.
    pub(crate) name: String,
    /// The models that may answer.
    pub(crate) models: Vec<String>,
    /// Below `/api/v1`.
    pub(crate) path: String,
    /// The body of the `POST`.
    pub(crate) body: Value,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// The next bar of a symbol: whoever is reliable answers.
    Forecast,
    /// A row, whose answer depends on nothing but the row and the version: a probability, or a number in its unit, from 0 up to this.
    Row(f64),
    /// What a user may like: depends on what they have rated meanwhile, too.
    List,
}

/// Every fleet of the company: five families of rows, eighteen models.
pub(crate) fn all(seed: u64) -> Vec<Box<dyn Fleet>> {
    vec![
        Box::new(prices::Prices::all()),
        Box::new(ratings::fleet(seed)),
        Box::new(texts::fleet(seed, 20_000)),
        Box::new(employees::fleet(seed)),
        Box::new(tasks::fleet(seed)),
    ]
}

/// A few models of every family, to live twice in the time of one life.
pub(crate) fn few(seed: u64) -> Vec<Box<dyn Fleet>> {
    vec![
        Box::new(prices::Prices::first(2)),
        Box::new(ratings::fleet(seed)),
        Box::new(texts::fleet(seed, 2_000)),
        Box::new(employees::fleet(seed)),
        Box::new(tasks::fleet(seed)),
    ]
}
