//! Later rows against the sketch of a training.

use super::probability::Test;
use super::report::{ColumnDrift, Drift, InputDrift, Look};
use super::sketch::Sketch;
use super::values::Values;
use super::{MIN_ROWS, MIN_TRAINING_ROWS};

/// Columns that are named, those that are off the most; all are counted.
const MOST_NAMED: usize = 10;

impl Sketch {
    /// Whether `rows` new rows are worth a look; else, why not.
    pub fn worth(&self, look: &Look, rows: u64) -> Option<InputDrift> {
        let needed = look.from_rows.max(MIN_ROWS);
        if self.rows < MIN_TRAINING_ROWS {
            Some(InputDrift::FewTrainingRows { rows: self.rows, needed: MIN_TRAINING_ROWS })
        } else {
            (rows < needed).then_some(InputDrift::FewNewRows { rows, needed })
        }
    }

    /// Compares new rows, column by column, as `show` shows them.
    pub fn compare(&self, look: &Look, show: impl FnOnce(&mut dyn FnMut(&str, &Values<'_>))) -> InputDrift {
        let mut comparison = Comparison { sketch: self, rows: 0, columns: 0, tests: Vec::new() };
        show(&mut |name, values| comparison.column(name, values));
        self.worth(look, comparison.rows).unwrap_or_else(|| InputDrift::Compared(comparison.drift(look)))
    }
}

/// A comparison under way.
struct Comparison<'a> {
    sketch: &'a Sketch,
    rows: u64,
    columns: u32,
    tests: Vec<Test<'a>>,
}

impl<'a> Comparison<'a> {
    /// A column that the sketch does not know, or knows as one of another kind, is no drift of its values: the schema has changed.
    fn column(&mut self, name: &str, values: &Values<'_>) {
        let next = self.sketch.columns.get(self.columns as usize).filter(|known| known.name == name);
        let known = next.or_else(|| self.sketch.columns.iter().find(|known| known.name == name));
        let Some((known, places)) = known.and_then(|known| Some((known, known.cells.places(values)?))) else { return };
        self.columns += 1;
        self.rows = self.rows.max(places.len() as u64);
        self.tests.extend(Test::of(known, &known.cells.tally(&places)));
    }

    /// Holm's procedure (1979): the least probable test is allowed the whole chance over all tests, the next over one test less, and so
    /// on until one is probable enough. It bounds the chance of one false alarm whatever the columns have to do with each other, and one
    /// is what asks for a training; procedures that bound the share of false ones (Benjamini and Hochberg) would let it by.
    fn drift(mut self, look: &Look) -> Drift {
        self.tests.sort_by(|a, b| a.chance().total_cmp(&b.chance()));
        let (mut goes_on, mut left) = (true, self.tests.len());
        let mut found: Vec<ColumnDrift> = Vec::with_capacity(self.tests.len());
        for test in &self.tests {
            let allowed = look.chance / left as f64;
            let threshold = test.threshold(allowed).max(look.least_distance);
            found.push(ColumnDrift {
                column: test.column.to_owned(),
                aspect: test.aspect,
                distance: test.distance,
                threshold,
            });
            goes_on &= test.chance() <= allowed;
            if goes_on {
                left -= 1;
            }
        }
        found.sort_by(|a, b| b.excess().total_cmp(&a.excess()).then_with(|| a.column.cmp(&b.column)));
        let mut drifted: Vec<&str> = found.iter().filter(|of| of.has_drifted()).map(|of| of.column.as_str()).collect();
        drifted.sort_unstable();
        drifted.dedup();
        let drifted = drifted.len() as u32;
        found.truncate(MOST_NAMED);
        Drift { rows: self.rows, columns: self.columns, drifted, farthest: found }
    }
}
