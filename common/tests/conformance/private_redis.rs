//! A Redis of one test's own: it may be filled, made a replica and failed over.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use common::connect;
use common::ports::EventBus;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::refusing::Refusing;
use crate::support::soon;

/// A server on a free port of this machine; killed when dropped.
pub(crate) struct PrivateRedis {
    child: Child,
    _folder: TempDir,
    port: u16,
}

impl PrivateRedis {
    /// Starts one, where Redis is installed.
    pub(crate) async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--dir"]).arg(folder.path());
        command.args(["--repl-diskless-sync-delay", "0"]).stdin(Stdio::null()).stdout(Stdio::null());
        let Ok(child) = command.spawn() else {
            eprintln!("skipped: redis-server is not installed");
            return None;
        };
        let server = Self { child, _folder: folder, port };
        soon("a server", async { while server.send("PING").await.is_err() {} }).await;
        Some(server)
    }

    /// Where it listens: `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Gives it a command.
    pub(crate) async fn send(&self, words: &str) -> redis::RedisResult<redis::Value> {
        let client = redis::Client::open(format!("redis://{}", self.address()))?;
        let mut connection: MultiplexedConnection = client.get_multiplexed_async_connection().await?;
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().unwrap_or_default());
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut connection).await
    }

    /// Makes it copy another, and waits until it has all.
    pub(crate) async fn follow(&self, primary: &Self) {
        self.send(&format!("REPLICAOF 127.0.0.1 {}", primary.port)).await.unwrap();
        let is_up = async || {
            let info: String = redis::from_redis_value(self.send("INFO replication").await.unwrap()).unwrap();
            info.contains("master_link_status:up")
        };
        soon("a copy", async { while !is_up().await {} }).await;
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// One that takes no writes after some commands, and takes them again after others.
pub(crate) struct Stubborn {
    pub(crate) server: PrivateRedis,
    pub(crate) refuse: &'static [&'static str],
    pub(crate) relent: &'static [&'static str],
}

impl Stubborn {
    async fn send(&self, commands: &[&str]) {
        for command in commands {
            self.server.send(command).await.unwrap();
        }
    }
}

impl Refusing for Stubborn {
    async fn connect(&self) -> Arc<dyn EventBus> {
        connect::bus(&format!("redis://{}", self.server.address())).await.unwrap()
    }

    async fn refuse(&self) {
        self.send(self.refuse).await;
    }

    async fn relent(&self) {
        self.send(self.relent).await;
    }
}
