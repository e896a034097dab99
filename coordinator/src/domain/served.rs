//! How wrong a served prediction was, now that the outcome of its row is known. Pure.

use common::vocabulary::{Loss, Reading};

/// A probability is taken to be at least this far from 0 and 1, so that a single row cannot cost everything.
const LEAST: f64 = 1e-15;

/// By which loss predictions of such rows are scored.
pub(crate) fn scored_by(reading: &Reading) -> Loss {
    match reading {
        Reading::Texts(_) => Loss::LogLoss,
        Reading::Ratings(_) => Loss::SquaredError,
    }
}

/// The loss of one prediction: a probability, or a rating.
///
/// # Errors
/// The outcome is none that such a row can have, in words that follow its name.
pub(crate) fn loss(reading: &Reading, predicted: f64, outcome: &str) -> Result<f64, String> {
    match reading {
        Reading::Texts(columns) => {
            if outcome.trim().is_empty() {
                return Err("is empty".into());
            }
            let positive = columns.positive.iter().any(|word| word == outcome);
            let given = if positive { predicted } else { 1.0 - predicted };
            Ok(-given.clamp(LEAST, 1.0).ln())
        }
        Reading::Ratings(_) => match outcome.trim().parse::<f64>() {
            Ok(rating) if rating.is_finite() => Ok((predicted - rating).powi(2)),
            Ok(_) | Err(_) => Err(format!("is {outcome:?}, not a rating")),
        },
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::Family;

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
            match (loss(reading, predicted, outcome), expected) {
                (Ok(found), Ok(expected)) => assert!((found - expected).abs() < 1e-9, "{outcome}: {found}"),
                (found, expected) => assert_eq!(found, expected, "{outcome}"),
            }
        }
    }
}
