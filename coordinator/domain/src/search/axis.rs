//! What one hyper-parameter may be, in a search.

use std::str::FromStr;

use common::random::Stream;
use common::vocabulary::FieldRange;
use serde::{Deserialize, Serialize};

/// One hyper-parameter, and what is tried for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// What it may be.
    #[serde(flatten)]
    pub values: Values,
}

/// What a hyper-parameter may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Values {
    /// Anything in between, ends included.
    Between {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// Equal steps are equal factors, not equal differences.
        logarithmic: bool,
        /// No fractions.
        whole: bool,
    },
    /// One of these, as texts.
    Among {
        /// In the order given.
        choices: Vec<String>,
    },
}

/// Ends that are so many times apart are searched by factors.
const FACTOR: f64 = 10.0;
/// Choices of one hyper-parameter, at most.
const MOST_CHOICES: usize = 50;

/// What is to be tried makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidAxis {
    /// It cannot be read.
    #[error(
        "{name} = {text} is nothing to search: write LOW..HIGH with LOW below HIGH, or values with commas between, as in \
         0.001..0.1 or 16,32,64"
    )]
    Unreadable {
        /// The hyper-parameter.
        name: String,
        /// What was given.
        text: String,
    },
    /// It goes beyond what the hyper-parameter may be.
    #[error("{name} = {text} goes beyond what it may be: {min} to {max}")]
    OutOfRange {
        /// The hyper-parameter.
        name: String,
        /// What was given.
        text: String,
        /// The smallest that is allowed.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// What is found would say nothing.
    #[error("{name} is not searched: {why}")]
    Pointless {
        /// The hyper-parameter.
        name: String,
        /// Why not.
        why: &'static str,
    },
}

impl Axis {
    /// Reads `0.001..0.1` or `16,32,64`. `whole`: the hyper-parameter is a whole number.
    ///
    /// # Errors
    /// It is neither, the ends are no finite numbers in order, or there are too many choices.
    pub fn read(name: &str, text: &str, whole: bool) -> Result<Self, InvalidAxis> {
        let invalid = || InvalidAxis::Unreadable { name: shown(name), text: shown(text) };
        let values = match text.split_once("..") {
            Some((low, high)) => {
                let end = |text: &str| f64::from_str(text.trim()).ok().filter(|end| end.is_finite());
                let (low, high) = end(low).zip(end(high)).filter(|(low, high)| low < high).ok_or_else(invalid)?;
                if whole && (low.fract() != 0.0 || high.fract() != 0.0) {
                    return Err(invalid());
                }
                Values::Between { low, high, logarithmic: low > 0.0 && high / low >= FACTOR, whole }
            }
            None => {
                let choices: Vec<String> = text.split(',').map(|choice| choice.trim().to_owned()).collect();
                if choices.iter().any(String::is_empty) || choices.len() > MOST_CHOICES {
                    return Err(invalid());
                }
                Values::Among { choices }
            }
        };
        Ok(Self { name: name.to_owned(), values })
    }

    /// The same, if no end lies beyond what is allowed.
    ///
    /// # Errors
    /// One does.
    pub fn within(self, range: Option<FieldRange>, text: &str) -> Result<Self, InvalidAxis> {
        match (&self.values, range) {
            (values, Some(FieldRange { min, max, .. }))
                if values.ends().is_some_and(|(low, high)| low < min || high > max) =>
            {
                Err(InvalidAxis::OutOfRange { name: self.name, text: shown(text), min, max })
            }
            (Values::Between { .. } | Values::Among { .. }, _) => Ok(self),
        }
    }

    /// One value, as a text that hyper-parameters are read from; three digits are enough for what is drawn.
    pub fn draw(&self, draws: &mut Stream) -> String {
        match &self.values {
            Values::Among { choices } => choices[draws.below(choices.len())].clone(),
            Values::Between { low, high, logarithmic, whole } => {
                let at = draws.uniform();
                let value = if *logarithmic { low * (high / low).powf(at) } else { low + (high - low) * at };
                match whole {
                    true => value.round().clamp(*low, *high).to_string(),
                    false => three_digits(value).clamp(*low, *high).to_string(),
                }
            }
        }
    }
}

impl Values {
    /// The smallest and the largest number among them.
    fn ends(&self) -> Option<(f64, f64)> {
        match self {
            Self::Between { low, high, .. } => Some((*low, *high)),
            Self::Among { choices } => {
                let numbers = || choices.iter().filter_map(|choice| choice.parse::<f64>().ok());
                let low = numbers().min_by(f64::total_cmp)?;
                Some((low, numbers().max_by(f64::total_cmp)?))
            }
        }
    }
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
