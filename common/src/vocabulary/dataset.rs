//! Data sets: tables of rows that come in, are revised and deleted, whatever is trained on them.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ContentHash, DatasetName, words};

words! {
    /// What a column holds.
    ColumnKind ("kind of column") {
        /// Finite numbers.
        Number = "number",
        /// Texts, categories, ids.
        Text = "text",
        /// Moments in time, UTC.
        Time = "time",
    }
}

/// A column of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, as the file says it.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What the rows of a data set look like. It holds together: see [`TableSchema::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct TableSchema {
    columns: Vec<Column>,
    key: Vec<String>,
    time: Option<String>,
}

/// Columns that make no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSchema(String);

/// Most columns of a table.
const MOST_COLUMNS: usize = 1000;
/// Longest name of a column, characters.
const LONGEST_NAME: usize = 100;
/// Columns that Refit adds where the rows are written down.
const RESERVED: [&str; 5] = ["_seq", "_key", "_at", "_arrived", "_deleted"];

impl TableSchema {
    /// A table of these columns. `key` names the columns that say which row it is: a later row of the same key stands for the
    /// earlier; without any, a row is named by what it holds. `time` names the column that says when it happened.
    ///
    /// # Errors
    /// No columns, or too many; a name that is empty, too long or there twice; a key or a time that is no column; a time that is
    /// not of that kind.
    pub fn new(columns: Vec<Column>, key: Vec<String>, time: Option<String>) -> Result<Self, InvalidSchema> {
        let refuse = |reason: String| Err(InvalidSchema(reason));
        if columns.is_empty() || columns.len() > MOST_COLUMNS {
            return refuse(format!("a table has 1 to {MOST_COLUMNS} columns, not {}", columns.len()));
        }
        let mut names = HashSet::new();
        for (column, number) in columns.iter().zip(1..) {
            let name = &column.name;
            if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
                let shown: String = name.chars().take(40).collect();
                return refuse(format!(
                    "column {number} is called {shown:?}: a name has 1 to {LONGEST_NAME} characters"
                ));
            }
            if RESERVED.contains(&name.as_str()) {
                return refuse(format!("no column can be called {name}, Refit adds one of that name: rename it"));
            }
            if !names.insert(name.to_lowercase()) {
                return refuse(format!("two columns are called {name}: rename one of them"));
            }
        }
        let kind_of = |name: &String| columns.iter().find(|column| column.name == *name).map(|column| column.kind);
        let known = || columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        for (index, name) in key.iter().enumerate() {
            if kind_of(name).is_none() {
                return refuse(format!("the key names {name:?}, which is no column; there are {}", known()));
            }
            if key[..index].contains(name) {
                return refuse(format!("the key names {name} twice"));
            }
        }
        match time.as_ref().map(|name| (name, kind_of(name))) {
            None | Some((_, Some(ColumnKind::Time))) => Ok(Self { columns, key, time }),
            Some((name, None)) => {
                refuse(format!("the time is said to be {name:?}, which is no column; there are {}", known()))
            }
            Some((name, Some(kind))) => refuse(format!("{name} is said to be the time, and holds {kind}")),
        }
    }

    /// The columns, in their order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns that name a row; none: it is named by what it holds.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The column that says when a row happened.
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A schema as it is written down, before it is known to hold together.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    columns: Vec<Column>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    time: Option<String>,
}

impl TryFrom<Unchecked> for TableSchema {
    type Error = InvalidSchema;
    fn try_from(Unchecked { columns, key, time }: Unchecked) -> Result<Self, Self::Error> {
        Self::new(columns, key, time)
    }
}

impl From<TableSchema> for Unchecked {
    fn from(TableSchema { columns, key, time }: TableSchema) -> Self {
        Self { columns, key, time }
    }
}

/// An immutable file of entries of a data set's log, named by what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePart {
    /// Hash of the file.
    pub hash: ContentHash,
    /// Whose log.
    pub dataset: DatasetName,
    /// Number of its first entry in the log, from 1.
    pub first_seq: u64,
    /// How many entries it holds.
    pub entries: u64,
}

impl TablePart {
    /// Number of its last entry.
    pub fn last_seq(&self) -> u64 {
        (self.first_seq + self.entries).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(words: &[(&str, ColumnKind)]) -> Vec<Column> {
        words.iter().map(|(name, kind)| Column { name: (*name).into(), kind: *kind }).collect()
    }

    #[test]
    fn a_table_that_makes_no_sense_is_refused_in_words() {
        use ColumnKind::{Number, Text, Time};
        let ratings = || columns(&[("user", Text), ("item", Text), ("rating", Number), ("when", Time)]);
        let refused = |columns, key: &[&str], time: Option<&str>| {
            let key = key.iter().map(|name| (*name).to_owned()).collect();
            TableSchema::new(columns, key, time.map(str::to_owned)).unwrap_err().to_string()
        };
        assert_eq!(refused(vec![], &[], None), "a table has 1 to 1000 columns, not 0");
        assert_eq!(
            refused(ratings(), &["user", "movie"], None),
            "the key names \"movie\", which is no column; there are user, item, rating, when"
        );
        assert_eq!(refused(ratings(), &["user", "user"], None), "the key names user twice");
        assert_eq!(refused(ratings(), &[], Some("rating")), "rating is said to be the time, and holds number");
        assert!(refused(ratings(), &[], Some("at")).starts_with("the time is said to be \"at\", which is no column"));
        let twice = columns(&[("user", Text), ("User", Text)]);
        assert_eq!(refused(twice, &[], None), "two columns are called User: rename one of them");
        assert!(refused(columns(&[("_key", Text)]), &[], None).starts_with("no column can be called _key"));
        assert!(refused(columns(&[(" ", Text)]), &[], None).starts_with("column 1 is called \" \""));
    }

    #[test]
    fn what_was_written_down_is_checked_when_it_is_read() {
        let schema = TableSchema::new(columns(&[("user", ColumnKind::Text)]), vec!["user".into()], None).unwrap();
        let text = serde_json::to_string(&schema).unwrap();
        assert_eq!(text, r#"{"columns":[{"name":"user","kind":"text"}],"key":["user"],"time":null}"#);
        assert_eq!(serde_json::from_str::<TableSchema>(&text).unwrap(), schema);
        assert!(serde_json::from_str::<TableSchema>(&text.replace("[\"user\"]", "[\"item\"]")).is_err());
    }
}
