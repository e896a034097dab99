//! Where jobs may run: pools and what they offer, what autoscalers go by, and the CPU that stands in (F1).

use std::time::Duration;

use common::vocabulary::{Pool, WorkerId};
use coordinator::service::Error;
use coordinator::views::{PageQuery, PauseRequest, PoolState, TrainingItem, TrainingRequest, WorkerFilter};

use crate::kit::{Environment, Quality, Running, Worker, key, last_day, wait_for};

fn pool(name: &str) -> Pool {
    name.parse().unwrap()
}

/// Asks for a training in a pool, on a device with some memory.
async fn train_in(
    running: &Running,
    symbol: &str,
    pool: &str,
    device: Option<&str>,
    memory: Option<u64>,
) -> Result<TrainingItem, String> {
    let request = TrainingRequest {
        model: format!("forecaster/{symbol}"),
        force: true,
        as_of: Some(last_day()),
        pool: Some(pool.into()),
        device: device.map(str::to_owned),
        memory,
        ..TrainingRequest::default()
    };
    match running.refit.train(request).await {
        Ok(mut answer) => Ok(answer.items.remove(0)),
        Err(Error::Refused { reason: why }) => Err(why),
        Err(error) => panic!("{error}"),
    }
}

async fn heard(running: &Running, worker: WorkerId) {
    let id = newtype_uuid::GenericUuid::into_untyped_uuid(worker);
    wait_for("the worker to be heard", || async {
        running.refit.workers(WorkerFilter::default()).await.unwrap().items.iter().any(|w| w.id == id).then_some(())
    })
    .await;
}

/// An environment whose pools are `cpu` and `gpu=cuda:24GiB`.
async fn with_gpus(fallback: bool) -> Running {
    let mut environment = Environment::new().await;
    environment.settings.coordinator.pools = ["cpu", "gpu=cuda:24GiB"].map(|text| text.parse().unwrap()).into();
    environment.settings.dispatch.cpu_fallback = fallback;
    environment.start().await
}

/// A pool wants slots also while nobody serves it; what is paused wants none.
#[tokio::test(flavor = "multi_thread")]
async fn f1_wanted_and_capacity_are_what_an_autoscaler_needs() {
    let running = with_gpus(false).await;
    let numbers = async |name: &str| {
        let numbers = running.refit.scaling(pool(name)).await.unwrap();
        (numbers.wanted, numbers.capacity, numbers.queued, numbers.running)
    };
    assert_eq!(numbers("gpu").await, (0, 0, 0, 0));
    for symbol in ["AAPL", "MSFT", "KO"] {
        running.import(symbol, 400).await;
        train_in(&running, symbol, "gpu", None, None).await.unwrap();
    }
    assert_eq!(numbers("gpu").await, (3, 0, 3, 0));
    assert_eq!(numbers("cpu").await, (0, 0, 0, 0));
    running.refit.pause_model(&key("KO"), PauseRequest::default()).await.unwrap();
    assert_eq!(numbers("gpu").await, (2, 0, 3, 0), "a paused model wants nothing");
    running.refit.resume_model(&key("KO")).await.unwrap();

    let mut worker = Worker::of_pool(&running.environment.ports, pool("gpu"), 2).await;
    let grant = worker.take().await;
    worker.take().await;
    assert_eq!(numbers("gpu").await, (3, 2, 1, 2));
    running.refit.pause_pool(pool("gpu"), PauseRequest::default()).await.unwrap();
    assert_eq!(numbers("gpu").await, (2, 2, 1, 2), "a paused pool wants what runs");
    worker.finish(&grant, Quality::GOOD).await;
    assert_eq!(numbers("gpu").await, (1, 2, 1, 1));
    let listed = running.refit.pools(PageQuery::default()).await.unwrap().items;
    let shown: Vec<_> = listed.iter().map(|p| (p.scaling.pool.as_str(), p.state, p.scaling.held)).collect();
    assert_eq!(shown, [("cpu", PoolState::Open, 0), ("gpu", PoolState::Paused, 1)]);
    assert_eq!(listed[1].offers.as_deref(), Some("cuda, 24.0 GiB"));
}

/// What no worker can ever run is refused at once, not left waiting for ever.
#[tokio::test(flavor = "multi_thread")]
async fn f1_what_nobody_can_ever_run_is_said_at_once() {
    let running = with_gpus(false).await;
    running.import("AAPL", 400).await;
    let no_pool = train_in(&running, "AAPL", "gpu-80g", None, None).await.unwrap_err();
    assert!(no_pool.contains("no worker can ever run this: pool gpu-80g") && no_pool.contains("there are cpu, gpu"));
    let too_much = train_in(&running, "AAPL", "gpu", None, Some(40 << 30)).await.unwrap_err();
    assert!(too_much.contains("needs 40.0 GiB of memory, and pool gpu offers cuda, 24.0 GiB"), "{too_much}");
    assert!(running.jobs().await.is_empty());

    // A live worker is as good as the configuration; this one has no slot, so the job stays in the backlog.
    let worker = Worker::of_pool(&running.environment.ports, pool("gpu-80g"), 0).await;
    heard(&running, worker.id).await;
    let item = train_in(&running, "AAPL", "gpu-80g", None, None).await.unwrap();
    assert_eq!(item.result, "requested");
    // Gone again, and still nowhere in the configuration: the job says so.
    worker.fall_silent();
    wait_for("the job to say so", || async {
        running.job(&item).await.why.starts_with("no worker can ever run this: pool gpu-80g").then_some(())
    })
    .await;
}

/// Off, it waits and says for whom; on, it runs on the CPU and says so; what asks for a GPU waits for one.
#[tokio::test(flavor = "multi_thread")]
async fn f1_the_cpu_stands_in_only_where_the_settings_allow_it() {
    let running = with_gpus(false).await;
    running.import("AAPL", 400).await;
    let mut worker = running.worker(1).await;
    let item = train_in(&running, "AAPL", "gpu", None, None).await.unwrap();
    assert!(worker.doorbell_within(Duration::from_millis(1500)).await.is_none());
    assert_eq!(running.job(&item).await.why, "waits: no live worker in pool gpu");

    let mut environment = running.crash().await;
    environment.settings.dispatch.cpu_fallback = true;
    let running = environment.start().await;
    running.import("MSFT", 400).await;
    let picky = train_in(&running, "MSFT", "gpu", Some("cuda"), None).await.unwrap();
    let grant = worker.take().await;
    assert_eq!(grant.claim.job, crate::kit::id(&item));
    let job = running.job(&item).await;
    assert_eq!((job.pool.as_str(), job.stand_in.as_deref()), ("gpu", Some("cpu")));
    assert!(job.why.contains("in pool cpu, for no worker of pool gpu lives"), "{}", job.why);
    assert_eq!(running.refit.scaling(pool("gpu")).await.unwrap().wanted, 2, "it is still the work of its pool");
    worker.finish(&grant, Quality::GOOD).await;
    assert!(worker.doorbell_within(Duration::from_millis(700)).await.is_none());
    let mut gpu = Worker::of_pool(&running.environment.ports, pool("gpu"), 1).await;
    assert_eq!(gpu.take().await.claim.job, crate::kit::id(&picky));
    assert_eq!(running.job(&picky).await.stand_in, None);
}

/// A device that is asked for is refused where no worker has it, waited for where one may come, and no other stands in for it.
#[tokio::test(flavor = "multi_thread")]
async fn f1_a_device_that_is_asked_for_is_never_exchanged_for_another() {
    let running = with_gpus(false).await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    running.import("KO", 400).await;
    // Nobody is there yet, and nothing is said of the pool: one may come.
    let early = train_in(&running, "KO", "cpu", Some("cuda"), None).await.unwrap();
    let mut cpu = Worker::with_devices(&running.environment.ports, pool("cpu"), 2, &["cpu"]).await;
    heard(&running, cpu.id).await;
    let refused = train_in(&running, "AAPL", "cpu", Some("cuda"), None).await.unwrap_err();
    assert!(refused.contains("it needs a device cuda, and no live worker of pool cpu has it"), "{refused}");
    // It holds up nobody behind it.
    let plain = train_in(&running, "AAPL", "cpu", Some("cpu"), None).await.unwrap();
    assert_eq!(cpu.take().await.claim.job, crate::kit::id(&plain));
    assert!(cpu.doorbell_within(Duration::from_millis(700)).await.is_none(), "the other waits");
    assert_eq!(running.job(&early).await.state, "queued");

    // Both kinds serve one pool: whoever answers first and has not what is needed is refused.
    let mut gpu = Worker::with_devices(&running.environment.ports, pool("cpu"), 1, &["cuda:0"]).await;
    heard(&running, gpu.id).await;
    let trains = async {
        while running.job(&early).await.state != "running" {
            for worker in [&mut cpu, &mut gpu] {
                if let Some(doorbell) = worker.doorbell_within(Duration::from_millis(200)).await {
                    let claim = worker.claim_of(doorbell);
                    let _refused_or_granted = worker.claim(claim).await;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), trains).await.expect("the GPU trains");
}

/// What the configuration promises and no live worker has is named, instead of a position in a backlog that does not move. Where there is a
/// GPU, the processor beside it is no device to train on.
#[tokio::test(flavor = "multi_thread")]
async fn f1_a_job_whose_device_no_live_worker_has_says_what_it_waits_for() {
    let running = with_gpus(false).await;
    running.import("AAPL", 400).await;
    let blind = Worker::with_devices(&running.environment.ports, pool("gpu"), 1, &["cpu"]).await;
    heard(&running, blind.id).await;
    let item = train_in(&running, "AAPL", "gpu", Some("cuda"), None).await.unwrap();
    wait_for("the reason", || async {
        let why = running.job(&item).await.why;
        (why == "waits: no live worker in pool gpu has a device cuda").then_some(())
    })
    .await;
    let mut gpu = Worker::with_devices(&running.environment.ports, pool("gpu"), 1, &["cuda:0", "cpu"]).await;
    assert_eq!(gpu.take().await.claim.job, crate::kit::id(&item));
}

/// Who computes on the processor alone is refused a GPU; a processor it has on every worker, also on one that trains others on GPUs.
#[tokio::test(flavor = "multi_thread")]
async fn f1_a_family_of_the_processor_gets_no_gpu() {
    let running = with_gpus(false).await;
    running.with_every_family().await;
    let mut gpu = Worker::with_devices(&running.environment.ports, pool("gpu"), 1, &["cuda:0", "cpu"]).await;
    heard(&running, gpu.id).await;
    let on = |device: &str| TrainingRequest {
        model: "text/rows".into(),
        force: true,
        pool: Some("gpu".into()),
        device: Some(device.into()),
        ..TrainingRequest::default()
    };
    let refused = running.refit.train(on("cuda")).await.unwrap_err().to_string();
    assert!(refused.contains("a text model computes on the processor alone"), "{refused}");
    let item = running.refit.train(on("cpu")).await.unwrap().items.remove(0);
    assert_eq!(gpu.take().await.claim.job, crate::kit::id(&item));
}
