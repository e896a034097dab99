//! The way back: from the gradient of the last hidden state to those of weights and inputs.

use pulp::{Arch, Simd, WithSimd};

use super::forward::LayerTape;
use super::product::{COLUMNS, Panels, Row, TILE, outer, tile};
use super::{Layer, Lstm, Real, gate_index};

/// Memory of the backward pass, kept from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Scratch<T> {
    /// `[time][units]`: gradient of a layer's hidden states that comes from above.
    from_above: Vec<Row<T>>,
    /// The same for the layer below, being made.
    to_below: Vec<Row<T>>,
    /// `[units]`: gradient of the hidden state that comes from the next time step, in whole tiles.
    from_next: Vec<Row<T>>,
    /// `[units]`: gradient of the cell state.
    cells: Vec<Row<T>>,
    /// `[4·hidden]`: gradients before the activation, at one time step.
    now: Vec<Row<T>>,
    /// The same, summed over time.
    summed: Vec<Row<T>>,
}

impl<T: Real> Lstm<T> {
    /// Gradients after [`Self::forward`] on the same rows.
    ///
    /// `last` is the loss's gradient by the last hidden state, `[rows][hidden]`. Gradients of the weights are added to
    /// `weights` (LibTorch's layout); returned is the gradient by each row's inputs, summed over time, `[rows][inputs]`.
    pub fn backward(&mut self, last: &[T], rows: usize, weights: &mut [T]) -> Vec<T> {
        let (hidden, inputs) = (self.shape.hidden, self.shape.inputs);
        let arch = Arch::new();
        let mut by_inputs = vec![T::default(); rows * inputs];
        for (block, tape) in self.tapes[..rows.div_ceil(COLUMNS)].iter_mut().enumerate() {
            let columns = block * COLUMNS..rows.min((block + 1) * COLUMNS);
            let scratch = &mut self.scratch;
            scratch.from_above.clear();
            scratch.from_above.resize(self.window * hidden, [T::default(); COLUMNS]);
            let top = &mut scratch.from_above[(self.window - 1) * hidden..];
            for (column, gradient) in
                last[columns.start * hidden..columns.end * hidden].chunks_exact(hidden).enumerate()
            {
                for (unit, value) in top.iter_mut().zip(gradient) {
                    unit[column] = *value;
                }
            }
            let mut end = self.shape.weights();
            for (index, layer) in self.layers.iter().enumerate().rev() {
                let start = end - self.shape.weights_of(index);
                let (below, above) = tape.layers.split_at_mut(index);
                let input = below.last().map_or(&tape.inputs[..], |below| &below.hidden[hidden..]);
                let weights = &mut weights[start..end];
                let lowest = index == 0;
                arch.dispatch(BackwardLayer { layer, input, tape: &mut above[0], hidden, lowest, weights, scratch });
                std::mem::swap(&mut scratch.from_above, &mut scratch.to_below);
                end = start;
            }
            for (column, row) in
                by_inputs[columns.start * inputs..columns.end * inputs].chunks_exact_mut(inputs).enumerate()
            {
                for (value, gradient) in row.iter_mut().zip(&scratch.from_above) {
                    *value = gradient[column];
                }
            }
        }
        by_inputs
    }
}

/// One layer, from the last time step to the first.
struct BackwardLayer<'a, T> {
    layer: &'a Layer<T>,
    /// `[time][inputs]`: what the layer saw.
    input: &'a [Row<T>],
    tape: &'a mut LayerTape<T>,
    hidden: usize,
    /// Whether only the sum over time of the gradient by the inputs is wanted.
    lowest: bool,
    weights: &'a mut [T],
    scratch: &'a mut Scratch<T>,
}

impl<T: Real> WithSimd for BackwardLayer<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, input, tape, hidden, lowest, weights, scratch } = self;
        let window = tape.squashed.len() / hidden;
        let inputs = input.len() / window;
        let Scratch { from_above, to_below, from_next, cells, now, summed } = scratch;
        let zero = [T::default(); COLUMNS];
        let sizes =
            [(&mut *from_next, hidden), (&mut *cells, hidden), (&mut *now, 4 * hidden), (&mut *summed, 4 * hidden)];
        for (buffer, rows) in sizes {
            buffer.clear();
            buffer.resize(rows, zero);
        }
        to_below.resize(if lowest { inputs } else { window * inputs }, zero);
        for time in (0..window).rev() {
            for (unit, now) in now.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let at = time * hidden + unit;
                let gates = &mut tape.gates.as_chunks_mut::<4>().0[unit * window + time];
                deactivate(
                    gates,
                    [&from_above[at], &from_next[unit]],
                    &tape.cells[at],
                    &tape.squashed[at],
                    &mut cells[unit],
                );
                now.copy_from_slice(gates);
            }
            for (sum, gate) in summed.iter_mut().zip(&*now) {
                for c in 0..COLUMNS {
                    sum[c] += gate[c];
                }
            }
            if time > 0 {
                product(simd, &layer.back, now, from_next);
            }
            if !lowest {
                product(simd, &layer.down, now, &mut to_below[time * inputs..(time + 1) * inputs]);
            }
        }
        if lowest {
            product(simd, &layer.down, summed, to_below);
        }
        let (by_input, rest) = weights.split_at_mut(4 * hidden * inputs);
        let (by_hidden, biases) = rest.split_at_mut(4 * hidden * hidden);
        outer(simd, &tape.gates, window, input, |row, k, sum| by_input[gate_index(row, hidden) * inputs + k] += sum);
        let states = &tape.hidden[..window * hidden];
        outer(simd, &tape.gates, window, states, |row, k, sum| by_hidden[gate_index(row, hidden) * hidden + k] += sum);
        for (row, sum) in summed.iter().enumerate() {
            let sum = sum.iter().fold(T::default(), |sum, value| sum + *value);
            biases[gate_index(row, hidden)] += sum;
            biases[4 * hidden + gate_index(row, hidden)] += sum;
        }
    }
}

/// `out = panels · right`.
#[inline(always)]
fn product<T: Real, S: Simd>(simd: S, panels: &Panels<T>, right: &[Row<T>], out: &mut [Row<T>]) {
    for (panel, out) in panels.tiles().zip(out.chunks_mut(TILE)) {
        let mut sums = [[T::default(); COLUMNS]; TILE];
        tile(simd, panel, [right, &[]], &mut sums);
        out.copy_from_slice(&sums[..out.len()]);
    }
}

/// The cell backwards: turns gate values into gradients before their activation, and moves the cell's gradient one step back.
#[inline(always)]
fn deactivate<T: Real>(
    gates: &mut [Row<T>; 4],
    by_hidden: [&Row<T>; 2],
    before: &Row<T>,
    squashed: &Row<T>,
    by_cell: &mut Row<T>,
) {
    let [i, f, g, o] = gates;
    for c in 0..COLUMNS {
        let (iv, fv, gv, ov) = (i[c], f[c], g[c], o[c]);
        let by_h = by_hidden[0][c] + by_hidden[1][c];
        let by_c = by_cell[c] + by_h * ov * (T::ONE - squashed[c] * squashed[c]);
        i[c] = by_c * gv * iv * (T::ONE - iv);
        f[c] = by_c * before[c] * fv * (T::ONE - fv);
        g[c] = by_c * iv * (T::ONE - gv * gv);
        o[c] = by_h * squashed[c] * ov * (T::ONE - ov);
        by_cell[c] = by_c * fv;
    }
}
