//! Data sets and their imports.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schemas;

use super::RefusedRow;

/// How to read a file of rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableImportRequest {
    /// The name of the file.
    #[serde(default)]
    pub file: String,
    /// The columns that name a row, separated by commas; a later row of the same key stands for the earlier. None: a row is named
    /// by what it holds.
    pub key: Option<String>,
    /// The column that says when a row happened: ISO 8601, or seconds since 1970.
    pub time: Option<String>,
    /// The columns in their order, separated by commas, of a file whose first line does not name them.
    pub columns: Option<String>,
    /// Kinds of columns that are not to be inferred: `stars:number,note:text`; kinds are `number`, `text` and `time`. Columns of the
    /// key are texts unless it says otherwise here.
    pub kinds: Option<String>,
    /// What separates the fields: a character, or `tab`; else it is detected.
    pub delimiter: Option<String>,
    /// `utf-8`, or `latin1`.
    pub encoding: Option<String>,
    /// The rows of these keys are to be deleted.
    #[serde(default)]
    pub delete: bool,
    /// Words that no row has had so far are taken too, in a column that a model predicts; else such rows are refused.
    #[serde(default)]
    pub accept_new_words: bool,
}

/// What became of an imported file of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableImportReport {
    /// The data set.
    pub dataset: String,
    /// The file's name.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that are new.
    pub new: u64,
    /// Rows that stand for an earlier one of the same key from now on.
    pub superseded: u64,
    /// Rows that were there already, alike; they add nothing.
    pub unchanged: u64,
    /// Rows deleted.
    pub deleted: u64,
    /// Rows that a later one of the same key in the same file stands for.
    pub repeated: u64,
    /// Rows refused, all of them counted.
    pub refused: u64,
    /// The first 100 of them, with the reason.
    pub refusals: Vec<RefusedRow>,
    /// The columns.
    pub columns: Vec<ColumnView>,
    /// Rows there are now.
    pub total: u64,
    /// Number of the newest entry of the log.
    pub entries: u64,
    /// Things to know that refuse nothing.
    pub warnings: Vec<String>,
}

/// A column of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ColumnView {
    /// Its name.
    pub name: String,
    /// `number`, `text` or `time`.
    #[schema(value_type = schemas::ColumnKind)]
    pub kind: String,
    /// Whether the kind was inferred from the rows of this import, and not declared or known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
}

/// A data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DatasetView {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnView>,
    /// The columns that name a row; none: it is named by what it holds.
    pub key: Vec<String>,
    /// The column that says when a row happened.
    pub time: Option<String>,
    /// Rows there are now.
    pub rows: u64,
    /// Number of the newest entry of its log: each new, superseding and deleted row is one.
    pub entries: u64,
    /// The earliest day of any entry, by the column of time, else the day it came in.
    pub first: Option<NaiveDate>,
    /// The latest.
    pub last: Option<NaiveDate>,
    /// The newest file that brought anything.
    pub file: Option<String>,
    /// When it came in.
    pub imported_at: Option<DateTime<Utc>>,
    /// When the first one did.
    pub created_at: DateTime<Utc>,
}
