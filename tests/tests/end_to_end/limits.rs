//! A machine at its limits: clear errors, nothing live harmed, and the work is done once there is room (G1).

use std::time::{Duration, Instant};

use common::connect;
use common::ports::{Cursor, Mailbox, PortError, StoreKey};
use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::limits::{MemoryCage, SmallDisk};
use refit_tests::slow::SlowClients;
use refit_tests::{Installation, prices, wait};
use serde_json::Value;

/// The latest attempt of a job that has ended, if one has.
fn ended_attempt(refit: &Installation, job: &str) -> Option<Value> {
    let job = refit.job(job);
    job["attempts"].as_array()?.iter().find(|attempt| !attempt["ended_at"].is_null()).cloned()
}

#[test]
fn c10_a_finished_training_waits_for_a_full_store_and_what_is_live_stays_live() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let mut refit = Installation::new();
    refit.set("REFIT_STORAGE__STORE", &format!("file://{}", disk.path().join("store").display()));
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    refit.import(symbol, 0..prices::rows(symbol));
    let first = refit.ended(&refit.train(&model, &["--set", "epochs=1"]));
    assert_eq!(first["state"], "completed", "{first}\n{}", refit.logs());
    if refit.json(&["models"])[0]["live"].is_null() {
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }

    disk.fill();
    let job = refit.train(&model, &["--mode", "complete", "--set", "epochs=1"]);
    let why = || refit.job(&job)["why"].as_str().filter(|why| why.contains("its result waits")).map(str::to_owned);
    let why = wait::until("the result to meet the full disk", LIMIT, why);
    assert!(why.contains("its result waits for the store: no space left"), "{why}");
    assert_eq!(refit.json(&["models"])[0]["live"]["version"], "v1.0");
    let forecast = &refit.json(&["forecast", symbol])[0];
    assert_eq!((&forecast["symbol"], forecast["because"].is_string()), (&symbol.as_str().into(), true), "{forecast}");

    disk.free();
    let job = refit.ended(&job);
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v2.0".into()), "{job}\n{}", refit.logs());
    assert_eq!(job["attempts"].as_array().map(Vec::len), Some(1), "nothing was thrown away: {job}");
}

/// A real cgroup, and the kernel's own verdict: the training is tried once more with half the batch, and that is recorded.
#[test]
fn g1_a_training_killed_for_memory_is_tried_again_with_half_the_batch() {
    let Some(cage) = MemoryCage::new() else { return };
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    refit.import(symbol, 0..prices::rows(symbol));

    refit.start_worker_inside(&cage);
    let ready = || (refit.json(&["workers"])[0]["free"] == 1).then_some(());
    wait::until("the worker to have a free slot", LIMIT, ready);
    cage.limit(cage.allocated() + (90 << 20));
    let large = ["--set", "epochs=1", "--set", "batch_size=1024", "--set", "hidden=128", "--set", "window=120"];
    let job = refit.train(&model, &large);
    let attempt = wait::until("an attempt to be killed", LIMIT, || ended_attempt(&refit, &job));
    assert_eq!(attempt["outcome"], "out_of_memory", "{attempt}\n{}", refit.logs());

    cage.limit(4 << 30);
    let job = refit.ended(&job);
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let version = &refit.versions(&model)[0];
    assert_eq!(version["manifest"]["hyper"]["batch_size"], 512, "{version}");
}

#[tokio::test]
async fn a_full_store_says_so_and_keeps_what_it_has() {
    let Some(disk) = SmallDisk::mount(1) else { return };
    let store = connect::store(&format!("file://{}", disk.path().join("store").display())).await.unwrap();
    let key = |text: &str| text.parse::<StoreKey>().unwrap();
    store.put(&key("live/weights"), "live".into()).await.unwrap();

    let large = vec![7; 2 << 20];
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("large");
    std::fs::write(&file, &large).unwrap();
    let full =
        |written: Result<(), PortError>| matches!(written, Err(PortError::Full { what }) if what.ends_with("weights"));
    assert!(full(store.put(&key("live/weights"), large.clone().into()).await));
    assert!(full(store.create(&key("new/weights"), large.into()).await.map(|_| ())));
    assert!(full(store.upload(&key("new/weights"), &file).await));

    assert_eq!(store.get(&key("live/weights")).await.unwrap(), "live");
    assert_eq!(store.list(None).await.unwrap().len(), 1);
    // Nothing half-written takes the room that is left.
    store.put(&key("small"), vec![7; 512 << 10].into()).await.unwrap();
}

#[tokio::test]
async fn a_full_bus_says_so_and_keeps_what_it_has() {
    let Some(disk) = SmallDisk::mount(1) else { return };
    let bus = connect::bus(&format!("sqlite://{}", disk.path().join("bus.db").display())).await.unwrap();
    bus.post(Mailbox::Coordinator, "first".into()).await.unwrap();
    let refused = loop {
        if let Err(error) = bus.post(Mailbox::Coordinator, vec![7; 100 << 10].into()).await {
            break error;
        }
    };
    assert!(matches!(refused, PortError::Full { .. }), "{refused}");
    let first = bus.read(Mailbox::Coordinator, Cursor::default(), 1, Duration::ZERO).await.unwrap();
    assert_eq!(first[0].body, "first");
}

/// Clients that send a byte a second hold up neither others nor the end; and a second signal waits for nobody.
#[test]
fn g1_slow_clients_do_not_hold_up_the_end_of_a_coordinator() {
    for signals in [1, 2] {
        let mut refit = Installation::new();
        refit.start_coordinator(&[]);
        let clients = SlowClients::start(&refit.address().expect("an address"), 60);
        refit.json(&["models"]);
        let coordinator = refit.coordinator.as_mut().expect("a coordinator");
        let asked = Instant::now();
        coordinator.signal(Signal::SIGTERM);
        if signals == 2 {
            let stopping = || coordinator.output().contains("this coordinator is asked to end").then_some(());
            wait::until("the first signal to be heard", LIMIT, stopping);
            coordinator.signal(Signal::SIGTERM);
        }
        let status = coordinator.wait(LIMIT);
        println!("{signals} signals: ended after {:.1?}", asked.elapsed());
        assert!(status.success(), "{status}\n{}", refit.logs());
        // What a busy machine adds is less than what one of the two waits for.
        let limit = if signals == 1 { Duration::from_secs(25) } else { Duration::from_secs(8) };
        assert!(asked.elapsed() < limit, "ended after {:?}\n{}", asked.elapsed(), refit.logs());
        drop(clients);
    }
}
