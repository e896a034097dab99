//! `inputs.msgpack`: what the rows of a training looked like, so that later ones can be compared without them.

use serde::{Deserialize, Serialize};

use super::calibration::{self, Noise};
use super::cells::{Cells, Tally};
use super::familiar::Familiar;
use super::values::Values;

/// The version of the format this build writes.
const FORMAT: u32 = 1;

/// Every input of the training rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    format: u32,
    /// Training rows.
    pub rows: u64,
    /// By what new rows are told from familiar ones, where a family asks for that.
    #[serde(default)]
    pub familiar: Familiar,
    /// In the order of the inputs.
    pub columns: Vec<ColumnSketch>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSketch {
    /// Its name.
    pub name: String,
    /// How its values are parted.
    pub cells: Cells,
    /// How many training rows lie where.
    pub(super) tally: Tally,
    /// How far stretches of them are from the others, by length; none where the rows are too few.
    pub noise: Vec<Noise>,
}

/// A sketch cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SketchError {
    /// It is no such file.
    #[error("it is no sketch of inputs: {0}")]
    Malformed(#[from] rmp_serde::decode::Error),
    /// It cannot be written.
    #[error("the sketch of the inputs cannot be written: {0}")]
    NotWritten(#[from] rmp_serde::encode::Error),
    /// A later build wrote it.
    #[error("it is a sketch of format {0}, but this build reads {FORMAT}")]
    Format(u32),
}

/// What every format says first.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Sketch {
    /// Of no columns yet.
    pub fn new(familiar: Familiar) -> Self {
        Self { format: FORMAT, rows: 0, familiar, columns: Vec::new() }
    }

    /// Adds a column: all its training rows, in their order, which is that of time where they have one. Needs memory for this column
    /// alone, about 10 bytes a row.
    pub fn add(&mut self, name: &str, values: &Values<'_>) {
        let cells = Cells::of(values);
        let places = cells.places(values).unwrap_or_default();
        let tally = cells.tally(&places);
        let noise = calibration::noise(&places, &cells, &tally);
        self.rows = self.rows.max(tally.rows());
        self.columns.push(ColumnSketch { name: name.to_owned(), cells, tally, noise });
    }

    /// As MessagePack with named fields. The same rows always give the same bytes.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn encode(&self) -> Result<Vec<u8>, SketchError> {
        Ok(rmp_serde::to_vec_named(self)?)
    }

    /// Reads what [`Sketch::encode`] wrote. Whether it is the file that was meant, its hash tells; check that first.
    ///
    /// # Errors
    /// Not such a file, or one of a later format.
    pub fn decode(file: &[u8]) -> Result<Self, SketchError> {
        match rmp_serde::from_slice::<Head>(file)?.format {
            FORMAT => Ok(rmp_serde::from_slice(file)?),
            other => Err(SketchError::Format(other)),
        }
    }
}
