//! Online answers.

use common::wire::{Prediction, TextPrediction};

use super::model::Model;

/// What the model says of each text.
pub(crate) fn answer(model: &Model, texts: &[String]) -> Prediction {
    let answers = model.predict(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let prediction =
        |answer: super::TextOutput| TextPrediction { probability: answer.probability, label: answer.label };
    Prediction::Texts { texts: answers.into_iter().map(prediction).collect() }
}
