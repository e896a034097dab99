//! Both engines are the same function.

use super::*;

fn batch(shape: &Shape, rows: usize, seed: u64) -> Batch {
    let mut draws = Stream::new(seed, Purpose::Shuffle, 0, 0);
    let mut number = || (draws.uniform() * 4.0 - 2.0) as f32;
    let inputs = (0..shape.window * rows * shape.features).map(|_| number()).collect();
    let targets = (0..rows).map(|_| number()).collect();
    Batch { inputs, targets, symbols: (0..rows).map(|row| (row % (shape.symbols + 1)) as i64).collect() }
}

/// The fused engine agrees with LibTorch within 1e-5, in answers, loss and gradient, with and without an embedding.
#[test]
fn engines_agree() {
    for symbols in [0, 5] {
        let shape = Shape { features: 5, window: 20, layers: 2, hidden: 16, symbols };
        let mut weights = Network::initial_weights(&shape, 3);
        let start = shape.head_offset();
        (0..2 * shape.hidden).for_each(|i| weights[start + i] = (i as f32 * 0.7).sin() * 0.3);
        let [mut fused, mut libtorch] =
            [true, false].map(|fused| Network::with_engine(shape, Device::Cpu, &weights, fused));
        let batch = batch(&shape, 45, 1);
        let (a, b) = (fused.gradient(&batch).unwrap(), libtorch.gradient(&batch).unwrap());
        assert!((a.0 - b.0).abs() < 1e-5);
        assert!((&a.1 - &b.1).abs().max().double_value(&[]) < 1e-5);
        assert!(symbols == 0 || a.1.narrow(0, shape.embedding_offset() as i64, 4).abs().max().double_value(&[]) > 1e-6);
        let (a, b) = (fused.answer(&batch).unwrap(), libtorch.answer(&batch).unwrap());
        assert!((a.1 - b.1).abs() < 1e-5);
        for (a, b) in a.0.iter().zip(&b.0) {
            assert!(
                (a.location - b.location).abs() < 1e-5 && (a.scale - b.scale).abs() < 1e-5 && a.degrees == b.degrees
            );
        }
    }
}

/// Changed weights are seen by the kernel and by the head.
#[test]
fn new_weights_count_at_once() {
    let shape = Shape { features: 2, window: 4, layers: 1, hidden: 4, symbols: 0 };
    let mut network = Network::new(shape, Device::Cpu, &Network::initial_weights(&shape, 1));
    let batch = batch(&shape, 8, 2);
    let (naive, loss) = network.answer(&batch).unwrap();
    assert!(naive.iter().all(|answer| answer.location == 0.0));
    for _ in 0..50 {
        let (_, gradient) = network.gradient(&batch).unwrap();
        network.update(|weights| *weights -= gradient * 0.2);
    }
    let (answers, after) = network.answer(&batch).unwrap();
    assert!(after < loss - 0.05, "{after} {loss}");
    let mut copy = Network::new(shape, Device::Cpu, &Network::initial_weights(&shape, 9));
    copy.answer(&batch).unwrap();
    copy.set_weights(&network.weights());
    assert_eq!(copy.answer(&batch).unwrap().0, answers);
}

/// The operations of a pass, as LibTorch records them for a script; `None` without a Python that reads the archive.
fn recorded(pass: Pass) -> Option<String> {
    let shape = Shape { features: 2, window: 4, layers: 1, hidden: 4, symbols: 0 };
    let weights = Tensor::from_slice(&Network::initial_weights(&shape, 1));
    let inputs = Tensor::zeros([4, 2, 2], (Kind::Float, Device::Cpu));
    let mut hidden = |given: &[Tensor]| vec![libtorch::last_hidden(&shape, &weights, &given[0], &given[0], pass)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pass.ts");
    tch::CModule::create_by_tracing("Pass", "forward", &[inputs], &mut hidden).unwrap().save(&path).unwrap();
    let read = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
                print(*[z.read(name).decode() for name in z.namelist() if name.endswith('.py')])";
    let output = std::process::Command::new("python3").args(["-c", read]).arg(&path).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

/// cuDNN goes back only through a pass that it was told to learn from. A processor does without, so what it is told is looked at.
#[test]
fn f1_a_pass_that_is_learnt_from_says_so() {
    for (pass, learns) in [(Pass::Learn, "True"), (Pass::Answer, "False")] {
        let Some(code) = recorded(pass) else {
            eprintln!("not checked: there is no python3");
            return;
        };
        // has_biases, layers, dropout, train, bidirectional, batch_first
        let told = format!("True, 1, 0., {learns}, False, False)");
        assert!(code.contains("torch.lstm(") && code.contains(&told), "{pass:?}: {code}");
    }
}
