//! One distance, and how probable it is without drift.

use super::calibration::{Noise, Spread, effective};
use super::cells::Tally;
use super::distance;
use super::report::Aspect;
use super::sketch::ColumnSketch;

/// Fewer values of a column, beside missing ones, are not compared.
const MIN_PRESENT: u64 = 20;

/// One distance, and what it is measured by.
pub(super) struct Test<'a> {
    /// Of this column.
    pub(super) column: &'a str,
    /// Of this aspect.
    pub(super) aspect: Aspect,
    /// 0 to 1.
    pub(super) distance: f64,
    /// As many independent rows would the distance be from, were rows independent.
    rows: f64,
    /// Of stretches of the training rows.
    spread: Spread,
}

impl<'a> Test<'a> {
    /// Of the values and of the missing ones, as far as there are enough.
    pub(super) fn of(known: &'a ColumnSketch, new: &Tally) -> Vec<Self> {
        let (old, column) = (&known.tally, known.name.as_str());
        let Some(around) = Around::of(&known.noise, new.rows()) else { return Vec::new() };
        let test = |aspect, distance, (rows, others): (u64, u64), of: fn(&Noise) -> Spread| {
            let rows = effective(rows as f64 * around.share, others as f64);
            Self { column, aspect, distance, rows, spread: around.spread(of) }
        };
        let comparable = new.present() >= MIN_PRESENT && old.present() >= MIN_PRESENT;
        let values = distance::of_values(&known.cells, new, old).filter(|_| comparable);
        let values =
            values.map(|distance| test(Aspect::Values, distance, (new.present(), old.present()), |noise| noise.values));
        let missing = distance::of_missing(new, old)
            .map(|distance| test(Aspect::Missing, distance, (new.rows(), old.rows()), |noise| noise.missing));
        values.into_iter().chain(missing).collect()
    }

    /// The chance of such a distance without drift, or of a larger one.
    ///
    /// Of independent rows it is the tail of Kolmogorov's distribution, 2·exp(−2x²) with x = √rows · distance, which bounds that of one
    /// share, too (Hoeffding, 1963). Of stretches of rows the scale is estimated: mixed over what it may be, with a gamma distribution of
    /// the precision as in Student's t, the tail is 2·(1 + 4x²/ν)^(−ν/2). The larger of the two counts.
    pub(super) fn chance(&self) -> f64 {
        let Spread { inflation, degrees, largest } = self.spread;
        if self.distance <= largest {
            return 1.0;
        }
        let x2 = self.rows * self.distance.powi(2);
        let independent = 2.0 * (-2.0 * x2).exp();
        let dependent = 2.0 * (1.0 + 4.0 * x2 / inflation / degrees).powf(-degrees / 2.0);
        independent.max(dependent).min(1.0)
    }

    /// The distance of that chance, or the largest of a stretch.
    pub(super) fn threshold(&self, chance: f64) -> f64 {
        let Spread { inflation, degrees, largest } = self.spread;
        let independent = (2.0 / chance).ln() / 2.0;
        let dependent = inflation * degrees / 4.0 * ((chance / 2.0).powf(-2.0 / degrees) - 1.0);
        (independent.max(dependent) / self.rows).sqrt().max(largest)
    }
}

/// The noise of stretches about as long as the new rows. Of longer ones than an eighth of the training nothing is known: then the new
/// rows count for no more than the longest.
struct Around<'a> {
    shorter: &'a Noise,
    longer: &'a Noise,
    /// The share of the new rows that count.
    share: f64,
}

impl<'a> Around<'a> {
    fn of(noise: &'a [Noise], rows: u64) -> Option<Self> {
        let (first, last) = (noise.first()?, noise.last()?);
        let after = noise.partition_point(|noise| noise.rows <= rows);
        let shorter = after.checked_sub(1).and_then(|before| noise.get(before)).unwrap_or(first);
        let share = (last.rows as f64 / rows as f64).min(1.0);
        Some(Self { shorter, longer: noise.get(after).unwrap_or(last), share })
    }

    fn spread(&self, of: fn(&Noise) -> Spread) -> Spread {
        of(self.shorter).or(of(self.longer))
    }
}
