//! A table as it is read: texts under a header.

use crate::error::TrainError;

/// Rows of text under a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawTable {
    /// The header.
    pub names: Vec<String>,
    /// The cells, as many per row as there are names.
    pub rows: Vec<Vec<String>>,
}

impl RawTable {
    /// The position of a column.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn position(&self, name: &str) -> Result<usize, TrainError> {
        self.names.iter().position(|n| n == name).ok_or_else(|| {
            let header = self.names.join(", ");
            TrainError::Data(format!(
                "the table has no column {name:?}; its header is: {header}. Rename the column or change the schema"
            ))
        })
    }
}
