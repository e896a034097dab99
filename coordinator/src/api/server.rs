//! Connections of the API: how many there are, how slow a client may be, and how they end.
//!
//! Only HTTP/1.1 is spoken: a proxy in front brings whatever else its clients want. A listener to events is not slow: its
//! connection is written to every few seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener as _;
use common::open_files;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::util::MapRequest;

/// Longest time in which a client takes nothing of what is sent to it; the kernel counts.
const STALL: Duration = Duration::from_secs(60);
/// A connection without a word is asked for a sign of life after so long, and so often until it counts as gone.
const IDLE: Duration = Duration::from_secs(60);
const ASKED: (u32, Duration) = (4, Duration::from_secs(15));
/// Files that are kept free for everything else: databases, the store, uploads.
const OTHER_FILES: u64 = 256;

/// How long a client is waited for.
#[derive(Clone, Copy)]
struct Limits {
    /// From one answer, or the start of a connection, to the end of the next request's head.
    head: Duration,
    /// For all running answers, at the end.
    grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), grace: Duration::from_secs(10) }
    }
}

/// Serves routes on connections that it looks after.
pub(super) struct Server {
    routes: Router,
    permits: Arc<Semaphore>,
    /// All places were taken when the last client was waited for.
    full: AtomicBool,
    http: http1::Builder,
    grace: Duration,
    /// Cuts the connections that did not end in time.
    cut: CancellationToken,
}

impl Server {
    /// A server with this many connections at most, and no more than files may be open.
    pub(super) fn new(routes: Router, connections: u32) -> Self {
        Self::with(routes, connections, Limits::default())
    }

    fn with(routes: Router, connections: u32, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.head);
        let permits = Arc::new(Semaphore::new(affordable(connections, open_files::limit()) as usize));
        Self { routes, permits, full: AtomicBool::new(false), http, grace: limits.grace, cut: CancellationToken::new() }
    }

    /// Accepts until `stopping`, then waits for what is under way, but not for long.
    pub(super) async fn run(self, mut listener: TcpListener, stopping: CancellationToken) {
        let connections = GracefulShutdown::new();
        while let Some(accepted) = stopping.run_until_cancelled(self.accept(&mut listener)).await {
            let Some((stream, peer, permit)) = accepted else { break };
            self.serve(stream, peer, permit, connections.watcher());
        }
        // From here on a client is refused, and tries another coordinator.
        drop(listener);
        let open = connections.count();
        if timeout(self.grace, connections.shutdown()).await.is_err() {
            tracing::warn!(open, "some clients still send, or read their answer: they are cut off");
        }
        self.cut.cancel();
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self, listener: &mut TcpListener) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let full = self.permits.available_permits() == 0;
        let was_full = self.full.swap(full, Ordering::Relaxed);
        if full && !was_full {
            tracing::warn!("all connections of the API are taken (api.max_connections): others wait");
        }
        let permit = self.permits.clone().acquire_owned().await.ok()?;
        let (stream, peer) = listener.accept().await;
        Some((stream, peer, permit))
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit, watcher: Watcher) {
        look_after(&stream);
        // The gate and the audit trail need the address that a request comes from.
        let from = MapRequest::new(self.routes.clone(), move |mut request: Request<_>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let service = TowerToHyperService::new(from);
        let served = watcher.watch(self.http.serve_connection(TokioIo::new(stream), service));
        let cut = self.cut.clone();
        tokio::spawn(async move {
            if let Some(Err(error)) = cut.run_until_cancelled(served).await {
                tracing::debug!(%error, "a connection of the API broke");
            }
            drop(permit);
        });
    }
}

/// How many connections there may be at a time if so many files may be open.
fn affordable(wanted: u32, files: u64) -> u32 {
    let possible = u32::try_from(files.saturating_sub(OTHER_FILES).max(files / 2)).unwrap_or(u32::MAX).max(1);
    if possible < wanted {
        tracing::warn!(possible, files, "api.max_connections is more than files may be open (ulimit -n)");
    }
    wanted.min(possible)
}

/// Answers go out at once; a client that is gone, or takes nothing, does not keep its place.
fn look_after(stream: &TcpStream) {
    let (times, interval) = ASKED;
    let keep_alive = TcpKeepalive::new().with_time(IDLE).with_interval(interval).with_retries(times);
    let socket = SockRef::from(stream);
    let set =
        [socket.set_tcp_nodelay(true), socket.set_tcp_keepalive(&keep_alive), socket.set_tcp_user_timeout(Some(STALL))];
    if let Some(error) = set.into_iter().find_map(Result::err) {
        tracing::debug!(%error, "a connection of the API goes without a limit of the kernel");
    }
}

#[cfg(test)]
mod tests;
