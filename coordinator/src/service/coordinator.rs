//! A running coordinator: opens what it stands on, then its loops until it is stopped.

use std::sync::Arc;

use common::connect::{Connector, Trust};
use common::patience::patiently;
use common::settings::Settings;
use tokio::task::JoinSet;

use super::core::{Core, Ports};
use super::fault::Fault;
use super::{Error, Refit, Result, answers, evaluate, inbox, leader, lease, predictions};
use crate::db::Database;

/// The coordinator. Dropped, it stops like a process that is killed: nothing is lost, the rows say where it was.
#[derive(Debug)]
pub struct Coordinator {
    refit: Refit,
    loops: JoinSet<()>,
}

impl Coordinator {
    /// Opens database, queue, bus and store of the settings, and starts. What does not answer now is waited for.
    ///
    /// # Errors
    /// One of them refuses to be opened, or the store does not refuse to overwrite a seal.
    pub async fn start(settings: &Settings) -> Result<Self> {
        std::fs::create_dir_all(&settings.data_dir)?;
        let connector = Connector::new(settings)?;
        let ports =
            Ports { queue: connector.queue().await?, bus: connector.bus().await?, store: connector.store().await? };
        let fault = Fault::from_env().map_err(Error::invalid)?;
        Self::with(settings.clone(), ports, fault).await
    }

    /// Starts on ports that are open already, with a fault planted or none.
    ///
    /// # Errors
    /// The database cannot be opened, or the store does not refuse a second write of the same name.
    pub async fn with(settings: Settings, ports: Ports, fault: Fault) -> Result<Self> {
        patiently(|| ports.store.probe()).await?;
        let (url, trust) = (settings.database_url(), Trust::of(settings.storage.ca_file.as_deref())?);
        let db = patiently(|| Database::open(&url, &trust)).await?;
        let core = Arc::new(Core::new(db, ports, settings, fault));
        let mut loops = JoinSet::new();
        loops.spawn(inbox::run(core.clone()));
        loops.spawn(answers::run(core.clone()));
        loops.spawn(predictions::run(core.clone()));
        loops.spawn(evaluate::keep_true(core.clone()));
        loops.spawn(lease::run(core.clone()));
        loops.spawn(leader::run(core.clone()));
        Ok(Self { refit: Refit::new(core), loops })
    }

    /// What it can be asked.
    pub fn refit(&self) -> Refit {
        self.refit.clone()
    }

    /// Writes down what was served, stops the loops, leaves the seat of the leader to another, and closes the database.
    pub async fn stop(mut self) {
        self.refit.core.log.written().await;
        self.loops.shutdown().await;
        self.refit.resign().await;
        self.refit.close().await;
    }
}
