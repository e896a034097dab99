//! How wrong a served prediction was, now that the outcome of its row is known. Pure.

use common::vocabulary::records::{Task, cell};
use common::vocabulary::{Loss, Reading};

/// A probability is taken to be at least this far from 0 and 1, so that a single row cannot cost everything.
const LEAST: f64 = 1e-15;

/// By which loss predictions of such rows are scored.
pub fn scored_by(reading: &Reading) -> Loss {
    match reading {
        Reading::Texts(_) => Loss::LogLoss,
        Reading::Ratings(_) => Loss::SquaredError,
        Reading::Records(schema) => match schema.task {
            Task::Is { .. } | Task::Exceeds { .. } => Loss::LogLoss,
            Task::Number { .. } => Loss::AbsoluteError,
            Task::LogRatio { .. } => Loss::AbsoluteLogError,
        },
    }
}

/// The loss of one prediction: a probability, a rating, or a number. `input` gives a cell of what it was made from.
///
/// # Errors
/// The outcome is none that such a row can have, in words that follow its name.
pub fn loss<'a>(
    reading: &Reading,
    input: impl Fn(&str) -> Option<&'a str>,
    predicted: f64,
    outcome: &str,
) -> Result<f64, String> {
    match reading {
        Reading::Texts(columns) => {
            if outcome.trim().is_empty() {
                return Err("is empty".into());
            }
            Ok(log_loss(predicted, columns.positive.iter().any(|word| cell::is_same_word(word, outcome))))
        }
        Reading::Ratings(_) => Ok((predicted - number(outcome, "a rating")?).powi(2)),
        Reading::Records(schema) => match &schema.task {
            Task::Is { positive, .. } => {
                if outcome.trim().is_empty() {
                    return Err("is empty".into());
                }
                Ok(log_loss(predicted, cell::is_same_word(outcome, positive)))
            }
            Task::Exceeds { estimate, by, .. } => {
                let estimate = input(estimate).and_then(|cell| cell.trim().parse::<f64>().ok());
                let estimate = estimate.ok_or("cannot be compared: the estimate is not known")?;
                Ok(log_loss(predicted, number(outcome, "a number")? > estimate * (1.0 + by)))
            }
            Task::Number { .. } => Ok((predicted - number(outcome, "a number")?).abs()),
            Task::LogRatio { .. } => match number(outcome, "a number")? {
                actual if actual > 0.0 && predicted > 0.0 => Ok((actual / predicted).ln().abs()),
                _ => Err(format!("is {outcome:?}, but must be above 0")),
            },
        },
    }
}

fn log_loss(probability: f64, positive: bool) -> f64 {
    let given = if positive { probability } else { 1.0 - probability };
    -given.clamp(LEAST, 1.0).ln()
}

fn number(outcome: &str, what: &str) -> Result<f64, String> {
    match outcome.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) | Err(_) => Err(format!("is {outcome:?}, not {what}")),
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::Family;
    use common::vocabulary::records::{Schema, preset};

    use super::*;

    #[test]
    fn each_family_has_its_loss() {
        let texts = Reading::of(Family::Text).unwrap();
        let ratings = Reading::of(Family::Recommender).unwrap();
        let cases = [
            (&texts, 0.8, "1", Ok(0.223_143_551_314_209_7)),
            (&texts, 0.8, "yes", Ok(0.223_143_551_314_209_7)),
            (&texts, 0.8, "0", Ok(1.609_437_912_434_100_6)),
            (&texts, 0.0, "1", Ok(34.538_776_394_910_684)),
            (&texts, 0.8, " ", Err("is empty".to_owned())),
            (&ratings, 3.5, "4", Ok(0.25)),
            (&ratings, 3.5, "good", Err("is \"good\", not a rating".to_owned())),
            (&ratings, 3.5, "inf", Err("is \"inf\", not a rating".to_owned())),
        ];
        for (reading, predicted, outcome, expected) in cases {
            match (loss(reading, |_| None, predicted, outcome), expected) {
                (Ok(found), Ok(expected)) => assert!((found - expected).abs() < 1e-9, "{outcome}: {found}"),
                (found, expected) => assert_eq!(found, expected, "{outcome}"),
            }
        }
    }

    #[test]
    fn records_are_scored_by_their_task() {
        let of = |task: Task, estimate: &'static str, predicted, outcome: &str| {
            let reading = Reading::Records(Schema { task, ..preset("risk").unwrap().schema });
            loss(&reading, |_| Some(estimate), predicted, outcome)
        };
        let near = |found: Result<f64, String>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-9);
        let over = || Task::Exceeds { actual: "actual".into(), estimate: "estimate".into(), by: 0.25 };
        near(of(over(), "8", 0.8, "10.5"), -0.8_f64.ln());
        near(of(over(), "8", 0.8, "10"), -0.2_f64.ln());
        assert!(of(over(), "", 0.8, "10").unwrap_err().contains("the estimate is not known"));
        let ratio = || Task::LogRatio { actual: "actual".into(), estimate: "estimate".into() };
        near(of(ratio(), "8", 10.0, "20"), 2_f64.ln());
        assert!(of(ratio(), "8", 10.0, "0").unwrap_err().contains("above 0"));
        assert!(of(ratio(), "8", 0.0, "20").is_err(), "a prediction of 0 has no ratio");
        near(of(Task::Number { column: "hours".into() }, "", 10.0, "7.5"), 2.5);
        near(of(Task::Is { column: "left".into(), positive: "Yes".into() }, "", 0.25, "Yes"), 4_f64.ln());
    }
}
