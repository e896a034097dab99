//! Somebody who is told of alerts by a webhook, and remembers what came.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A message: the id that it keeps when it is sent again, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// `webhook-id`.
    pub id: String,
    /// The body.
    pub body: Value,
}

type Shared = Arc<Mutex<Vec<Told>>>;

/// Listens until it is dropped.
pub struct Receiver {
    url: String,
    told: Shared,
    _runtime: Runtime,
}

impl Receiver {
    /// One that takes everything.
    ///
    /// # Panics
    /// There is no free port.
    pub fn start() -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port to listen on");
        listener.set_nonblocking(true).expect("a port to listen on");
        let url = format!("http://{}/", listener.local_addr().expect("its address"));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let (runtime, told) = (runtime.expect("a runtime"), Shared::default());
        let app = Router::new().route("/", post(take)).with_state(told.clone());
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener)?, app).await });
        Self { url, told, _runtime: runtime }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What has come in so far.
    pub fn told(&self) -> Vec<Told> {
        locked(&self.told).clone()
    }
}

fn locked(told: &Mutex<Vec<Told>>) -> MutexGuard<'_, Vec<Told>> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(State(told): State<Shared>, headers: HeaderMap, axum::Json(body): axum::Json<Value>) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    locked(&told).push(Told { id, body });
    StatusCode::NO_CONTENT
}
