//! Small forecasters.

use common::bars::{self, Bar};
use common::vocabulary::{BarsPart, ContentHash, ForecasterHyper, Hyper, ModelKey, Snapshot, SplitPolicy, Symbol};
use models::run::TrainError;

use crate::training::{self, Others, Trained};

/// A training that must succeed; see [`train`].
pub(crate) fn trained(bars: &[Bar], seed: u64, holdout_rows: u32, champion: Option<&Trained>) -> Trained {
    train(bars, seed, holdout_rows, champion).unwrap()
}

/// Trains on these bars with this seed; `champion` is scored on the same rows.
pub(crate) fn train(
    bars: &[Bar],
    seed: u64,
    holdout_rows: u32,
    champion: Option<&Trained>,
) -> Result<Trained, TrainError> {
    let symbol: Symbol = "TEST".parse().unwrap();
    let file = bars::encode(&symbol, bars).unwrap();
    let part = BarsPart {
        hash: ContentHash::of(&file),
        symbol: symbol.clone(),
        rows: bars.len() as u64,
        first: bars[0].date,
        last: bars[bars.len() - 1].date,
    };
    let hyper = ForecasterHyper {
        layers: 1,
        hidden: 8,
        window: 10,
        epochs: 8,
        patience: 3,
        learning_rate: 5e-3,
        seed,
        ..ForecasterHyper::default()
    };
    training::train(
        ModelKey::forecaster(&symbol),
        Snapshot::Bars { symbols: vec![symbol], parts: vec![part] },
        &file,
        Hyper::Forecaster(hyper),
        SplitPolicy { holdout_rows, ..SplitPolicy::default() },
        Others { champion, ..Others::default() },
    )
}
