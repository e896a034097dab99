//! Complete, quick and incremental trainings, and scoring again (A2, A3, G5).
#![allow(clippy::unwrap_used)]

mod support;

use common::losses::Contestant;
use common::vocabulary::*;
use models::run::{self, Device, Inputs, Phase, TrainError};
use support::*;

#[test]
fn an_incremental_training_goes_on_from_its_parent() {
    let workspace = Workspace::new();
    let bars = prices(3, 500, 0.4);
    let old = workspace.part("AAA", &bars[..475]);
    let new = workspace.part("AAA", &bars[475..]);
    let (spec1, parts) = spec(std::slice::from_ref(&old));
    let first = workspace.path("first");
    let inputs = Inputs { parts, output: first.clone(), scratch: workspace.path("scratch"), ..Inputs::default() };
    let v1 = train(&spec1, &inputs, &mut Watcher::default()).unwrap();
    let live = reference(&first, &v1);

    let (mut spec2, parts) = spec(&[old, new]);
    spec2.mode = Mode::Incremental;
    spec2.parent = Some(live.clone());
    spec2.contestants.champion = Some(live.clone());
    spec2.yardstick = true;
    let second = workspace.path("second");
    let inputs = Inputs {
        parts,
        parent: Some(first.clone()),
        champion: Some(first.clone()),
        output: second.clone(),
        scratch: workspace.path("scratch"),
        ..Inputs::default()
    };
    let mut watcher = Watcher::default();
    let v2 = train(&spec2, &inputs, &mut watcher).unwrap();
    assert_eq!((v2.training.new_rows, v2.training.train_rows), (22, 44), "half new, half replayed");
    assert_eq!(v2.training.epochs, 1, "0.3 × 4 epochs");
    assert!(v2.seen_through > v1.seen_through && v2.seen_through < v2.evaluation.first);
    assert!(v2.evaluation.of(Contestant::Champion).is_some());
    let read = |folder: &std::path::Path| std::fs::read(folder.join(files::PREPROCESSING)).unwrap();
    let scales = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["inputs"].clone();
    assert_eq!(scales(&read(&first)), scales(&read(&second)), "the parent's scaler is kept");
    let gap = v2.gap.unwrap();
    assert!(gap.on_new.abs() < 0.5 && gap.on_old.abs() < 0.5 && gap.complete_seconds > 0.0, "{gap:?}");
    assert!(watcher.updates.iter().any(|update| update.phase == Phase::Yardstick));

    // The same pair again, as an evaluation of its own.
    let evaluate = EvaluateSpec {
        model: spec2.model.clone(),
        snapshot: spec2.snapshot.clone(),
        split: spec2.split.clone(),
        challenger: reference(&second, &v2),
        contestants: spec2.contestants.clone(),
    };
    let again =
        run::evaluate(&evaluate, &second, &Inputs { output: workspace.path("again"), ..inputs.clone() }, Device::Cpu)
            .unwrap();
    assert_eq!(again, v2.evaluation);

    // On the rows of the first training's day, the second has seen the first ones of the holdout: they judge nobody.
    let early = EvaluateSpec { snapshot: spec1.snapshot.clone(), ..evaluate };
    let inputs = Inputs { parts: inputs.parts[..1].to_vec(), ..inputs };
    let fewer = run::evaluate(&early, &second, &inputs, Device::Cpu).unwrap();
    assert!(fewer.first > v2.seen_through && fewer.rows < v1.evaluation.rows, "{fewer:?}");
    assert_eq!(fewer.last, v1.evaluation.last);
}

#[test]
fn nothing_new_and_another_network_are_refused() {
    let workspace = Workspace::new();
    let (mut spec, parts) = spec(&[workspace.part("AAA", &prices(3, 420, 0.0))]);
    let first = workspace.path("first");
    let inputs = Inputs { parts, output: first.clone(), scratch: workspace.path("scratch"), ..Inputs::default() };
    let v1 = train(&spec, &inputs, &mut Watcher::default()).unwrap();
    spec.mode = Mode::Incremental;
    spec.parent = Some(reference(&first, &v1));
    let inputs = Inputs { parent: Some(first), output: workspace.path("second"), ..inputs };
    let refusal = |spec: &TrainSpec| train(spec, &inputs, &mut Watcher::default()).unwrap_err().to_string();
    assert!(refusal(&spec).starts_with("no row has become trainable"));
    hyper(&mut spec).hidden = 12;
    let refused = refusal(&spec);
    assert!(refused.contains("asked for is 2x12x10") && refused.contains("the parent has 2x8x10"), "{refused}");
}

#[test]
fn a_quick_training_is_shorter() {
    let workspace = Workspace::new();
    let (mut spec, parts) = spec(&[workspace.part("AAA", &prices(3, 420, 0.0))]);
    spec.mode = Mode::Quick;
    hyper(&mut spec).epochs = 8;
    let inputs =
        Inputs { parts, output: workspace.path("output"), scratch: workspace.path("scratch"), ..Inputs::default() };
    let manifest = train(&spec, &inputs, &mut Watcher::default()).unwrap();
    assert_eq!((manifest.mode, manifest.training.epochs), (Mode::Quick, 2));
}

/// A series with memory is learnt: better than naive on rows nobody has seen (JUDGING §6).
#[test]
fn memory_in_returns_is_found() {
    let workspace = Workspace::new();
    let (mut spec, parts) = spec(&[workspace.part("AAA", &prices(11, 1500, 0.5))]);
    hyper(&mut spec).epochs = 8;
    spec.split.holdout_rows = 200;
    let inputs =
        Inputs { parts, output: workspace.path("output"), scratch: workspace.path("scratch"), ..Inputs::default() };
    let evaluation = train(&spec, &inputs, &mut Watcher::default()).unwrap().evaluation;
    let loss = |who| evaluation.of(who).unwrap().loss;
    assert!(loss(Contestant::Challenger) < 0.97 * loss(evaluation.baseline), "{evaluation:?}");
}

#[test]
fn damaged_bars_are_named() {
    let workspace = Workspace::new();
    let (part, path) = workspace.part("AAA", &prices(3, 420, 0.0));
    std::fs::write(&path, b"PAR1 this is not").unwrap();
    let (spec, parts) = spec(&[(part, path.clone())]);
    let inputs =
        Inputs { parts, output: workspace.path("output"), scratch: workspace.path("scratch"), ..Inputs::default() };
    let error = train(&spec, &inputs, &mut Watcher::default()).unwrap_err();
    assert!(matches!(&error, TrainError::Damaged { file, .. } if *file == path), "{error}");
}
