//! `import`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration;

/// What comes in, and what is asked about first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Import {
    /// Change of a known close, in percent, from which a revised bar is doubted. A file with more than five such bars is held until
    /// somebody accepts it, unless it restates the whole history by a steady factor, as after a split or a dividend.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub max_revision_percent: f64,
    /// Change of a known close, in percent, from which a single revised bar is held, too.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub max_correction_percent: f64,
    /// Change from the last known close to the first new one, in percent, from which a file is held: a split of which only the new
    /// days are told, or another symbol's prices. A real crash is accepted by whoever knows of it.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub max_jump_percent: f64,
    /// The largest file that is taken in, in MiB. Larger ones are imported in parts.
    #[schemars(range(min = 1, max = 1048576))]
    pub max_size_mib: u64,
    /// How long a file that is coming in may be silent. After its first minute it must also have come in at 1 KiB a second.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "1h"))]
    pub idle: Duration,
    /// Files that come in at a time, those of batch predictions among them; one more is asked to come again.
    #[schemars(range(min = 1, max = 1000))]
    pub at_once: u32,
}

impl Default for Import {
    fn default() -> Self {
        Self {
            max_revision_percent: 5.0,
            max_correction_percent: 20.0,
            max_jump_percent: 40.0,
            max_size_mib: 16 << 10,
            idle: Duration::from_mins(1),
            at_once: 8,
        }
    }
}
