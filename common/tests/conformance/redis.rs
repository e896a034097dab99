//! The bus on Redis: each test has a prefix of its own, behind a proxy.

use std::sync::Arc;
use std::time::Duration;

use common::connect;
use common::ports::{Cursor, EventBus, MESSAGES_KEPT, Mailbox, PortError};
use redis::aio::MultiplexedConnection;
use uuid::Uuid;

use crate::bus::{self, Fixture, bodies, body};
use crate::private_redis::{PrivateRedis, Stubborn};
use crate::proxy::Proxy;
use crate::refusing::a_bus_that_takes_no_writes_is_an_outage;
use crate::support::{LIMIT, one_line, service, soon};

pub(crate) struct Bus {
    url: String,
    through: String,
    prefix: String,
    proxy: Proxy,
}

impl Bus {
    pub(crate) async fn start() -> Option<Self> {
        let url = service("REFIT_TEST_REDIS")?;
        let (proxy, through) = Proxy::before(&url).await;
        Some(Self { url, through, prefix: format!("test-{}", Uuid::new_v4()), proxy })
    }

    fn url(&self) -> String {
        format!("{}?prefix={}", self.through, self.prefix)
    }

    fn password(&self) -> &str {
        let (login, _) = self.url.strip_prefix("redis://").unwrap().rsplit_once('@').unwrap();
        login.split_once(':').unwrap().1
    }

    async fn outside(&self) -> MultiplexedConnection {
        redis::Client::open(self.url.as_str()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }
}

impl bus::Fixture for Bus {
    async fn connect(&self) -> Arc<dyn EventBus> {
        connect::bus(&self.url()).await.unwrap()
    }
}

/// As `FLUSHALL` would do, without harm to the other tests.
async fn flush(fixture: &Bus) {
    let mut outside = fixture.outside().await;
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("{}:*", fixture.prefix)).query_async(&mut outside).await.unwrap();
    redis::cmd("DEL").arg(keys).query_async::<()>(&mut outside).await.unwrap();
    redis::cmd("SCRIPT").arg("FLUSH").query_async::<()>(&mut outside).await.unwrap();
}

#[tokio::test]
async fn a_flush_does_not_hide_what_comes_later() {
    let Some(fixture) = Bus::start().await else { return };
    let bus = fixture.connect().await;
    // Often: some of them within one millisecond.
    for _ in 0..50 {
        for number in 0..3 {
            bus.post(Mailbox::Coordinator, body(number)).await.unwrap();
        }
        let cursor = bus.tail(Mailbox::Coordinator).await.unwrap();
        flush(&fixture).await;
        bus.post(Mailbox::Coordinator, body(3)).await.unwrap();
        assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, cursor).await, [body(3)]);
    }
    // A reader that is waiting meanwhile hears of it too.
    let cursor = bus.tail(Mailbox::Coordinator).await.unwrap();
    let read = soon("message", bus.read(Mailbox::Coordinator, cursor, 1, LIMIT));
    let (read, ()) = tokio::join!(read, async {
        flush(&fixture).await;
        bus.post(Mailbox::Coordinator, body(4)).await.unwrap();
    });
    assert_eq!(read.unwrap()[0].body, body(4));
}

#[tokio::test]
async fn what_nobody_reads_goes_by_itself() {
    let Some(fixture) = Bus::start().await else { return };
    let bus = fixture.connect().await;
    let mut outside = fixture.outside().await;
    let key = format!("{}:mailbox:predictors", fixture.prefix);
    // Too old, and more of them than Redis keeps together.
    for number in 0..300 {
        let entry = redis::cmd("XADD").arg(&key).arg(format!("1000-{number}")).arg("body").arg("old").to_owned();
        entry.query_async::<()>(&mut outside).await.unwrap();
    }
    bus.post(Mailbox::Predictors, body(1)).await.unwrap();
    let left: u64 = redis::cmd("XLEN").arg(&key).query_async(&mut outside).await.unwrap();
    assert!(left <= 101, "{left} are left");
    let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut outside).await.unwrap();
    let most = 2 * MESSAGES_KEPT.as_millis() as i64;
    assert!((most - 10_000..=most).contains(&left), "{left}");
}

#[tokio::test]
async fn who_is_refused_is_told_at_once() {
    let Some(fixture) = Bus::start().await else { return };
    let wrong = connect::bus(&fixture.url().replace(fixture.password(), "hunter2")).await.err().unwrap();
    assert!(matches!(wrong, PortError::Unusable { .. }), "{wrong}");
    one_line(&wrong, "hunter2", &["redis://", ":***@"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for() {
    let bus = connect::bus("redis://:hunter2@127.0.0.1:1").await.unwrap();
    let silent = bus.probe().await.unwrap_err();
    assert!(matches!(silent, PortError::Unreachable { .. }));
    one_line(&silent, "hunter2", &["redis://:***@127.0.0.1:1", "refused"]);
    assert!(matches!(bus.take(Mailbox::Predictors, LIMIT).await, Err(PortError::Unreachable { .. })));
}

#[tokio::test]
async fn work_goes_on_after_a_lost_connection() {
    let Some(fixture) = Bus::start().await else { return };
    let bus = fixture.connect().await;
    bus.post(Mailbox::Coordinator, body(0)).await.unwrap();
    // A connection that is kept for the next wait is lost as well.
    bus.read(Mailbox::Coordinator, Cursor::default(), 1, LIMIT).await.unwrap();
    fixture.proxy.cut();
    bus.probe().await.unwrap();
    let posted = bus.read(Mailbox::Coordinator, Cursor::default(), 1, LIMIT).await.unwrap();
    assert_eq!(posted[0].body, body(0));
    fixture.proxy.cut();
    bus.post(Mailbox::Coordinator, body(1)).await.unwrap();
    assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, posted[0].cursor).await, [body(1)]);
    // Whoever waits while it happens is told, and may wait again.
    let cursor = bus.tail(Mailbox::Coordinator).await.unwrap();
    let mut waiting = std::pin::pin!(soon("the loss", bus.read(Mailbox::Coordinator, cursor, 1, LIMIT)));
    let mut now_and_then = tokio::time::interval(Duration::from_millis(20));
    let lost = loop {
        tokio::select! {
            lost = &mut waiting => break lost,
            _ = now_and_then.tick() => fixture.proxy.cut(),
        }
    };
    assert!(matches!(lost, Err(PortError::Unreachable { .. })), "{lost:?}");
    bus.probe().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_half_dead_is_noticed() {
    let Some(fixture) = Bus::start().await else { return };
    let bus = fixture.connect().await;
    fixture.proxy.stall(true);
    let silent = soon("no answer", bus.probe()).await.unwrap_err();
    assert!(matches!(silent, PortError::Unreachable { .. }));
    one_line(&silent, fixture.password(), &["redis://", ":***@"]);
    let silent = soon("no message", bus.read(Mailbox::Coordinator, Cursor::default(), 1, LIMIT)).await;
    assert!(matches!(silent, Err(PortError::Unreachable { .. })));
    fixture.proxy.stall(false);
    bus.probe().await.unwrap();
    bus.post(Mailbox::Coordinator, body(1)).await.unwrap();
    assert_eq!(bodies(bus.as_ref(), Mailbox::Coordinator, Cursor::default()).await, [body(1)]);
}

/// Full, a replica, cut off from its replicas or from its primary: it answers, and is an outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g14_a_server_that_takes_no_writes_is_an_outage() {
    const CASES: [[&[&str]; 2]; 4] = [
        [&["CONFIG SET maxmemory 1"], &["CONFIG SET maxmemory 0"]],
        [&["REPLICAOF 127.0.0.1 1"], &["REPLICAOF NO ONE"]],
        [&["CONFIG SET min-replicas-to-write 1"], &["CONFIG SET min-replicas-to-write 0"]],
        [&["CONFIG SET replica-serve-stale-data no", "REPLICAOF 127.0.0.1 1"], &["REPLICAOF NO ONE"]],
    ];
    for [refuse, relent] in CASES {
        let Some(server) = PrivateRedis::start().await else { return };
        a_bus_that_takes_no_writes_is_an_outage(&Stubborn { server, refuse, relent }).await;
    }
}

/// The old primary is a replica now and lives on, with all connections on it: the bus finds the new one behind the same address, and so
/// does who waits there for news.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g14_after_a_failover_the_new_primary_is_found() {
    let (Some(old), Some(new)) = (PrivateRedis::start().await, PrivateRedis::start().await) else { return };
    let proxy = Proxy::to(&old.address()).await;
    let url = format!("redis://{}", proxy.address);
    let (near, far) = (connect::bus(&url).await.unwrap(), connect::bus(&url).await.unwrap());
    near.post(Mailbox::Coordinator, body(0)).await.unwrap();
    new.follow(&old).await;
    // What a process does all the time.
    let probing = far.clone();
    let probing = tokio::spawn(async move {
        loop {
            let _an_outage_at_first = probing.probe().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let heard = tokio::spawn(async move {
        let mut cursor = Cursor::default();
        loop {
            match far.read(Mailbox::Coordinator, cursor, 1, LIMIT).await {
                Ok(posted) if posted[0].body == body(1) => return,
                Ok(posted) => cursor = posted[0].cursor,
                Err(error) => assert!(matches!(error, PortError::Unreachable { .. }), "{error}"),
            }
        }
    });
    new.send("REPLICAOF NO ONE").await.unwrap();
    old.follow(&new).await;
    proxy.lead_to(&new.address());
    soon("the new primary", async { while near.post(Mailbox::Coordinator, body(1)).await.is_err() {} }).await;
    soon("who waited", heard).await.unwrap();
    near.probe().await.unwrap();
    probing.abort();
}
