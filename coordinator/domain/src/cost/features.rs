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

#[cfg(test)]
mod tests {
    use common::vocabulary::Family;

    use super::*;

    #[test]
    fn the_work_of_each_family_is_known_by_its_hyper_parameters() {
        let of = |family, mode| {
            let features = Features::of(&Hyper::of(family), mode, 1000, 100);
            (features.rows, features.new_rows, features.epochs, features.size)
        };
        assert_eq!(of(Family::Forecaster, Mode::Complete), (1000.0, 100.0, 20.0, 2.0 * 50.0 * 60.0));
        assert_eq!(of(Family::Recommender, Mode::Complete), (1000.0, 100.0, 50.0, 48.0 * 6.0));
        assert_eq!(of(Family::Recommender, Mode::Incremental), (1000.0, 100.0, 5.0, 48.0), "one member is updated");
        assert_eq!(of(Family::Text, Mode::Complete), (1000.0, 100.0, 30.0, 3.0 + 5.0));
        assert_eq!(of(Family::Tabular, Mode::Complete), (1000.0, 100.0, 20.0, 100.0 * 8.0));
    }
}
