//! E10: a trial says how good hyper-parameters are without a look at what is held out for the gate, and goes on where it was stopped.
#![allow(clippy::unwrap_used)]

mod support;

use common::bars::Bar;
use common::vocabulary::*;
use models::run::{self, Device, Inputs, Stop, TrainError};
use support::*;

struct Bench {
    workspace: Workspace,
    spec: TrialSpec,
    parts: Vec<std::path::PathBuf>,
}

impl Bench {
    fn of(bars: &[Bar]) -> Self {
        let workspace = Workspace::new();
        let (TrainSpec { model, snapshot, hyper, split, .. }, parts) = spec(&[workspace.part("AAA", bars)]);
        Self { workspace, spec: TrialSpec { model, snapshot, hyper, split }, parts }
    }

    fn run(&self, resume: Option<std::path::PathBuf>, watcher: &mut Watcher) -> Result<TrialManifest, TrainError> {
        let inputs = Inputs {
            parts: self.parts.clone(),
            output: self.workspace.path("output"),
            scratch: self.workspace.path("scratch"),
            resume,
            ..Inputs::default()
        };
        run::trial(&self.spec, None, identity(), &inputs, Device::Cpu, watcher)
    }

    fn loss(&self) -> f64 {
        self.run(None, &mut Watcher::default()).unwrap().validation_loss
    }
}

/// The newest 60 rows are the gate's: whatever they are, a trial finds the same. One day older it does not.
#[test]
fn e10_what_is_held_out_does_not_matter_to_a_trial() {
    let bars = prices(1, 420, 0.2);
    let loss = Bench::of(&bars).loss();
    assert!(loss.is_finite() && loss > 0.0);
    let raised = |newest: usize| {
        let mut bars = bars.clone();
        for bar in bars.iter_mut().rev().take(newest) {
            for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close, &mut bar.adj_close] {
                *price *= 3.0;
            }
        }
        Bench::of(&bars).loss()
    };
    assert_eq!(loss.to_bits(), raised(60).to_bits(), "held out");
    assert_ne!(loss.to_bits(), raised(61).to_bits(), "the target of the newest validation row");
}

#[test]
fn e10_nothing_of_a_trial_is_kept_but_figures() {
    let bench = Bench::of(&prices(1, 420, 0.2));
    let found = bench.run(None, &mut Watcher::default()).unwrap();
    let left: Vec<_> = std::fs::read_dir(bench.workspace.path("output")).unwrap().collect();
    assert_eq!(left.len(), 1);
    let file = std::fs::read(bench.workspace.path("output").join(files::MANIFEST)).unwrap();
    assert_eq!(serde_json::from_slice::<TrialManifest>(&file).unwrap(), found);
    assert_eq!((found.training.epochs, found.files.len()), (4, 0));
}

#[test]
fn e10_a_trial_that_was_stopped_ends_with_the_same_loss() {
    let bench = Bench::of(&prices(1, 420, 0.2));
    let whole = bench.loss();
    let mut stopped = Watcher { stop_after: Some((9, Stop::Release)), ..Watcher::default() };
    assert!(matches!(bench.run(None, &mut stopped), Err(TrainError::Stopped(Stop::Release))));
    let resumed = bench.run(stopped.checkpoint, &mut Watcher::default()).unwrap();
    assert_eq!(resumed.training.resumption, Resumption::BitIdentical { from_step: 9 });
    assert_eq!(resumed.validation_loss.to_bits(), whole.to_bits());
}
