//! An OpenTelemetry collector for tests: takes OTLP over HTTP and remembers what came.

mod decode;
mod seen;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

pub use self::seen::{Attributes, SeenEvent, SeenLine, SeenMetric, SeenSpan};
use crate::wait;

/// What has come, in the order it came.
#[derive(Debug, Default)]
pub struct Seen {
    /// Spans.
    pub spans: Vec<SeenSpan>,
    /// Each metric of each export.
    pub metrics: Vec<SeenMetric>,
    /// Lines of the log.
    pub lines: Vec<SeenLine>,
    /// The bodies as they were, and the headers that came with them.
    pub raw: Vec<(HeaderMap, Bytes)>,
}

type Shared = Arc<Mutex<Seen>>;

/// A collector on a port of its own; it ends when dropped.
pub struct Sink {
    seen: Shared,
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl Sink {
    /// A collector that takes what comes.
    ///
    /// # Panics
    /// No port is free.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// The same on a port that was free a moment ago.
    ///
    /// # Panics
    /// It is not any more.
    pub fn start_at(port: u16) -> Self {
        let seen = Shared::default();
        let routes = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .route("/v1/logs", post(logs))
            .with_state(seen.clone());
        Self::serve(port, routes, seen)
    }

    /// A collector that takes a request and never answers.
    ///
    /// # Panics
    /// No port is free.
    pub fn hanging() -> Self {
        let seen = Shared::default();
        let never = |State(seen): State<Shared>, headers: HeaderMap, body: Bytes| async move {
            seen.lock().expect("nobody panicked").raw.push((headers, body));
            std::future::pending::<StatusCode>().await
        };
        Self::serve(0, Router::new().fallback(never).with_state(seen.clone()), seen)
    }

    fn serve(port: u16, routes: Router, seen: Shared) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        listener.set_nonblocking(true).expect("a listener can be shared");
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime");
            axum::serve(listener, routes).await
        });
        Self { seen, address, _runtime: runtime }
    }

    /// Where it listens, as `telemetry.endpoint` wants it.
    pub fn endpoint(&self) -> &str {
        &self.address
    }

    /// What has come so far.
    ///
    /// # Panics
    /// A handler has.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panicked")
    }

    /// Waits until something has come.
    ///
    /// # Panics
    /// After `limit`.
    pub fn until<T>(&self, what: &str, limit: Duration, find: impl Fn(&Seen) -> Option<T>) -> T {
        wait::until(what, limit, || find(&self.seen()))
    }
}

impl Seen {
    /// The spans of one name; those about messages without their queue.
    pub fn spans_of(&self, name: &str) -> Vec<&SeenSpan> {
        self.spans.iter().filter(|span| span.operation() == name).collect()
    }
}

async fn traces(State(seen): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&seen, headers, &body, |seen| {
        seen.spans.extend(decode::spans(&body)?);
        Some(())
    })
}

async fn metrics(State(seen): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&seen, headers, &body, |seen| {
        seen.metrics.extend(decode::metrics(&body)?);
        Some(())
    })
}

async fn logs(State(seen): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&seen, headers, &body, |seen| {
        seen.lines.extend(decode::lines(&body)?);
        Some(())
    })
}

fn take(seen: &Shared, headers: HeaderMap, body: &Bytes, keep: impl FnOnce(&mut Seen) -> Option<()>) -> StatusCode {
    let mut seen = seen.lock().expect("nobody panicked");
    seen.raw.push((headers, body.clone()));
    keep(&mut seen).map_or(StatusCode::BAD_REQUEST, |()| StatusCode::OK)
}
