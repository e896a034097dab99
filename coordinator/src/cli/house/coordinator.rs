//! A coordinator and its API in this process.

use common::open_files;
use common::settings::Settings;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{self, Access};
use crate::cli::client::Client;
use crate::cli::context::{address, token};
use crate::cli::exit::{Code, Failure};
use crate::service::{Coordinator, Error};

/// A running coordinator. It ends when [`Running::stop`] is awaited.
pub(crate) struct Running {
    coordinator: Coordinator,
    api: JoinHandle<()>,
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
            Error::Unusable { why } => Failure::new(Code::Refused, why),
            other => Failure::failed(other.to_string()),
        })?;
        let stopping = CancellationToken::new();
        let most = settings.api.max_connections;
        let api = tokio::spawn(api::serve(listener, coordinator.refit(), access, most, stopping.clone()));
        let address = address::of(bound);
        let data_dir = &settings.data_dir;
        if !address::is_taken(data_dir, &address) {
            address::write(data_dir, &address)
                .map_err(|e| Failure::failed(format!("cannot write to {}: {e}", data_dir.display())))?;
        }
        Ok(Self { coordinator, api, stopping, address, settings })
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
        address::remove(&self.settings.data_dir, &self.address);
        self.coordinator.resign().await;
        self.stopping.cancel();
        if let Err(error) = self.api.await {
            tracing::warn!(%error, "the API did not end well");
        }
        self.coordinator.stop().await;
    }
}
