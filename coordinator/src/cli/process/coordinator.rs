//! A coordinator and its API in this process.

use std::path::PathBuf;
use std::time::Duration;

use common::open_files;
use common::settings::Settings;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::api::{self, Access};
use crate::cli::client::Client;
use crate::cli::context::{address, token};
use crate::cli::exit::{Code, Failure};
use crate::service::{Coordinator, Error};

/// How often a coordinator looks whether the one that the folder names is still there.
const LOOK: Duration = Duration::from_secs(2);

/// Names itself in the folder once whoever was named there is gone: clients of the folder would go on looking for a dead one.
async fn stay_known(data_dir: PathBuf, address: String) {
    loop {
        tokio::time::sleep(LOOK).await;
        let (folder, own) = (data_dir.clone(), address.clone());
        let claimed = tokio::task::spawn_blocking(move || address::claim(&folder, &own)).await;
        if let Ok(Err(error)) = claimed {
            tracing::debug!(%error, "the folder names no coordinator that lives");
        }
    }
}

/// A running coordinator. It ends when [`Running::stop`] is awaited.
pub(crate) struct Running {
    coordinator: Coordinator,
    api: JoinHandle<()>,
    known_here: AbortOnDropHandle<()>,
    stopping: CancellationToken,
    address: String,
    settings: Settings,
}

impl Running {
    /// Starts it and says in the data folder where it listens.
    ///
    /// # Errors
    /// The address is taken, the database or the store cannot be opened, or the API would be open to the network.
    pub(crate) async fn start(settings: Settings) -> Result<Self, Failure> {
        let listen = settings.api.listen;
        let access = Access::on(listen, token(&settings)).map_err(|e| Failure::new(Code::Refused, e.to_string()))?;
        open_files::raise();
        let listener = TcpListener::bind(listen).await.map_err(|e| {
            Failure::failed(format!("cannot listen on {listen}: {e}"))
                .next("another coordinator may run; REFIT_API__LISTEN or --listen names another address")
        })?;
        let bound = listener.local_addr().map_err(|e| Failure::failed(e.to_string()))?;
        let coordinator = Coordinator::start(&settings).await.map_err(|e| match e {
            Error::Unusable { reason } => Failure::new(Code::Refused, reason),
            other => Failure::failed(other.to_string()),
        })?;
        let stopping = CancellationToken::new();
        let most = settings.api.max_connections;
        let api = tokio::spawn(api::serve(listener, coordinator.refit(), access, most, stopping.clone()));
        let address = address::of(bound);
        let data_dir = settings.data_dir.clone();
        address::claim(&data_dir, &address)
            .map_err(|e| Failure::failed(format!("cannot write to {}: {e}", data_dir.display())))?;
        let known_here = AbortOnDropHandle::new(tokio::spawn(stay_known(data_dir, address.clone())));
        Ok(Self { coordinator, api, known_here, stopping, address, settings })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A client of it.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Client::new(&self.address, token(&self.settings))
    }

    /// Returns if the API ends by itself, which it should not.
    pub(crate) async fn broken(&mut self) -> Failure {
        match (&mut self.api).await {
            Ok(()) => Failure::failed("the API ended"),
            Err(error) => Failure::failed(format!("the API ended: {error}")),
        }
    }

    /// Leaves the lead to another first; then lets running answers end, but not for long, and the loops.
    pub(crate) async fn stop(mut self) {
        self.known_here.abort();
        address::remove(&self.settings.data_dir, &self.address);
        self.coordinator.resign().await;
        self.stopping.cancel();
        if let Err(error) = self.api.await {
            tracing::warn!(%error, "the API did not end well");
        }
        self.coordinator.stop().await;
    }
}
