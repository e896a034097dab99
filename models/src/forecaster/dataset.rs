//! The rows of a training: a target each, and a window of past bars as input. Windows overlap almost wholly, so they are
//! never laid out side by side: a row points into its symbol's bars, and a batch is gathered when it is needed.

use chrono::NaiveDate;

/// Index into [`Dataset::rows`].
pub type RowIndex = u32;

/// One forecast that can be made, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Date of the target: the day whose return is forecast. Splits go by this.
    pub date: NaiveDate,
    /// Row of the model's embedding: 0 is `unknown`, from 1 the model's symbols in order.
    pub symbol: u32,
    /// First bar of the window, counted over all bars in [`Dataset::inputs`].
    pub start: usize,
    /// EWMA(0.94) volatility of log-returns at the window's last bar; above 0.
    pub sigma: f64,
    /// Log-return from the window's last bar to the target.
    pub log_return: f64,
}

impl Row {
    /// What the network forecasts: the return in units of recent volatility.
    pub fn target(&self) -> f32 {
        (self.log_return / self.sigma) as f32
    }
}

/// Rows over the standardised bars they look at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dataset {
    /// Features per bar.
    pub features: usize,
    /// Bars per window.
    pub window: usize,
    /// `[bars][features]`, standardised; the symbols one after the other, each in order of date.
    pub inputs: Vec<f32>,
    /// In order of date, then symbol.
    pub rows: Vec<Row>,
}

impl Dataset {
    /// The row with this index.
    ///
    /// # Panics
    /// There is no such row.
    pub fn row(&self, index: RowIndex) -> &Row {
        &self.rows[index as usize]
    }

    /// The window of a row: `[window][features]`.
    ///
    /// # Panics
    /// The window ends after the last bar.
    pub fn window_of(&self, row: &Row) -> &[f32] {
        &self.inputs[row.start * self.features..(row.start + self.window) * self.features]
    }

    /// The windows of some rows, time first: `[window][rows][features]`, in place of what was in `batch`.
    pub fn gather(&self, rows: &[RowIndex], batch: &mut Vec<f32>) {
        batch.clear();
        batch.resize(self.window * rows.len() * self.features, 0.0);
        let (width, stride) = (self.features, rows.len() * self.features);
        for (column, &index) in rows.iter().enumerate() {
            let window = self.window_of(self.row(index));
            for (bar, step) in window.chunks_exact(width).zip(batch.chunks_exact_mut(stride)) {
                step[column * width..(column + 1) * width].copy_from_slice(bar);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_time_first() {
        let row = |start| Row { date: NaiveDate::default(), symbol: 1, start, sigma: 0.5, log_return: 1.0 };
        let data =
            Dataset { features: 2, window: 2, inputs: (0..8).map(|x| x as f32).collect(), rows: vec![row(0), row(2)] };
        let mut batch = vec![9.0; 99];
        data.gather(&[1, 0], &mut batch);
        assert_eq!(batch, [4.0, 5.0, 0.0, 1.0, 6.0, 7.0, 2.0, 3.0]);
        assert_eq!(data.row(0).target(), 2.0);
    }
}
