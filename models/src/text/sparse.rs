//! Rows of which most entries are zero.

/// Rows in compressed sparse form; columns of a row are in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Csr {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

/// One row: columns and values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SparseRow<'a> {
    pub(crate) columns: &'a [u32],
    pub(crate) values: &'a [f32],
}

impl Csr {
    pub(crate) fn new() -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, columns: &[u32], values: &[f32]) {
        self.columns.extend_from_slice(columns);
        self.values.extend_from_slice(values);
        self.starts.push(self.columns.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn row(&self, row: usize) -> SparseRow<'_> {
        let range = self.starts[row]..self.starts[row + 1];
        SparseRow { columns: &self.columns[range.clone()], values: &self.values[range] }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = SparseRow<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// For each of these columns, out of `width`, the first row that has it.
    pub(crate) fn first_rows(&self, columns: &[usize], width: usize) -> Vec<Option<usize>> {
        let mut is_wanted = vec![false; width];
        columns.iter().for_each(|column| is_wanted[*column] = true);
        let mut first = vec![None; columns.len()];
        for (row, inputs) in self.rows().enumerate() {
            for column in inputs.columns.iter().map(|column| *column as usize) {
                if std::mem::take(&mut is_wanted[column]) {
                    let indices = columns.iter().zip(&mut first).filter(|(wanted, _)| **wanted == column);
                    indices.for_each(|(_, first)| *first = Some(row));
                }
            }
        }
        first
    }

    /// Multiplies every entry by the factor of its column.
    pub(crate) fn scale_columns(&mut self, factors: &[f64]) {
        for (value, column) in self.values.iter_mut().zip(&self.columns) {
            *value = (f64::from(*value) * factors[*column as usize]) as f32;
        }
    }
}

impl SparseRow<'_> {
    /// The sum of the products with dense weights, in a fixed order of four running sums.
    pub(crate) fn dot(&self, weights: &[f64]) -> f64 {
        let mut sums = [0.0; 4];
        let (columns, columns_rest) = self.columns.as_chunks::<4>();
        let (values, values_rest) = self.values.as_chunks::<4>();
        for (columns, values) in columns.iter().zip(values) {
            for lane in 0..4 {
                sums[lane] += f64::from(values[lane]) * weights[columns[lane] as usize];
            }
        }
        for (column, value) in columns_rest.iter().zip(values_rest) {
            sums[0] += f64::from(*value) * weights[*column as usize];
        }
        (sums[0] + sums[1]) + (sums[2] + sums[3])
    }

    /// Adds this row times `factor` to dense weights.
    pub(crate) fn add_to(&self, weights: &mut [f64], factor: f64) {
        for (column, value) in self.columns.iter().zip(self.values) {
            weights[*column as usize] += f64::from(*value) * factor;
        }
    }

    pub(crate) fn squared_norm(&self) -> f64 {
        self.values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_behave_like_dense_ones() {
        let mut matrix = Csr::new();
        matrix.push(&[0, 2, 3, 5, 6], &[1.0, 2.0, 3.0, 4.0, 5.0]);
        matrix.push(&[], &[]);
        matrix.push(&[1, 3], &[1.0, 1.0]);
        assert_eq!(matrix.first_rows(&[3, 1, 4], 7), [Some(0), Some(2), None]);
        matrix.scale_columns(&[2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let mut weights = vec![1.0, 9.0, 1.0, 1.0, 1.0, 10.0, 0.5];
        assert_eq!(matrix.row(0).dot(&weights), 2.0 + 2.0 + 3.0 + 40.0 + 2.5);
        assert_eq!((matrix.row(1).dot(&weights), matrix.len()), (0.0, 3));
        matrix.row(0).add_to(&mut weights, 2.0);
        assert_eq!(weights, [5.0, 9.0, 5.0, 7.0, 1.0, 18.0, 10.5]);
        assert_eq!(matrix.row(0).squared_norm(), 4.0 + 4.0 + 9.0 + 16.0 + 25.0);
    }
}
