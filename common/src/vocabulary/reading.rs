//! How a model reads the rows of a data set: which column is what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::records::{Role, Schema};
use super::{DatasetName, Family, TableSchema};
use crate::nearest::nearest;

/// The columns of ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RatingColumns {
    /// Who rated.
    pub user: String,
    /// What was rated.
    pub item: String,
    /// The rating, a number.
    pub value: String,
    /// What a rating counts for, a number above 0; all alike if left out.
    pub weight: Option<String>,
}

impl Default for RatingColumns {
    fn default() -> Self {
        Self { user: "user".into(), item: "item".into(), value: "rating".into(), weight: None }
    }
}

/// The columns of texts with a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextColumns {
    /// The text.
    pub text: String,
    /// The label.
    pub label: String,
    /// The labels that count as the class looked for; `1`, `true` and `yes` if left out.
    pub positive: Vec<String>,
    /// What a row counts for, a number above 0; all alike if left out.
    pub weight: Option<String>,
    /// A column that parts the rows into groups, which the verdict looks at one by one.
    pub group: Option<String>,
    /// Words that tell the class by themselves, and that a person has confirmed to be in a text before its label is known.
    pub confirmed: Vec<String>,
}

impl Default for TextColumns {
    fn default() -> Self {
        let positive = ["1", "true", "yes"].map(str::to_owned).to_vec();
        Self { text: "text".into(), label: "label".into(), positive, weight: None, group: None, confirmed: Vec::new() }
    }
}

/// How a model reads the rows of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Reading {
    /// As ratings.
    Ratings(RatingColumns),
    /// As texts with a label.
    Texts(TextColumns),
    /// As records of typed columns.
    Records(Schema),
}

/// Where a model's rows come from, and how it reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The data set.
    pub dataset: DatasetName,
    /// How its rows are read.
    pub reading: Reading,
}

impl Source {
    /// What of it a fit depends on.
    #[must_use]
    pub fn fitted(&self) -> Self {
        Self { dataset: self.dataset.clone(), reading: self.reading.fitted() }
    }

    /// What of it an incremental training cannot change: other rows, or other columns, are another task.
    pub(super) fn shape(&self) -> String {
        format!("{}:{}", self.dataset, serde_json::to_string(&self.fitted().reading).unwrap_or_default())
    }
}

/// A reading has no such role, or a column cannot have it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidReading(String);

impl Reading {
    /// The family whose models read so.
    pub fn family(&self) -> Family {
        match self {
            Self::Ratings(_) => Family::Recommender,
            Self::Texts(_) => Family::Text,
            Self::Records(_) => Family::Tabular,
        }
    }

    /// The same with some columns named otherwise, by role (`user` → `customer`). `positive` and `confirmed` take several values,
    /// with commas, instead of a column.
    ///
    /// # Errors
    /// There is no such role.
    pub fn with(&self, columns: &BTreeMap<String, String>) -> Result<Self, InvalidReading> {
        let mut reading = self.clone();
        for (role, column) in columns {
            let place = match &mut reading {
                Self::Ratings(of) => match role.as_str() {
                    "user" => &mut of.user,
                    "item" => &mut of.item,
                    "value" => &mut of.value,
                    "weight" => of.weight.get_or_insert_default(),
                    other => return Err(no_role(other, &["user", "item", "value", "weight"])),
                },
                Self::Texts(of) => match role.as_str() {
                    "text" => &mut of.text,
                    "label" => &mut of.label,
                    "weight" => of.weight.get_or_insert_default(),
                    "group" => of.group.get_or_insert_default(),
                    "positive" => {
                        of.positive = values(column);
                        continue;
                    }
                    "confirmed" => {
                        of.confirmed = values(column);
                        continue;
                    }
                    other => {
                        let known = ["text", "label", "positive", "weight", "group", "confirmed"];
                        return Err(no_role(other, &known));
                    }
                },
                Self::Records(_) => {
                    return Err(InvalidReading("records are read by a schema: give one, or name a preset".into()));
                }
            };
            column.clone_into(place);
        }
        Ok(reading)
    }

    /// How a family reads rows unless told otherwise. Forecasters read bars, no rows of a data set, and for records somebody must say
    /// what is predicted.
    pub fn of(family: Family) -> Option<Self> {
        match family {
            // What is predicted, and from what, must be said: by a preset, or by a schema.
            Family::Forecaster | Family::Tabular => None,
            Family::Recommender => Some(Self::Ratings(RatingColumns::default())),
            Family::Text => Some(Self::Texts(TextColumns::default())),
        }
    }

    /// Which column is what, by role: what [`Self::with`] takes.
    pub fn roles(&self) -> BTreeMap<String, String> {
        let (named, optional) = match self {
            Self::Ratings(RatingColumns { user, item, value, weight }) => (
                [("user", user), ("item", item), ("value", value)].map(|(role, of)| (role, of.clone())).to_vec(),
                vec![("weight", weight.clone())],
            ),
            Self::Texts(TextColumns { text, label, positive, weight, group, confirmed }) => {
                let confirmed = Some(confirmed.join(",")).filter(|words| !words.is_empty());
                (
                    vec![("text", text.clone()), ("label", label.clone()), ("positive", positive.join(","))],
                    vec![("weight", weight.clone()), ("group", group.clone()), ("confirmed", confirmed)],
                )
            }
            Self::Records(_) => (Vec::new(), Vec::new()),
        };
        let optional = optional.into_iter().filter_map(|(role, of)| Some((role, of?)));
        named.into_iter().chain(optional).map(|(role, of)| (role.to_owned(), of)).collect()
    }

    /// What of it a fit depends on: not the groups, which only the verdict looks at, nor what somebody has confirmed.
    pub(super) fn fitted(&self) -> Self {
        match self {
            Self::Ratings(of) => Self::Ratings(of.clone()),
            Self::Texts(of) => Self::Texts(TextColumns { group: None, confirmed: Vec::new(), ..of.clone() }),
            Self::Records(schema) => Self::Records(schema.fitted()),
        }
    }

    /// The columns that a prediction is made from.
    pub fn inputs(&self) -> Vec<&str> {
        match self {
            Self::Ratings(RatingColumns { user, item, .. }) => vec![user, item],
            Self::Texts(TextColumns { text, .. }) => vec![text],
            Self::Records(schema) => schema.inputs(),
        }
    }

    /// The column that is predicted: what came of a row.
    pub fn outcome(&self) -> &str {
        match self {
            Self::Ratings(of) => &of.value,
            Self::Texts(of) => &of.label,
            Self::Records(schema) => schema.task.columns().0,
        }
    }

    /// The columns it needs.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Ratings(RatingColumns { user, item, value, weight }) => {
                [user, item, value].into_iter().chain(weight).map(String::as_str).collect()
            }
            Self::Texts(TextColumns { text, label, weight, group, .. }) => {
                [text, label].into_iter().chain(weight).chain(group).map(String::as_str).collect()
            }
            Self::Records(schema) => {
                let read = |role: Role| role != Role::Ignored;
                schema.columns.iter().filter(|column| read(column.role)).map(|column| column.name.as_str()).collect()
            }
        }
    }
}

/// A model is to read a column that its data set has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no column {column:?}{}: there are {}", .nearest.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default(), .known.join(", "))]
pub struct MissingColumn {
    /// The column that was named.
    pub column: String,
    /// The column most like it.
    pub nearest: Option<String>,
    /// Those there are.
    pub known: Vec<String>,
}

impl Reading {
    /// Checks that a data set has every column that is read.
    ///
    /// # Errors
    /// The first that it has not.
    pub fn fits(&self, table: &TableSchema) -> Result<(), MissingColumn> {
        let known: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
        let mut read = self.columns().into_iter().chain([self.outcome()]);
        let Some(missing) = read.find(|column| !known.contains(column)) else { return Ok(()) };
        Err(MissingColumn {
            column: missing.to_owned(),
            nearest: nearest(missing, known.iter().copied()),
            known: known.into_iter().map(str::to_owned).collect(),
        })
    }
}

fn values(text: &str) -> Vec<String> {
    text.split(',').map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

fn no_role(role: &str, known: &[&str]) -> InvalidReading {
    let hint = nearest(role, known.iter().copied()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    let role: String = role.chars().take(80).collect();
    InvalidReading(format!("no column can be the {role:?} of such rows, only {}{hint}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::{Column, ColumnKind};
    use super::*;

    #[test]
    fn a_column_that_is_not_there_is_refused_with_the_nearest() {
        let column = |name: &str| Column { name: name.into(), kind: ColumnKind::Text };
        let table = TableSchema::new(["id", "text", "Label"].map(column).to_vec(), vec![], None).unwrap();
        let reading = Reading::of(Family::Text).unwrap();
        let refused = reading.fits(&table).unwrap_err().to_string();
        assert_eq!(refused, "there is no column \"label\"; did you mean \"Label\"?: there are id, text, Label");
        let named = |column: &str| reading.with(&[("label".to_owned(), column.to_owned())].into()).unwrap();
        assert_eq!(named("Label").fits(&table), Ok(()));
        assert_eq!(named("xyz").fits(&table).unwrap_err().nearest, None);
    }

    #[test]
    fn columns_are_named_by_role() {
        let named = |family, role: &str, column: &str| {
            Reading::of(family).unwrap().with(&[(role.to_owned(), column.to_owned())].into())
        };
        assert_eq!(named(Family::Recommender, "user", "customer").unwrap().columns(), ["customer", "item", "rating"]);
        assert_eq!(named(Family::Recommender, "weight", "w").unwrap().columns().last(), Some(&"w"));
        for family in [Family::Recommender, Family::Text] {
            let reading = named(family, "weight", "w").unwrap();
            assert_eq!(Reading::of(family).unwrap().with(&reading.roles()).unwrap(), reading, "roles say all of it");
        }
        let Reading::Texts(texts) = named(Family::Text, "positive", "0, 1").unwrap() else { panic!("no texts") };
        assert_eq!(texts.positive, ["0", "1"]);
        let confirmed = named(Family::Text, "confirmed", "idiot, trash").unwrap();
        assert_eq!(Reading::of(Family::Text).unwrap().with(&confirmed.roles()).unwrap(), confirmed);
        assert_eq!(confirmed.columns(), ["text", "label"], "words are no columns");
        let refused = named(Family::Text, "lable", "class").unwrap_err().to_string();
        assert!(
            refused.ends_with("only text, label, positive, weight, group, confirmed; did you mean \"label\"?"),
            "{refused}"
        );
        assert_eq!(Reading::of(Family::Forecaster), None);
        assert_eq!(Reading::of(Family::Tabular), None);
    }
}
