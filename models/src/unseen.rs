//! Nobody is scored on rows they have seen.

use chrono::NaiveDate;
use common::losses::Contestant;

use crate::error::TrainError;

/// Lets a contestant be scored on targets from `first` on, if it was fitted on earlier ones only.
///
/// # Errors
/// It, or an ancestor, was fitted on one of them or a later one.
pub(crate) fn admit(contestant: Contestant, seen_through: NaiveDate, first: NaiveDate) -> Result<(), TrainError> {
    if seen_through < first {
        return Ok(());
    }
    Err(TrainError::Data(format!(
        "the {contestant} was fitted on targets through {seen_through}, but the first one to score is of {first}: nobody is \
         scored on rows they have seen"
    )))
}
