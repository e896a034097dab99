//! Real trainings through the worker's own entry, with a small network.

use std::path::Path;

use common::bars::{self, Bar};
use common::losses::{self, RowLosses};
use common::vocabulary::{
    ArtifactRef, AttemptId, BarsPart, ContentHash, Contestants, ForecasterHyper, Hyper, JobId, Manifest, Mode,
    ModelKey, Snapshot, SplitPolicy, Symbol, TrainSpec, VersionNumber, files,
};
use models::run::{self, Device, Identity, Inputs, Observer, Stop, TrainError, Update};

/// A trained version in its folder, and the losses of everyone on its holdout.
pub(crate) struct Trained {
    folder: tempfile::TempDir,
    pub(crate) manifest: Manifest,
    pub(crate) losses: RowLosses,
}

impl Trained {
    fn artifact(&self) -> std::path::PathBuf {
        self.folder.path().join("artifact")
    }

    fn reference(&self) -> ArtifactRef {
        let manifest = ContentHash::of_file(&self.artifact().join(files::MANIFEST)).unwrap();
        let version = VersionNumber { major: 1, minor: 0 };
        ArtifactRef { version, prefix: "models/test/v1.0".into(), manifest, seen_through: self.manifest.seen_through }
    }
}

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
    let folder = tempfile::tempdir().unwrap();
    let file = bars::encode(&symbol, bars).unwrap();
    let inputs = Inputs {
        parts: vec![folder.path().join("bars.parquet")],
        champion: champion.map(Trained::artifact),
        output: folder.path().join("artifact"),
        scratch: folder.path().join("scratch"),
        ..Inputs::default()
    };
    std::fs::create_dir(&inputs.output).unwrap();
    std::fs::create_dir(&inputs.scratch).unwrap();
    std::fs::write(&inputs.parts[0], &file).unwrap();
    let part = BarsPart {
        hash: ContentHash::of(&file),
        symbol: symbol.clone(),
        rows: bars.len() as u64,
        first: bars[0].date,
        last: bars[bars.len() - 1].date,
    };
    let spec = TrainSpec {
        model: ModelKey::forecaster(&symbol),
        mode: Mode::Complete,
        snapshot: Snapshot::Bars { symbols: vec![symbol], parts: vec![part] },
        hyper: Hyper::Forecaster(ForecasterHyper {
            layers: 1,
            hidden: 8,
            window: 10,
            epochs: 8,
            patience: 3,
            learning_rate: 5e-3,
            seed,
            ..ForecasterHyper::default()
        }),
        split: SplitPolicy { holdout_rows, ..SplitPolicy::default() },
        parent: None,
        contestants: Contestants { champion: champion.map(Trained::reference), universal: None },
        yardstick: false,
        reproduces: None,
    };
    let identity = Identity { job: JobId::new_v4(), attempt: AttemptId::new_v4() };
    let manifest = run::train(&spec, None, identity, &inputs, Device::Cpu, &mut Undisturbed)?;
    let losses = std::fs::read(inputs.output.join(files::LOSSES)).unwrap();
    Ok(Trained { folder, manifest, losses: losses::decode(losses.into()).unwrap() })
}

struct Undisturbed;

impl Observer for Undisturbed {
    fn progress(&mut self, _: &Update) {}
    fn checkpoint_due(&mut self) -> bool {
        false
    }
    fn checkpoint(&mut self, _: &Path, _: u64) {}
    fn stop(&mut self) -> Option<Stop> {
        None
    }
}
