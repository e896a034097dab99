//! How a pass over the ratings moves the factors.

use super::factors::Factors;
use super::lanes::{LANES, block, blocks, blocks_mut, dot, total, vectorised};
use super::matrix::Matrix;
use common::vocabulary::RecommenderHyper;

/// The step size of a pass and its regularisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rates {
    pub(crate) lr: f32,
    pub(crate) reg: f32,
    pub(crate) reg_bias: f32,
    pub(crate) reg_implicit: f32,
}

impl Rates {
    /// The rates of pass `epoch` (from 0) of a fit.
    pub(crate) fn of(hyper: &RecommenderHyper, epoch: u32) -> Self {
        let lr = (0..epoch).fold(hyper.lr, |lr, _| lr * hyper.lr_decay);
        Self {
            lr: lr as f32,
            reg: hyper.reg as f32,
            reg_bias: hyper.reg_bias as f32,
            reg_implicit: hyper.reg_implicit as f32,
        }
    }
}

/// Passes of a fold-in.
const FOLD_IN_PASSES: u32 = 10;

/// The rates of a fold-in: the steps of a whole fit, taken in fewer and larger ones.
pub(crate) fn fold_in_rates(hyper: &RecommenderHyper) -> Vec<Rates> {
    let epochs: Vec<Rates> = (0..hyper.n_epochs).map(|epoch| Rates::of(hyper, epoch)).collect();
    let together = |epochs: &[Rates]| Rates { lr: epochs.iter().map(|rates| rates.lr).sum(), ..epochs[0] };
    epochs.chunks(hyper.n_epochs.div_ceil(FOLD_IN_PASSES).max(1) as usize).map(together).collect()
}

/// What a pass reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass<'a> {
    /// The users to visit, in this order.
    pub(crate) order: &'a [u32],
    /// The ratings to learn from, by user.
    pub(crate) active: &'a Matrix,
    /// All training ratings, by user: what the implicit factors are summed over.
    pub(crate) history: &'a Matrix,
    pub(crate) mean: f32,
    pub(crate) rates: Rates,
}

impl Factors {
    /// One pass over the ratings. The weighted sum of the squared errors met on the way.
    pub(crate) fn pass(&mut self, pass: Pass<'_>) -> f64 {
        if self.implicit.is_empty() {
            vectorised(
                #[inline(always)]
                || self.plain_pass(pass),
            )
        } else {
            vectorised(
                #[inline(always)]
                || self.implicit_pass(pass),
            )
        }
    }

    /// One pass of plain gradient descent over the ratings (Funk, 2006). The weighted sum of the squared errors met on
    /// the way.
    ///
    /// For each rating with error e = r - (mean + b_u + b_i + p·q): b += lr (e - reg b), p += lr (e q - reg p),
    /// q += lr (e p - reg q), the last with p as it was.
    #[inline(always)]
    fn plain_pass(&mut self, pass: Pass<'_>) -> f64 {
        let Rates { lr, reg, reg_bias, .. } = pass.rates;
        let (width, mut loss) = (self.width, 0.0);
        for &user in pass.order {
            let p = &mut self.user[user as usize * width..][..width];
            let mut user_bias = self.user_bias[user as usize];
            for cell in pass.active.line(user) {
                let q = &mut self.item[cell.other as usize * width..][..width];
                let item_bias = &mut self.item_bias[cell.other as usize];
                let error = cell.value - (pass.mean + user_bias + *item_bias + dot(p, q));
                let lr = lr * cell.weight;
                user_bias += lr * (error - reg_bias * user_bias);
                *item_bias += lr * (error - reg_bias * *item_bias);
                let (step, keep) = (lr * error, 1.0 - lr * reg);
                for (p, q) in blocks_mut(p).iter_mut().zip(blocks_mut(q)) {
                    let (old_p, old_q) = (*p, *q);
                    *p = block(|lane| keep * old_p[lane] + step * old_q[lane]);
                    *q = block(|lane| keep * old_q[lane] + step * old_p[lane]);
                }
                loss += f64::from(cell.weight) * f64::from(error) * f64::from(error);
            }
            self.user_bias[user as usize] = user_bias;
        }
        loss
    }

    /// One pass of gradient descent with implicit factors (SVD++; Koren, 2008): the user is p_u + z_u with
    /// z_u = n_u^-1/2 Σ_j y_j over what they rated. The weighted sum of the squared errors met on the way.
    ///
    /// Koren moves every y_j at every rating. They all move alike, y_j ← (1 - lr reg) y_j + lr e n_u^-1/2 q, so that
    /// z_u ← (1 - lr reg) z_u + lr e q: it suffices to follow z_u, and to move the y_j once when the user is done.
    #[inline(always)]
    fn implicit_pass(&mut self, pass: Pass<'_>) -> f64 {
        let Rates { lr, reg, reg_bias, reg_implicit } = pass.rates;
        let (width, mut loss) = (self.width, 0.0);
        let (mut z, mut moved) = (vec![0.0f32; width], vec![0.0f32; width]);
        for &user in pass.order {
            if pass.active.line(user).is_empty() {
                continue;
            }
            let norm = self.implicit_sum(pass.history.line(user), &mut z);
            moved.fill(0.0);
            let mut kept = 1.0f32;
            let p = &mut self.user[user as usize * width..][..width];
            let mut user_bias = self.user_bias[user as usize];
            for cell in pass.active.line(user) {
                let q = &mut self.item[cell.other as usize * width..][..width];
                let item_bias = &mut self.item_bias[cell.other as usize];
                let mut sums = [0.0; LANES];
                for ((p, z), q) in blocks(p).iter().zip(blocks(&z)).zip(blocks(q)) {
                    for lane in 0..LANES {
                        sums[lane] += (p[lane] + z[lane]) * q[lane];
                    }
                }
                let error = cell.value - (pass.mean + user_bias + *item_bias + total(sums));
                let lr = lr * cell.weight;
                user_bias += lr * (error - reg_bias * user_bias);
                *item_bias += lr * (error - reg_bias * *item_bias);
                let (step, keep, keep_z) = (lr * error, 1.0 - lr * reg, 1.0 - lr * reg_implicit);
                kept *= keep_z;
                let rows =
                    blocks_mut(p).iter_mut().zip(blocks_mut(&mut z)).zip(blocks_mut(q)).zip(blocks_mut(&mut moved));
                for (((p, z), q), moved) in rows {
                    let (old_p, old_z, old_q, old_moved) = (*p, *z, *q, *moved);
                    *p = block(|lane| keep * old_p[lane] + step * old_q[lane]);
                    *z = block(|lane| keep_z * old_z[lane] + step * old_q[lane]);
                    *moved = block(|lane| keep_z * old_moved[lane] + step * old_q[lane]);
                    *q = block(|lane| keep * old_q[lane] + step * (old_p[lane] + old_z[lane]));
                }
                loss += f64::from(cell.weight) * f64::from(error) * f64::from(error);
            }
            self.user_bias[user as usize] = user_bias;
            for cell in pass.history.line(user) {
                let y = &mut self.implicit[cell.other as usize * width..][..width];
                for (y, moved) in blocks_mut(y).iter_mut().zip(blocks(&moved)) {
                    let old = *y;
                    *y = block(|lane| kept * old[lane] + norm * moved[lane]);
                }
            }
        }
        loss
    }

    /// One pass that moves the biases alone, over the active ratings.
    pub(crate) fn bias_pass(&mut self, pass: Pass<'_>) {
        vectorised(
            #[inline(always)]
            || self.move_biases(pass),
        );
    }

    #[inline(always)]
    fn move_biases(&mut self, pass: Pass<'_>) {
        let Rates { lr, reg_bias, .. } = pass.rates;
        let mut whole = vec![0.0f32; self.width];
        for &user in pass.order {
            self.whole_user(pass.history, user, &mut whole);
            for cell in pass.active.line(user) {
                let user_bias = &mut self.user_bias[user as usize];
                let q = &self.item[cell.other as usize * self.width..][..self.width];
                let item_bias = &mut self.item_bias[cell.other as usize];
                let error = cell.value - (pass.mean + *user_bias + *item_bias + dot(&whole, q));
                *user_bias += lr * cell.weight * (error - reg_bias * *user_bias);
                *item_bias += lr * cell.weight * (error - reg_bias * *item_bias);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Cell;
    use super::*;
    use common::vocabulary::Algorithm;

    fn cells(count: usize) -> Matrix {
        let cell = |at: usize| Cell { other: (at * 7 % 5) as u32, value: 1.0 + (at * 3 % 5) as f32, weight: 1.0 };
        Matrix::new(4, (0..count).map(|at| (at / 5) as u32), cell)
    }

    fn pass<'a>(matrix: &'a Matrix, hyper: &RecommenderHyper) -> Pass<'a> {
        Pass { order: &[2, 0, 1, 3], active: matrix, history: matrix, mean: 3.0, rates: Rates::of(hyper, 1) }
    }

    /// The update written down number by number, in double precision.
    #[test]
    fn a_plain_pass_is_the_textbook_update() {
        let hyper = RecommenderHyper {
            n_factors: 5,
            lr: 0.02,
            lr_decay: 0.5,
            reg: 0.1,
            reg_bias: 0.05,
            ..RecommenderHyper::of(Algorithm::Svd)
        };
        let matrix = cells(20);
        let mut factors = Factors::new([4, 5], &hyper, 0);
        let wide = |row: &[f32]| row.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let (mut p, mut q, mut bu, mut bi) = (wide(&factors.user), wide(&factors.item), [0.0; 4], [0.0; 5]);
        let mut loss = 0.0;
        for u in [2usize, 0, 1, 3] {
            for cell in matrix.line(u as u32) {
                let i = cell.other as usize;
                let product: f64 = (0..16).map(|f| p[u * 16 + f] * q[i * 16 + f]).sum();
                let error = f64::from(cell.value) - 3.0 - bu[u] - bi[i] - product;
                bu[u] += 0.01 * (error - 0.05 * bu[u]);
                bi[i] += 0.01 * (error - 0.05 * bi[i]);
                for f in 0..16 {
                    let (old_p, old_q) = (p[u * 16 + f], q[i * 16 + f]);
                    p[u * 16 + f] += 0.01 * (error * old_q - 0.1 * old_p);
                    q[i * 16 + f] += 0.01 * (error * old_p - 0.1 * old_q);
                }
                loss += error * error;
            }
        }
        assert!((factors.pass(pass(&matrix, &hyper)) - loss).abs() < 1e-4);
        let near = |a: &[f32], b: &[f64]| a.iter().zip(b).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6);
        assert!(near(&factors.user, &p) && near(&factors.item, &q));
        assert!(near(&factors.user_bias, &bu) && near(&factors.item_bias, &bi));
    }

    /// Koren's update, which moves every implicit row at every rating.
    #[test]
    fn an_implicit_pass_moves_the_rows_as_one_by_one() {
        let hyper = RecommenderHyper {
            n_factors: 3,
            lr: 0.04,
            lr_decay: 0.5,
            reg_implicit: 0.2,
            ..RecommenderHyper::default()
        };
        let matrix = cells(20);
        let mut factors = Factors::new([4, 5], &hyper, 0);
        factors.implicit = Factors::new([4, 5], &hyper, 1).item;
        let mut slow = factors.clone();
        let lr = 0.02f32;
        for u in [2u32, 0, 1, 3] {
            let norm = 1.0 / (matrix.line(u).len() as f32).sqrt();
            for cell in matrix.line(u) {
                let (u, i) = (u as usize, cell.other as usize);
                let mut whole = vec![0.0; 16];
                slow.whole_user(&matrix, u as u32, &mut whole);
                let error = cell.value - 3.0 - slow.user_bias[u] - slow.item_bias[i] - dot(&whole, slow.item(i as u32));
                slow.user_bias[u] += lr * (error - 0.03 * slow.user_bias[u]);
                slow.item_bias[i] += lr * (error - 0.03 * slow.item_bias[i]);
                for (f, whole) in whole.iter().enumerate() {
                    let q = slow.item[i * 16 + f];
                    slow.item[i * 16 + f] += lr * (error * whole - 0.09 * q);
                    slow.user[u * 16 + f] += lr * (error * q - 0.09 * slow.user[u * 16 + f]);
                    for rated in matrix.line(u as u32) {
                        let y = &mut slow.implicit[rated.other as usize * 16 + f];
                        *y += lr * (error * norm * q - 0.2 * *y);
                    }
                }
            }
        }
        factors.pass(pass(&matrix, &hyper));
        let gap = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(gap(&factors.implicit, &slow.implicit) < 1e-5, "{}", gap(&factors.implicit, &slow.implicit));
        assert!(gap(&factors.item, &slow.item) < 1e-5 && gap(&factors.user, &slow.user) < 1e-5);
    }
}
