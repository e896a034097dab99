//! Jobs that a test can grant.

use chrono::{Days, NaiveDate};
use common::bars::{self, Bar};
use common::vocabulary::{
    BarsPart, Contestants, ForecasterHyper, Hyper, JobSpec, Mode, ModelKey, ProbeSpec, Snapshot, SplitPolicy, Symbol,
    TrainSpec,
};

use crate::stage::Stage;

pub(crate) fn symbol() -> Symbol {
    "AAA".parse().unwrap()
}

/// Prices that swing: the same every time, and never absurd.
pub(crate) fn prices(days: u32) -> Vec<Bar> {
    let day = |n: u32| {
        let close = |n: f64| 100.0 * (0.3 * (n / 9.0).sin() + 0.1 * (n * 1.7).sin() + 0.0003 * n).exp();
        let (open, close) = (close(f64::from(n) - 1.0), close(f64::from(n)));
        let date = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(n.into());
        let volume = 1e6 * (1.5 + f64::from(n).cos());
        Bar { date, open, high: open.max(close) * 1.002, low: open.min(close) * 0.998, close, adj_close: close, volume }
    };
    (1..=days).map(day).collect()
}

/// A training of a small network on a snapshot that lies in the store.
pub(crate) async fn training(stage: &Stage, epochs: u32) -> TrainSpec {
    let bars = prices(500);
    let hash = stage.part(bars::encode(&symbol(), &bars).unwrap()).await;
    let (first, last) = (bars[0].date, bars[bars.len() - 1].date);
    TrainSpec {
        model: ModelKey::forecaster(&symbol()),
        mode: Mode::Complete,
        snapshot: Snapshot::Bars {
            symbols: vec![symbol()],
            parts: vec![BarsPart { hash, symbol: symbol(), rows: bars.len() as u64, first, last }],
        },
        hyper: hyper(8, 10, epochs),
        split: SplitPolicy::default(),
        parent: None,
        contestants: Contestants::default(),
        yardstick: false,
        reproduces: None,
    }
}

/// A training that does not end before the test has done what it wants to.
pub(crate) async fn endless(stage: &Stage) -> TrainSpec {
    TrainSpec { hyper: hyper(64, 60, 500), ..training(stage, 500).await }
}

fn hyper(hidden: u32, window: u32, epochs: u32) -> Hyper {
    Hyper::Forecaster(ForecasterHyper { hidden, window, epochs, patience: 100, ..ForecasterHyper::default() })
}

pub(crate) fn train(spec: &TrainSpec) -> JobSpec {
    JobSpec::Train(Box::new(spec.clone()))
}

pub(crate) fn probe(work_ms: u64) -> JobSpec {
    JobSpec::Probe(ProbeSpec { work_ms })
}
