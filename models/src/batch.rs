//! Many rows at once: read file by file, predicted piece by piece, written as they come.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use common::rows::{AnswerWriter, Beside, FormatError, Rows};
use common::vocabulary::{PredictSpec, files};
use common::wire::PredictQuestion;

use crate::device::Device;
use crate::error::TrainError;
use crate::loaded::Loaded;
use crate::run::{Inputs, Observer, Phase, Update};

/// Rows predicted between two looks at whether to stop.
const PIECE: usize = 2_000;

/// Predicts the rows of the parts with the version in `version`, and leaves the answers in `inputs.output`.
pub(crate) fn predict(
    spec: &PredictSpec,
    version: &Path,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    let mut version = Loaded::open(version, &spec.artifact.manifest, device)?;
    let target = inputs.output.join(files::PREDICTIONS);
    let unwritable = |error: FormatError| TrainError::Code(format!("the predictions cannot be written: {error}"));
    let beside = Beside::of(&spec.reading);
    let mut writer = AnswerWriter::new(BufWriter::new(File::create(&target)?), beside).map_err(unwritable)?;
    let (mut done, total) = (0, spec.rows());
    for (part, file) in spec.parts.iter().zip(&inputs.parts) {
        let rows = Rows::decode(fs::read(file)?.into()).map_err(|error| TrainError::damaged(file, error))?;
        if rows.names() != spec.reading.inputs() || rows.len() as u64 != part.rows {
            return Err(TrainError::damaged(file, "these are not the rows that were asked about"));
        }
        let mut answers = Vec::with_capacity(rows.len());
        for first in (0..rows.len()).step_by(PIECE) {
            if let Some(stop) = observer.stop() {
                return Err(TrainError::Stopped(stop));
            }
            let piece = (first..rows.len().min(first + PIECE)).map(|index| rows.cells(index)).collect();
            let question = PredictQuestion::of_rows(&spec.reading, piece, done + first as u64 + 1);
            let answered = version.predict(&question.map_err(TrainError::Data)?)?.rows();
            answers.extend(answered.ok_or_else(|| TrainError::Code("the answer was not about rows".into()))?);
            observer.progress(&Update {
                phase: Phase::Predicting,
                epoch: 1,
                epochs: 1,
                step: done + answers.len() as u64,
                steps: total,
                loss: None,
                curve: Vec::new(),
            });
        }
        writer.write(&answers).map_err(unwritable)?;
        done += part.rows;
    }
    writer.finish().map_err(unwritable)?;
    Ok(())
}
