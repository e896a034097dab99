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
        Self { level: "info".into(), format: LogFormat::Text }
    }
}

impl Log {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        EnvFilter::builder().parse(&self.level).err().map(|error| ("log.level", error.to_string()))
    }
}
