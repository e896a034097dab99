//! The numbers of one member.

use super::lanes::{add_scaled, dot, padded};
use super::matrix::{Cell, Matrix};
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::random::{Purpose, Stream};
use common::vocabulary::{Algorithm, RecommenderHyper};

/// Standard deviation of the factors before the first pass.
const SPREAD: f32 = 0.1;

/// Biases and factors; the rows of factors are padded to whole blocks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factors {
    /// Numbers in a row, with the padding.
    pub(crate) width: usize,
    pub(crate) user_bias: Vec<f32>,
    pub(crate) item_bias: Vec<f32>,
    /// p: users x width.
    pub(crate) user: Vec<f32>,
    /// q: items x width.
    pub(crate) item: Vec<f32>,
    /// y: items x width, what having rated an item says of a user; empty in the plain factorisation.
    pub(crate) implicit: Vec<f32>,
}

impl Factors {
    /// Biases 0, factors drawn with mean 0 and a standard deviation of 0.1, implicit ones (if any) 0.
    pub(crate) fn new([users, items]: [usize; 2], hyper: &RecommenderHyper, member: u32) -> Self {
        let n_factors = hyper.n_factors as usize;
        let width = padded(n_factors);
        let draw = |lines: usize, which: u64| {
            let mut stream = Stream::new(hyper.seed, Purpose::Weights, member, which);
            let number = |at: usize| if at % width < n_factors { SPREAD * normal(stream.bits()) } else { 0.0 };
            (0..lines * width).map(number).collect::<Vec<_>>()
        };
        Self {
            width,
            user_bias: vec![0.0; users],
            item_bias: vec![0.0; items],
            user: draw(users, 0),
            item: draw(items, 1),
            implicit: match hyper.algorithm {
                Algorithm::Implicit => vec![0.0; items * width],
                Algorithm::Svd => Vec::new(),
            },
        }
    }

    /// Writes z_u of a user with these ratings into `sum`; n_u^-1/2.
    #[inline(always)]
    pub(crate) fn implicit_sum(&self, line: &[Cell], sum: &mut [f32]) -> f32 {
        let norm = 1.0 / (line.len().max(1) as f32).sqrt();
        sum.fill(0.0);
        for cell in line {
            let y = &self.implicit[cell.other as usize * self.width..][..self.width];
            add_scaled(sum, norm, y);
        }
        norm
    }

    /// Writes p_u + z_u into `sum`: the user as the items meet them.
    #[inline(always)]
    pub(crate) fn whole_user(&self, history: &Matrix, user: u32, sum: &mut [f32]) {
        if self.implicit.is_empty() {
            sum.fill(0.0);
        } else {
            self.implicit_sum(history.line(user), sum);
        }
        add_scaled(sum, 1.0, self.user(user));
    }

    /// Adds the numbers to `tensors`, their names beginning with `name`.
    pub(crate) fn put(&self, tensors: &mut Tensors, name: &str) {
        let (users, items) = (self.user_bias.len(), self.item_bias.len());
        tensors.f32(&format!("{name}.user_bias"), &[users], self.user_bias.clone());
        tensors.f32(&format!("{name}.item_bias"), &[items], self.item_bias.clone());
        tensors.f32(&format!("{name}.user"), &[users, self.width], self.user.clone());
        tensors.f32(&format!("{name}.item"), &[items, self.width], self.item.clone());
        if !self.implicit.is_empty() {
            tensors.f32(&format!("{name}.implicit"), &[items, self.width], self.implicit.clone());
        }
    }

    /// Takes what [`Self::put`] has added for so many users and items.
    ///
    /// # Errors
    /// A tensor is missing, has other sizes, or holds something else than finite numbers.
    pub(crate) fn take(
        tensors: &mut Tensors,
        name: &str,
        [users, items]: [usize; 2],
        hyper: &RecommenderHyper,
    ) -> Result<Self, TrainError> {
        let width = padded(hyper.n_factors as usize);
        let mut take = |what: &str, sizes: &[usize]| {
            let numbers = tensors.take_f32(&format!("{name}.{what}"), sizes)?;
            match numbers.iter().all(|x| x.is_finite()) {
                true => Ok(numbers),
                false => Err(TrainError::Data(format!("{name}.{what} holds something else than finite numbers"))),
            }
        };
        Ok(Self {
            width,
            user_bias: take("user_bias", &[users])?,
            item_bias: take("item_bias", &[items])?,
            user: take("user", &[users, width])?,
            item: take("item", &[items, width])?,
            implicit: match hyper.algorithm {
                Algorithm::Implicit => take("implicit", &[items, width])?,
                Algorithm::Svd => Vec::new(),
            },
        })
    }

    /// p of a user.
    #[inline(always)]
    pub(crate) fn user(&self, user: u32) -> &[f32] {
        &self.user[user as usize * self.width..][..self.width]
    }

    /// q of an item.
    #[inline(always)]
    pub(crate) fn item(&self, item: u32) -> &[f32] {
        &self.item[item as usize * self.width..][..self.width]
    }

    /// b_i + q_i·w: what an item adds for a user with the whole factors `whole`.
    #[inline(always)]
    pub(crate) fn answer(&self, whole: &[f32], item: u32) -> f32 {
        self.item_bias[item as usize] + dot(whole, self.item(item))
    }
}

/// A draw with mean 0 and variance 1, near enough to a normal one: the sum of four uniform ones (Irwin-Hall). It needs
/// no logarithm, whose last bit depends on the mathematical library.
fn normal(bits: u64) -> f32 {
    let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xffff).sum();
    (sum as f32 + 2.0 - 131_072.0) * (3f32.sqrt() / 65_536.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_has_the_moments_it_names_and_nothing_in_the_padding() {
        let hyper = RecommenderHyper { n_factors: 20, ..RecommenderHyper::default() };
        let factors = Factors::new([2_000, 10], &hyper, 0);
        let drawn: Vec<f64> =
            factors.user.chunks(factors.width).flat_map(|row| &row[..20]).map(|&x| f64::from(x)).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        assert!(mean.abs() < 2e-3 && (variance.sqrt() - 0.1).abs() < 2e-3, "{mean} {variance}");
        assert!(factors.user.chunks(32).all(|row| row[20..].iter().all(|&x| x == 0.0)));
        assert_ne!(factors.user, Factors::new([2_000, 10], &hyper, 1).user);
    }
}
