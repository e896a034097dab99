//! The bus on Redis: a mailbox is a stream, a key is a string with an expiry. All keys begin with a prefix, so that several
//! installations may share a server.

mod dead_letters;
mod error;
mod keys;
mod reply;
mod server;
mod url;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redis::streams::{StreamRangeReply, StreamReadReply};
use redis::{Cmd, Script, cmd};
use tokio::time::Instant;
use uuid::Uuid;

use self::keys::Keys;
use self::server::{ROUND, Server};
use self::url::RedisUrl;
use crate::connect::Trust;
use crate::ports::{Cursor, DeadLetter, DeadLetters, EventBus, Key, MESSAGES_KEPT, Mailbox, PortError, Posted, Taken};

/// The longest a value is kept: Redis refuses times that overflow its clock.
const FOREVER: Duration = Duration::from_hours(24 * 365 * 100);

/// Appends to a mailbox; drops what is older than [`MESSAGES_KEPT`], by the server's clock, and the whole of it after twice that time
/// without a message: the mailbox of a worker that died goes by itself. A new stream begins in the next millisecond, at a number that grows
/// with the microsecond: in this one there may have been messages, or a whole stream, that a flush has just removed, and a reader's
/// cursor on the last of them. No thousand messages are posted in a microsecond.
static POST: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local id = '*'
         if redis.call('EXISTS', KEYS[1]) == 0 then id = string.format('%.0f-%d', now + 1, time[2] % 1000 * 1000) end
         redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', now - ARGV[2]), id, 'body', ARGV[1])
         redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])",
    )
});

/// Takes the oldest message out of a mailbox, with its age in milliseconds by the server's clock, which gave it its id.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
         if not oldest then return false end
         redis.call('XDEL', KEYS[1], oldest[1])
         local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         return {math.max(now - tonumber(string.match(oldest[1], '^%d+')), 0), oldest[2][2]}",
    )
});

/// Writes and reads back, as a message would be: a server that answers may take no writes (a replica now, full, …).
static PROBE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
         return redis.call('GET', KEYS[1])",
    )
});

/// How long what a probe has written stays.
const PROBE_KEPT: Duration = Duration::from_mins(1);

/// Mailboxes and cells on Redis 6.2 or later. Connected when it is needed, and anew after a loss; a call that met a lost
/// connection is sent again once, so a message may come twice.
#[derive(Debug)]
pub struct RedisBus {
    server: Server,
    keys: Keys,
    /// Under this name its probes are written.
    instance: Uuid,
    probes: AtomicU64,
}

impl RedisBus {
    /// Opens the bus at `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]`, or `rediss://`. A server that does not
    /// answer now is waited for by the calls that need it.
    ///
    /// # Errors
    /// The URL is not one, the server refuses the user, or shows a certificate that is not believed.
    pub async fn open(url: &str, trust: &Trust) -> Result<Self, PortError> {
        let RedisUrl { shown, client, prefix } = RedisUrl::parse(url, trust)?;
        let bus = Self {
            server: Server::new(shown, client),
            keys: Keys::new(prefix),
            instance: Uuid::new_v4(),
            probes: AtomicU64::default(),
        };
        match bus.probe().await {
            Ok(()) => {}
            Err(error @ (PortError::Unreachable { .. } | PortError::Full { .. })) => {
                tracing::warn!(%error, "the bus will be connected later");
            }
            Err(error) => return Err(error),
        }
        Ok(bus)
    }

    /// Runs `look` until it finds something, at most until `wait` is over. `look` itself waits for the time it is given.
    async fn until_found<T, F>(wait: Duration, look: impl Fn(Duration) -> F) -> Result<Option<T>, PortError>
    where
        F: Future<Output = Result<Option<T>, PortError>>,
    {
        let end = Instant::now() + wait.min(FOREVER);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match look(left.min(ROUND)).await? {
                None if left.is_zero() => return Ok(None),
                None => {}
                found => return Ok(found),
            }
        }
    }
}

/// Whether this is taken for a URL of a server.
#[cfg(test)]
pub(crate) fn reads(url: &str, trust: &Trust) -> bool {
    RedisUrl::parse(url, trust).is_ok()
}

/// Reads what follows `after`; with a wait, blocks for the first.
fn read_after(key: &str, after: Cursor, max: usize, wait: Duration) -> Cmd {
    let mut read = cmd("XREAD");
    read.arg("COUNT").arg(max);
    if !wait.is_zero() {
        // 0 would be for ever.
        read.arg("BLOCK").arg(wait.as_millis().max(1) as u64);
    }
    read.arg("STREAMS").arg(key).arg(keys::id_of(after));
    read
}

#[async_trait]
impl EventBus for RedisBus {
    async fn post(&self, to: Mailbox, body: Bytes) -> Result<(), PortError> {
        let key = self.keys.mailbox(to);
        self.server.invoke(POST.key(key).arg(body.as_ref()).arg(MESSAGES_KEPT.as_millis() as u64)).await
    }

    async fn read(&self, from: Mailbox, after: Cursor, max: usize, wait: Duration) -> Result<Vec<Posted>, PortError> {
        let key = &self.keys.mailbox(from);
        let read = async |wait: Duration| -> Result<_, PortError> {
            let reply: Option<StreamReadReply> = self.server.ask(&read_after(key, after, max, wait), wait).await?;
            let posted = reply.map(reply::messages).transpose().map_err(|reason| self.server.damaged(key, reason))?;
            Ok(posted.filter(|posted| !posted.is_empty()))
        };
        Ok(Self::until_found(wait, read).await?.unwrap_or_default())
    }

    async fn tail(&self, of: Mailbox) -> Result<Cursor, PortError> {
        let key = self.keys.mailbox(of);
        let newest = cmd("XREVRANGE").arg(&key).arg("+").arg("-").arg("COUNT").arg(1).to_owned();
        let reply: StreamRangeReply = self.server.ask(&newest, Duration::ZERO).await?;
        let cursor = reply.ids.first().map(|entry| keys::cursor_of(&entry.id)).transpose();
        Ok(cursor.map_err(|reason| self.server.damaged(&key, reason))?.unwrap_or_default())
    }

    async fn take(&self, from: Mailbox, wait: Duration) -> Result<Option<Taken>, PortError> {
        let key = &self.keys.mailbox(from);
        let look = async |wait: Duration| -> Result<Option<(u64, Vec<u8>)>, PortError> {
            let mut taken: Option<(u64, Vec<u8>)> = self.server.invoke(&TAKE.key(key)).await?;
            if taken.is_none() && !wait.is_zero() {
                // What is still there was taken by nobody: waiting from the start on misses nothing that came meanwhile.
                let awaited = read_after(key, Cursor::default(), 1, wait);
                let _: Option<StreamReadReply> = self.server.ask(&awaited, wait).await?;
                taken = self.server.invoke(&TAKE.key(key)).await?;
            }
            Ok(taken)
        };
        let taken = Self::until_found(wait, look).await?;
        Ok(taken.map(|(age, body)| Taken { body: body.into(), age: Duration::from_millis(age) }))
    }

    async fn put(&self, key: &Key, value: Bytes, ttl: Duration) -> Result<(), PortError> {
        let ttl = ttl.clamp(Duration::from_millis(1), FOREVER).as_millis() as u64;
        let set = cmd("SET").arg(self.keys.key(key)).arg(value.as_ref()).arg("PX").arg(ttl).to_owned();
        self.server.ask(&set, Duration::ZERO).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>, PortError> {
        let get = cmd("GET").arg(self.keys.key(key)).to_owned();
        Ok(self.server.ask::<Option<Vec<u8>>>(&get, Duration::ZERO).await?.map(Bytes::from))
    }

    async fn set_aside(&self, letter: DeadLetter) -> Result<(), PortError> {
        dead_letters::keep(&self.server, &self.keys, &letter).await
    }

    async fn dead_letters(&self) -> Result<DeadLetters, PortError> {
        dead_letters::all(&self.server, &self.keys).await
    }

    async fn probe(&self) -> Result<(), PortError> {
        let (key, number) = (self.keys.probe(self.instance), self.probes.fetch_add(1, Ordering::Relaxed));
        let kept: Option<u64> =
            self.server.invoke(PROBE.key(&key).arg(number).arg(PROBE_KEPT.as_millis() as u64)).await?;
        let reads_it = kept == Some(number);
        if reads_it { Ok(()) } else { Err(self.server.unreachable("it does not give back what was just written")) }
    }
}
