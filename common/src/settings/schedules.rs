//! `schedules`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::Zone;

/// What is done by the calendar: `refit schedules`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Schedules {
    /// Whether schedules are looked at. `false`: only when asked, as by `refit scheduler run`.
    pub enabled: bool,
    /// The time zone of schedules that name none, by its name in the IANA's database, such as `Europe/Madrid`.
    #[schemars(with = "String")]
    pub zone: Zone,
    /// Whether an installation has the schedules of `refit schedules presets` from the start: a daily check, one of models tagged
    /// `priority` every six hours, and a weekly retraining.
    pub presets: bool,
}

impl Default for Schedules {
    fn default() -> Self {
        Self { enabled: true, zone: Zone::UTC, presets: true }
    }
}
