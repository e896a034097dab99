//! Settings of coordinator and workers: defaults, then a TOML file, then the environment, then flags.
//!
//! A key is documented, bounded and given its default in one place: its field here. `docs/settings.md`, `refit config` and the
//! checks follow from these types.

mod alerts;
mod api;
mod bucket;
mod catalogue;
mod compat;
mod coordinator;
mod dispatch;
mod duration;
mod environment;
mod error;
mod import;
mod layers;
mod list;
mod log;
mod own;
#[cfg(test)]
mod page;
mod policy;
mod predictions;
mod priority;
mod retention;
mod schedules;
mod secret;
mod storage;
mod telemetry;
#[cfg(test)]
mod tests;
mod urls;
mod worker;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::alerts::Alerts;
pub use self::api::Api;
pub(crate) use self::bucket::{BucketUrl, endpoint_flaw as bucket_endpoint_flaw, region_flaw};
pub use self::compat::Compat;
pub use self::coordinator::Coordinator;
pub use self::dispatch::Dispatch;
pub use self::environment::Ignored;
pub use self::error::{Origin, SettingsError};
pub use self::import::Import;
pub use self::layers::Sources;
pub use self::log::{Log, LogFormat};
pub use self::own::{OwnPolicy, PolicyChanges, PolicyKey, PolicyOrigin};
pub use self::policy::{Bands, Policies, Policy, RetrainWhen};
pub use self::predictions::Predictions;
pub use self::priority::Priority;
pub use self::retention::Retention;
pub use self::schedules::Schedules;
pub use self::secret::{Secret, ServiceUrl, without_password};
pub use self::storage::Storage;
pub use self::telemetry::Telemetry;
pub(crate) use self::telemetry::{endpoint_flaw, headers_of};
pub use self::worker::Worker;
use crate::umask::Umask;

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Folder of what Refit keeps on this machine: the embedded databases, the store, scratch files. On a local disk.
    #[schemars(with = "String")]
    pub data_dir: PathBuf,
    /// Rights that files and folders do not get when they are made, in octal as `umask` takes them. `077`: the user's alone. `027` lets
    /// the group read, `007` lets it write, for coordinator and workers of different users on one machine. Others never get any.
    #[schemars(with = "String")]
    pub umask: Umask,
    /// The HTTP API and its clients.
    pub api: Api,
    /// Where queue, bus, database and store are. Without a URL: embedded, below `data_dir`.
    pub storage: Storage,
    /// The coordinator's loops.
    pub coordinator: Coordinator,
    /// How jobs are handed out, kept and tried again.
    pub dispatch: Dispatch,
    /// When a model is retrained, and how it is judged. A model's own value wins: `refit model KEY --policy NAME=VALUE`.
    pub policy: Policies,
    /// Who is first in the line; lower scores run sooner.
    pub priority: Priority,
    /// What comes in, and what is asked about first.
    pub import: Import,
    /// The log of predictions: what versions have answered.
    pub predictions: Predictions,
    /// How long rows are kept. Cleanup removes them; versions, their ledger and what they were trained on stay.
    pub retention: Retention,
    /// What is done by the calendar: `refit schedules`.
    pub schedules: Schedules,
    /// What somebody should know, and how it is told: `refit alerts`.
    pub alerts: Alerts,
    /// Routes of the services that Refit takes the place of: each speaks for one model.
    pub compat: Compat,
    /// The worker and its executors.
    pub worker: Worker,
    /// What the processes say of themselves on stderr.
    pub log: Log,
    /// Traces, metrics and logs for an OpenTelemetry collector. `docs/telemetry.md` lists all there are.
    pub telemetry: Telemetry,
    /// Where each value came from; absent: the default.
    #[serde(skip)]
    origins: layers::Origins,
    /// Variables of the environment that only began like settings.
    #[serde(skip)]
    ignored: Vec<Ignored>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "refit-data".into(),
            umask: Umask::default(),
            api: Api::default(),
            storage: Storage::default(),
            coordinator: Coordinator::default(),
            dispatch: Dispatch::default(),
            policy: Policies::default(),
            priority: Priority::default(),
            import: Import::default(),
            predictions: Predictions::default(),
            retention: Retention::default(),
            schedules: Schedules::default(),
            alerts: Alerts::default(),
            compat: Compat::default(),
            worker: Worker::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
            origins: layers::Origins::default(),
            ignored: Vec::new(),
        }
    }
}

/// One setting, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its key, such as `api.listen`.
    pub key: String,
    /// Its value; secrets are hidden.
    pub value: String,
    /// Where the value came from.
    #[serde(serialize_with = "as_text")]
    pub origin: Origin,
    /// What it means.
    pub description: String,
}

fn as_text<S: serde::Serializer>(origin: &Origin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(origin)
}

impl Settings {
    /// Reads all sources, later ones win, and checks the result.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key in it, a value of the wrong type or out of range, settings that contradict each other.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let settings = layers::load(sources)?;
        settings.check()?;
        Ok(settings)
    }

    /// Variables of the environment that begin like settings and are none, by name.
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// Every key with its value and origin, in the order of the page of settings.
    pub fn explain(&self) -> Vec<Explained> {
        let values = catalogue::values(self);
        let explained = |entry: catalogue::SettingsKey| {
            let value = values.get(&entry.key).map(catalogue::shown).unwrap_or_default();
            Explained { origin: self.origin(&entry.key), value, key: entry.key, description: entry.description }
        };
        catalogue::entries().into_iter().map(explained).collect()
    }

    /// Where the coordinator's database is.
    pub fn database_url(&self) -> String {
        self.storage.database.or_else(|| format!("sqlite://{}", self.data_dir.join("refit.db").display()))
    }

    /// Where the queue is.
    pub fn queue_url(&self) -> String {
        self.storage.queue.or_else(|| format!("sqlite://{}", self.data_dir.join("bus.db").display()))
    }

    /// Where the bus is.
    pub fn bus_url(&self) -> String {
        self.storage.bus.or_else(|| format!("sqlite://{}", self.data_dir.join("bus.db").display()))
    }

    /// Where the store is.
    pub fn store_url(&self) -> String {
        self.storage.store.or_else(|| format!("file://{}", self.data_dir.join("store").display()))
    }

    /// Where backups are. `None`: the store is not embedded, and no place for them is named.
    pub fn backups_url(&self) -> Option<String> {
        let beside = || format!("file://{}", self.data_dir.join("backups").display());
        let known = self.storage.backups.is_set() || !self.storage.store.is_set();
        known.then(|| self.storage.backups.or_else(beside))
    }

    fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// Ranges first, then what one setting says about another.
    fn check(&self) -> Result<(), SettingsError> {
        let values = catalogue::values(self);
        for entry in catalogue::entries() {
            if let Some(reason) = values.get(&entry.key).and_then(|value| entry.out_of_range(value)) {
                return Err(self.invalid(&entry.key, reason));
            }
        }
        let backups = self.backups_url().filter(|backups| storage::is_inside(backups, &self.store_url()));
        let sections = [
            urls::contradiction(&self.storage),
            backups.map(|_| {
                ("storage.backups", "it lies inside the store and would be lost with it: name another place".into())
            }),
            self.api.contradiction(),
            self.dispatch.contradiction(),
            self.policy.0.contradiction(),
            self.priority.contradiction(),
            self.alerts.contradiction(),
            self.worker.contradiction(),
            self.log.contradiction(),
            self.telemetry.contradiction(),
        ];
        match sections.into_iter().flatten().next() {
            None => Ok(()),
            Some((key, reason)) => Err(self.invalid(key, reason)),
        }
    }

    fn invalid(&self, key: &str, reason: String) -> SettingsError {
        SettingsError::Invalid { key: key.to_owned(), origin: self.origin(key), reason }
    }
}
