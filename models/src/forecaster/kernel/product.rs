//! Matrix products of the kernel, written for small matrices that stay in the cache.
//!
//! Everything that varies over rows of a batch is stored as [`Row`]s: one number per column of the batch, 32 columns wide.
//! A batch of 32 is thus two AVX-512 registers or four AVX2 registers, and no product has a ragged edge on that side.

use pulp::Simd;

use super::real::Real;

/// Rows of a batch that are computed together.
pub const COLUMNS: usize = 32;
/// One quantity for every column.
pub type Row<T> = [T; COLUMNS];
/// Rows of a product that one pass over its depth computes.
pub(super) const TILE: usize = 8;

/// A left operand, laid out in the order in which `Panels::tile` reads it: `[rows / TILE][depth][TILE]`.
#[derive(Debug, Default)]
pub(super) struct Panels<T> {
    depth: usize,
    values: Vec<T>,
}

impl<T: Real> Panels<T> {
    /// Lays out a matrix given by `at(row, k)`; rows are filled up with zeros to whole tiles.
    pub(super) fn pack(&mut self, rows: usize, depth: usize, at: impl Fn(usize, usize) -> T) {
        self.depth = depth;
        self.values.clear();
        for first in (0..rows).step_by(TILE) {
            for k in 0..depth {
                self.values.extend((first..first + TILE).map(|row| if row < rows { at(row, k) } else { T::default() }));
            }
        }
    }

    /// The tiles, from the first rows on.
    pub(super) fn tiles(&self) -> impl Iterator<Item = &[T]> {
        self.values.chunks_exact(self.depth * TILE)
    }
}

/// `out[m] = Σ_k panel[k][m] · right[k]`, over the operands given one after the other, on top of what is in `out`.
#[inline(always)]
pub(super) fn tile<T: Real, S: Simd>(simd: S, panel: &[T], right: [&[Row<T>]; 2], out: &mut [Row<T>; TILE]) {
    // Accumulators must fit the registers: 8 × 2 of 32 on AVX-512, 8 × 1 of 16 elsewhere.
    if S::REGISTER_COUNT >= 32 {
        tile_of::<T, S, 2>(simd, panel, right, out);
    } else {
        tile_of::<T, S, 1>(simd, panel, right, out);
    }
}

#[inline(always)]
fn tile_of<T: Real, S: Simd, const V: usize>(simd: S, panel: &[T], right: [&[Row<T>]; 2], out: &mut [Row<T>; TILE]) {
    let per_row = vectors_per_row::<T, S>();
    let out = T::lanes_mut::<S>(out.as_flattened_mut());
    let (first, second) = panel.split_at(right[0].len() * TILE);
    for from in (0..per_row).step_by(V) {
        let mut sums = [[T::splat(simd, T::default()); V]; TILE];
        for m in 0..TILE {
            for v in 0..V {
                sums[m][v] = out[m * per_row + from + v];
            }
        }
        sums = accumulate(simd, first, right[0], from, sums);
        sums = accumulate(simd, second, right[1], from, sums);
        for m in 0..TILE {
            for v in 0..V {
                out[m * per_row + from + v] = sums[m][v];
            }
        }
    }
}

/// The inner loop. Sums go in and out by value: behind a reference the compiler keeps some of them in memory.
#[inline(always)]
fn accumulate<T: Real, S: Simd, const V: usize>(
    simd: S,
    panel: &[T],
    rows: &[Row<T>],
    from: usize,
    mut sums: [[T::Lanes<S>; V]; TILE],
) -> [[T::Lanes<S>; V]; TILE] {
    let rows = T::lanes::<S>(rows.as_flattened());
    for (weights, row) in panel.as_chunks::<TILE>().0.iter().zip(rows.chunks_exact(vectors_per_row::<T, S>())) {
        let mut values = [row[from]; V];
        values.copy_from_slice(&row[from..from + V]);
        for m in 0..TILE {
            let weight = T::splat(simd, weights[m]);
            for v in 0..V {
                sums[m][v] = T::mul_add(simd, weight, values[v], sums[m][v]);
            }
        }
    }
    sums
}

/// Rows of each side that one pass of [`outer`] takes.
const SIDE: usize = 4;

/// `write(i, j, Σ_t left[t][i] · right[t][j])`: products summed over columns and time, for gradients of weights.
///
/// `left` is `[rows / 4][time][4]` and `right` `[time][rows]`.
#[inline(always)]
pub(super) fn outer<T: Real, S: Simd>(
    simd: S,
    left: &[Row<T>],
    times: usize,
    right: &[Row<T>],
    mut write: impl FnMut(usize, usize, T),
) {
    let per_row = vectors_per_row::<T, S>();
    let right_rows = right.len() / times;
    let left = T::lanes::<S>(left.as_flattened());
    let right = T::lanes::<S>(right.as_flattened());
    for j in (0..right_rows).step_by(SIDE) {
        // Past the end the last row is taken again, and its sum dropped.
        let columns: [usize; SIDE] = [0, 1, 2, 3].map(|k| (j + k).min(right_rows - 1) * per_row);
        for (i, left) in left.chunks_exact(times * SIDE * per_row).enumerate() {
            let mut sums = [[T::splat(simd, T::default()); SIDE]; SIDE];
            for (a, b) in left.chunks_exact(SIDE * per_row).zip(right.chunks_exact(right_rows * per_row)) {
                for v in 0..per_row {
                    let others = [b[columns[0] + v], b[columns[1] + v], b[columns[2] + v], b[columns[3] + v]];
                    for (m, sums) in sums.iter_mut().enumerate() {
                        for (sum, other) in sums.iter_mut().zip(others) {
                            *sum = T::mul_add(simd, a[m * per_row + v], other, *sum);
                        }
                    }
                }
            }
            for (m, sums) in sums.into_iter().enumerate() {
                for (k, sum) in sums.into_iter().enumerate().filter(|(k, _)| j + k < right_rows) {
                    write(i * SIDE + m, j + k, T::sum(simd, sum));
                }
            }
        }
    }
}

#[inline(always)]
fn vectors_per_row<T: Real, S: Simd>() -> usize {
    COLUMNS * size_of::<T>() / size_of::<T::Lanes<S>>()
}
