//! The rows a job may see: immutable files in the store.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ContentHash, DatasetName, Family, Reading, Source, Symbol, TablePart};

/// One immutable Parquet file of bars (see [`crate::bars`]), stored as `snapshots/<hash>.parquet`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarsPart {
    /// SHA-256 of the file.
    pub hash: ContentHash,
    /// Whose bars.
    pub symbol: Symbol,
    /// How many.
    pub rows: u64,
    /// Date of the first.
    pub first: NaiveDate,
    /// Date of the last.
    pub last: NaiveDate,
}

/// The rows a job may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Snapshot {
    /// Daily bars.
    Bars {
        /// Whose: one symbol, or all of them for the universal model, in the order the model knows them by.
        symbols: Vec<Symbol>,
        /// In order of symbol and date, without overlap.
        parts: Vec<BarsPart>,
    },
    /// The log of a data set, up to some entry.
    Table {
        /// The data set that the rows are of.
        dataset: DatasetName,
        /// How the model reads its rows.
        reading: Reading,
        /// In the order of the log, without gap.
        parts: Vec<TablePart>,
        /// The last day whose rows count: those of later ones have not matured, their labels may still change.
        through: NaiveDate,
    },
}

impl Snapshot {
    /// The files' hashes, in order.
    pub fn files(&self) -> Vec<ContentHash> {
        match self {
            Self::Bars { parts, .. } => parts.iter().map(|part| part.hash).collect(),
            Self::Table { parts, .. } => parts.iter().map(|part| part.hash).collect(),
        }
    }

    /// The data set, and how it is read; bars are of none.
    pub fn source(&self) -> Option<Source> {
        match self {
            Self::Bars { .. } => None,
            Self::Table { dataset, reading, .. } => Some(Source { dataset: dataset.clone(), reading: reading.clone() }),
        }
    }

    /// The family whose models learn from such rows.
    pub fn family(&self) -> Family {
        match self {
            Self::Bars { .. } => Family::Forecaster,
            Self::Table { reading, .. } => reading.family(),
        }
    }

    /// Names the whole: the hash over the files' hashes.
    pub fn hash(&self) -> ContentHash {
        let all: Vec<String> = self.files().iter().map(ContentHash::to_string).collect();
        ContentHash::of(all.join("\n").as_bytes())
    }

    /// Rows over all files; of a log, its entries.
    pub fn rows(&self) -> u64 {
        match self {
            Self::Bars { parts, .. } => parts.iter().map(|part| part.rows).sum(),
            Self::Table { parts, .. } => parts.iter().map(|part| part.entries).sum(),
        }
    }

    /// Date of the newest bar; the parts of a log do not say.
    pub fn last(&self) -> Option<NaiveDate> {
        match self {
            Self::Bars { parts, .. } => parts.iter().map(|part| part.last).max(),
            Self::Table { .. } => None,
        }
    }
}
