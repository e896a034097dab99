//! What the columns of a table mean: kind, role, and when a value is known.

use serde::{Deserialize, Serialize};

use crate::vocabulary::Timestamp;

/// How the text of a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A decimal number.
    Number,
    /// One of a set of names.
    Category,
    /// Yes or no (also true/false, y/n, 1/0, sí/no).
    Flag,
    /// A date as YYYY-MM-DD; an input as days since 1970-01-01.
    Date,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the entity of a row; a later row with the same key supersedes it.
    Key,
    /// When the row came about.
    Time,
    /// The target, or what it is computed from.
    Target,
    /// An input.
    Feature,
    /// How much a row counts in training: a positive number, 1 where it is missing; not an input.
    Weight,
    /// Splits the rows into groups for the verdict; not an input.
    Slice,
    /// Not looked at.
    Ignored,
}

/// When a value is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AvailableAt {
    /// Before the outcome: may be an input.
    #[default]
    Before,
    /// Only afterwards: never an input.
    After,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// Its name in the header.
    pub name: String,
    /// How its cells are read.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// When it is known.
    #[serde(default)]
    pub available_at: AvailableAt,
    /// When a person confirmed that it is known before the outcome, although by itself it gives the outcome away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// What is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Whether `column` holds `positive`.
    Is {
        /// The column.
        column: String,
        /// The value that counts as 1.
        positive: String,
    },
    /// Whether `actual` exceeds `estimate` by more than this share.
    Exceeds {
        /// What came out.
        actual: String,
        /// What was estimated, known before.
        estimate: String,
        /// The share, 0.25 for 25 %.
        by: f64,
    },
    /// The number in `column`, under absolute error.
    Number {
        /// The column.
        column: String,
    },
    /// log(`actual` / `estimate`) under absolute error; a model starts at the estimate.
    LogRatio {
        /// What came out.
        actual: String,
        /// What was estimated, known before.
        estimate: String,
    },
}

impl Task {
    /// Whether the target is 0 or 1.
    pub fn is_binary(&self) -> bool {
        matches!(self, Self::Is { .. } | Self::Exceeds { .. })
    }

    /// The column with the outcome, and the one with the estimate.
    pub fn columns(&self) -> (&str, Option<&str>) {
        match self {
            Self::Is { column, .. } | Self::Number { column } => (column, None),
            Self::Exceeds { actual, estimate, .. } | Self::LogRatio { actual, estimate } => (actual, Some(estimate)),
        }
    }
}

/// How rows follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Not at all: a hash of the key decides a row's side.
    #[default]
    Undated,
    /// By the time column.
    Time,
    /// By the key, a number that rises with time.
    Key,
}

/// Groups of rows that the verdict looks at one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceSpec {
    /// The column.
    pub column: String,
    /// Numbers: where a new band begins, rising. Categories: empty, each value is a group.
    #[serde(default)]
    pub bands: Vec<f64>,
}

/// A table and what is to be predicted from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The columns that matter; others in the header are ignored.
    pub columns: Vec<ColumnSpec>,
    /// What is predicted.
    pub task: Task,
    /// How rows follow each other.
    #[serde(default)]
    pub order: Order,
    /// The groups.
    #[serde(default)]
    pub slices: Vec<SliceSpec>,
}

/// A schema that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A column is named twice.
    #[error("the column {0:?} is declared twice")]
    Twice(String),
    /// The schema needs a column that it does not declare.
    #[error("the schema has no column {0:?}, but {1} needs it: add it to columns")]
    NoColumn(String, &'static str),
    /// Not exactly one key.
    #[error("{0} columns have the role key, exactly one is needed: it says which row a later one supersedes")]
    Keys(usize),
    /// Rows are ordered by a time column that is not there, or there are several.
    #[error("{0} columns have the role time, exactly one is needed when order is \"time\"")]
    Times(usize),
    /// Rows have several weights.
    #[error("{0} columns have the role weight, at most one can say how much a row counts")]
    Weights(usize),
    /// No inputs.
    #[error("no column has the role feature: a model needs at least one input")]
    NoFeature,
    /// An input is known only afterwards.
    #[error(
        "the column {0:?} is known only after the outcome (available_at: after), so it cannot be an input: give it the role ignored"
    )]
    After(String),
    /// The outcome is an input.
    #[error("the column {0:?} holds the outcome and cannot be an input: give it the role target")]
    OutcomeIsInput(String),
    /// What is confirmed cannot be an input anyway.
    #[error("the column {0:?} is no input, so there is nothing to confirm: inputs have the role feature")]
    NoInput(String),
    /// Bands of a slice do not rise.
    #[error("the bands of the slice {0:?} do not rise")]
    Bands(String),
}

impl Schema {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns with this role, in order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &ColumnSpec> {
        self.columns.iter().filter(move |column| column.role == role)
    }

    /// Notes that a person has looked at an input that gives the outcome away, and says that it is known before.
    ///
    /// # Errors
    /// There is no such input.
    pub fn confirm(&mut self, name: &str, at: Timestamp) -> Result<(), SchemaError> {
        let input = self.columns.iter_mut().find(|column| column.name == name && column.role == Role::Feature);
        match input {
            Some(column) => column.confirmed_at = Some(at),
            None => return Err(SchemaError::NoInput(name.to_owned())),
        }
        Ok(())
    }

    /// Whether the same is predicted for the same rows in the same order: then versions can be compared, whatever they read.
    pub fn predicts_like(&self, other: &Self) -> bool {
        let key = |schema: &Self| schema.with_role(Role::Key).map(|column| column.name.clone()).next();
        let time = |schema: &Self| schema.with_role(Role::Time).map(|column| column.name.clone()).next();
        let dated = self.order == Order::Time;
        self.task == other.task
            && self.order == other.order
            && key(self) == key(other)
            && (!dated || time(self) == time(other))
    }

    /// The columns that a prediction is made from, the estimate among them.
    pub fn inputs(&self) -> Vec<&str> {
        let (_, estimate) = self.task.columns();
        let is_input = |column: &&ColumnSpec| column.role == Role::Feature || Some(column.name.as_str()) == estimate;
        self.columns.iter().filter(is_input).map(|column| column.name.as_str()).collect()
    }

    /// What a fit depends on: neither groups nor confirmations, nor columns that are not looked at.
    pub fn fitted(&self) -> Self {
        let looked_at = self.columns.iter().filter(|column| !matches!(column.role, Role::Ignored | Role::Slice));
        let columns = looked_at.map(|column| ColumnSpec { confirmed_at: None, ..column.clone() }).collect();
        Self { columns, slices: Vec::new(), ..self.clone() }
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn validate(&self) -> Result<(), SchemaError> {
        for (i, column) in self.columns.iter().enumerate() {
            if self.columns[..i].iter().any(|earlier| earlier.name == column.name) {
                return Err(SchemaError::Twice(column.name.clone()));
            }
            if column.role == Role::Feature && column.available_at == AvailableAt::After {
                return Err(SchemaError::After(column.name.clone()));
            }
        }
        let count = |role| self.with_role(role).count();
        match (count(Role::Key), count(Role::Time), count(Role::Feature)) {
            (1, 1, 1..) => {}
            (1, _, 1..) if self.order != Order::Time => {}
            (1, times, 1..) => return Err(SchemaError::Times(times)),
            (1, _, 0) => return Err(SchemaError::NoFeature),
            (keys, ..) => return Err(SchemaError::Keys(keys)),
        }
        if count(Role::Weight) > 1 {
            return Err(SchemaError::Weights(count(Role::Weight)));
        }
        let (outcome, estimate) = self.task.columns();
        for (name, user) in [(Some(outcome), "the task"), (estimate, "the task")] {
            if let Some(name) = name.filter(|name| self.column(name).is_none()) {
                return Err(SchemaError::NoColumn(name.to_owned(), user));
            }
        }
        if self.column(outcome).is_some_and(|column| column.role != Role::Target) {
            return Err(SchemaError::OutcomeIsInput(outcome.to_owned()));
        }
        for slice in &self.slices {
            if self.column(&slice.column).is_none() {
                return Err(SchemaError::NoColumn(slice.column.clone(), "a slice"));
            }
            if !slice.bands.is_sorted_by(|a, b| a < b) {
                return Err(SchemaError::Bands(slice.column.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, role: Role) -> ColumnSpec {
        ColumnSpec {
            name: name.into(),
            kind: Kind::Number,
            role,
            available_at: AvailableAt::Before,
            confirmed_at: None,
        }
    }

    fn schema() -> Schema {
        Schema {
            columns: vec![column("id", Role::Key), column("x", Role::Feature), column("y", Role::Target)],
            task: Task::Number { column: "y".into() },
            order: Order::Undated,
            slices: vec![SliceSpec { column: "x".into(), bands: vec![1.0, 2.0] }],
        }
    }

    #[test]
    fn schemas_that_do_not_fit_together_are_refused() {
        schema().validate().unwrap();
        let refused = |change: fn(&mut Schema)| {
            let mut schema = schema();
            change(&mut schema);
            schema.validate().unwrap_err()
        };
        assert_eq!(refused(|s| s.columns[0].role = Role::Ignored), SchemaError::Keys(0));
        assert_eq!(refused(|s| s.columns[1].name = "id".into()), SchemaError::Twice("id".into()));
        assert_eq!(refused(|s| s.columns[1].role = Role::Slice), SchemaError::NoFeature);
        assert_eq!(refused(|s| s.columns[1].available_at = AvailableAt::After), SchemaError::After("x".into()));
        assert_eq!(refused(|s| s.columns[2].role = Role::Feature), SchemaError::OutcomeIsInput("y".into()));
        assert_eq!(refused(|s| s.order = Order::Time), SchemaError::Times(0));
        assert_eq!(refused(|s| s.slices[0].bands = vec![2.0, 2.0]), SchemaError::Bands("x".into()));
        assert!(matches!(refused(|s| s.slices[0].column = "z".into()), SchemaError::NoColumn(..)));
        assert!(matches!(refused(|s| s.task = Task::Number { column: "z".into() }), SchemaError::NoColumn(..)));
        assert_eq!(
            refused(|s| s.columns.extend([column("v", Role::Weight), column("w", Role::Weight)])),
            SchemaError::Weights(2)
        );
        let text = serde_json::to_string(&schema()).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema());
    }

    #[test]
    fn only_inputs_are_confirmed_and_versions_compared_while_the_task_stays() {
        let mut confirmed = schema();
        let now = Timestamp::now();
        assert_eq!(confirmed.confirm("y", now), Err(SchemaError::NoInput("y".into())));
        confirmed.confirm("x", now).unwrap();
        assert_eq!(confirmed.columns[1].confirmed_at, Some(now));
        assert_eq!(confirmed.fitted(), schema().fitted(), "a confirmation changes nothing that is read");

        let mut wider = schema();
        wider.columns.push(column("z", Role::Feature));
        assert!(wider.predicts_like(&schema()) && wider.fitted() != schema().fitted());
        let other = Schema { task: Task::Is { column: "y".into(), positive: "1".into() }, ..schema() };
        assert!(!other.predicts_like(&schema()));
    }
}
