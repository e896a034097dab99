//! The sizes of a network, and where each of its weights lies in the one flat buffer that holds them all.

use serde::{Deserialize, Serialize};

use crate::forecaster::kernel::LstmShape;

/// Numbers that stand for a symbol in a model of many.
pub const EMBEDDING: usize = 4;

/// The sizes of a forecaster's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Inputs per bar.
    pub features: usize,
    /// Bars per window.
    pub window: usize,
    /// LSTM layers.
    pub layers: usize,
    /// Hidden units per layer.
    pub hidden: usize,
    /// Symbols with a row of the embedding of their own; 0 for a model of one symbol, which has no embedding.
    pub symbols: usize,
}

/// One tensor in the flat buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as in `weights.safetensors`.
    pub name: String,
    /// Its sizes.
    pub sizes: Vec<usize>,
    /// First of its numbers.
    pub offset: usize,
}

impl Parameter {
    /// How many numbers.
    pub fn len(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shape {
    /// The LSTM: each bar's inputs, with the symbol's embedding beside them.
    pub fn lstm(&self) -> LstmShape {
        LstmShape { inputs: self.features + self.embedding(), hidden: self.hidden, layers: self.layers }
    }

    /// Numbers per symbol.
    pub fn embedding(&self) -> usize {
        if self.symbols > 0 { EMBEDDING } else { 0 }
    }

    /// All parameters in the order of the buffer: LSTM as LibTorch wants it, embedding, head.
    pub fn parameters(&self) -> Vec<Parameter> {
        let (lstm, gates) = (self.lstm(), 4 * self.hidden);
        let mut sizes = Vec::new();
        for layer in 0..self.layers {
            sizes.push((format!("lstm.weight_ih_l{layer}"), vec![gates, lstm.inputs_of(layer)]));
            sizes.push((format!("lstm.weight_hh_l{layer}"), vec![gates, self.hidden]));
            sizes.push((format!("lstm.bias_ih_l{layer}"), vec![gates]));
            sizes.push((format!("lstm.bias_hh_l{layer}"), vec![gates]));
        }
        if self.symbols > 0 {
            sizes.push(("embedding.weight".into(), vec![self.symbols + 1, EMBEDDING]));
        }
        sizes.push(("head.weight".into(), vec![2, self.hidden]));
        sizes.push(("head.bias".into(), vec![2]));
        sizes.push(("head.degrees".into(), vec![1]));
        let mut offset = 0;
        let parameter = |(name, sizes)| {
            let parameter = Parameter { name, sizes, offset };
            offset += parameter.len();
            parameter
        };
        sizes.into_iter().map(parameter).collect()
    }

    /// Numbers in the buffer.
    pub fn weights(&self) -> usize {
        self.head_offset() + self.head_weights()
    }

    /// Where the embedding begins.
    pub fn embedding_offset(&self) -> usize {
        self.lstm().weights()
    }

    /// Where the head begins; everything after it is the head's.
    pub fn head_offset(&self) -> usize {
        self.embedding_offset() + if self.symbols > 0 { (self.symbols + 1) * EMBEDDING } else { 0 }
    }

    /// Numbers of the head.
    pub fn head_weights(&self) -> usize {
        2 * self.hidden + 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_fill_the_buffer() {
        for symbols in [0, 3] {
            let shape = Shape { features: 5, window: 60, layers: 2, hidden: 50, symbols };
            let parameters = shape.parameters();
            let ends = parameters.iter().map(|p| p.offset + p.len());
            let starts = parameters.iter().skip(1).map(|p| p.offset).chain([shape.weights()]);
            assert!(ends.eq(starts));
            let start = |name: &str| parameters.iter().find(|p| p.name == name).map(|p| p.offset);
            assert_eq!(start("head.weight"), Some(shape.head_offset()));
            assert_eq!(start("embedding.weight"), (symbols > 0).then(|| shape.embedding_offset()));
        }
    }
}
