//! The network in LibTorch's own operations: what runs on a GPU, what is exported, and what the fused kernel is held to.

use tch::Tensor;

use super::Shape;

/// What a pass through the network is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// A gradient follows. cuDNN keeps what it needs for one only where it is told so, and refuses to go back otherwise.
    Learn,
    /// Only the answers count.
    Answer,
}

/// The last hidden state `[rows, hidden]`, for `inputs` `[window, rows, features]` and rows of the embedding `[rows]`.
///
/// The initial state is made from the input, so that a trace of this works for every number of rows.
pub(super) fn last_hidden(shape: &Shape, weights: &Tensor, inputs: &Tensor, symbols: &Tensor, pass: Pass) -> Tensor {
    let size = |n: usize| n as i64;
    let mut tensors = Vec::new();
    let mut embedding = None;
    for parameter in shape.parameters() {
        let sizes: Vec<i64> = parameter.sizes.iter().copied().map(size).collect();
        let tensor = weights.narrow(0, size(parameter.offset), size(parameter.len())).view(&sizes[..]);
        if parameter.name.starts_with("lstm.") {
            tensors.push(tensor);
        } else if parameter.name.starts_with("embedding.") {
            embedding = Some(tensor);
        }
    }
    let inputs = match embedding {
        Some(table) => {
            let of_rows = table.index_select(0, symbols).unsqueeze(0);
            let of_bars = of_rows.expand([size(shape.window), -1, -1], false);
            Tensor::cat(&[inputs, &of_bars], 2)
        }
        None => inputs.shallow_clone(),
    };
    let state = initial_state(shape, &inputs);
    let (layers, learns) = (size(shape.layers), pass == Pass::Learn);
    let (outputs, _, _) =
        inputs.lstm(&[state.shallow_clone(), state], &tensors, true, layers, 0.0, learns, false, false);
    outputs.select(0, -1)
}

/// Zeros `[layers, rows, hidden]`, as a function of the input.
fn initial_state(shape: &Shape, inputs: &Tensor) -> Tensor {
    let zero = inputs.select(0, 0).narrow(1, 0, 1) * 0.0;
    zero.unsqueeze(0).expand([shape.layers as i64, -1, shape.hidden as i64], false).contiguous()
}
