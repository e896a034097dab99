//! Made-up prices, specs over them, and an observer that can stop a training.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use common::bars::{self, Bar};
use common::random::{Purpose, Stream};
use common::vocabulary::*;
use models::run::{self, Device, Identity, Inputs, Observer, Stop, TrainError, Update};

/// Prices whose log-return follows the one before by `phi`, with volatility of 1 % a day.
pub fn prices(seed: u64, days: usize, phi: f64) -> Vec<Bar> {
    let mut draws = Stream::new(seed, Purpose::Weights, 0, 0);
    let mut normal = move || (0..12).map(|_| draws.uniform()).sum::<f64>() - 6.0;
    let (mut close, mut last) = (100.0, 0.0);
    let mut bar = |day: usize| {
        last = phi * last + 0.01 * normal();
        let open: f64 = close;
        close *= f64::exp(last);
        let (high, low) = (open.max(close) * 1.002, open.min(close) * 0.998);
        let date = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(day as u64);
        Bar { date, open, high, low, close, adj_close: close, volume: 1e6 * (1.0 + normal().abs()) }
    };
    (0..days).map(&mut bar).collect()
}

/// A folder for one test, with the parts of its snapshots.
pub struct Workspace {
    pub folder: tempfile::TempDir,
}

impl Workspace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// Stores bars, and names them.
    pub fn part(&self, symbol: &str, bars: &[Bar]) -> (BarsPart, PathBuf) {
        let symbol: Symbol = symbol.parse().unwrap();
        let bytes = bars::encode(&symbol, bars).unwrap();
        let hash = ContentHash::of(&bytes);
        let path = self.folder.path().join(format!("{hash}.parquet"));
        std::fs::write(&path, &bytes).unwrap();
        let (first, last) = (bars[0].date, bars[bars.len() - 1].date);
        (BarsPart { hash, symbol, rows: bars.len() as u64, first, last }, path)
    }
}

/// A small network on one symbol, quick to train.
pub fn spec(parts: &[(BarsPart, PathBuf)]) -> (TrainSpec, Vec<PathBuf>) {
    let mut symbols: Vec<Symbol> = parts.iter().map(|(part, _)| part.symbol.clone()).collect();
    symbols.dedup();
    let model = if symbols.len() == 1 { ModelKey::forecaster(&symbols[0]) } else { ModelKey::universal_forecaster() };
    let spec = TrainSpec {
        model,
        mode: Mode::Complete,
        snapshot: Snapshot::Bars { symbols, parts: parts.iter().map(|(part, _)| part.clone()).collect() },
        hyper: Hyper::Forecaster(ForecasterHyper {
            layers: 2,
            hidden: 8,
            window: 10,
            epochs: 4,
            learning_rate: 5e-3,
            ..Default::default()
        }),
        split: SplitPolicy::default(),
        parent: None,
        contestants: Contestants::default(),
        yardstick: false,
        reproduces: None,
    };
    (spec, parts.iter().map(|(_, path)| path.clone()).collect())
}

/// The forecaster's hyper-parameters, to be changed.
pub fn hyper(spec: &mut TrainSpec) -> &mut ForecasterHyper {
    match &mut spec.hyper {
        Hyper::Forecaster(hyper) => hyper,
        other => panic!("a forecaster's spec, not {other:?}"),
    }
}

/// How an artifact just written is referred to.
pub fn reference(folder: &Path, manifest: &Manifest) -> ArtifactRef {
    ArtifactRef {
        model: Some(manifest.model.clone()),
        version: "v1.0".parse().unwrap(),
        prefix: "test".into(),
        manifest: ContentHash::of_file(&folder.join(files::MANIFEST)).unwrap(),
        seen_through: manifest.seen_through,
    }
}

pub fn identity() -> Identity {
    Identity { job: JobId::nil(), attempt: AttemptId::nil() }
}

/// Stops after some steps, if at all, and remembers what it was told.
#[derive(Default)]
pub struct Watcher {
    pub stop_after: Option<(u64, Stop)>,
    pub checkpoint_every: Option<u64>,
    pub steps: u64,
    pub checkpoint: Option<PathBuf>,
    pub updates: Vec<Update>,
}

impl Observer for Watcher {
    fn progress(&mut self, update: &Update) {
        self.steps += u64::from(update.epoch > 0);
        self.updates.push(update.clone());
    }
    fn checkpoint_due(&mut self) -> bool {
        self.checkpoint_every.is_some_and(|every| self.steps.is_multiple_of(every))
    }
    fn checkpoint(&mut self, file: &Path, _step: u64) {
        self.checkpoint = Some(file.to_owned());
    }
    fn stop(&mut self) -> Option<Stop> {
        self.stop_after.and_then(|(steps, stop)| (self.steps >= steps).then_some(stop))
    }
}

pub fn train(spec: &TrainSpec, inputs: &Inputs, watcher: &mut Watcher) -> Result<Manifest, TrainError> {
    run::train(spec, None, identity(), inputs, Device::Cpu, watcher)
}
