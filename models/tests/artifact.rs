//! What a training leaves behind (A1, G4): complete, self-describing, and refused when a byte is off.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use common::losses::Contestant;
use common::vocabulary::*;
use models::run::{Device, Inputs, Loaded, TrainError};
use support::*;
use tch::{CModule, IndexOp, Kind, Tensor};

/// Two symbols, so that the embedding is there too.
fn trained(workspace: &Workspace) -> (std::path::PathBuf, Manifest) {
    let (spec, parts) =
        spec(&[workspace.part("AAA", &prices(1, 420, 0.3)), workspace.part("BBB", &prices(2, 420, 0.3))]);
    let output = workspace.path("artifact");
    let inputs = Inputs { parts, output: output.clone(), scratch: workspace.path("scratch"), ..Inputs::default() };
    let manifest = train(&spec, &inputs, &mut Watcher::default()).unwrap();
    (output, manifest)
}

#[test]
fn a_version_is_complete_and_forecasts() {
    let workspace = Workspace::new();
    let (folder, manifest) = trained(&workspace);
    assert_eq!(manifest.training.curve.len() as u32, manifest.training.epochs);
    assert_eq!(manifest.evaluation.rows, 120, "60 dates of two symbols");
    assert!(manifest.seen_through < manifest.evaluation.first);
    assert_eq!(manifest.evaluation.contestants.len(), 3);
    let losses = common::losses::decode(std::fs::read(folder.join(files::LOSSES)).unwrap().into()).unwrap();
    assert!(losses.0.iter().all(|row| row.of(Contestant::Challenger).is_some()));

    let hash = ContentHash::of_file(&folder.join(files::MANIFEST)).unwrap();
    let mut loaded = Loaded::open(&folder, &hash, Device::Cpu).unwrap();
    assert_eq!(*loaded.manifest(), manifest);
    let bars = prices(1, 420, 0.3);
    let forecast = loaded.forecast(&"AAA".parse().unwrap(), &bars).unwrap();
    assert!(forecast.scale > 0.001 && forecast.scale < 0.05 && forecast.degrees >= 3.0, "{forecast:?}");
    let unknown = loaded.forecast(&"ZZZ".parse().unwrap(), &bars).unwrap();
    assert_ne!(unknown.location, forecast.location, "an unknown symbol has a row of its own");
    assert!(matches!(loaded.forecast(&"AAA".parse().unwrap(), &bars[..9]), Err(TrainError::Data(_))));
}

/// Whoever put a job together wrongly is at fault, not its rows: both families are named, and nothing is opened.
#[test]
fn a_version_of_another_family_is_not_opened() {
    let workspace = Workspace::new();
    let (folder, manifest) = trained(&workspace);
    let reading = Reading::of(Family::Text).unwrap();
    let snapshot = Snapshot::Table {
        dataset: "toxicity".parse().unwrap(),
        reading,
        parts: vec![],
        through: manifest.data_through,
    };
    let mut spec = EvaluateSpec {
        model: "text/toxicity".parse().unwrap(),
        snapshot,
        split: manifest.split.clone(),
        challenger: reference(&folder, &manifest),
        contestants: Contestants::default(),
    };
    let inputs = Inputs { output: workspace.path("scores"), ..Inputs::default() };
    let refusal = |spec: &EvaluateSpec| match models::run::evaluate(spec, &folder, &inputs, Device::Cpu) {
        Err(TrainError::Code(why)) => why,
        other => panic!("{other:?}"),
    };
    let why = refusal(&spec);
    assert!(why.starts_with("the challenger of this job is v1.0 forecaster/universal"), "{why}");
    assert!(why.contains("no place in a job of text/toxicity"), "{why}");
    // As an earlier release recorded it, without a word of whose version it is: the artifact says so itself.
    spec.challenger.model = None;
    let why = refusal(&spec);
    assert!(why.ends_with("one of forecaster/universal, a forecaster: it cannot be opened as a text"), "{why}");
}

/// Every file, and the manifest itself, is named when one bit of it is another.
#[test]
fn a_damaged_file_is_refused_by_name() {
    let workspace = Workspace::new();
    let (folder, manifest) = trained(&workspace);
    let hash = ContentHash::of_file(&folder.join(files::MANIFEST)).unwrap();
    let names = manifest.files.keys().map(String::as_str).chain([files::MANIFEST]);
    for name in names {
        let path = folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for bad in [Some(&flipped[..]), Some(&whole[..whole.len() - 1]), None] {
            match bad {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let error = Loaded::open(&folder, &hash, Device::Cpu).unwrap_err();
            assert!(matches!(&error, TrainError::Damaged { file, .. } if *file == path), "{name}: {error}");
        }
        std::fs::write(&path, whole).unwrap();
    }
    Loaded::open(&folder, &hash, Device::Cpu).unwrap();
}

/// `model.ts` is the same network, whatever the number of rows.
#[test]
fn the_script_gives_the_golden_answers() {
    let workspace = Workspace::new();
    let (folder, _) = trained(&workspace);
    let golden: models::forecaster::golden::Golden =
        serde_json::from_slice(&std::fs::read(folder.join(files::GOLDEN)).unwrap()).unwrap();
    let script = CModule::load(folder.join(files::SCRIPT)).unwrap();
    for rows in [1, 7, 64] {
        let cases: Vec<_> = golden.cases.iter().cycle().take(rows).collect();
        let windows: Vec<f32> = cases.iter().flat_map(|case| case.window.clone()).collect();
        let symbols: Vec<i64> = cases.iter().map(|case| i64::from(case.symbol)).collect();
        let inputs = Tensor::from_slice(&windows).view([rows as i64, -1, 5]);
        let out = script.forward_ts(&[inputs, Tensor::from_slice(&symbols)]).unwrap().to_kind(Kind::Double);
        assert_eq!(out.size(), [rows as i64, 3]);
        for (row, case) in cases.iter().enumerate() {
            let expected = [case.expected.location, case.expected.scale, case.expected.degrees];
            for (column, expected) in expected.iter().enumerate() {
                let found = out.i((row as i64, column as i64)).double_value(&[]);
                assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{rows} rows: {found} {expected}");
            }
        }
    }
}
