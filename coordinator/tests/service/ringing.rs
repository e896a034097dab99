//! Doorbells on their way: a broker that does not answer for one pool holds up no other.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::ports::{Consumer, DeadLetters, JobQueue, Level, PortError};
use common::vocabulary::Pool;
use common::wire::Doorbell;
use coordinator::views::ProbeRequest;

use crate::kit::{Environment, Worker};

/// A queue that never answers whoever publishes to one pool.
struct Frozen {
    pool: Pool,
    queue: Arc<dyn JobQueue>,
}

#[async_trait]
impl JobQueue for Frozen {
    async fn publish(&self, pool: &Pool, level: Level, doorbells: &[Doorbell], ttl: Duration) -> Result<(), PortError> {
        if *pool == self.pool {
            std::future::pending::<()>().await;
        }
        self.queue.publish(pool, level, doorbells, ttl).await
    }

    async fn consume(&self, pools: &[Pool]) -> Result<Box<dyn Consumer>, PortError> {
        self.queue.consume(pools).await
    }

    async fn dead_letters(&self) -> Result<DeadLetters, PortError> {
        self.queue.dead_letters().await
    }

    async fn probe(&self) -> Result<(), PortError> {
        self.queue.probe().await
    }

    fn system(&self) -> &'static str {
        self.queue.system()
    }

    fn name_of(&self, pool: &Pool) -> String {
        self.queue.name_of(pool)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g14_a_publish_that_waits_holds_up_no_other_pool() {
    let mut environment = Environment::new().await;
    let frozen: Pool = "frozen".parse().unwrap();
    environment.settings.coordinator.pools = ["cpu", "frozen"].map(|text| text.parse().unwrap()).into();
    environment.ports.queue = Arc::new(Frozen { pool: frozen.clone(), queue: environment.ports.queue.clone() });
    let running = environment.start().await;
    let ports = &running.environment.ports;
    let _never_rung = Worker::of_pool(ports, frozen.clone(), 1).await;
    let mut worker = Worker::start(ports, 1).await;
    let probe = async |pool: &Pool, priority: f64| {
        let (pool, priority) = (Some(pool.to_string()), Some(priority));
        let request = ProbeRequest { count: 1, work_ms: 10_000, pool, priority };
        running.refit.probe(request).await.unwrap();
    };
    // Out before the other, so that its doorbell waits for the broker when the other is handed out.
    probe(&frozen, 0.0).await;
    crate::kit::wait_for("the first to leave the line", || async {
        running.jobs().await.iter().any(|job| job.state == "dispatched").then_some(())
    })
    .await;
    for _ in 0..3 {
        probe(&Pool::cpu(), 50.0).await;
        let grant = worker.take().await;
        worker.done(&[grant.claim]).await;
    }
}
