//! The forecaster: an LSTM over a window of bars, its last hidden state, a Student-t head.
//!
//! All weights lie in one flat tensor, so that optimiser, checkpoint and artifact each handle one buffer. On the CPU the LSTM
//! runs in the [fused kernel](crate::forecaster::kernel) and LibTorch differentiates the head; on a GPU LibTorch does both.

mod head;
mod libtorch;
mod shape;
#[cfg(test)]
mod tests;

use tch::{Device, Kind, Tensor};

pub(crate) use head::Distribution;
pub(crate) use libtorch::Pass;
pub use shape::{EMBEDDING, Parameter, Shape};

use crate::forecaster::dataset::{Dataset, RowIndex};
use crate::forecaster::kernel::Lstm;
use common::random::{Purpose, Stream};

/// Rows with their inputs, ready for the network.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// `[window][rows][features]`.
    pub inputs: Vec<f32>,
    /// Row of the embedding, per row.
    pub symbols: Vec<i64>,
    /// Return in units of recent volatility, per row.
    pub targets: Vec<f32>,
}

impl Batch {
    /// Gathers rows of a data set.
    pub fn of(data: &Dataset, rows: &[RowIndex]) -> Self {
        let mut batch = Self {
            inputs: Vec::new(),
            symbols: rows.iter().map(|&row| i64::from(data.row(row).symbol)).collect(),
            targets: rows.iter().map(|&row| data.row(row).target()).collect(),
        };
        data.gather(rows, &mut batch.inputs);
        batch
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.symbols.len()
    }
}

/// What the network says of one row, in units of recent volatility.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkOutput {
    /// Location of the Student-t.
    pub location: f32,
    /// Its scale.
    pub scale: f32,
    /// Its degrees of freedom.
    pub degrees: f32,
}

/// What computes the LSTM.
#[derive(Debug)]
enum Engine {
    Fused {
        lstm: Box<Lstm<f32>>,
        /// The head's part of the weights, as a leaf of its own; shares their memory.
        head: Tensor,
        /// The weights that `lstm` has taken over, with the embedding.
        loaded: Vec<f32>,
        stale: bool,
    },
    LibTorch,
}

/// A network and its weights.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    /// Flat, `[weights]`.
    weights: Tensor,
    engine: Engine,
}

impl Network {
    /// A network with the given weights, in the engine that suits the device.
    pub fn new(shape: Shape, device: Device, weights: &[f32]) -> Self {
        Self::with_engine(shape, device, weights, device == Device::Cpu)
    }

    pub(crate) fn with_engine(shape: Shape, device: Device, weights: &[f32], fused: bool) -> Self {
        let flat = Tensor::from_slice(weights).to_device(device);
        let (engine, weights) = if fused {
            let head = flat.narrow(0, shape.head_offset() as i64, shape.head_weights() as i64).detach();
            let engine = Engine::Fused {
                lstm: Box::new(Lstm::new(shape.lstm(), shape.window)),
                head: head.set_requires_grad(true),
                loaded: vec![0.0; shape.head_offset()],
                stale: true,
            };
            (engine, flat)
        } else {
            (Engine::LibTorch, flat.set_requires_grad(true))
        };
        Self { shape, weights, engine }
    }

    /// Weights before training, as a pure function of the seed: uniform in ±1/√hidden, the embedding in ±0.1, the head naive.
    pub fn initial_weights(shape: &Shape, seed: u64) -> Vec<f32> {
        let mut draws = Stream::new(seed, Purpose::Weights, 0, 0);
        let mut uniform = |size: f64| ((2.0 * draws.uniform() - 1.0) * size) as f32;
        let bound = 1.0 / (shape.hidden as f64).sqrt();
        let mut weights: Vec<f32> = (0..shape.embedding_offset()).map(|_| uniform(bound)).collect();
        weights.extend((shape.embedding_offset()..shape.head_offset()).map(|_| uniform(0.1)));
        weights.extend(head::initial_weights(shape.hidden));
        weights
    }

    /// The same network, computed by the processor.
    pub fn on_the_processor(&self) -> Self {
        Self::new(self.shape, Device::Cpu, &self.weights())
    }

    /// Its sizes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its weights, on the host.
    pub fn weights(&self) -> Vec<f32> {
        to_host(&self.weights)
    }

    /// Replaces its weights.
    pub fn set_weights(&mut self, weights: &[f32]) {
        self.update(|flat| flat.copy_(&Tensor::from_slice(weights)));
    }

    /// Changes the weights in place.
    pub fn update(&mut self, change: impl FnOnce(&mut Tensor)) {
        tch::no_grad(|| change(&mut self.weights));
        match &mut self.engine {
            Engine::Fused { stale, .. } => *stale = true,
            Engine::LibTorch => {}
        }
    }

    /// The mean loss over a batch, and its gradient by the weights (flat).
    pub fn gradient(&mut self, batch: &Batch) -> Result<(f64, Tensor), tch::TchError> {
        let rows = batch.rows();
        match &mut self.engine {
            Engine::Fused { lstm, head, loaded, stale } => {
                load(&self.shape, &self.weights, lstm, loaded, stale);
                let last = lstm.forward(&batch.inputs, &tail(&self.shape, loaded, batch), rows);
                let last =
                    Tensor::from_slice(&last).view([rows as i64, self.shape.hidden as i64]).set_requires_grad(true);
                head.zero_grad();
                let loss = head::distribution(head, &last).loss(&Tensor::from_slice(&batch.targets));
                loss.f_backward()?;
                let mut gradient = vec![0.0; self.shape.weights()];
                let by_inputs =
                    lstm.backward(&to_host(&last.grad()), rows, &mut gradient[..self.shape.lstm().weights()]);
                scatter_embedding(&self.shape, batch, &by_inputs, &mut gradient);
                let of_head = &mut gradient[self.shape.head_offset()..];
                of_head.copy_from_slice(&to_host(&head.grad()));
                Ok((f64::try_from(&loss)?, Tensor::from_slice(&gradient)))
            }
            Engine::LibTorch => {
                self.weights.zero_grad();
                let targets = Tensor::from_slice(&batch.targets).to_device(self.weights.device());
                let loss = self.distribution(batch, Pass::Learn).loss(&targets);
                loss.f_backward()?;
                Ok((f64::try_from(&loss)?, self.weights.grad().copy()))
            }
        }
    }

    /// What it says of each row of a batch, and its mean loss.
    pub fn answer(&mut self, batch: &Batch) -> Result<(Vec<NetworkOutput>, f64), tch::TchError> {
        tch::no_grad(|| {
            let out = match &mut self.engine {
                Engine::Fused { lstm, head, loaded, stale } => {
                    load(&self.shape, &self.weights, lstm, loaded, stale);
                    let last = lstm.forward(&batch.inputs, &tail(&self.shape, loaded, batch), batch.rows());
                    head::distribution(head, &Tensor::from_slice(&last).view([-1, self.shape.hidden as i64]))
                }
                Engine::LibTorch => self.distribution(batch, Pass::Answer),
            };
            let loss = out.loss(&Tensor::from_slice(&batch.targets).to_device(out.location.device()));
            let degrees = to_host(&out.degrees)[0];
            let pairs = to_host(&out.location).into_iter().zip(to_host(&out.scale));
            let answers = pairs.map(|(location, scale)| NetworkOutput { location, scale, degrees }).collect();
            Ok((answers, f64::try_from(&loss)?))
        })
    }

    /// The same network in LibTorch's operations alone.
    fn distribution(&self, batch: &Batch, pass: Pass) -> Distribution {
        let device = self.weights.device();
        let sizes = [self.shape.window as i64, batch.rows() as i64, self.shape.features as i64];
        let inputs = Tensor::from_slice(&batch.inputs).view(sizes).to_device(device);
        let symbols = Tensor::from_slice(&batch.symbols).to_device(device);
        distribution(&self.shape, &self.weights, &inputs, &symbols, pass)
    }
}

/// Location, scale and degrees of freedom, for `inputs` `[window, rows, features]` and rows of the embedding `[rows]`.
pub(crate) fn distribution(
    shape: &Shape,
    weights: &Tensor,
    inputs: &Tensor,
    symbols: &Tensor,
    pass: Pass,
) -> Distribution {
    let hidden = libtorch::last_hidden(shape, weights, inputs, symbols, pass);
    head::distribution(&weights.narrow(0, shape.head_offset() as i64, shape.head_weights() as i64), &hidden)
}

/// Gives the kernel the weights, if they have changed.
fn load(shape: &Shape, weights: &Tensor, lstm: &mut Lstm<f32>, loaded: &mut [f32], stale: &mut bool) {
    if std::mem::take(stale) {
        weights.copy_data(loaded, loaded.len());
        lstm.load(&loaded[..shape.lstm().weights()]);
    }
}

/// The embedding of each row, `[rows][EMBEDDING]`; empty if there is none.
fn tail(shape: &Shape, weights: &[f32], batch: &Batch) -> Vec<f32> {
    if shape.symbols == 0 {
        return Vec::new();
    }
    let table = &weights[shape.embedding_offset()..];
    batch.symbols.iter().flat_map(|&row| &table[row as usize * EMBEDDING..][..EMBEDDING]).copied().collect()
}

/// Adds each row's gradient by its embedding to the one of its symbol.
fn scatter_embedding(shape: &Shape, batch: &Batch, by_inputs: &[f32], gradient: &mut [f32]) {
    if shape.symbols > 0 {
        let table = &mut gradient[shape.embedding_offset()..shape.head_offset()];
        for (&symbol, by_row) in batch.symbols.iter().zip(by_inputs.chunks_exact(shape.lstm().inputs)) {
            for (sum, by) in table[symbol as usize * EMBEDDING..].iter_mut().zip(&by_row[shape.features..]) {
                *sum += by;
            }
        }
    }
}

/// The numbers of a tensor, row by row.
pub(crate) fn to_host(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.detach().to_kind(Kind::Float).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}
