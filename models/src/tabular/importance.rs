//! Permutation importance (Breiman, 2001): how much worse predictions are when one column is shuffled.

use super::dataset::{Column, Dataset};
use super::model::Model;
use super::stage::loss;
use crate::error::TrainError;
use common::random::{Purpose, Stream};
use common::vocabulary::InputImportance;
use common::vocabulary::records::Role;

/// The inputs of a model, the most important first. `rows`: unseen by it; every input is shuffled `repeats` times.
///
/// # Errors
/// No rows, unknown outcomes, or other inputs than the model's.
pub fn importance(
    model: &Model,
    data: &Dataset,
    rows: &[usize],
    repeats: u32,
    seed: u64,
) -> Result<Vec<InputImportance>, TrainError> {
    let targets: Vec<f64> = rows.iter().map(|&row| data.targets[row]).collect();
    if rows.is_empty() || targets.iter().any(|target| !target.is_finite()) {
        return Err(TrainError::Data("importance needs rows whose outcome is known".into()));
    }
    let (loss, weights) = (loss(&data.schema.task), vec![1.0; rows.len()]);
    let base = loss.mean(&model.margins(data, rows)?, &targets, &weights);
    let mut shuffled = data.clone();
    let mut found = Vec::new();
    for (index, column) in data.schema.with_role(Role::Feature).enumerate() {
        let mut rises = Vec::new();
        for repeat in 0..repeats.max(1) {
            let mut order = rows.to_vec();
            Stream::new(seed, Purpose::Importance, repeat, index as u64).shuffle(&mut order);
            match (&mut shuffled.features[index], &data.features[index]) {
                (Column::Number(to), Column::Number(from)) => {
                    rows.iter().zip(&order).for_each(|(&row, &other)| to[row] = from[other])
                }
                (Column::Category { codes: to, .. }, Column::Category { codes: from, .. }) => {
                    rows.iter().zip(&order).for_each(|(&row, &other)| to[row] = from[other]);
                }
                _ => {}
            }
            rises.push(loss.mean(&model.margins(&shuffled, rows)?, &targets, &weights) - base);
        }
        shuffled.features[index] = data.features[index].clone();
        found.push(InputImportance::of(&column.name, &rises));
    }
    found.sort_by(|a, b| b.rise.total_cmp(&a.rise).then_with(|| a.column.cmp(&b.column)));
    Ok(found)
}
