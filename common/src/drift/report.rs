//! What a look at inputs asks for, and what it shows.

use serde::{Deserialize, Serialize};

/// How closely inputs are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The chance, 0 to 1, that a model whose inputs have not drifted is said to have one that has.
    pub chance: f64,
    /// A distance up to here, 0 to 1, does not matter, however certain it is.
    pub least_distance: f64,
    /// With fewer new rows there is too little to see that the look before has not seen.
    pub from_rows: u64,
}

/// What a look at the inputs has shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum InputDrift {
    /// The version was made before trainings left a sketch.
    NoSketch,
    /// There are too few training rows, for good.
    FewTrainingRows {
        /// So many there are.
        rows: u64,
        /// So many are needed.
        needed: u64,
    },
    /// Too few rows have come, for now.
    FewNewRows {
        /// So many have come.
        rows: u64,
        /// From so many on they are looked at.
        needed: u64,
    },
    /// They were compared.
    Compared(Drift),
}

/// How new rows differ from those of the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// New rows.
    pub rows: u64,
    /// Columns looked at.
    pub columns: u32,
    /// Of them, those that have drifted.
    pub drifted: u32,
    /// The columns that are off the most, as a share of what is allowed; the farthest first, at most ten.
    pub farthest: Vec<ColumnDrift>,
}

/// How far a column is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// What was compared.
    pub aspect: Aspect,
    /// The distance, 0 to 1.
    pub distance: f64,
    /// Above this it is drift, 0 to 1 or more: then no distance would be.
    pub threshold: f64,
}

/// What of a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The values there are.
    Values,
    /// The share of those that are missing.
    Missing,
}

impl Aspect {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Missing => "missing",
        }
    }
}

impl ColumnDrift {
    /// Whether it is drift.
    pub fn has_drifted(&self) -> bool {
        self.distance > self.threshold
    }

    /// The distance as a share of what is allowed.
    pub(super) fn excess(&self) -> f64 {
        self.distance / self.threshold
    }
}

impl Drift {
    /// Whether most columns have drifted: then the version knows little of what comes.
    pub fn is_everywhere(&self) -> bool {
        self.drifted > self.columns / 2
    }
}
