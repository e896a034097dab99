//! A fused LSTM for small networks on the CPU: forward and backward through time on plain slices.
//!
//! LibTorch pays tens of small operations per time step, each with its own dispatch, allocation and autograd record; for 50
//! hidden units that costs more than the arithmetic. Here all four gates of a time step are one product, activations are
//! applied while it is still in the cache, and nothing is allocated after the first batch. The formulas are those of
//! Hochreiter and Schmidhuber (1997) with forget gates (Gers et al., 2000), gates in LibTorch's order i, f, g, o, and the
//! weights are laid out as LibTorch lays them out. Tests hold it to LibTorch's LSTM, and its gradients to differences in f64.

mod backward;
mod forward;
mod product;
mod real;
#[cfg(test)]
mod tests;

use forward::Tape;
use product::Panels;
pub use product::{COLUMNS, Row};
pub use real::Real;

/// The sizes of a stack of LSTM layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LstmShape {
    /// Numbers per time step.
    pub inputs: usize,
    /// Hidden units per layer.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
}

impl LstmShape {
    /// Inputs of a layer: those of the stack, or the hidden state of the layer below.
    pub fn inputs_of(&self, layer: usize) -> usize {
        if layer == 0 { self.inputs } else { self.hidden }
    }

    /// Weights of a layer: `[4·hidden, inputs]`, `[4·hidden, hidden]`, and two biases `[4·hidden]`.
    pub fn weights_of(&self, layer: usize) -> usize {
        4 * self.hidden * (self.inputs_of(layer) + self.hidden + 2)
    }

    /// Weights of all layers, one after the other.
    pub fn weights(&self) -> usize {
        (0..self.layers).map(|layer| self.weights_of(layer)).sum()
    }
}

/// The weights of one layer, laid out for each product they take part in.
#[derive(Debug, Default)]
struct Layer<T> {
    /// `[4·hidden, inputs + hidden]`, rows in the order (unit, gate).
    gates: Panels<T>,
    /// Sum of both biases, in the same order, filled up to whole tiles.
    bias: Vec<T>,
    /// `[inputs, 4·hidden]`: carries a gradient down.
    down: Panels<T>,
    /// `[hidden, 4·hidden]`: carries a gradient back in time.
    back: Panels<T>,
}

/// A stack of LSTM layers over windows of fixed length, with the memory it needs.
#[derive(Debug)]
pub struct Lstm<T> {
    shape: LstmShape,
    window: usize,
    layers: Vec<Layer<T>>,
    /// One per block of [`COLUMNS`] rows of the batch.
    tapes: Vec<Tape<T>>,
    scratch: backward::Scratch<T>,
}

impl<T: Real> Lstm<T> {
    /// A stack without weights; see [`Self::load`].
    pub fn new(shape: LstmShape, window: usize) -> Self {
        let layers = (0..shape.layers).map(|_| Layer::default()).collect();
        Self { shape, window, layers, tapes: Vec::new(), scratch: backward::Scratch::default() }
    }

    /// Takes over weights in LibTorch's layout, [`LstmShape::weights`] of them.
    pub fn load(&mut self, weights: &[T]) {
        let hidden = self.shape.hidden;
        let mut rest = weights;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let inputs = self.shape.inputs_of(index);
            let (of_layer, after) = rest.split_at(self.shape.weights_of(index));
            let (from_input, of_layer) = of_layer.split_at(4 * hidden * inputs);
            let (from_hidden, biases) = of_layer.split_at(4 * hidden * hidden);
            let gate_index = |row: usize| gate_index(row, hidden);
            layer.gates.pack(4 * hidden, inputs + hidden, |row, k| match k.checked_sub(inputs) {
                None => from_input[gate_index(row) * inputs + k],
                Some(k) => from_hidden[gate_index(row) * hidden + k],
            });
            layer.down.pack(inputs, 4 * hidden, |k, row| from_input[gate_index(row) * inputs + k]);
            layer.back.pack(hidden, 4 * hidden, |k, row| from_hidden[gate_index(row) * hidden + k]);
            layer.bias.clear();
            layer
                .bias
                .extend((0..4 * hidden).map(|row| biases[gate_index(row)] + biases[4 * hidden + gate_index(row)]));
            layer.bias.resize((4 * hidden).next_multiple_of(product::TILE), T::default());
            rest = after;
        }
    }
}

/// Where row (unit, gate) of the kernel's order lies in LibTorch's order (gate, unit).
fn gate_index(row: usize, hidden: usize) -> usize {
    (row % 4) * hidden + row / 4
}
