//! What is known of a training before it begins.

use common::vocabulary::{Hyper, Mode};

/// Columns of a fit: one, an incremental one, a quick one, and logarithms of rows, of new rows of an incremental one, of epochs, of the
/// size of the model.
pub(super) const COLUMNS: usize = 7;
/// What a fit begins from: work grows with rows, epochs and size, each a little less than in proportion.
pub(super) const PRIOR: [f64; COLUMNS] = [0.0, 0.0, 0.0, 0.7, 0.3, 0.6, 0.3];
/// Memory grows with rows and size, and with little else.
pub(super) const PRIOR_OF_MEMORY: [f64; COLUMNS] = [18.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.1];

/// What is known of a training before it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features {
    /// How it trains.
    pub mode: Mode,
    /// Rows there are.
    pub rows: f64,
    /// Of these, rows that are new to the live version.
    pub new_rows: f64,
    /// Epochs at most.
    pub epochs: f64,
    /// How large the model is, by its hyper-parameters.
    pub size: f64,
}

impl Features {
    /// Of a training with these hyper-parameters on so many rows.
    pub fn of(hyper: &Hyper, mode: Mode, rows: u64, new_rows: u64) -> Self {
        let (epochs, size) = match hyper {
            Hyper::Forecaster(hyper) => {
                (hyper.epochs, f64::from(hyper.layers * hyper.hidden) * f64::from(hyper.window))
            }
            Hyper::Recommender(hyper) if mode == Mode::Incremental => (hyper.update_epochs, f64::from(hyper.n_factors)),
            Hyper::Recommender(hyper) => (hyper.n_epochs, f64::from(hyper.n_factors * hyper.members)),
            Hyper::Text(hyper) => (hyper.epochs, f64::from(hyper.words + hyper.chars_max)),
            Hyper::Tabular(hyper) => (hyper.epochs, f64::from(hyper.trees) * f64::from(hyper.leaves)),
        };
        Self { mode, rows: rows as f64, new_rows: new_rows as f64, epochs: f64::from(epochs), size }
    }

    /// As a row of a fit.
    pub(super) fn row(&self) -> [f64; COLUMNS] {
        let log = |value: f64| value.max(0.0).ln_1p();
        let flag = |is: bool| f64::from(u8::from(is));
        let is_incremental = self.mode == Mode::Incremental;
        [
            1.0,
            flag(is_incremental),
            flag(self.mode == Mode::Quick),
            if is_incremental { 0.0 } else { log(self.rows) },
            if is_incremental { log(self.new_rows) } else { 0.0 },
            log(self.epochs),
            log(self.size),
        ]
    }
}
