//! `retention`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long rows are kept. Cleanup removes them; versions, their ledger and what they were trained on stay.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days that ended jobs and their attempts are kept. A job that led to a version or to an entry of a ledger stays, and a batch
    /// prediction at least as long as served predictions.
    #[schemars(range(min = 1, max = 36500))]
    pub jobs_days: u32,
    /// Days that earlier decisions about a model are kept. The latest one stays.
    #[schemars(range(min = 1, max = 36500))]
    pub decisions_days: u32,
    /// Days that reports of imports are kept. The rows stay.
    #[schemars(range(min = 1, max = 36500))]
    pub imports_days: u32,
    /// Days that ended runs of schedules are kept.
    #[schemars(range(min = 1, max = 36500))]
    pub runs_days: u32,
    /// Days that alerts whose cause is gone, and messages that were delivered or given up, are kept.
    #[schemars(range(min = 1, max = 36500))]
    pub alerts_days: u32,
    /// Days that reports, and the minutes that availability is counted from, are kept.
    #[schemars(range(min = 1, max = 36500))]
    pub reports_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            jobs_days: 90,
            decisions_days: 90,
            imports_days: 365,
            runs_days: 365,
            alerts_days: 365,
            reports_days: 365,
        }
    }
}
