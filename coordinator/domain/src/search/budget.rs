//! How a trial is made shorter.

use common::vocabulary::{ForecasterHyper, Hyper, RecommenderHyper, TabularHyper, TextHyper};

/// The same hyper-parameters with a share of their passes (and trees), at least one; `share` in (0, 1].
#[must_use]
pub fn shortened(hyper: &Hyper, share: f64) -> Hyper {
    let of = |passes: u32| if passes == 0 { 0 } else { ((f64::from(passes) * share).ceil() as u32).max(1) };
    match hyper {
        Hyper::Forecaster(hyper) => Hyper::Forecaster(ForecasterHyper { epochs: of(hyper.epochs), ..hyper.clone() }),
        Hyper::Recommender(hyper) => {
            Hyper::Recommender(RecommenderHyper { n_epochs: of(hyper.n_epochs), ..hyper.clone() })
        }
        Hyper::Text(hyper) => Hyper::Text(TextHyper { epochs: of(hyper.epochs), ..hyper.clone() }),
        Hyper::Tabular(hyper) => {
            Hyper::Tabular(TabularHyper { epochs: of(hyper.epochs), trees: of(hyper.trees), ..hyper.clone() })
        }
    }
}
