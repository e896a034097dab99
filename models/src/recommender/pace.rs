//! How long a training goes on, by how much it has to learn from.
//!
//! A pass over few ratings moves little: what users have in common shows only after many of them, and until then the loss of the
//! validation rows may rise. So passes are counted as if each were over [`USUAL`] ratings. Chosen on validation rows of parts of
//! MovieLens 100k with 2,000 to 60,000 ratings; from [`USUAL`] on nothing is changed.

use common::vocabulary::RecommenderHyper;

/// Ratings that passes and patience are meant for.
const USUAL: f64 = 20_000.0;
/// Passes of a small set at most, for each of a usual one.
const MOST: f64 = 4.0;

/// The hyper-parameters in effect for so many training rows: more passes, steps that shrink as much slower, and more patience. Who
/// asks for all passes (patience 0) gets as many as they said.
pub(crate) fn paced(hyper: &RecommenderHyper, rows: usize) -> RecommenderHyper {
    let fewer = USUAL / (rows as f64).max(1.0);
    if hyper.patience == 0 || fewer <= 1.0 {
        return hyper.clone();
    }
    let longer = fewer.sqrt().min(MOST);
    RecommenderHyper {
        n_epochs: (f64::from(hyper.n_epochs) * longer).ceil() as u32,
        lr_decay: hyper.lr_decay.powf(longer.recip()),
        patience: (f64::from(hyper.patience) * longer * longer).ceil() as u32,
        ..hyper.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_sets_are_given_time() {
        let hyper = RecommenderHyper::default();
        assert_eq!(paced(&hyper, 20_000), hyper);
        assert_eq!(paced(&hyper, 1_000_000), hyper);
        let small = paced(&hyper, 5_000);
        assert_eq!((small.n_epochs, small.patience), (100, 12));
        assert!((small.lr_decay.powi(2) - hyper.lr_decay).abs() < 1e-12, "at its end the step is as small");
        assert_eq!(paced(&hyper, 10).n_epochs, 200);
        let all = RecommenderHyper { patience: 0, ..hyper };
        assert_eq!(paced(&all, 10), all);
    }
}
