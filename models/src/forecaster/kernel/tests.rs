//! The kernel against LibTorch's LSTM, and its gradients against differences.

use proptest::prelude::*;
use tch::{Kind, Tensor};

use super::*;
use common::random::{Purpose, Stream};

fn numbers(seed: u64, count: usize, size: f64) -> Vec<f64> {
    let mut draws = Stream::new(seed, Purpose::Weights, 0, 0);
    (0..count).map(|_| (2.0 * draws.uniform() - 1.0) * size).collect()
}

fn to_f32(values: &[f64]) -> Vec<f32> {
    values.iter().map(|x| *x as f32).collect()
}

/// LibTorch's last hidden state, and the gradient by the weights of its sum weighted with `by`.
fn reference(
    shape: LstmShape,
    window: usize,
    rows: usize,
    weights: &[f64],
    inputs: &[f64],
    by: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let size = |x: usize| x as i64;
    let flat = Tensor::from_slice(weights).set_requires_grad(true);
    let (gates, mut offset, mut parts) = (4 * shape.hidden, 0, Vec::new());
    for layer in 0..shape.layers {
        let inputs = shape.inputs_of(layer);
        for (rows, columns) in [(gates, inputs), (gates, shape.hidden), (gates, 0), (gates, 0)] {
            let length = rows * columns.max(1);
            let part = flat.narrow(0, size(offset), size(length));
            parts.push(if columns > 0 { part.view([size(rows), size(columns)]) } else { part });
            offset += length;
        }
    }
    let zeros = Tensor::zeros([size(shape.layers), size(rows), size(shape.hidden)], (Kind::Double, tch::Device::Cpu));
    let input = Tensor::from_slice(inputs).view([size(window), size(rows), size(shape.inputs)]);
    let (output, _, _) = input.lstm(&[zeros.copy(), zeros], &parts, true, size(shape.layers), 0.0, false, false, false);
    let last = output.get(size(window) - 1);
    (&last * Tensor::from_slice(by).view_as(&last)).sum(Kind::Double).backward();
    let values = |t: &Tensor| Vec::<f64>::try_from(&t.contiguous().view(-1)).unwrap();
    (values(&last), values(&flat.grad()))
}

fn worst(a: &[f32], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Forward and backward agree with LibTorch's LSTM in f64 within 1e-5, whatever the shape.
    #[test]
    fn agrees_with_libtorch(inputs in 1usize..8, hidden in 1usize..30, layers in 1usize..4, window in 1usize..12, rows in 1usize..70, seed: u64) {
        let shape = LstmShape { inputs, hidden, layers };
        let weights = numbers(seed, shape.weights(), 1.0 / (hidden as f64).sqrt());
        let x = numbers(seed ^ 1, window * rows * inputs, 2.0);
        let by = numbers(seed ^ 2, rows * hidden, 1.0 / rows as f64);
        let (last, gradient) = reference(shape, window, rows, &weights, &x, &by);
        let mut lstm = Lstm::<f32>::new(shape, window);
        lstm.load(&to_f32(&weights));
        prop_assert!(worst(&lstm.forward(&to_f32(&x), &[], rows), &last) < 1e-5);
        let mut ours = vec![0.0; shape.weights()];
        lstm.backward(&to_f32(&by), rows, &mut ours);
        prop_assert!(worst(&ours, &gradient) < 1e-5, "{}", worst(&ours, &gradient));
    }
}

/// Central differences in f64, for every weight and for inputs that are the same at every time step.
#[test]
fn gradients_agree_with_differences() {
    let (shape, window, rows) = (LstmShape { inputs: 4, hidden: 5, layers: 2 }, 6, 3);
    let weights = numbers(1, shape.weights(), 0.5);
    let x = numbers(2, window * rows * 3, 1.0);
    let tail = numbers(3, rows, 1.0);
    let by = numbers(4, rows * shape.hidden, 1.0);
    let mut lstm = Lstm::<f64>::new(shape, window);
    let mut value = |weights: &[f64], tail: &[f64]| {
        lstm.load(weights);
        lstm.forward(&x, tail, rows).iter().zip(&by).map(|(h, by)| h * by).sum::<f64>()
    };
    let mut slope = |change: &dyn Fn(f64) -> (Vec<f64>, Vec<f64>)| {
        let mut at = |step| {
            let (weights, tail) = change(step);
            value(&weights, &tail)
        };
        (at(1e-5) - at(-1e-5)) / 2e-5
    };
    let moved = |of: &[f64], index: usize, step: f64| {
        let mut moved = of.to_vec();
        moved[index] += step;
        moved
    };
    let by_weights: Vec<f64> =
        (0..weights.len()).map(|i| slope(&|step| (moved(&weights, i, step), tail.clone()))).collect();
    let by_tail: Vec<f64> = (0..rows).map(|i| slope(&|step| (weights.clone(), moved(&tail, i, step)))).collect();
    value(&weights, &tail);
    let mut ours = vec![0.0; weights.len()];
    let by_inputs = lstm.backward(&by, rows, &mut ours);
    let near = |a: &f64, b: &f64| assert!((a - b).abs() < 1e-8, "{a} {b}");
    ours.iter().zip(&by_weights).for_each(|(a, b)| near(a, b));
    by_inputs.chunks(4).map(|row| &row[3]).zip(&by_tail).for_each(|(a, b)| near(a, b));
}

/// The same batch gives the same bits, whatever was computed before it.
#[test]
fn results_do_not_depend_on_what_came_before() {
    let (shape, window) = (LstmShape { inputs: 3, hidden: 7, layers: 2 }, 5);
    let weights = to_f32(&numbers(1, shape.weights(), 0.4));
    let x = to_f32(&numbers(2, window * 40 * 3, 1.0));
    let run = |lstm: &mut Lstm<f32>| {
        let last = lstm.forward(&x, &[], 40);
        let mut gradient = vec![0.0; shape.weights()];
        lstm.backward(&last, 40, &mut gradient);
        (last, gradient)
    };
    let mut used = Lstm::new(shape, window);
    used.load(&to_f32(&numbers(9, shape.weights(), 2.0)));
    let other = to_f32(&numbers(8, window * 90 * 3, 5.0));
    let last = used.forward(&other, &[], 90);
    used.backward(&last, 90, &mut vec![0.0; shape.weights()]);
    used.load(&weights);
    let mut fresh = Lstm::new(shape, window);
    fresh.load(&weights);
    assert_eq!(run(&mut used), run(&mut fresh));
}
