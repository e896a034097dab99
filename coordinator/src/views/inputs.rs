//! What the inputs of a live version look like.

use common::drift::{ColumnDrift, InputDrift};
use domain::monitor::InputRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The inputs of a live version, on rows that have come since, beside those of its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InputsView {
    /// `compared`; else why not: `no_sketch` (it was made by an earlier release), `few_training_rows` or `few_new_rows`.
    pub state: String,
    /// Rows that have come and were compared.
    pub rows: u64,
    /// Inputs there are.
    pub columns: u32,
    /// Of them, those that are unlike any stretch of the training.
    pub drifted: u32,
    /// The inputs that are off the most, as a share of their thresholds; the farthest first, at most ten.
    pub farthest: Vec<InputView>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InputView {
    /// Its name.
    pub column: String,
    /// What was compared: `values`, or how many are `missing`.
    pub aspect: String,
    /// How far it is off: a difference of shares, 0 to 1.
    pub distance: f64,
    /// Above this it has drifted.
    pub threshold: f64,
}

impl From<InputRecord> for InputsView {
    fn from(record: InputRecord) -> Self {
        let nothing =
            |state: &str, rows| Self { state: state.into(), rows, columns: 0, drifted: 0, farthest: Vec::new() };
        match record.latest {
            InputDrift::NoSketch => nothing("no_sketch", 0),
            InputDrift::FewTrainingRows { .. } => nothing("few_training_rows", 0),
            InputDrift::FewNewRows { rows, .. } => nothing("few_new_rows", rows),
            InputDrift::Compared(drift) => Self {
                columns: drift.columns,
                drifted: drift.drifted,
                farthest: drift.farthest.into_iter().map(InputView::from).collect(),
                ..nothing("compared", drift.rows)
            },
        }
    }
}

impl From<ColumnDrift> for InputView {
    fn from(ColumnDrift { column, aspect, distance, threshold }: ColumnDrift) -> Self {
        Self { column, aspect: aspect.as_str().into(), distance, threshold }
    }
}
