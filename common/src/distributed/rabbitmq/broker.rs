//! The connection to the broker: made when it is needed, one at a time, and made anew after a loss.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lapin::tcp::OwnedTLSConfig;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::error::{Failure, no_way, unreachable};
use super::greeting::Greeting;
use super::publisher::Publisher;
use super::topology;
use crate::connect::Trust;
use crate::ports::PortError;
use crate::settings::ServiceUrl;
use crate::telemetry::table::{attribute, metric};
use crate::vocabulary::Pool;

/// How long a call may take, connecting included. An idle connection is given up by heartbeats.
const LIMIT: Duration = Duration::from_secs(10);

/// How long each half of connecting may take: greeting the broker, and logging in.
const CONNECT: Duration = Duration::from_secs(4);

/// How soon a call that waits for an answer is told that the connection has gone.
const LOOK: Duration = Duration::from_millis(200);

/// Seconds. The broker is taken for dead after twice as many without a byte.
const HEARTBEAT: u16 = 10;

/// A broker, connected or not.
pub(super) struct Broker {
    url: ServiceUrl,
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    link: Mutex<Option<Arc<Link>>>,
    /// There has been a connection: another one is made after a loss.
    connected: AtomicBool,
    /// The broker has refused a limit over all pools of a consumer.
    refuses_shared_limit: Arc<AtomicBool>,
}

impl Broker {
    pub(super) fn new(url: &str, trust: &Trust) -> Result<Self, PortError> {
        let shown = ServiceUrl::from(url);
        let unusable = |reason: &str| PortError::Unusable { what: shown.to_string(), reason: reason.to_owned() };
        // What the parser says is not repeated: it may quote the URL.
        let mut uri: AMQPUri =
            url.parse().map_err(|_| unusable("write amqp://USER:PASSWORD@HOST:PORT/VHOST, with %2f for a / in it"))?;
        // The parser takes an IPv6 address for no host at all, and no host for localhost.
        if let Some((address, _)) =
            url.split_once("://[").or(url.split_once("@[")).and_then(|(_, rest)| rest.split_once(']'))
        {
            uri.authority.host = address.to_owned();
        }
        // The virtual host of the empty name exists nowhere; who ends a URL with / means the default.
        if uri.vhost.is_empty() {
            uri.vhost = "/".into();
        }
        uri.query.heartbeat = Some(HEARTBEAT);
        let tls = OwnedTLSConfig { identity: None, cert_chain: trust.pem().map(str::to_owned) };
        Ok(Self {
            url: shown,
            uri,
            tls,
            link: Mutex::default(),
            connected: false.into(),
            refuses_shared_limit: Arc::default(),
        })
    }

    /// Runs a call on the connection. One that meets a lost connection is run once more, on a new one.
    pub(super) async fn call<T, F>(&self, call: impl Fn(Arc<Link>) -> F) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let link = self.link().await?;
            // The client lets a call that is made just as the connection goes wait for ever: its end is seen from beside.
            let answer = tokio::select! {
                biased;
                answer = timeout(LIMIT, call(link.clone())) => answer,
                () = link.lost.cancelled() => Ok(Err(Failure::Lost)),
            };
            match answer {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(failure)) => {
                    if failure.is_loss() {
                        self.forget(&link).await;
                    }
                    if tries > 1 || !failure.is_loss() {
                        return Err(failure.at(&self.url));
                    }
                }
                Err(_) if link.connection.status().blocked() => {
                    return Err(PortError::Full { what: format!("to {}, which is low on disk or memory", self.url) });
                }
                Err(_) => {
                    self.forget(&link).await;
                    return Err(unreachable(&self.url, &format_args!("no answer within {} s", LIMIT.as_secs())));
                }
            }
        }
    }

    /// The connection, made if there is none.
    pub(super) async fn link(&self) -> Result<Arc<Link>, PortError> {
        let linked = timeout(LIMIT, async {
            let mut slot = self.link.lock().await;
            match slot.as_ref().filter(|link| link.is_up()) {
                Some(link) => Ok(link.clone()),
                None => {
                    let link = Arc::new(self.connect().await?);
                    if self.connected.swap(true, Ordering::Relaxed) {
                        metric::RECONNECTS.add(1, &[(&attribute::SERVICE, "rabbitmq")]);
                    }
                    Ok(slot.insert(link).clone())
                }
            }
        });
        linked.await.unwrap_or_else(|_| Err(unreachable(&self.url, &"another attempt to connect is still under way")))
    }

    async fn connect(&self) -> Result<Link, PortError> {
        let silent = |_| unreachable(&self.url, &format_args!("no answer within {} s", CONNECT.as_secs()));
        let greeting = timeout(CONNECT, Greeting::of(&self.uri, self.tls.as_ref())).await.map_err(silent)?;
        let greeting = greeting.map_err(|error| no_way(&self.url, &error))?;
        // Its own recovery stays off: it hides that deliveries were lost, and a consumer must know.
        let properties = ConnectionProperties::default().with_connection_name("refit".into());
        let log_in = async {
            let connection = self.dial(properties).await?;
            let shares_limit = greeting.allows_shared_limit() && !self.refuses_shared_limit.load(Ordering::Relaxed);
            let link = Link {
                broker: self.url.clone(),
                lost: watch(&connection),
                connection,
                publishers: Mutex::default(),
                shares_limit,
                refuses_shared_limit: self.refuses_shared_limit.clone(),
            };
            topology::dead_letters(&link.channel().await?).await?;
            Ok(link)
        };
        let link = timeout(CONNECT, log_in).await.map_err(silent)?.map_err(|failure: Failure| failure.at(&self.url))?;
        let limit = if link.shares_limit { "all its pools" } else { "each of its pools" };
        tracing::info!(
            broker = %greeting,
            url = %self.url,
            "connected: classic queues with priorities; a consumer holds one doorbell of {limit}"
        );
        Ok(link)
    }

    async fn dial(&self, properties: ConnectionProperties) -> lapin::Result<Connection> {
        let runtime = lapin::runtime::default_runtime()?;
        Connection::connect_uri_with_config(self.uri.clone(), properties, self.tls.clone(), runtime).await
    }

    async fn forget(&self, link: &Arc<Link>) {
        let mut slot = self.link.lock().await;
        if slot.as_ref().is_some_and(|current| Arc::ptr_eq(current, link)) {
            *slot = None;
        }
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The parsed URL holds the password.
        f.debug_struct("Broker").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A connection that was made.
#[derive(Debug)]
pub(super) struct Link {
    broker: ServiceUrl,
    connection: Connection,
    /// Cancelled when the connection is lost.
    lost: CancellationToken,
    publishers: Mutex<HashMap<Pool, Arc<Publisher>>>,
    shares_limit: bool,
    refuses_shared_limit: Arc<AtomicBool>,
}

impl Link {
    /// Which broker this is a connection to.
    pub(super) fn broker(&self) -> &ServiceUrl {
        &self.broker
    }

    /// A new channel; dropping it closes it.
    pub(super) async fn channel(&self) -> Result<Channel, Failure> {
        Ok(self.connection.create_channel().await?)
    }

    /// The publisher of a pool, opened if there is none.
    pub(super) async fn publisher(&self, pool: &Pool) -> Result<Arc<Publisher>, Failure> {
        let mut publishers = self.publishers.lock().await;
        match publishers.get(pool).filter(|publisher| publisher.is_open()) {
            Some(publisher) => Ok(publisher.clone()),
            None => {
                let publisher = Arc::new(Publisher::open(self.channel().await?, pool).await?);
                publishers.insert(pool.clone(), publisher.clone());
                Ok(publisher)
            }
        }
    }

    fn is_up(&self) -> bool {
        !self.lost.is_cancelled() && self.connection.status().connected()
    }

    /// Whether one limit may cover all pools of a consumer.
    pub(super) fn shares_limit(&self) -> bool {
        self.shares_limit
    }

    /// The broker has refused that, and closes this connection: the next ones do not ask.
    pub(super) fn share_no_limit(&self) {
        self.refuses_shared_limit.store(true, Ordering::Relaxed);
    }
}

/// Cancelled when a connection is lost. It is looked at now and then, for not every end of a connection is told as an event.
fn watch(connection: &Connection) -> CancellationToken {
    let lost = CancellationToken::new();
    let (status, signal) = (connection.status().clone(), lost.clone());
    tokio::spawn(async move {
        while status.connected() {
            tokio::time::sleep(LOOK).await;
        }
        signal.cancel();
    });
    lost
}
