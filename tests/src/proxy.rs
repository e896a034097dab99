//! A proxy between a client and a service, to lose a connection at a chosen moment. The conformance suites use it too.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to what comes in.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    /// Connections made before this many cuts are over.
    cuts: u64,
    /// Bytes are kept, and neither side is told: as if a cable were pulled.
    stalled: bool,
}

/// Forwards connections to a service.
pub struct Proxy {
    /// Where it listens: `host:port`.
    pub address: String,
    line: watch::Sender<Line>,
    service: watch::Sender<String>,
}

impl Proxy {
    /// A proxy to `host:port`.
    ///
    /// # Panics
    /// It cannot listen.
    pub async fn to(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (line, watched) = watch::channel(Line::default());
        let (service, leads_to) = watch::channel(service.to_owned());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let place = leads_to.borrow().clone();
                let Ok(far) = TcpStream::connect(&place).await else { continue };
                tokio::spawn(join(near, far, watched.clone()));
            }
        });
        Self { address, line, service }
    }

    /// A proxy to the service of a URL, and the URL that goes through it.
    ///
    /// # Panics
    /// It cannot listen, or the URL names no service.
    pub async fn before(url: &str) -> (Self, String) {
        let host = place_of(url);
        let proxy = Self::to(host).await;
        let through = url.replace(host, &proxy.address);
        (proxy, through)
    }

    /// From now on new connections lead to another `host:port`, as after a failover. Those there are stay where they are.
    pub fn lead_to(&self, service: &str) {
        self.service.send_replace(service.to_owned());
    }

    /// Ends all connections there are. New ones are made as before.
    pub fn cut(&self) {
        self.line.send_modify(|line| line.cuts += 1);
    }

    /// Keeps everything back, on connections there are and on new ones, or lets it flow again.
    pub fn stall(&self, stalled: bool) {
        self.line.send_modify(|line| line.stalled = stalled);
    }
}

/// The `host:port` of a URL.
///
/// # Panics
/// It is none.
pub fn place_of(url: &str) -> &str {
    let (_, place) = url.split_once("://").unwrap_or_else(|| panic!("{url} is not a URL"));
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    place.split(['/', '?']).next().unwrap_or(place)
}

async fn join(near: TcpStream, far: TcpStream, mut line: watch::Receiver<Line>) {
    let cuts = line.borrow().cuts;
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pump(near_in, far_out, line.clone()) => {}
        () = pump(far_in, near_out, line.clone()) => {}
        _ = line.wait_for(|line| line.cuts > cuts) => {}
    }
}

/// Copies until one side is gone.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut line: watch::Receiver<Line>) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if line.wait_for(|line| !line.stalled).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
