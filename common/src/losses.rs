//! `losses.parquet`: one row per target, the loss and the prediction of every contestant.

use bytes::Bytes;
use chrono::NaiveDate;

pub use crate::columnar::FormatError;
use crate::columnar::{self, Column, Values};
use crate::vocabulary::words;

words! {
    /// Who is scored on the holdout.
    Contestant ("contestant") {
        /// The version just trained.
        Challenger = "challenger",
        /// The live version.
        Champion = "champion",
        /// The live universal model.
        Universal = "universal",
        /// Baseline: no change, EWMA(0.94) volatility.
        NoChange = "no_change",
        /// Baseline: mean return of the training rows, EWMA(0.94) volatility.
        Drift = "drift",
        /// Baseline: the mean rating and regularised biases of users and items.
        Biases = "biases",
        /// Baseline: the share of the class among the training rows.
        Prevalence = "prevalence",
        /// Baseline: what was estimated beforehand.
        Estimate = "estimate",
        /// Baseline: the median of the training rows.
        Median = "median",
    }
}

/// What one contestant said of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The loss that decides, of the family's kind (see [`crate::vocabulary::Loss`]); lower is better.
    pub loss: f64,
    /// What it predicted, in units of the target; of a distribution, its mean.
    pub prediction: f64,
}

/// One target and what everyone said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LossRow {
    /// Date of the target.
    pub date: NaiveDate,
    /// Names the row among those of its date: the symbol of a return, the key of a row in a data set.
    pub key: String,
    /// What the row is one of several observations of: the symbol, the user who rated, the person a record is about.
    pub unit: String,
    /// What came: the log-return, the rating, the class as 0 or 1.
    pub target: f64,
    /// Every contestant, in the order of [`Contestant`]; the same ones in every row.
    pub scores: Vec<(Contestant, Scored)>,
}

impl LossRow {
    /// What one contestant said.
    pub fn of(&self, contestant: Contestant) -> Option<Scored> {
        self.scores.iter().find(|(who, _)| *who == contestant).map(|(_, scored)| *scored)
    }
}

/// The rows of a holdout.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowLosses(pub Vec<LossRow>);

/// The rows as a Parquet file with the columns `date`, `key`, `unit`, `target`, and `loss_…` and `prediction_…` for each contestant;
/// who is absent has no columns. The same rows always give the same bytes.
///
/// # Errors
/// No rows, rows with different contestants, a figure that is not finite.
pub fn encode(losses: &RowLosses) -> Result<Bytes, FormatError> {
    let rows = &losses.0;
    let contestants: Vec<Contestant> = match rows.first() {
        Some(row) => Contestant::ALL.iter().copied().filter(|who| row.of(*who).is_some()).collect(),
        None => return Err(FormatError::Empty),
    };
    for (index, row) in rows.iter().enumerate() {
        if !row.scores.iter().map(|(who, _)| *who).eq(contestants.iter().copied()) {
            let reason = "other contestants than in the first row, or in another order".into();
            return Err(FormatError::Value { row: index + 1, column: "loss".into(), reason });
        }
    }
    let mut columns = vec![
        Column::new("date", Values::Date(rows.iter().map(|row| row.date).collect())),
        Column::new("key", Values::Text(rows.iter().map(|row| row.key.clone()).collect())),
        Column::new("unit", Values::Text(rows.iter().map(|row| row.unit.clone()).collect())),
        Column::new("target", Values::Real(rows.iter().map(|row| row.target).collect())),
    ];
    for (place, who) in contestants.iter().enumerate() {
        let figures = |of: fn(&Scored) -> f64| Values::Real(rows.iter().map(|row| of(&row.scores[place].1)).collect());
        columns.push(Column::new(format!("loss_{who}"), figures(|scored| scored.loss)));
        columns.push(Column::new(format!("prediction_{who}"), figures(|scored| scored.prediction)));
    }
    columnar::write(&columns)
}

/// Reads what [`encode`] wrote. Whether it is the file that was meant, its hash tells; check that first.
///
/// # Errors
/// Not such a file: other columns, no rows, a figure that is not finite.
pub fn decode(file: Bytes) -> Result<RowLosses, FormatError> {
    let columns = columnar::read(file, columnar::Room::ARTIFACT)?;
    let wrong_columns = || FormatError::Columns {
        found: columnar::names(&columns),
        expected: "date, key, unit, target, then loss_ and prediction_ of each contestant".into(),
    };
    let [dates, keys, units, target, scores @ ..] = columns.as_slice() else { return Err(wrong_columns()) };
    let ("date", Values::Date(dates)) = (dates.name.as_str(), &dates.values) else { return Err(wrong_columns()) };
    let ("key", Values::Text(keys)) = (keys.name.as_str(), &keys.values) else { return Err(wrong_columns()) };
    let ("unit", Values::Text(units)) = (units.name.as_str(), &units.values) else { return Err(wrong_columns()) };
    let ("target", Values::Real(target)) = (target.name.as_str(), &target.values) else { return Err(wrong_columns()) };

    let mut contestants = Vec::new();
    for pair in scores.chunks(2) {
        let [loss, prediction] = pair else { return Err(wrong_columns()) };
        let (Values::Real(losses), Values::Real(predictions)) = (&loss.values, &prediction.values) else {
            return Err(wrong_columns());
        };
        let who = |column: &Column, prefix: &str| {
            column.name.strip_prefix(prefix).and_then(|word| word.parse::<Contestant>().ok())
        };
        match (who(loss, "loss_"), who(prediction, "prediction_")) {
            (Some(a), Some(b)) if a == b && contestants.last().is_none_or(|(last, _, _)| *last < a) => {
                contestants.push((a, losses, predictions));
            }
            _ => return Err(wrong_columns()),
        }
    }
    let row = |(index, key): (usize, &String)| {
        let scored = |(who, losses, predictions): &(Contestant, &Vec<f64>, &Vec<f64>)| {
            (*who, Scored { loss: losses[index], prediction: predictions[index] })
        };
        LossRow {
            date: dates[index],
            key: key.clone(),
            unit: units[index].clone(),
            target: target[index],
            scores: contestants.iter().map(scored).collect(),
        }
    };
    let rows: Vec<LossRow> = keys.iter().enumerate().map(row).collect();
    if rows.is_empty() { Err(FormatError::Empty) } else { Ok(RowLosses(rows)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(contestants: &[Contestant], figures: &[f64]) -> RowLosses {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let row = |(index, figure): (usize, &f64)| LossRow {
            date: start + chrono::Days::new(index as u64),
            key: format!("row {index}"),
            unit: "AAPL".into(),
            target: *figure,
            scores: contestants.iter().map(|who| (*who, Scored { loss: figure * 2.0, prediction: -figure })).collect(),
        };
        RowLosses(figures.iter().enumerate().map(row).collect())
    }

    #[test]
    fn contestants_that_are_absent_have_no_columns() {
        let losses = rows(&[Contestant::Challenger, Contestant::Drift], &[0.1, 0.2]);
        let file = encode(&losses).unwrap();
        let columns = columnar::read(file.clone(), columnar::Room::ARTIFACT).unwrap();
        assert_eq!(
            columnar::names(&columns),
            "date, key, unit, target, loss_challenger, prediction_challenger, loss_drift, prediction_drift"
        );
        assert_eq!(decode(file).unwrap(), losses);
    }

    #[test]
    fn rows_that_do_not_fit_together_are_refused() {
        let mut losses = rows(&[Contestant::Challenger, Contestant::Drift], &[0.1, 0.2]);
        losses.0[1].scores.pop();
        assert!(encode(&losses).unwrap_err().to_string().starts_with("row 2, column loss: other contestants"));
        assert!(matches!(encode(&RowLosses::default()), Err(FormatError::Empty)));
    }

    proptest! {
        #[test]
        fn losses_come_back_as_they_were(
            contestants in proptest::sample::subsequence(Contestant::ALL.to_vec(), 0..=Contestant::ALL.len()),
            figures in proptest::collection::vec(-1e3..1e3f64, 1..50),
        ) {
            let losses = rows(&contestants, &figures);
            prop_assert_eq!(decode(encode(&losses).unwrap()).unwrap(), losses);
        }

        #[test]
        fn garbage_is_an_error(garbage in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(garbage.into()).is_err());
        }
    }
}
