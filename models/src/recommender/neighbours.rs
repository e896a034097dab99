//! Which items the same users rate.

use super::matrix::Matrix;
use crate::error::TrainError;
use crate::tensors::Tensors;

/// Neighbours kept per item.
const KEPT: usize = 50;
/// Ratings of a user that are looked at, the newest of theirs: bounds the work for users with very many.
const LOOKED_AT: usize = 300;
/// Users worth of doubt in a similarity.
const DOUBT: f64 = 10.0;

/// For each item the most similar others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neighbours {
    starts: Vec<u32>,
    near: Vec<(u32, f32)>,
}

impl Neighbours {
    /// The cosine of who rated what, shrunk: common users / (√(n_i n_j) + doubt).
    pub(crate) fn of(history: &Matrix, items: usize) -> Self {
        let by_item = history.transposed(items);
        let (mut starts, mut near) = (vec![0], Vec::new());
        let (mut common, mut met) = (vec![0u32; items], Vec::new());
        for item in 0..items as u32 {
            for cell in by_item.line(item) {
                let line = history.line(cell.other);
                for other in &line[line.len().saturating_sub(LOOKED_AT)..] {
                    let count = &mut common[other.other as usize];
                    if *count == 0 {
                        met.push(other.other);
                    }
                    *count += 1;
                }
            }
            let support = |item: u32| by_item.line(item).len() as f64;
            let mut found: Vec<(u32, f32)> = Vec::with_capacity(met.len());
            for other in met.drain(..) {
                let count = f64::from(std::mem::take(&mut common[other as usize]));
                if other != item {
                    found.push((other, (count / ((support(item) * support(other)).sqrt() + DOUBT)) as f32));
                }
            }
            let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
            if found.len() > KEPT {
                found.select_nth_unstable_by(KEPT, order);
                found.truncate(KEPT);
            }
            found.sort_unstable_by(order);
            near.append(&mut found);
            starts.push(near.len() as u32);
        }
        Self { starts, near }
    }

    /// The items most similar to this one with their similarity, the nearest first.
    pub(crate) fn line(&self, item: u32) -> &[(u32, f32)] {
        &self.near[self.starts[item as usize] as usize..self.starts[item as usize + 1] as usize]
    }

    /// Adds the numbers to `tensors`.
    pub(crate) fn put(&self, tensors: &mut Tensors) {
        let wide = |numbers: &mut dyn Iterator<Item = u32>| numbers.map(i64::from).collect::<Vec<_>>();
        tensors.i64("near.starts", &[self.starts.len()], wide(&mut self.starts.iter().copied()));
        tensors.i64("near.item", &[self.near.len()], wide(&mut self.near.iter().map(|near| near.0)));
        tensors.f32("near.similarity", &[self.near.len()], self.near.iter().map(|near| near.1).collect());
    }

    /// Takes what [`Self::put`] has added.
    ///
    /// # Errors
    /// A tensor is missing or does not fit the others.
    pub(crate) fn take(tensors: &mut Tensors, items: usize) -> Result<Self, TrainError> {
        let damaged = || TrainError::Data("the similar items do not fit together: the model's file is damaged".into());
        let starts = narrow(tensors.take_i64("near.starts", &[items + 1])?).ok_or_else(damaged)?;
        let count = starts.last().map_or(0, |&end| end as usize);
        let item = narrow(tensors.take_i64("near.item", &[count])?).ok_or_else(damaged)?;
        let similarity = tensors.take_f32("near.similarity", &[count])?;
        let fits = starts[0] == 0
            && starts.is_sorted()
            && item.iter().all(|&item| (item as usize) < items)
            && similarity.iter().all(|s| s.is_finite());
        if !fits {
            return Err(damaged());
        }
        Ok(Self { starts, near: item.into_iter().zip(similarity).collect() })
    }
}

/// Whole numbers as they are used; `None` if one is out of range.
pub(crate) fn narrow(numbers: Vec<i64>) -> Option<Vec<u32>> {
    numbers.into_iter().map(|n| u32::try_from(n).ok()).collect()
}
