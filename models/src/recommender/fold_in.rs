//! Fold-in: the bias and the factors of one user (or item) from their ratings, with everything else held still.

use super::lanes::{add_scaled, block, blocks, blocks_mut, dot, vectorised};
use super::pass::Rates;

/// One rating as a fold-in sees it.
pub(crate) struct Evidence<'a> {
    /// The factors of the other side.
    pub(crate) factors: &'a [f32],
    /// The rating less everything that is known of it: the mean and the other side's bias.
    pub(crate) rest: f32,
    pub(crate) weight: f32,
}

/// Gradient descent from 0 with the steps of a fit, as a user in training would be moved. Returns the bias; `whole`
/// holds z (or zeros) at first and z + p at the end.
pub(crate) fn fold_in(evidence: &[Evidence<'_>], whole: &mut [f32], rates: &[Rates]) -> f32 {
    vectorised(
        #[inline(always)]
        || descend(evidence, whole, rates),
    )
}

#[inline(always)]
fn descend(evidence: &[Evidence<'_>], whole: &mut [f32], rates: &[Rates]) -> f32 {
    let mut own = vec![0.0f32; whole.len()];
    let mut bias = 0.0;
    for &Rates { lr, reg, reg_bias, .. } in rates {
        for Evidence { factors, rest, weight } in evidence {
            let error = rest - bias - dot(&own, factors) - dot(whole, factors);
            let lr = lr * weight;
            bias += lr * (error - reg_bias * bias);
            let (step, keep) = (lr * error, 1.0 - lr * reg);
            for (own, factors) in blocks_mut(&mut own).iter_mut().zip(blocks(factors)) {
                let old = *own;
                *own = block(|lane| keep * old[lane] + step * factors[lane]);
            }
        }
    }
    add_scaled(whole, 1.0, &own);
    bias
}
