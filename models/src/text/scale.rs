//! How much each n-gram counts: TF-IDF, times the NB log-count ratio of Wang and Manning (2012). Fitted on training rows,
//! then frozen for all incremental trainings that follow.

use super::columns::Columns;
use super::data::Example;
use super::maths::ln;
use super::ngrams::{Count, Kind, Ngrams};
use super::sparse::Csr;
use common::vocabulary::TextHyper;

/// The bags of many texts, one after the other.
pub(crate) struct Bags {
    counts: Vec<Count>,
    ends: Vec<usize>,
}

impl Bags {
    pub(crate) fn of(ngrams: Ngrams, rows: &[Example<'_>]) -> Self {
        let mut bags = Self { counts: Vec::new(), ends: Vec::with_capacity(rows.len()) };
        let mut slots = Vec::new();
        for row in rows {
            ngrams.bag(row.text, &mut slots, &mut bags.counts);
            bags.ends.push(bags.counts.len());
        }
        bags
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Count]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.counts[start..*end])
    }
}

/// Counts of the training rows, and the factors that follow from them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) ngrams: Ngrams,
    pub(crate) columns: Columns,
    /// For each column, the weight of the rows of either class that have it.
    pub(crate) counts: Vec<[f64; 2]>,
    /// The weight of all rows of either class.
    pub(crate) totals: [f64; 2],
    idf: Vec<f32>,
    ratio: Vec<f32>,
}

impl Scale {
    /// Counts bags of training rows, and keeps the slots that enough rows have.
    pub(crate) fn fit(hyper: &TextHyper, rows: &[Example<'_>], bags: &Bags) -> Self {
        let ngrams = Ngrams::new(hyper);
        let mut all = vec![[0.0; 2]; ngrams.slots()];
        let mut totals = [0.0; 2];
        for (row, bag) in rows.iter().zip(bags.iter()) {
            totals[usize::from(row.label)] += row.weight;
            for count in bag {
                all[count.slot as usize][usize::from(row.label)] += row.weight;
            }
        }
        let kept = |slot: &u32| {
            let [negative, positive] = all[*slot as usize];
            negative + positive >= hyper.min_rows
        };
        let slots: Vec<u32> = (0..ngrams.slots() as u32).filter(kept).collect();
        let counts = slots.iter().map(|slot| all[*slot as usize]).collect();
        Self::new(hyper, slots, counts, totals)
    }

    /// The factors of counts taken earlier.
    pub(crate) fn new(hyper: &TextHyper, slots: Vec<u32>, counts: Vec<[f64; 2]>, totals: [f64; 2]) -> Self {
        let (idf, ratio) = counts.iter().map(|count| factors(hyper, *count, totals)).unzip();
        let columns = Columns::new(slots, hyper.hash_bits);
        Self { ngrams: Ngrams::new(hyper), columns, counts, totals, idf, ratio }
    }

    /// This scale with columns for the slots that enough of these rows have and it lacks. They count as unseen: the counts
    /// stay those of the complete training.
    pub(crate) fn extended(&self, hyper: &TextHyper, rows: &[Example<'_>], bags: &Bags) -> Self {
        let mut unseen: Vec<(u32, f64)> = Vec::new();
        for (row, bag) in rows.iter().zip(bags.iter()) {
            let new = bag.iter().filter(|count| self.columns.find(count.slot).is_none());
            unseen.extend(new.map(|count| (count.slot, row.weight)));
        }
        unseen.sort_by_key(|(slot, _)| *slot);
        let total = |run: &[(u32, f64)]| run.iter().map(|(_, weight)| weight).sum::<f64>();
        let added =
            unseen.chunk_by(|a, b| a.0 == b.0).filter(|run| total(run) >= hyper.min_rows).map(|run| (run[0].0, None));
        let known = self.columns.slots().iter().enumerate().map(|(column, slot)| (*slot, Some(column)));
        let mut all: Vec<(u32, Option<usize>)> = known.chain(added).collect();
        all.sort_unstable();
        let (idf, ratio) = factors(hyper, [0.0; 2], self.totals);
        let of = |column: Option<usize>, values: &[f32], unseen: f32| column.map_or(unseen, |column| values[column]);
        Self {
            ngrams: self.ngrams,
            columns: Columns::new(all.iter().map(|(slot, _)| *slot).collect(), hyper.hash_bits),
            counts: all.iter().map(|(_, column)| column.map_or([0.0; 2], |column| self.counts[column])).collect(),
            totals: self.totals,
            idf: all.iter().map(|(_, column)| of(*column, &self.idf, idf)).collect(),
            ratio: all.iter().map(|(_, column)| of(*column, &self.ratio, ratio)).collect(),
        }
    }

    /// The inputs of the classifier: sublinear TF times IDF, each half scaled to length 1, then times the ratio. The last
    /// column is the bias, always 1.
    pub(crate) fn matrix(&self, bags: &Bags) -> Csr {
        let mut matrix = Csr::new();
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for bag in bags.iter() {
            self.row(bag, &mut columns, &mut values);
            matrix.push(&columns, &values);
        }
        matrix
    }

    /// One row of the matrix. What is in `columns` and `values` is replaced.
    pub(crate) fn row(&self, bag: &[Count], columns: &mut Vec<u32>, values: &mut Vec<f32>) {
        columns.clear();
        values.clear();
        let half = bag.partition_point(|count| self.ngrams.kind(count.slot) == Kind::Words);
        for part in [&bag[..half], &bag[half..]] {
            let first = columns.len();
            for count in part {
                if let Some(column) = self.columns.find(count.slot) {
                    columns.push(column as u32);
                    values.push(sublinear(count.count) * self.idf[column]);
                }
            }
            let norm = values[first..].iter().map(|value| value * value).sum::<f32>().sqrt();
            for (value, column) in values[first..].iter_mut().zip(&columns[first..]) {
                *value = *value / norm * self.ratio[*column as usize];
            }
        }
        columns.push(self.columns.len() as u32);
        values.push(1.0);
    }

    /// The factor of a column, for telling what an n-gram is worth.
    pub(crate) fn ratio(&self, column: usize) -> f64 {
        f64::from(self.ratio[column])
    }
}

/// IDF and the size of the ratio of an n-gram that rows of this weight have, by class. (A linear model takes either sign by
/// its weights, so only the size of the ratio matters.) An unseen n-gram has no ratio but the floor.
fn factors(hyper: &TextHyper, count: [f64; 2], totals: [f64; 2]) -> (f32, f32) {
    let idf = 1.0 + ln((1.0 + totals[0] + totals[1]) / (1.0 + count[0] + count[1]));
    if count == [0.0; 2] {
        return (idf as f32, hyper.floor as f32);
    }
    let share = |class: usize| (hyper.smoothing + count[class]) / (2.0 * hyper.smoothing + totals[class]);
    (idf as f32, ln(share(1) / share(0)).abs().max(hyper.floor) as f32)
}

/// 1 + ln n: the second time counts less than the first.
fn sublinear(count: u32) -> f32 {
    if count == 1 { 1.0 } else { 1.0 + ln(f64::from(count)) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(&str, bool); 4] =
        [("good day", true), ("good sun", true), ("bad day", false), ("bad bad rain", false)];

    fn examples(rows: &[(&'static str, bool)]) -> Vec<Example<'static>> {
        rows.iter().map(|(text, label)| Example { text, label: *label, weight: 1.0 }).collect()
    }

    fn hyper() -> TextHyper {
        TextHyper { words: 1, gap: 0, floor: 0.1, min_rows: 2.0, smoothing: 1.0, hash_bits: 16, ..TextHyper::default() }
    }

    #[test]
    fn words_that_part_the_classes_count_most() {
        let (hyper, rows) = (hyper(), examples(&ROWS));
        let bags = Bags::of(Ngrams::new(&hyper), &rows);
        let scale = Scale::fit(&hyper, &rows, &bags);
        assert_eq!(scale.totals, [2.0, 2.0]);
        let matrix = scale.matrix(&bags);
        let words = |row: usize| -> Vec<(f32, f64)> {
            let row = matrix.row(row);
            let all = row.columns.iter().zip(row.values).take_while(|(c, _)| {
                (**c as usize) < scale.columns.len()
                    && scale.ngrams.kind(scale.columns.slots()[**c as usize]) == Kind::Words
            });
            all.map(|(column, value)| (*value, scale.ratio(*column as usize))).collect()
        };
        // "good" is in both positive rows: ln((1+2)/(2+2)) − ln((1+0)/(2+2)) = ln 3; "day" is even, and gets the floor.
        let mut ratios: Vec<f64> = words(0).iter().map(|(_, ratio)| *ratio).collect();
        ratios.sort_by(f64::total_cmp);
        assert!((ratios[0] - 0.1).abs() < 1e-6 && (ratios[1] - 3_f64.ln()).abs() < 1e-6, "{ratios:?}");
        // "sun" occurs once and is dropped, so "good" stands alone and has length 1.
        assert_eq!(words(1).len(), 1);
        assert!((f64::from(words(1)[0].0) - 3_f64.ln()).abs() < 1e-6);
        assert_eq!(matrix.row(0).values.last(), Some(&1.0));
    }

    /// Incremental trainings never change the counts or factors of their parent.
    #[test]
    fn extending_adds_columns_and_changes_none() {
        let (hyper, rows) = (hyper(), examples(&ROWS));
        let scale = Scale::fit(&hyper, &rows, &Bags::of(Ngrams::new(&hyper), &rows));
        let new = examples(&[("snow", true), ("snow good", true), ("hail", false)]);
        let extended = scale.extended(&hyper, &new, &Bags::of(scale.ngrams, &new));
        assert!(extended.columns.len() > scale.columns.len());
        for (column, slot) in extended.columns.slots().iter().enumerate() {
            match scale.columns.find(*slot) {
                Some(old) => {
                    assert_eq!(extended.counts[column], scale.counts[old]);
                    assert_eq!(extended.ratio[column].to_bits(), scale.ratio[old].to_bits());
                    assert_eq!(extended.idf[column].to_bits(), scale.idf[old].to_bits());
                }
                None => assert_eq!((extended.counts[column], extended.ratio[column]), ([0.0; 2], 0.1)),
            }
        }
    }
}
