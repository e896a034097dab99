//! Hyper-parameters, checked before a job is made. Which ones there are depends on the family.

mod forecaster;
mod recommender;
mod tabular;
mod text;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::forecaster::ForecasterHyper;
pub use self::recommender::{Algorithm, RecommenderHyper};
pub use self::tabular::TabularHyper;
pub use self::text::TextHyper;
use super::{Family, Source};
use crate::nearest::nearest;

/// The hyper-parameters of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Hyper {
    /// Of an LSTM over daily bars.
    Forecaster(ForecasterHyper),
    /// Of a factorisation of ratings.
    Recommender(RecommenderHyper),
    /// Of a classifier of texts.
    Text(TextHyper),
    /// Of a model of records.
    Tabular(TabularHyper),
}

impl Hyper {
    /// The defaults of a family.
    pub fn of(family: Family) -> Self {
        match family {
            Family::Forecaster => Self::Forecaster(ForecasterHyper::default()),
            Family::Recommender => Self::Recommender(RecommenderHyper::default()),
            Family::Text => Self::Text(TextHyper::default()),
            Family::Tabular => Self::Tabular(TabularHyper::default()),
        }
    }

    /// The family they are of.
    pub fn family(&self) -> Family {
        match self {
            Self::Forecaster(_) => Family::Forecaster,
            Self::Recommender(_) => Family::Recommender,
            Self::Text(_) => Family::Text,
            Self::Tabular(_) => Family::Tabular,
        }
    }

    /// These hyper-parameters with some replaced, by name (`epochs` → `20`), checked.
    ///
    /// # Errors
    /// An unknown name, a value of another type, or one out of range.
    pub fn with<'a>(&self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, HyperError> {
        match self {
            Self::Forecaster(hyper) => hyper.with(changes).map(Self::Forecaster),
            Self::Recommender(hyper) => hyper.replaced(changes).map(Self::Recommender),
            Self::Text(hyper) => hyper.with(changes).map(Self::Text),
            Self::Tabular(hyper) => hyper.with(changes).map(Self::Tabular),
        }
    }

    /// Rows per step, where training goes step by step: what is halved when memory runs out.
    pub fn batch_size(&self) -> Option<u32> {
        match self {
            Self::Forecaster(hyper) => Some(hyper.batch_size),
            Self::Recommender(_) | Self::Text(_) | Self::Tabular(_) => None,
        }
    }

    /// The same with another batch size, where there is one: after an out-of-memory kill.
    #[must_use]
    pub fn with_batch_size(&self, batch_size: Option<u32>) -> Self {
        match (self, batch_size) {
            (Self::Forecaster(hyper), Some(batch_size)) => {
                Self::Forecaster(ForecasterHyper { batch_size, ..hyper.clone() })
            }
            (Self::Forecaster(_) | Self::Recommender(_) | Self::Text(_) | Self::Tabular(_), _) => self.clone(),
        }
    }

    /// What somebody asked for on top of `from`, on top of `onto` instead: what differs is kept, by name, and checked.
    ///
    /// # Errors
    /// A value that `onto` does not go together with.
    pub fn rebased(&self, from: &Self, onto: &Self) -> Result<Self, HyperError> {
        let (asked, before) = (self.by_name(), from.by_name());
        let differs = asked.iter().filter(|(name, value)| before.get(*name) != Some(value));
        onto.with(differs.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Every hyper-parameter as a text, by name: what [`Self::with`] takes.
    pub fn by_name(&self) -> BTreeMap<String, String> {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => {
                let own = fields.into_iter().filter(|(name, _)| name != "family");
                own.map(|(name, value)| (name, text(value))).collect()
            }
            Ok(_) | Err(_) => BTreeMap::new(),
        }
    }

    /// Whether a hyper-parameter is a whole number.
    pub fn is_whole(&self, name: &str) -> bool {
        serde_json::to_value(self).is_ok_and(|fields| fields.get(name).is_some_and(Value::is_u64))
    }

    /// What a hyper-parameter may be, where that has ends.
    pub fn range(&self, name: &str) -> Option<FieldRange> {
        let ranges = match self {
            Self::Forecaster(_) => ForecasterHyper::RANGES,
            Self::Recommender(_) => RecommenderHyper::RANGES,
            Self::Text(_) => TextHyper::RANGES,
            Self::Tabular(_) => TabularHyper::RANGES,
        };
        ranges.iter().find(|range| range.name == name).copied()
    }

    /// What an incremental training cannot change: of these hyper-parameters, and of where the rows come from and how they are
    /// read.
    pub fn shape(&self, source: Option<&Source>) -> String {
        let own = self.own_shape();
        source.map_or(own.clone(), |source| format!("{own} {}", source.shape()))
    }

    fn own_shape(&self) -> String {
        match self {
            Self::Forecaster(hyper) => format!("{}x{}x{}", hyper.layers, hyper.hidden, hyper.window),
            Self::Recommender(hyper) => format!("{:?}x{}x{}", hyper.algorithm, hyper.n_factors, hyper.members),
            Self::Text(hyper) => hyper.reading(),
            Self::Tabular(hyper) => format!("{}x{}x{}", hyper.hidden, hyper.leaves, hyper.rare),
        }
    }

    /// Whether rows that nobody has ever said are to be learnt from.
    pub fn simulates(&self) -> bool {
        match self {
            Self::Text(hyper) => hyper.simulate > 0,
            Self::Forecaster(_) | Self::Recommender(_) | Self::Tabular(_) => false,
        }
    }

    /// The same but for the seed: another draw is no change of the recipe.
    #[must_use]
    pub fn without_seed(&self) -> Self {
        match self {
            Self::Forecaster(hyper) => Self::Forecaster(ForecasterHyper { seed: 0, ..hyper.clone() }),
            Self::Recommender(hyper) => Self::Recommender(RecommenderHyper { seed: 0, ..hyper.clone() }),
            Self::Text(hyper) => Self::Text(TextHyper { seed: 0, ..hyper.clone() }),
            Self::Tabular(hyper) => Self::Tabular(TabularHyper { seed: 0, ..hyper.clone() }),
        }
    }
}

/// The values one hyper-parameter may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FieldRange {
    /// Its name.
    pub name: &'static str,
    /// Smallest value allowed.
    pub min: f64,
    /// Largest value allowed.
    pub max: f64,
}

/// A hyper-parameter cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HyperError {
    /// Its value is out of range.
    #[error("{name} = {value} is out of range: {min} to {max}")]
    OutOfRange {
        /// The field.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Smallest value allowed.
        min: f64,
        /// Largest value allowed.
        max: f64,
    },
    /// There is no such hyper-parameter.
    #[error("there is no hyper-parameter {name:?}{}", .hint.as_ref().map(|h| format!("; did you mean {h:?}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest one there is.
        hint: Option<String>,
    },
    /// Its value has another type.
    #[error("{name} = {value}: {reason}")]
    Malformed {
        /// The field.
        name: String,
        /// What was asked for.
        value: String,
        /// What the parser said.
        reason: String,
    },
}

/// Hyper-parameters whose fields have ranges.
pub trait Ranged: Clone + Serialize + DeserializeOwned {
    /// The ranges of the fields that have one.
    const RANGES: &'static [FieldRange];

    /// Checks every field against its range.
    ///
    /// # Errors
    /// The first field out of range (NaN included).
    fn check(&self) -> Result<(), HyperError> {
        let fields = fields(self);
        for range in Self::RANGES {
            // JSON has no NaN: it reads back as nothing, which is out of every range.
            let value = fields.get(range.name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
            if !(range.min..=range.max).contains(&value) {
                return Err(HyperError::OutOfRange { name: range.name, value, min: range.min, max: range.max });
            }
        }
        self.consistent()
    }

    /// Checks what fields ask of each other.
    ///
    /// # Errors
    /// The first field that another one forbids.
    fn consistent(&self) -> Result<(), HyperError> {
        Ok(())
    }

    /// The same with some replaced, by name, checked.
    ///
    /// # Errors
    /// An unknown name, a value of another type, or one out of range.
    fn with<'a>(&self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, HyperError> {
        let malformed = |name: &str, value: &str, reason: String| HyperError::Malformed {
            name: name.into(),
            value: value.chars().take(80).collect(),
            reason,
        };
        let mut current = self.clone();
        for (name, value) in changes {
            let mut fields = fields(&current);
            let Some(known) = fields.get(name) else {
                let hint = nearest(name, fields.keys().map(String::as_str));
                return Err(HyperError::Unknown { name: name.chars().take(80).collect(), hint });
            };
            let parsed = match serde_json::from_str(value) {
                Ok(parsed) => parsed,
                // A word needs no quotes on a command line.
                Err(_) if known.is_string() => serde_json::Value::from(value),
                Err(_) => return Err(malformed(name, value, "a number is needed".into())),
            };
            fields.insert(name.to_owned(), parsed);
            current = serde_json::from_value(fields.into()).map_err(|e| malformed(name, value, e.to_string()))?;
        }
        current.check()?;
        Ok(current)
    }
}

fn fields(hyper: &impl Serialize) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(hyper) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Reading;

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let base = ForecasterHyper::default();
        base.check().unwrap();
        let refused = |name, value| base.with([(name, value)]).unwrap_err().to_string();
        assert_eq!(refused("epochs", "0"), "epochs = 0 is out of range: 1 to 500");
        assert_eq!(refused("epoch", "5"), "there is no hyper-parameter \"epoch\"; did you mean \"epochs\"?");
        assert!(refused("epochs", "many").starts_with("epochs = many: a number is needed"));
        assert!(refused("layers", "1.5").starts_with("layers = 1.5: invalid type"));
        assert_eq!(base.with([("epochs", "7"), ("hidden", "16")]).unwrap().epochs, 7);
        assert!(ForecasterHyper { learning_rate: f64::NAN, ..base }.check().is_err());
    }

    /// D2, G9: who reads other columns, or other rows, starts from scratch; the groups of the verdict are not read by a fit.
    #[test]
    fn the_reading_is_part_of_the_shape() {
        for family in [Family::Recommender, Family::Text] {
            let hyper = Hyper::of(family);
            let reading = Reading::of(family).unwrap();
            let source = Source { dataset: "rows".parse().unwrap(), reading: reading.clone() };
            let shape = |source: &Source| hyper.shape(Some(source));
            let base = shape(&source);
            assert_ne!(base, hyper.shape(None));
            assert_ne!(base, shape(&Source { dataset: "others".parse().unwrap(), ..source.clone() }));
            for role in reading.roles().keys().map(String::as_str).chain(["weight"]) {
                let other = reading.with(&[(role.to_owned(), "other".to_owned())].into()).unwrap();
                assert_ne!(base, shape(&Source { reading: other, ..source.clone() }), "{role}");
            }
            assert_eq!(base, shape(&source.clone()));
        }
        let texts = Reading::of(Family::Text).unwrap();
        let grouped = texts.with(&[("group".to_owned(), "language".to_owned())].into()).unwrap();
        assert_eq!(texts.fitted(), grouped.fitted());
    }

    #[test]
    fn hyper_parameters_know_their_family() {
        for family in Family::ALL {
            let hyper = Hyper::of(*family);
            assert_eq!(hyper.family(), *family);
            let json = serde_json::to_string(&hyper).unwrap();
            assert!(json.starts_with(&format!("{{\"family\":\"{family}\"")), "{json}");
            assert_eq!(serde_json::from_str::<Hyper>(&json).unwrap(), hyper);
            assert_ne!(hyper.with([("seed", "7")]).unwrap(), hyper);
            assert_eq!(hyper.with([("seed", "7")]).unwrap().without_seed(), hyper.without_seed());
        }
    }
}
