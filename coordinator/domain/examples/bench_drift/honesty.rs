//! How often it is wrong, over all the looks at a version: nothing has changed, or something has.

use common::drift::{Familiar, InputDrift, Sketch, Values};
use common::settings::Policy;
use common::vocabulary::VersionNumber;
use domain::monitor::{InputRecord, next_look};

use crate::rows::{KINDS, Kind, column};
use crate::{exact, figure};

/// Inputs of a model.
const COLUMNS: usize = 10;
/// Training rows of the models that are made up: of daily bars, of months of records, of years of them.
const TRAINING: [usize; 3] = [500, 2_000, 10_000];
/// Versions of each kind and size.
const VERSIONS: u64 = 200;
const VERSION: VersionNumber = VersionNumber { major: 1, minor: 0 };
/// Versions of a year, one a cool-down.
const A_YEAR: f64 = 365.25 / 7.0;

/// A version, and the rows that come after its training.
struct Lifetime {
    columns: Vec<Vec<f64>>,
    training: usize,
}

impl Lifetime {
    fn of(kind: Kind, seed: u64, training: usize, come: usize) -> Self {
        let seed = |number: usize| (seed * COLUMNS as u64 + number as u64) << 8 | training as u64 & 0xff;
        let columns = (0..COLUMNS).map(|number| column(kind, seed(number), training + come)).collect();
        Self { columns, training }
    }

    fn show(&self, from: usize, to: usize, show: &mut dyn FnMut(&str, &Values<'_>)) {
        for (number, column) in self.columns.iter().enumerate() {
            show(&number.to_string(), &Values::Numbers(column[from..to].to_vec()));
        }
    }

    fn sketch(&self) -> Sketch {
        let mut sketch = Sketch::new(Familiar::default());
        self.show(0, self.training, &mut |name, values| sketch.add(name, values));
        sketch
    }

    /// Whether any of the looks, whenever they are due while the rows come, says that something has drifted; and whether the exact test
    /// says so at the same looks, at 5 % over all columns.
    fn alarms(&self) -> (bool, bool) {
        let (sketch, policy) = (self.sketch(), Policy::default());
        let come = self.columns[0].len() - self.training;
        let (mut record, mut ours, mut peers): (Option<InputRecord>, _, _) = (None, false, false);
        for rows in 1..=come {
            let Some(look) = next_look(record.as_ref(), &policy) else { continue };
            if sketch.worth(&look, rows as u64).is_some() {
                continue;
            }
            let to = self.training + rows;
            let found = sketch.compare(&look, |show| self.show(self.training, to, show));
            ours |= matches!(&found, InputDrift::Compared(drift) if drift.drifted > 0);
            peers |= self.columns.iter().any(|column| {
                exact::p_value(&column[..self.training], &column[self.training..to]) < 0.05 / COLUMNS as f64
            });
            record = Some(InputRecord::after(record.as_ref(), VERSION, found));
        }
        (ours, peers)
    }
}

/// Nothing has changed: false alarms of a version, and of a year of versions.
pub(crate) fn false_alarms() {
    let (mut all, mut ours, mut peers) = (0.0, 0.0, 0.0);
    for kind in KINDS {
        for training in TRAINING {
            let alarms: Vec<(bool, bool)> =
                (0..VERSIONS).map(|seed| Lifetime::of(kind, seed, training, 1_000).alarms()).collect();
            let (of_ours, of_peers) =
                (alarms.iter().filter(|alarm| alarm.0).count(), alarms.iter().filter(|alarm| alarm.1).count());
            println!(
                "no change, {kind:?}, {training} training rows: {of_ours} of {VERSIONS} versions, exact {of_peers}"
            );
            all += VERSIONS as f64;
            ours += of_ours as f64;
            peers += of_peers as f64;
        }
    }
    figure("false_alarms_a_year", A_YEAR * ours / all, "exact_ks", A_YEAR * peers / all, "alarms");
}

/// One of ten inputs is shifted from the first new row on, by so many standard deviations: how often that is found at once.
pub(crate) fn planted_changes() {
    const SHIFTS: [f64; 6] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0];
    println!("found, of {VERSIONS} versions, by the size of the shift: {SHIFTS:?}");
    for training in TRAINING {
        for come in [40, 100, 300, 1_000] {
            let found = SHIFTS.map(|shift| {
                let is_found = |seed: &u64| {
                    let mut lifetime = Lifetime::of(Kind::Independent, *seed, training, come);
                    lifetime.columns[0][training..].iter_mut().for_each(|value| *value += shift);
                    let Some(look) = next_look(None, &Policy::default()) else { return false };
                    let to = training + come;
                    let found = lifetime.sketch().compare(&look, |show| lifetime.show(training, to, show));
                    matches!(found, InputDrift::Compared(drift) if drift.drifted > 0)
                };
                (0..VERSIONS).filter(is_found).count()
            });
            println!("{training:>6} training rows, {come:>5} new: {found:?}");
        }
    }
}
