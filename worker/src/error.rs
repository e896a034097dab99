//! Why a worker cannot start.

use std::io;
use std::path::PathBuf;

use common::ports::PortError;
use common::settings::SettingsError;
use common::telemetry::TelemetryError;

/// The worker cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The log cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// Queue, bus or store cannot be used.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Its own folder cannot be used.
    #[error("the folder {} cannot be used ({source}): check its owner and the free space, or choose another with --data-dir", .path.display())]
    Folder {
        /// The folder that cannot be used.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its children cannot be started.
    #[error("the executor cannot be started ({source}): check the limits on processes and memory")]
    Spawn {
        /// What the system said.
        source: io::Error,
    },
    /// Every slot had to be given up.
    #[error("no slot is left ({reason}): start the worker again, and the machine, if its device does not answer then")]
    NoSlot {
        /// Why each of them.
        reason: String,
    },
    /// The devices cannot be listed.
    #[error("the devices cannot be listed: {reason}")]
    Devices {
        /// What went wrong.
        reason: String,
    },
    /// A test's variable in a build without faults.
    #[error("REFIT_FAULT={fault} is for Refit's own tests, and this build has no faults: unset it")]
    NoFaults {
        /// What was asked for.
        fault: String,
    },
    /// The runtime or its signals cannot be set up.
    #[error("the worker cannot be set up: {0}")]
    SetUp(io::Error),
}

impl WorkerError {
    /// A folder that cannot be used.
    pub(crate) fn folder(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { path, source }
    }
}
