//! Searches for hyper-parameters.

use common::vocabulary::JobState;
use domain::search::SearchOutcome;

use super::version;

pub(super) fn outcomes() -> Vec<SearchOutcome> {
    vec![
        SearchOutcome::Challenging { trial: 7, loss: 0.004_217, own: 0.004_391 },
        SearchOutcome::Waits { trial: 7, version: version(3) },
        SearchOutcome::Adopted { trial: 7, version: version(3) },
        SearchOutcome::NotBetter { trial: 7, version: version(3) },
        SearchOutcome::NothingBetter { trials: 27, own: 0.004_391 },
        SearchOutcome::OwnUnmeasured { reason: Some("somebody cancelled it".into()) },
        SearchOutcome::OwnUnmeasured { reason: None },
        SearchOutcome::Unmeasured { trials: 27, reason: Some("attempt 3 ended as crash: signal 9".into()) },
        SearchOutcome::Unmeasured { trials: 27, reason: None },
        SearchOutcome::NoRows { reason: "the data set movies has no rows: import some first".into() },
        SearchOutcome::Refused { trial: 7, reason: "forecaster/AAPL: forecaster/AAPL is paused.".into() },
        SearchOutcome::Untrained { trial: 7, state: JobState::Cancelled },
        SearchOutcome::Overtaken,
        SearchOutcome::Cancelled,
    ]
}
