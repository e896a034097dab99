//! `alerts`

use std::time::Duration;

use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ServiceUrl, duration};

/// What somebody should know, and how it is told: `refit alerts`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// How often it is looked for what is wrong with the installation. What is wrong with a model, each decision about it finds.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "1h"))]
    pub look_every: Duration,
    /// For how long news are gathered before channels are told: what comes together is told together.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "1h"))]
    pub gather: Duration,
    /// More causes of one kind than this are told in one message.
    #[schemars(range(min = 1, max = 1000))]
    pub merge_from: u32,
    /// An alert that nobody acknowledges is told again as more severe each time so long has passed. `0s`: never.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "365days"))]
    pub escalate_after: Duration,
    /// Trainings of a model that fail one after the other from which on somebody should know.
    #[schemars(range(min = 1, max = 1000))]
    pub failures: u32,
    /// How long the first job of a pool may wait.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1min", "maximum" = "365days"))]
    pub backlog_age: Duration,
    /// The share of the disk of `data_dir` that is to be free.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub disk_free: f64,
    /// How long a message is tried to be delivered.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1min", "maximum" = "30days"))]
    pub deliver_within: Duration,
    /// The server that e-mail is given to: `smtp://USER:PASSWORD@HOST:PORT` with STARTTLS, `smtps://…` with TLS from the start, or, where
    /// the network itself is trusted, `smtp+plain://…` without.
    pub smtp: ServiceUrl,
    /// Whom e-mail comes from, such as `Refit <refit@example.com>`.
    pub sender: String,
    /// Whether channels may be addresses of this machine and of private networks, and such without TLS. Channels are named by the API:
    /// whoever may call it could else reach what only this machine can.
    pub private_addresses: bool,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(15),
            gather: Duration::from_secs(30),
            merge_from: 5,
            escalate_after: Duration::from_hours(24),
            failures: 3,
            backlog_age: Duration::from_hours(1),
            disk_free: 0.1,
            deliver_within: Duration::from_hours(72),
            smtp: ServiceUrl::default(),
            sender: String::new(),
            private_addresses: false,
        }
    }
}

impl Alerts {
    /// The server that e-mail is given to, password included; nothing, if none is named.
    pub fn smtp(&self) -> Option<String> {
        Some(self.smtp.or_else(String::new)).filter(|url| !url.is_empty())
    }

    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        let url = self.smtp()?;
        let flaw = match Url::parse(&url) {
            Ok(url) if !matches!(url.scheme(), "smtp" | "smtps" | "smtp+plain") => {
                Some("its scheme is not known: write smtp:// or smtps://".to_owned())
            }
            Ok(url) if !url.has_host() => Some("it names no server: write smtp://USER:PASSWORD@HOST:PORT".to_owned()),
            Ok(_) => None,
            Err(error) => Some(format!("{error}: write smtp://USER:PASSWORD@HOST:PORT")),
        };
        let unsaid = || self.sender.is_empty().then(|| "name whom e-mail comes from: alerts.smtp is set".to_owned());
        flaw.map(|reason| ("alerts.smtp", reason)).or_else(|| unsaid().map(|reason| ("alerts.sender", reason)))
    }
}
