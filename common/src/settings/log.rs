//! `log`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// What the processes say of themselves on stderr.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, also by module: `info,refit=debug`.
    pub level: String,
    /// `text` for people, `json` for machines.
    #[schemars(with = "String")]
    pub format: LogFormat,
    /// Whether a coordinator also writes its log to files below `data_dir`, `logs/incremental_YYYYMMDD.log`, and what somebody should know
    /// to `logs/alerts.log`. Not where a collector takes the log (`telemetry.endpoint`).
    pub files: bool,
    /// Days that files of the log are kept.
    #[schemars(range(min = 1, max = 3650))]
    pub keep_days: u32,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text, files: true, keep_days: 30 }
    }
}

impl Log {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        EnvFilter::builder().parse(&self.level).err().map(|error| ("log.level", error.to_string()))
    }
}
