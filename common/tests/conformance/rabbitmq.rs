//! The queue on RabbitMQ: each test has a virtual host of its own, behind a proxy.

use std::sync::Arc;
use std::time::Duration;

use common::connect;
use common::ports::{Consumer, JobQueue, Level, PortError};
use common::vocabulary::Pool;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::proxy::Proxy;
use crate::queue::{self, Fixture, LONG, doorbell};
use crate::support::{LIMIT, one_line, service, soon};

pub(crate) struct Queue {
    user: String,
    password: String,
    host: Host,
    proxy: Proxy,
}

impl Queue {
    pub(crate) async fn start() -> Option<Self> {
        let (url, admin) = (service("REFIT_TEST_AMQP")?, service("REFIT_TEST_AMQP_ADMIN")?);
        let (login, rest) = url.strip_prefix("amqp://").unwrap().rsplit_once('@').unwrap();
        let (user, password) = login.split_once(':').unwrap();
        let proxy = Proxy::to(rest.split('/').next().unwrap()).await;
        let host = Host { admin, name: format!("test-{}", Uuid::new_v4()) };
        host.ask(Method::PUT, &format!("vhosts/{}", host.name), None).await;
        let everything = json!({"configure": ".*", "write": ".*", "read": ".*"});
        host.ask(Method::PUT, &format!("permissions/{}/{user}", host.name), Some(everything)).await;
        Some(Self { user: user.into(), password: password.into(), host, proxy })
    }

    fn url(&self) -> String {
        let Self { user, password, host, proxy } = self;
        format!("amqp://{user}:{password}@{}/{}", proxy.address, host.name)
    }
}

impl queue::Fixture for Queue {
    async fn connect(&self) -> Arc<dyn JobQueue> {
        connect::queue(&self.url()).await.unwrap()
    }

    async fn kill(&self, consumer: Box<dyn Consumer>) {
        std::mem::forget(consumer);
        self.proxy.cut();
    }

    async fn publish_garbage(&self, pool: &Pool) {
        let arguments = json!({
            "x-queue-type": "classic",
            "x-max-priority": 10,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": "refit.dead-letters",
        });
        self.host.declare(pool, arguments).await;
        let message = json!({
            "properties": {"priority": 10}, "routing_key": format!("refit.{pool}"),
            "payload": "wQ==", "payload_encoding": "base64",
        });
        let path = format!("exchanges/{}/amq.default/publish", self.host.name);
        assert_eq!(self.host.ask(Method::POST, &path, Some(message)).await["routed"], true);
    }
}

/// A virtual host, and how it is looked at from outside.
struct Host {
    admin: String,
    name: String,
}

impl Host {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = reqwest::Client::new().request(method, format!("{}/api/{path}", self.admin));
        let request = match body {
            Some(body) => request.json(&body),
            None => request.header("content-type", "application/json"),
        };
        let answer = request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
        serde_json::from_slice(&answer).unwrap_or_default()
    }

    async fn declare(&self, pool: &Pool, arguments: Value) {
        let path = format!("queues/{}/refit.{pool}", self.name);
        self.ask(Method::PUT, &path, Some(json!({"durable": true, "arguments": arguments}))).await;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let host = Self { admin: std::mem::take(&mut self.admin), name: std::mem::take(&mut self.name) };
        if host.name.is_empty() {
            return;
        }
        let deleting = std::thread::spawn(move || {
            let path = format!("vhosts/{}", host.name);
            tokio::runtime::Runtime::new().unwrap().block_on(host.ask(Method::DELETE, &path, None));
            std::mem::forget(host);
        });
        let _test_is_over = deleting.join();
    }
}

#[tokio::test]
async fn a_queue_with_other_arguments_is_refused_by_name() {
    let Some(fixture) = Queue::start().await else { return };
    fixture.host.declare(&Pool::cpu(), json!({})).await;
    let queue = fixture.connect().await;
    let refused = [
        queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG).await.unwrap_err(),
        queue.consume(&[Pool::cpu()]).await.err().unwrap(),
    ];
    for refused in refused {
        assert!(matches!(refused, PortError::Unusable { .. }), "{refused}");
        one_line(&refused, &fixture.password, &["the queue refit.cpu on amqp://", "inequivalent arg", "delete it"]);
    }
    // Only this queue: the others are as they should be, and the connection is the same.
    queue.probe().await.unwrap();
    queue.publish(&"gpu".parse().unwrap(), Level::MAX, &[doorbell()], LONG).await.unwrap();
}

#[tokio::test]
async fn who_is_refused_is_told_at_once() {
    let Some(fixture) = Queue::start().await else { return };
    let refused = async |url: &str| connect::queue(url).await.err().unwrap();
    let wrong = refused(&fixture.url().replace(&fixture.password, "hunter2")).await;
    assert!(matches!(wrong, PortError::Unusable { .. }));
    one_line(&wrong, "hunter2", &["amqp://", ":***@", "ACCESS_REFUSED"]);
    let nowhere = refused(&fixture.url().replace("/test-", "/none-")).await;
    assert!(matches!(nowhere, PortError::Unusable { .. }));
    one_line(&nowhere, &fixture.password, &["amqp://", "none-", "not found"]);
    let no_url = refused("amqp://user:hunter2@host:port").await;
    one_line(&no_url, "hunter2", &["amqp://user:***@host:port", "write amqp://USER:PASSWORD@HOST:PORT/VHOST"]);
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_waited_for() {
    let queue = connect::queue("amqp://user:hunter2@127.0.0.1:1/%2f").await.unwrap();
    let silent = queue.probe().await.unwrap_err();
    assert!(matches!(silent, PortError::Unreachable { .. }));
    one_line(&silent, "hunter2", &["amqp://user:***@127.0.0.1:1", "refused"]);
}

#[tokio::test]
async fn work_goes_on_after_a_lost_connection() {
    let Some(fixture) = Queue::start().await else { return };
    let queue = fixture.connect().await;
    let (first, second) = (doorbell(), doorbell());
    queue.publish(&Pool::cpu(), Level::MAX, &[first], LONG).await.unwrap();
    let mut consumer = queue.consume(&[Pool::cpu(), "gpu".parse().unwrap()]).await.unwrap();
    let held = soon("doorbell", consumer.next()).await.unwrap();

    fixture.proxy.cut();
    let lost = soon("the loss", consumer.next()).await.unwrap_err();
    assert!(matches!(lost, PortError::Unreachable { .. }));
    one_line(&lost, &fixture.password, &["amqp://"]);
    assert!(!consumer.ack(&held).await.unwrap());
    queue.publish(&Pool::cpu(), Level::of_score(90.0), &[second], LONG).await.unwrap();

    let mut anew = queue.consume(&[Pool::cpu(), "gpu".parse().unwrap()]).await.unwrap();
    let again = soon("redelivery", anew.next()).await.unwrap();
    assert_eq!((again.doorbells.as_slice(), again.redelivered), ([first].as_slice(), true));
    assert!(!anew.ack(&held).await.unwrap());
    assert!(anew.ack(&again).await.unwrap());
    assert!(!anew.ack(&again).await.unwrap());
    assert_eq!(soon("doorbell", anew.next()).await.unwrap().doorbells, [second]);
}

#[tokio::test]
async fn a_connection_that_is_half_dead_is_noticed() {
    let Some(fixture) = Queue::start().await else { return };
    let queue = fixture.connect().await;
    let mut consumer = queue.consume(&[Pool::cpu()]).await.unwrap();
    fixture.proxy.stall(true);
    let silent = soon("no confirm", queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG)).await.unwrap_err();
    assert!(matches!(silent, PortError::Unreachable { .. }));
    one_line(&silent, &fixture.password, &["amqp://", "no answer within"]);
    // Two heartbeats of 10 s, and half of one until somebody looks.
    let lost = tokio::time::timeout(2 * LIMIT, consumer.next()).await.expect("heartbeats are not missed");
    assert!(matches!(lost, Err(PortError::Unreachable { .. })));
    fixture.proxy.stall(false);
    let sent = doorbell();
    queue.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
    let mut anew = queue.consume(&[Pool::cpu()]).await.unwrap();
    // What was published into the silence may come too: a doorbell may ring for nothing.
    let received = async {
        loop {
            let delivery = anew.next().await.unwrap();
            assert!(anew.ack(&delivery).await.unwrap());
            if delivery.doorbells == [sent] {
                return;
            }
        }
    };
    soon("doorbell", received).await;
}

#[tokio::test]
async fn a_queue_that_was_deleted_is_made_anew() {
    let Some(fixture) = Queue::start().await else { return };
    let queue = fixture.connect().await;
    queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG).await.unwrap();
    let mut consumer = queue.consume(&["gpu".parse().unwrap(), Pool::cpu()]).await.unwrap();
    soon("doorbell", consumer.next()).await.unwrap();

    fixture.host.ask(Method::DELETE, &format!("queues/{}/refit.cpu", fixture.host.name), None).await;
    let ended = soon("the end", consumer.next()).await.unwrap_err();
    one_line(&ended, &fixture.password, &["ended the delivery"]);
    let returned = queue.publish(&Pool::cpu(), Level::MAX, &[doorbell()], LONG).await.unwrap_err();
    one_line(&returned, &fixture.password, &["the queue refit.cpu on amqp://", "returned a doorbell", "NO_ROUTE"]);
    let sent = doorbell();
    queue.publish(&Pool::cpu(), Level::MAX, &[sent], LONG).await.unwrap();
    let mut anew = queue.consume(&[Pool::cpu()]).await.unwrap();
    assert_eq!(soon("doorbell", anew.next()).await.unwrap().doorbells, [sent]);
}

/// The client library forgets a call that is made in the very moment the connection goes: it must not cost the time of a timeout.
#[tokio::test]
async fn a_call_beside_a_cut_is_made_again_at_once() {
    let Some(fixture) = Queue::start().await else { return };
    let (queue, pools) = (fixture.connect().await, [Pool::cpu()]);
    for _ in 0..40 {
        fixture.proxy.cut();
        let consuming = queue.consume(&pools);
        let consumer = tokio::time::timeout(Duration::from_secs(5), consuming).await.expect("it hangs").unwrap();
        drop(consumer);
    }
}

/// A worker holds one doorbell, and leaves the others to others.
#[tokio::test]
async fn a_consumer_holds_one_doorbell() {
    let Some(fixture) = Queue::start().await else { return };
    let queue = fixture.connect().await;
    let pools: [Pool; 2] = [Pool::cpu(), "gpu".parse().unwrap()];
    let mut greedy = queue.consume(&pools).await.unwrap();
    for pool in &pools {
        queue.publish(pool, Level::MAX, &[doorbell()], LONG).await.unwrap();
    }
    let first = soon("doorbell", greedy.next()).await.unwrap();
    let mut other = queue.consume(&pools).await.unwrap();
    let second = soon("the other doorbell", other.next()).await.unwrap();
    assert_ne!(first.doorbells, second.doorbells);
    assert!(tokio::time::timeout(Duration::from_millis(50), greedy.next()).await.is_err());
}
