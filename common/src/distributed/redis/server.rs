//! Connections to the server: one for all quick calls, and for each call that waits one of its own.

use std::fmt;
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation};
use tokio::sync::{Mutex, watch};

use super::error;
use crate::ports::PortError;
use crate::settings::ServiceUrl;
use crate::telemetry::table::{attribute, metric};

/// How long one wait lasts at most; longer ones are waited in rounds.
pub(super) const ROUND: Duration = Duration::from_secs(5);

/// How long the server may take to answer, and to be connected to. A connection that is silent for longer is given up.
const ANSWER: Duration = Duration::from_secs(3);

/// A connection to a server that takes no writes is given up when it is so old: a new one may lead elsewhere, and made more often it would
/// only disturb whoever waits for news.
const REFUSED: Duration = Duration::from_secs(2);

/// Connections kept for the next call that waits.
const IDLE: usize = 4;

/// A server, connected or not.
pub(super) struct Server {
    url: ServiceUrl,
    client: Client,
    shared: Mutex<Shared>,
    // For the next call that waits, which cannot use the shared one: a command that blocks holds up everything behind it.
    kept: StdMutex<Vec<MultiplexedConnection>>,
    /// Counts how often the server has refused to be one that takes writes: all connections of before are given up, for a failed-over
    /// address may lead to another server by now, and whoever waits for news from this one would wait in vain.
    refusals: watch::Sender<u64>,
}

/// The connection all quick calls share, and how many there have been.
#[derive(Default)]
struct Shared {
    number: u64,
    connection: Option<(MultiplexedConnection, Instant)>,
}

impl Server {
    pub(super) fn new(url: ServiceUrl, client: Client) -> Self {
        Self { url, client, shared: Mutex::default(), kept: StdMutex::default(), refusals: watch::Sender::default() }
    }

    /// Sends a command; `wait` is how long the command itself may take its time.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd, wait: Duration) -> Result<T, PortError> {
        if wait.is_zero() {
            self.quick(|mut connection| async move { command.query_async(&mut connection).await }).await
        } else {
            self.waiting(command).await
        }
    }

    /// Runs a script.
    pub(super) async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, PortError> {
        self.quick(|mut connection| async move { script.invoke_async(&mut connection).await }).await
    }

    /// On the shared connection; once more on a new one if it turns out to be lost, or to lead to a server that takes no writes.
    async fn quick<T, F>(&self, call: impl Fn(MultiplexedConnection) -> F) -> Result<T, PortError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let (number, connection) = self.shared().await?;
            match call(connection).await {
                Ok(done) => return Ok(done),
                Err(error) => {
                    let meaning = self.failed(&error);
                    let refused = error::is_refusal(&error, &meaning);
                    if error.is_io_error() {
                        self.forget(number).await;
                    } else if refused {
                        self.leave(number).await;
                    }
                    if tries > 1 || !(refused || error.is_connection_dropped()) {
                        return Err(meaning);
                    }
                }
            }
        }
    }

    /// On a connection of its own. A call that is cancelled takes its connection with it: the answer would reach the next one.
    async fn waiting<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, PortError> {
        let mut refusals = self.refusals.subscribe();
        loop {
            let kept = self.kept().pop();
            let fresh = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect(ROUND + ANSWER).await?,
            };
            let answer = tokio::select! {
                answer = command.query_async(&mut connection) => answer,
                Ok(()) = refusals.changed() => {
                    return Err(self.unreachable("it takes no writes: who waits there for news waits in vain"));
                }
            };
            match answer {
                Ok(done) => {
                    let mut kept = self.kept();
                    if kept.len() < IDLE {
                        kept.push(connection);
                    }
                    return Ok(done);
                }
                Err(error) if fresh || !error.is_connection_dropped() => return Err(self.failed(&error)),
                // Those that were kept are as old as this one.
                Err(_) => self.kept().clear(),
            }
        }
    }

    async fn shared(&self) -> Result<(u64, MultiplexedConnection), PortError> {
        let mut slot = self.shared.lock().await;
        let connection = match &slot.connection {
            Some((connection, _)) => connection.clone(),
            None => {
                let made = self.connect(ANSWER).await?;
                if slot.number > 0 {
                    metric::RECONNECTS.add(1, &[(&attribute::SERVICE, "redis")]);
                }
                *slot = Shared { number: slot.number + 1, connection: Some((made.clone(), Instant::now())) };
                made
            }
        };
        Ok((slot.number, connection))
    }

    /// The shared connection is lost: gives it up, unless someone has made a new one already.
    async fn forget(&self, number: u64) {
        let mut slot = self.shared.lock().await;
        if slot.number == number {
            slot.connection = None;
        }
    }

    /// The server takes no writes: gives this connection up, and those of all who wait.
    async fn leave(&self, number: u64) {
        let mut slot = self.shared.lock().await;
        let is_old = |(_, since): &mut (_, Instant)| since.elapsed() >= REFUSED;
        if slot.number == number && slot.connection.take_if(is_old).is_some() {
            self.kept().clear();
            self.refusals.send_modify(|refusals| *refusals += 1);
        }
    }

    /// It answers, and is not there all the same.
    pub(super) fn unreachable(&self, reason: &str) -> PortError {
        PortError::Unreachable { what: self.url.to_string(), reason: reason.to_owned() }
    }

    async fn connect(&self, answer: Duration) -> Result<MultiplexedConnection, PortError> {
        // Not the defaults: half a second for an answer is less than a command that waits takes.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(answer));
        let connected = self.client.get_multiplexed_async_connection_with_config(&config).await;
        connected.map_err(|error| self.failed(&error))
    }

    fn kept(&self) -> MutexGuard<'_, Vec<MultiplexedConnection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &RedisError) -> PortError {
        error::failed(&self.url, error)
    }

    /// What a key holds is not ours.
    pub(super) fn damaged(&self, key: &str, reason: String) -> PortError {
        PortError::Damaged { what: format!("{key} on {}", self.url), reason }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client holds the password.
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}
