//! Online questions and their answers: no jobs, no rows, no retries.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantNames;
use uuid::Uuid;

use crate::bars::Bar;
use crate::vocabulary::{ArtifactRef, CoordinatorId, Reading, Symbol};

/// A question for a predictor. Not a job: no row, no retry; it dies at its deadline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictRequest {
    /// Names the answer.
    pub id: Uuid,
    /// Whose mailbox the answer goes to.
    pub asker: CoordinatorId,
    /// With which version.
    pub artifact: ArtifactRef,
    /// The pointer it was chosen by.
    pub live_seq: u64,
    /// What is asked.
    pub question: PredictQuestion,
    /// Milliseconds from when this is put into the mailbox until nobody reads the answer. A duration, for whoever answers has another
    /// clock; the mailbox says how long it lay there.
    pub left_ms: u64,
}

/// What is asked of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum PredictQuestion {
    /// How the next return is distributed.
    Forecast {
        /// The symbol that is forecast.
        symbol: Symbol,
        /// The newest bars, oldest first: at least window + [`crate::vocabulary::WARM_UP_BARS`]; with 250 more, the volatility is
        /// that of a training on the whole history.
        bars: Vec<Bar>,
    },
    /// How likely texts are of the class looked for.
    Texts {
        /// The texts.
        texts: Vec<String>,
    },
    /// What is to be expected of records.
    Records {
        /// The records: cells by column.
        rows: Vec<BTreeMap<String, String>>,
    },
    /// How users would rate items.
    Ratings {
        /// Pairs of user and item.
        pairs: Vec<(String, String)>,
    },
    /// What a user may like.
    List {
        /// Who; may be unknown to the version.
        user: String,
        /// His ratings as far as the version may not know them: item and rating.
        ratings: Vec<(String, f64)>,
        /// How many items.
        n: u32,
    },
}

/// Predictor to the coordinator that asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToAsker {
    /// The version has to be fetched and opened first.
    Loading {
        /// The question.
        id: Uuid,
    },
    /// Here it is.
    Answer(PredictAnswer),
}

impl PredictQuestion {
    /// What is asked of rows of a data set, each with the cells of the reading's inputs, in their order. `first` is the number of
    /// the first, for what is said of one that cannot be asked about.
    ///
    /// # Errors
    /// A row lacks what a model of that kind cannot do without.
    pub fn of_rows(reading: &Reading, rows: Vec<Vec<Option<String>>>, first: u64) -> Result<Self, String> {
        let names = reading.inputs();
        let full = |(row, number): (Vec<Option<String>>, u64)| {
            let cells = names.iter().zip(row.into_iter().chain(std::iter::repeat(None)));
            let cells = cells.map(|(name, cell)| cell.ok_or_else(|| format!("row {number} has no {name}")));
            cells.collect::<Result<Vec<String>, String>>()
        };
        match reading {
            Reading::Texts(_) => {
                let rows = rows.into_iter().zip(first..).map(full);
                Ok(Self::Texts { texts: rows.map(|row| Ok(row?.swap_remove(0))).collect::<Result<_, String>>()? })
            }
            Reading::Ratings(_) => {
                let pair = |row: Result<Vec<String>, String>| {
                    let mut cells = row?.into_iter();
                    Ok((cells.next().unwrap_or_default(), cells.next().unwrap_or_default()))
                };
                let rows = rows.into_iter().zip(first..).map(full);
                Ok(Self::Ratings { pairs: rows.map(pair).collect::<Result<_, String>>()? })
            }
            Reading::Records(_) => {
                // What is not known is a missing value.
                let record = |row: Vec<Option<String>>| {
                    let cells = names.iter().zip(row.into_iter().chain(std::iter::repeat(None)));
                    cells.map(|(name, cell)| ((*name).to_owned(), cell.unwrap_or_default())).collect()
                };
                Ok(Self::Records { rows: rows.into_iter().map(record).collect() })
            }
        }
    }
}

/// What a version says of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowAnswer {
    /// A probability, calibrated, a rating, or a number in its unit.
    pub value: f64,
    /// Of a classifier: whether the row is taken to be of the class looked for.
    pub label: Option<bool>,
    /// Of a number: its central 80 % interval.
    pub interval: Option<(f64, f64)>,
}

impl Prediction {
    /// What is said of each row, if the question was about rows.
    pub fn rows(self) -> Option<Vec<RowAnswer>> {
        let plain = |value| RowAnswer { value, label: None, interval: None };
        match self {
            Self::Texts { texts } => {
                let answer = |text: TextPrediction| RowAnswer { label: Some(text.label), ..plain(text.probability) };
                Some(texts.into_iter().map(answer).collect())
            }
            Self::Ratings { ratings } => Some(ratings.into_iter().map(plain).collect()),
            Self::Records { records } => {
                let answer = |RecordPrediction { value, label, interval }| RowAnswer { value, label, interval };
                Some(records.into_iter().map(answer).collect())
            }
            Self::Forecast(_) | Self::List { .. } => None,
        }
    }
}

/// A predictor's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictAnswer {
    /// The question.
    pub id: Uuid,
    /// The answer, or why there is none.
    pub prediction: Result<Prediction, String>,
}

/// An answer, of the kind of its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Prediction {
    /// To [`PredictQuestion::Forecast`].
    Forecast(Forecast),
    /// To [`PredictQuestion::Texts`], in their order.
    Texts {
        /// One for each.
        texts: Vec<TextPrediction>,
    },
    /// To [`PredictQuestion::Records`], in their order.
    Records {
        /// One for each.
        records: Vec<RecordPrediction>,
    },
    /// To [`PredictQuestion::Ratings`], in their order.
    Ratings {
        /// One for each, on the scale of the ratings.
        ratings: Vec<f64>,
    },
    /// To [`PredictQuestion::List`].
    List {
        /// Whether the version was trained on ratings of the user.
        known: bool,
        /// Best first.
        items: Vec<ListedItem>,
        /// The lowest and the highest rating that the version was trained on; earlier releases do not say.
        #[serde(default)]
        scale: Option<[f64; 2]>,
        /// Items of the ratings in the question that the version knows nothing of.
        #[serde(default)]
        unknown: Vec<String>,
    },
}

/// What a classifier says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TextPrediction {
    /// Probability of the class looked for, calibrated.
    pub probability: f64,
    /// Whether it is taken to be of that class, by the threshold chosen on validation rows.
    pub label: bool,
}

/// What a model says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecordPrediction {
    /// A probability, calibrated, or a number in its unit.
    pub value: f64,
    /// Of a probability: whether it reaches the threshold chosen on validation rows.
    pub label: Option<bool>,
    /// Of a number: the central 80 % interval.
    pub interval: Option<(f64, f64)>,
}

/// An item for a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedItem {
    /// Its id.
    pub item: String,
    /// What the list is ordered by; comparable within a list only.
    pub score: f64,
    /// The rating expected.
    pub rating: f64,
    /// Why, in English: what a coordinator of the release before this one shows.
    pub reason: String,
    /// Why; absent from a worker of an earlier release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<ListedReason>,
}

/// Why an item is for a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ListedReason {
    /// Many users have rated it.
    Popular {
        /// So many.
        users: u64,
    },
    /// Many who rated what the user has rated have rated it, too.
    RatedToo {
        /// An item that they have rated.
        one: String,
        /// Another one.
        other: Option<String>,
    },
}

impl fmt::Display for ListedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Popular { users } => write!(f, "popular: {users} users have rated it"),
            Self::RatedToo { one, other: None } => write!(f, "many who rated {one} rated it too"),
            Self::RatedToo { one, other: Some(two) } => write!(f, "many who rated {one} and {two} rated it too"),
        }
    }
}

/// The distribution of the next log-return, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Mean (location) of the Student-t, log-return.
    pub location: f64,
    /// Its scale.
    pub scale: f64,
    /// Its degrees of freedom.
    pub degrees: f64,
    /// Probability that the price rises.
    pub p_up: f64,
    /// |2·P(up) − 1|; small on daily prices, and never rescaled.
    pub confidence: f64,
    /// `up`, `down`, or `neutral` when confidence < 0.02.
    pub direction: String,
    /// Expected change, %: 100 · (exp(location) − 1).
    pub change_percent: f64,
    /// Ends of the central 80 % interval of the change, %.
    pub interval_percent: (f64, f64),
}
