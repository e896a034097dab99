//! Stopped at any step and resumed, a training ends with the same bits (A9).
#![allow(clippy::unwrap_used)]

mod support;

use common::random::{Purpose, Stream};
use common::vocabulary::*;
use models::run::{Inputs, Stop, TrainError};
use support::*;

/// Everything of a manifest that must not depend on stops or on the machine; the weights are in the files' hashes.
fn figures(mut manifest: Manifest) -> Manifest {
    manifest.training.resumption = Resumption::None;
    manifest.training.seconds = 0.0;
    manifest.training.peak_memory = None;
    manifest
}

struct Bench {
    workspace: Workspace,
    spec: TrainSpec,
    parts: Vec<std::path::PathBuf>,
}

impl Bench {
    fn new() -> Self {
        let workspace = Workspace::new();
        let (spec, parts) =
            spec(&[workspace.part("AAA", &prices(1, 420, 0.2)), workspace.part("BBB", &prices(5, 420, 0.2))]);
        Self { workspace, spec, parts }
    }

    fn run(&self, resume: Option<std::path::PathBuf>, watcher: &mut Watcher) -> Result<Manifest, TrainError> {
        let inputs = Inputs {
            parts: self.parts.clone(),
            output: self.workspace.path("output"),
            scratch: self.workspace.path("scratch"),
            resume,
            ..Inputs::default()
        };
        train(&self.spec, &inputs, watcher)
    }
}

#[test]
fn a_training_stopped_at_random_steps_ends_bit_identical() {
    let bench = Bench::new();
    let whole = bench.run(None, &mut Watcher::default()).unwrap();
    let mut draws = Stream::new(7, Purpose::Shuffle, 0, 0);
    for _ in 0..5 {
        let (mut resume, mut stops) = (None, 0);
        let manifest = loop {
            let after = 1 + draws.below(whole.training.steps as usize) as u64;
            let mut watcher = Watcher { stop_after: Some((after, Stop::Release)), ..Watcher::default() };
            match bench.run(resume, &mut watcher) {
                Ok(manifest) => break manifest,
                Err(TrainError::Stopped(Stop::Release)) => resume = watcher.checkpoint,
                Err(other) => panic!("{other}"),
            }
            stops += 1;
        };
        assert!(stops == 0 || matches!(manifest.training.resumption, Resumption::BitIdentical { .. }));
        assert_eq!(figures(manifest), figures(whole.clone()));
    }
}

/// A kill leaves the last checkpoint that was due.
#[test]
fn a_killed_training_goes_on_from_its_last_checkpoint() {
    let bench = Bench::new();
    let whole = bench.run(None, &mut Watcher::default()).unwrap();
    let mut killed = Watcher { stop_after: Some((31, Stop::Cancel)), checkpoint_every: Some(7), ..Watcher::default() };
    assert!(matches!(bench.run(None, &mut killed), Err(TrainError::Stopped(Stop::Cancel))));
    let manifest = bench.run(killed.checkpoint, &mut Watcher::default()).unwrap();
    assert_eq!(manifest.training.resumption, Resumption::BitIdentical { from_step: 28 });
    assert_eq!(figures(manifest), figures(whole));
}

#[test]
fn what_cannot_be_resumed_starts_over_and_says_so() {
    let mut bench = Bench::new();
    let whole = bench.run(None, &mut Watcher::default()).unwrap();
    let mut stopped = Watcher { stop_after: Some((9, Stop::Release)), ..Watcher::default() };
    bench.run(None, &mut stopped).unwrap_err();
    let checkpoint = stopped.checkpoint.unwrap();
    let bytes = std::fs::read(&checkpoint).unwrap();
    let because = |bench: &Bench| {
        let manifest = bench.run(Some(checkpoint.clone()), &mut Watcher::default()).unwrap();
        match &manifest.training.resumption {
            Resumption::StartedOver { because } => (because.clone(), figures(manifest)),
            other => panic!("{other:?}"),
        }
    };

    let mut flipped = bytes.clone();
    flipped[bytes.len() - 1000] ^= 4;
    for damaged in [&flipped[..], &bytes[..bytes.len() / 2], b"", b"garbage that is no header"] {
        std::fs::write(&checkpoint, damaged).unwrap();
        let (because, manifest) = because(&bench);
        assert!(because.starts_with("the checkpoint is damaged"), "{because}");
        assert_eq!(manifest, figures(whole.clone()));
    }

    std::fs::write(&checkpoint, &bytes).unwrap();
    hyper(&mut bench.spec).seed += 1;
    assert!(because(&bench).0.starts_with("the checkpoint is of another training"));
}
