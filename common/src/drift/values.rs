//! What one column says of some rows.

/// The code of a value that is missing.
pub const MISSING: u32 = u32::MAX;

/// The values of a column, one a row, in the order of the rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// Numbers; what is not finite is missing.
    Numbers(Vec<f64>),
    /// Positions in `names`, or [`MISSING`].
    Names {
        /// One a row.
        codes: Vec<u32>,
        /// What the codes mean.
        names: &'a [String],
    },
}

impl Values<'_> {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Names { codes, .. } => codes.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FromIterator<bool> for Values<'_> {
    fn from_iter<I: IntoIterator<Item = bool>>(flags: I) -> Self {
        Self::Numbers(flags.into_iter().map(f64::from).collect())
    }
}
