//! The way up: from windows to the last hidden state.

use pulp::{Arch, Simd, WithSimd};

use super::product::{COLUMNS, Row, TILE, tile};
use super::{Layer, Lstm, Real};

/// What the forward pass of one block leaves for the backward pass.
#[derive(Debug, Default)]
pub(super) struct Tape<T> {
    /// `[time][inputs]`.
    pub(super) inputs: Vec<Row<T>>,
    pub(super) layers: Vec<LayerTape<T>>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct LayerTape<T> {
    /// `[unit][time][gate]`, after the activation; the backward pass turns them into gradients before it. Each unit's past
    /// lies together, because that is how gradients of weights are summed up.
    pub(super) gates: Vec<Row<T>>,
    /// `[1 + time][unit]`: hidden states, from the initial zeros on.
    pub(super) hidden: Vec<Row<T>>,
    /// `[1 + time][unit]`: cell states.
    pub(super) cells: Vec<Row<T>>,
    /// `[time][unit]`: tanh of the cell states.
    pub(super) squashed: Vec<Row<T>>,
}

impl<T: Real> Lstm<T> {
    /// The last hidden state of the top layer, `[rows][hidden]`, for `inputs` `[window][rows][inputs]`.
    ///
    /// `tail` is added to each row's inputs at every time step: `[rows][tail inputs]`, empty if there is none.
    pub fn forward(&mut self, inputs: &[T], tail: &[T], rows: usize) -> Vec<T> {
        let (window, hidden) = (self.window, self.shape.hidden);
        let blocks = rows.div_ceil(COLUMNS);
        while self.tapes.len() < blocks {
            let layer = LayerTape {
                gates: vec![[T::default(); COLUMNS]; window * 4 * hidden],
                hidden: vec![[T::default(); COLUMNS]; (window + 1) * hidden],
                cells: vec![[T::default(); COLUMNS]; (window + 1) * hidden],
                squashed: vec![[T::default(); COLUMNS]; window * hidden],
            };
            let inputs = vec![[T::default(); COLUMNS]; window * self.shape.inputs];
            self.tapes.push(Tape { inputs, layers: vec![layer; self.shape.layers] });
        }
        let arch = Arch::new();
        let mut last = vec![T::default(); rows * hidden];
        for (block, tape) in self.tapes[..blocks].iter_mut().enumerate() {
            let columns = block * COLUMNS..rows.min((block + 1) * COLUMNS);
            place_inputs(&mut tape.inputs, inputs, tail, rows, self.shape.inputs, columns.clone());
            let mut below = &tape.inputs[..];
            for (layer, tape) in self.layers.iter().zip(&mut tape.layers) {
                arch.dispatch(ForwardLayer { layer, below, tape: &mut *tape, hidden });
                below = &tape.hidden[hidden..];
            }
            for (row, out) in last[columns.start * hidden..columns.end * hidden].chunks_exact_mut(hidden).enumerate() {
                for (value, state) in out.iter_mut().zip(&below[(window - 1) * hidden..]) {
                    *value = state[row];
                }
            }
        }
        last
    }
}

/// Turns a block of rows into columns; columns that the batch does not fill are zero.
fn place_inputs<T: Real>(
    to: &mut [Row<T>],
    inputs: &[T],
    tail: &[T],
    rows: usize,
    width: usize,
    columns: std::ops::Range<usize>,
) {
    let tail_width = tail.len() / rows.max(1);
    let own = width - tail_width;
    for (time, step) in to.chunks_exact_mut(width).enumerate() {
        for (feature, values) in step.iter_mut().enumerate() {
            let at = |row: usize| match feature.checked_sub(own) {
                None => inputs[(time * rows + row) * own + feature],
                Some(feature) => tail[row * tail_width + feature],
            };
            for (column, value) in values.iter_mut().enumerate() {
                let row = columns.start + column;
                *value = if row < columns.end { at(row) } else { T::default() };
            }
        }
    }
}

/// One layer over the whole window.
struct ForwardLayer<'a, T> {
    layer: &'a Layer<T>,
    /// `[time][inputs]`.
    below: &'a [Row<T>],
    tape: &'a mut LayerTape<T>,
    hidden: usize,
}

impl<T: Real> WithSimd for ForwardLayer<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer, below, tape, hidden } = self;
        let window = tape.gates.len() / (4 * hidden);
        let inputs = below.len() / window;
        let gates = tape.gates.as_chunks_mut::<4>().0;
        for (time, squashed) in tape.squashed.chunks_exact_mut(hidden).enumerate() {
            let below = &below[time * inputs..(time + 1) * inputs];
            let (before, after) = tape.hidden.split_at_mut((time + 1) * hidden);
            let (cells_before, cells) = tape.cells.split_at_mut((time + 1) * hidden);
            let states = [below, &before[time * hidden..]];
            for (index, panel) in layer.gates.tiles().enumerate() {
                let mut sums = [[T::default(); COLUMNS]; TILE];
                for (sum, bias) in sums.iter_mut().zip(&layer.bias[index * TILE..]) {
                    *sum = [*bias; COLUMNS];
                }
                tile(simd, panel, states, &mut sums);
                // A tile holds two units, the last one of an odd number a single one.
                for (offset, sums) in sums.as_chunks::<4>().0.iter().enumerate() {
                    let unit = index * (TILE / 4) + offset;
                    if unit < hidden {
                        let gates = &mut gates[unit * window + time];
                        let cell_before = &cells_before[time * hidden + unit];
                        activate(sums, gates, cell_before, &mut cells[unit], &mut squashed[unit], &mut after[unit]);
                    }
                }
            }
        }
    }
}

/// The cell itself: `c = f·c' + i·g`, `h = o·tanh(c)`.
#[inline(always)]
fn activate<T: Real>(
    sums: &[Row<T>; 4],
    gates: &mut [Row<T>; 4],
    before: &Row<T>,
    cell: &mut Row<T>,
    squashed: &mut Row<T>,
    hidden: &mut Row<T>,
) {
    let [i, f, g, o] = gates;
    for c in 0..COLUMNS {
        i[c] = sums[0][c].sigmoid();
        f[c] = sums[1][c].sigmoid();
        g[c] = sums[2][c].tanh();
        o[c] = sums[3][c].sigmoid();
        cell[c] = f[c] * before[c] + i[c] * g[c];
        squashed[c] = cell[c].tanh();
        hidden[c] = o[c] * squashed[c];
    }
}
