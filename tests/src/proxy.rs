//! A proxy between a client and a service, to lose a connection at a chosen moment. The conformance suites use it too.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// A service with keep-alives has noticed by then that nobody is there any more.
const NOTICED: Duration = Duration::from_secs(25);

/// What happens to what comes in.
#[derive(Debug, Clone, Copy, Default)]
struct LinkState {
    /// Connections made before this many cuts are over.
    cuts: u64,
    /// Connections made before this many losses are dead, and neither side is told.
    losses: u64,
    /// All connections are, also those that are made now.
    lost: bool,
    /// Bytes are kept, and neither side is told: as if a cable were pulled, and put back in time.
    stalled: bool,
}

/// Forwards connections to a service.
pub struct Proxy {
    /// Where it listens: `host:port`.
    pub address: String,
    link: watch::Sender<LinkState>,
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
        let (link, watched) = watch::channel(LinkState::default());
        let (service, leads_to) = watch::channel(service.to_owned());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let place = leads_to.borrow().clone();
                let Ok(far) = TcpStream::connect(&place).await else { continue };
                tokio::spawn(join(near, far, watched.clone()));
            }
        });
        Self { address, link, service }
    }

    /// A proxy to the service of a URL, and the URL that goes through it.
    ///
    /// # Panics
    /// It cannot listen, or the URL names no service.
    pub async fn before(url: &str) -> (Self, String) {
        let host = address_of(url);
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
        self.link.send_modify(|link| link.cuts += 1);
    }

    /// Keeps everything back, on connections there are and on new ones, or lets it flow again.
    pub fn stall(&self, stalled: bool) {
        self.link.send_modify(|link| link.stalled = stalled);
    }

    /// Drops everything both ways and tells neither side, as when a host vanishes: on connections there are, for ever; and on new
    /// ones, until it is told that nothing is lost any more.
    pub fn lose(&self, lost: bool) {
        self.link.send_modify(|link| {
            link.losses += u64::from(lost);
            link.lost = lost;
        });
    }
}

/// The `host:port` of a URL.
///
/// # Panics
/// It is none.
pub fn address_of(url: &str) -> &str {
    let (_, place) = url.split_once("://").unwrap_or_else(|| panic!("{url} is not a URL"));
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    place.split(['/', '?']).next().unwrap_or(place)
}

async fn join(near: TcpStream, far: TcpStream, mut link: watch::Receiver<LinkState>) {
    let LinkState { cuts, losses, .. } = *link.borrow();
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (near.into_split(), far.into_split());
    let mut lost = link.clone();
    tokio::select! {
        () = pump(&mut near_in, &mut far_out, link.clone()) => return,
        () = pump(&mut far_in, &mut near_out, link.clone()) => return,
        _ = link.wait_for(|link| link.cuts > cuts) => return,
        _ = lost.wait_for(|link| link.lost || link.losses > losses) => {}
    }
    let forgotten = async {
        let _noticed = timeout(NOTICED, swallow(&mut far_in)).await;
        drop((far_in, far_out));
    };
    let near = async {
        swallow(&mut near_in).await;
        drop(near_out);
    };
    tokio::join!(near, forgotten);
}

/// Copies until one side is gone.
async fn pump(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut link: watch::Receiver<LinkState>) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if link.wait_for(|link| !link.stalled).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Reads until the other side is gone.
async fn swallow(from: &mut OwnedReadHalf) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(1..) = from.read(&mut bytes).await {}
}
