//! Everyone's forecasts on the same unseen rows, loss by loss.

use chrono::NaiveDate;
use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::vocabulary::{Evaluation, ForecastFigures, Loss, Symbol};

use super::StudentT;
use super::direction::direction;
use super::metrics::{self, metrics};

/// A number in place of a loss that is not finite: no return can be this far off, and files keep only finite figures.
pub const UNUSABLE: f64 = 1e6;

/// What came of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Date of the target.
    pub date: NaiveDate,
    /// Whose return.
    pub symbol: Symbol,
    /// The log-return as it came.
    pub log_return: f64,
}

/// One contestant and its forecasts, in the order of the outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrant {
    /// The model or the baseline that forecasts.
    pub contestant: Contestant,
    /// Last target it, or an ancestor, was fitted on in any way; nothing for what was never fitted.
    pub seen_through: Option<NaiveDate>,
    /// Its forecasts of the log-returns.
    pub forecasts: Vec<StudentT>,
}

impl Entrant {
    /// Whether it, or an ancestor, was fitted on any of these targets or a later one.
    pub fn has_seen(&self, outcomes: &[Outcome]) -> bool {
        let first = outcomes.iter().map(|outcome| outcome.date).min();
        first.is_some_and(|first| self.seen_through.is_some_and(|seen| seen >= first))
    }
}

/// The rows cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// A contestant has seen rows it would be scored on.
    #[error(
        "the {contestant} was fitted on targets through {seen_through}, but the first one to score is of {first}: \
         nobody is scored on rows they have seen"
    )]
    Seen {
        /// The one that has seen them.
        contestant: Contestant,
        /// Last target it was fitted on.
        seen_through: NaiveDate,
        /// First target to score.
        first: NaiveDate,
    },
    /// No rows.
    #[error("there are no rows to score on")]
    NoRows,
    /// Forecasts for other rows.
    #[error("the {contestant} made {forecasts} forecasts for {rows} rows")]
    OtherRows {
        /// The one that forecast too few.
        contestant: Contestant,
        /// Forecasts it made.
        forecasts: usize,
        /// Rows there are.
        rows: usize,
    },
    /// The baseline that counts is not among the contestants.
    #[error("the {0} is to be beaten but was not scored")]
    NoBaseline(Contestant),
}

/// Scores the challenger and everyone else on the same rows. `baseline` is the hardest one, chosen on validation rows.
///
/// # Errors
/// A contestant that has seen a row, forecasts for other rows, or no rows at all.
pub fn evaluate(
    outcomes: &[Outcome],
    challenger: &Entrant,
    others: &[Entrant],
    baseline: Contestant,
) -> Result<(RowLosses, Evaluation), EvaluateError> {
    let (first, last) = span(outcomes)?;
    let mut entrants: Vec<&Entrant> = std::iter::once(challenger).chain(others).collect();
    entrants.sort_by_key(|entrant| entrant.contestant);
    for entrant in &entrants {
        admit(entrant, first, outcomes.len())?;
    }
    if !entrants.iter().any(|entrant| entrant.contestant == baseline) {
        return Err(EvaluateError::NoBaseline(baseline));
    }
    let evaluation = Evaluation {
        rows: outcomes.len() as u64,
        first,
        last,
        loss: Loss::Crps,
        baseline,
        contestants: entrants.iter().map(|entrant| metrics(entrant, outcomes)).collect(),
        forecasts: Some(ForecastFigures {
            direction: direction(&calls(challenger, outcomes)),
            pit: metrics::pit(challenger, outcomes),
        }),
        slices: Vec::new(),
        importance: Vec::new(),
        finite: metrics::all_finite(challenger, outcomes),
        varies: metrics::varies(challenger),
    };
    Ok((losses(&entrants, outcomes), evaluation))
}

/// First and last target.
fn span(outcomes: &[Outcome]) -> Result<(NaiveDate, NaiveDate), EvaluateError> {
    let dates = || outcomes.iter().map(|outcome| outcome.date);
    dates().min().zip(dates().max()).ok_or(EvaluateError::NoRows)
}

/// Lets only those be scored who have seen none of the rows.
fn admit(entrant: &Entrant, first: NaiveDate, rows: usize) -> Result<(), EvaluateError> {
    let (contestant, forecasts) = (entrant.contestant, entrant.forecasts.len());
    match entrant.seen_through {
        Some(seen_through) if seen_through >= first => Err(EvaluateError::Seen { contestant, seen_through, first }),
        _ if forecasts != rows => Err(EvaluateError::OtherRows { contestant, forecasts, rows }),
        _ => Ok(()),
    }
}

/// Calls of direction, on the rows where the price moved: is a rise more likely than not?
fn calls(challenger: &Entrant, outcomes: &[Outcome]) -> Vec<(bool, bool)> {
    challenger
        .forecasts
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.log_return != 0.0)
        .map(|(forecast, outcome)| (forecast.location > 0.0, outcome.log_return > 0.0))
        .collect()
}

fn losses(entrants: &[&Entrant], outcomes: &[Outcome]) -> RowLosses {
    let usable = |figure: f64, instead: f64| if figure.is_finite() { figure } else { instead };
    let score = |entrant: &Entrant, row: usize| {
        let forecast = &entrant.forecasts[row];
        let loss = usable(forecast.crps(outcomes[row].log_return), UNUSABLE);
        (entrant.contestant, Scored { loss, prediction: usable(forecast.location, 0.0) })
    };
    let rows = outcomes.iter().enumerate().map(|(row, outcome)| LossRow {
        date: outcome.date,
        key: outcome.symbol.to_string(),
        unit: outcome.symbol.to_string(),
        target: outcome.log_return,
        scores: entrants.iter().map(|entrant| score(entrant, row)).collect(),
    });
    RowLosses(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use common::vocabulary::figures;

    fn outcomes(returns: &[f64]) -> Vec<Outcome> {
        let date = |day: usize| NaiveDate::default() + Days::new(day as u64);
        let outcome = |(day, &log_return)| Outcome { date: date(day), symbol: "TEST".parse().unwrap(), log_return };
        returns.iter().enumerate().map(outcome).collect()
    }

    fn entrant(contestant: Contestant, locations: &[f64]) -> Entrant {
        let forecast = |&location: &f64| StudentT { location, scale: 0.01, degrees: 5.0 };
        Entrant { contestant, seen_through: None, forecasts: locations.iter().map(forecast).collect() }
    }

    fn naive(rows: usize) -> Entrant {
        entrant(Contestant::NoChange, &vec![0.0; rows])
    }

    /// G9: a model trained on gate rows is refused by the evaluator.
    #[test]
    fn who_has_seen_a_row_is_not_scored() {
        let outcomes = outcomes(&[0.01, -0.01]);
        let mut champion = entrant(Contestant::Champion, &[0.0, 0.0]);
        let run = |champion: &Entrant| {
            let others = [champion.clone(), naive(2)];
            evaluate(&outcomes, &entrant(Contestant::Challenger, &[0.0, 0.0]), &others, Contestant::NoChange)
        };
        champion.seen_through = outcomes[0].date.pred_opt();
        run(&champion).unwrap();
        assert!(!champion.has_seen(&outcomes));
        champion.seen_through = Some(outcomes[0].date);
        assert!(champion.has_seen(&outcomes));
        let refused = run(&champion).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the champion was fitted on targets through 1970-01-01, but the first one to score is of 1970-01-01: \
             nobody is scored on rows they have seen"
        );
    }

    #[test]
    fn the_figures_of_a_clairvoyant() {
        let returns = [0.02, -0.01, 0.0, 0.03];
        let (losses, evaluation) = evaluate(
            &outcomes(&returns),
            &entrant(Contestant::Challenger, &returns),
            &[naive(4)],
            Contestant::NoChange,
        )
        .unwrap();
        let challenger = evaluation.of(Contestant::Challenger).unwrap();
        let figures = [figures::RMSE, figures::MASE, figures::COVERAGE_50].map(|name| challenger.figures[name]);
        assert_eq!(figures, [0.0, 0.0, 1.0]);
        let naive = evaluation.of(Contestant::NoChange).unwrap();
        assert!((naive.figures[figures::MASE] - 1.0).abs() < 1e-12 && naive.loss > challenger.loss);
        let ForecastFigures { direction, pit } = evaluation.forecasts.clone().unwrap();
        assert_eq!((direction.accuracy.value, direction.always_up), (1.0, 2.0 / 3.0));
        assert_eq!(pit.iter().sum::<u64>(), 4);
        assert!(evaluation.finite && evaluation.varies);
        assert_eq!(losses.0.len(), 4);
        let mean: f64 = losses.0.iter().map(|row| row.of(Contestant::NoChange).unwrap().loss).sum::<f64>() / 4.0;
        assert!((mean - naive.loss).abs() < 1e-15);
    }

    #[test]
    fn a_diverged_or_constant_forecaster_is_marked() {
        let outcomes = outcomes(&[0.01, -0.01, 0.02]);
        let score = |locations: &[f64]| {
            evaluate(&outcomes, &entrant(Contestant::Challenger, locations), &[naive(3)], Contestant::NoChange).unwrap()
        };
        let (losses, diverged) = score(&[0.0, f64::NAN, 0.1]);
        assert!(!diverged.finite);
        assert_eq!(losses.0[1].of(Contestant::Challenger).unwrap().loss, UNUSABLE);
        common::losses::encode(&losses).unwrap();
        let read: Evaluation = serde_json::from_str(&serde_json::to_string(&diverged).unwrap()).unwrap();
        assert_eq!(read, diverged, "the figures survive JSON");
        assert!(!score(&[0.1, 0.1, 0.1]).1.varies);
    }

    #[test]
    fn rows_must_be_the_same_for_all() {
        let (none, two) = (outcomes(&[]), outcomes(&[0.01, 0.02]));
        let challenger = entrant(Contestant::Challenger, &[0.0, 0.0]);
        let run = |rows: &[Outcome], others: &[Entrant]| evaluate(rows, &challenger, others, Contestant::NoChange);
        assert_eq!(run(&none, &[naive(0)]), Err(EvaluateError::NoRows));
        assert_eq!(run(&two, &[]), Err(EvaluateError::NoBaseline(Contestant::NoChange)));
        assert!(matches!(run(&two, &[naive(3)]), Err(EvaluateError::OtherRows { forecasts: 3, rows: 2, .. })));
    }
}
