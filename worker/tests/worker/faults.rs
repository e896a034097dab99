//! What dies, and what becomes of it.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::{FailureClass, WorkerId};
use common::wire::{Grant, Outcome, ToWorker};
use nix::sys::signal::Signal;

use crate::specs;
use crate::stage::{LIMIT, Stage, lives, until};

/// Trains under a fault of the executor at step 5, and says how the claim ended; afterwards the slot works again.
async fn fails(fault: &str, variables: &[(&str, &str)]) -> (FailureClass, String) {
    let mut stage = Stage::new().await;
    let (fault, once) = (format!("{fault}@training:5"), stage.path("once").display().to_string());
    let planted = [("REFIT_FAULT", fault.as_str()), ("REFIT_FAULT_ONCE", &once)];
    let _worker = stage.worker(&[&planted, variables].concat());
    let spec = specs::training(&stage, 2).await;
    let claim = stage.start(specs::train(&spec)).await;
    let Outcome::Failed { class, message } = stage.end(&claim).await.outcome else { panic!("{fault}: it failed") };
    assert_eq!(stage.seal(&claim).await, None, "{fault}");

    stage.ring_again(common::wire::Doorbell { job: claim.job, attempt: claim.attempt, trace: None }).await;
    let again = loop {
        let again = stage.claim().await;
        if again.claim != claim.claim {
            break again;
        }
    };
    stage.grant(again, specs::train(&spec), None).await;
    assert_eq!(stage.end(&again).await.outcome, Outcome::Sealed, "{fault}: the second time");
    (class, message)
}

#[tokio::test]
async fn a_crash_is_a_crash() {
    let (class, message) = fails("abort", &[]).await;
    assert_eq!(class, FailureClass::Crash);
    assert!(message.contains("SIGABRT"), "{message}");
    let (class, message) = fails("segfault", &[]).await;
    assert_eq!(class, FailureClass::Crash);
    assert!(message.contains("SIGSEGV"), "{message}");
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_code_and_says_where() {
    let (class, message) = fails("panic", &[]).await;
    assert_eq!(class, FailureClass::Code);
    assert!(message.contains("a planted panic") && message.contains("fault.rs"), "{message}");
}

#[tokio::test]
async fn no_memory_is_its_own_class() {
    let (class, message) = fails("oom", &[]).await;
    assert_eq!(class, FailureClass::OutOfMemory, "{message}");
    assert!(message.contains("memory allocation of"), "{message}");
}

#[tokio::test]
async fn a_training_that_hangs_has_stalled() {
    let (class, message) = fails("hang", &[("REFIT_WORKER__STALL_TIMEOUT", "1s")]).await;
    assert_eq!(class, FailureClass::Stall, "{message}");
}

#[tokio::test]
async fn a_training_that_runs_too_long_is_stopped() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::train(&specs::endless(&stage).await);
    stage.ring().await;
    let claim = stage.claim().await;
    let grant = Grant { claim, number: 1, spec, resume: None, batch_size: None, timeout: Some(1.0), trace: None };
    stage.send(claim.worker, &ToWorker::Grant { grants: vec![grant] }).await;
    let Outcome::Failed { class, message } = stage.end(&claim).await.outcome else { panic!("it failed") };
    assert_eq!(class, FailureClass::Timeout, "{message}");
}

/// Nothing is heard of the worker any more, and what it finishes counts all the same.
#[tokio::test]
async fn a_training_is_sealed_although_the_bus_has_vanished() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker_pausing_at(10);
    let spec = specs::training(&stage, 100).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.pause().await;
    stage.lose_bus();
    stage.go_on();
    let deadline = std::time::Instant::now() + LIMIT;
    while stage.seal(&claim).await.is_none() {
        assert!(std::time::Instant::now() < deadline, "no seal; the log:\n{}", stage.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn without_the_bus_a_training_goes_on_until_the_orphan_limit() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[("REFIT_WORKER__ORPHAN_LIMIT", "1s"), ("REFIT_DISPATCH__HEARTBEAT", "100ms")]);
    let spec = specs::endless(&stage).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.step(&claim, 10).await;
    stage.lose_bus();
    until("the training was given back", LIMIT, || stage.log().contains("the bus was out of reach for 1s")).await;
    let folder = StoreKey::claim(claim.job, claim.attempt, claim.claim);
    let left = stage.store.list(Some(&folder)).await.unwrap();
    assert!(left.iter().any(|entry| entry.key.as_str().contains("checkpoint-")), "with a checkpoint: {left:?}");
}

#[tokio::test]
async fn an_executor_killed_from_outside_is_a_crash_and_is_replaced() {
    let mut stage = Stage::new().await;
    let worker = stage.worker(&[]);
    let spec = specs::endless(&stage).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.step(&claim, 10).await;
    let executor = worker.executor();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(i32::try_from(executor).unwrap()), Signal::SIGKILL).unwrap();
    let Outcome::Failed { class, message } = stage.end(&claim).await.outcome else { panic!("it failed") };
    assert_eq!(class, FailureClass::Crash);
    assert!(message.contains("SIGKILL"), "{message}");
    stage.heartbeat("a free slot", |beat| beat.free == 1).await;
    until("a fresh executor is there", LIMIT, || worker.executor() != executor).await;
}

#[tokio::test]
async fn a_killed_supervisor_leaves_no_orphan_and_the_next_worker_sweeps_its_folder() {
    let mut stage = Stage::new().await;
    let mut worker = stage.worker(&[]);
    let spec = specs::endless(&stage).await;
    let claim = stage.start(specs::train(&spec)).await;
    stage.step(&claim, 10).await;
    let (executor, folder) = (worker.executor(), stage.workers().join(claim.worker.to_string()));
    assert!(lives(executor) && folder.exists());
    worker.signal(Signal::SIGKILL);
    assert_eq!(worker.killed_by().await, Some(Signal::SIGKILL as i32));
    until("the executor has gone with it", Duration::from_secs(5), || !lives(executor)).await;

    let _next = stage.worker(&[]);
    let beat = stage.heartbeat("the next worker", |beat| beat.worker != claim.worker).await;
    assert_eq!(beat.dead, [claim.worker], "G2: nobody need wait for its lease");
    until("A15: what the dead left is gone", LIMIT, || !folder.exists()).await;
    assert!(stage.workers().join(beat.worker.to_string()).exists());
    assert!(beat.worker != WorkerId::nil() && beat.held.is_empty());
}

#[tokio::test]
async fn a_worker_goes_down_with_its_parent() {
    let stage = Stage::new().await;
    let script = r#""$0" run --slots 1 --with-parent --data-dir "$1" & echo $!; read -r forever"#;
    let mut parent = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(crate::stage::binary())
        .arg(stage.path("data"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(parent.stdout.take().unwrap()), &mut line).unwrap();
    let worker: u32 = line.trim().parse().unwrap();
    until("the worker is up", LIMIT, || stage.workers().exists()).await;
    assert!(lives(worker));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("the worker has gone too", LIMIT, || !lives(worker)).await;
}

#[tokio::test]
async fn g1_a_worker_killed_at_any_step_seals_at_most_once() {
    for (step, sealed) in [
        ("claimed", false),
        ("downloaded", false),
        ("before_upload", false),
        ("before_seal", false),
        ("after_seal", true),
    ] {
        let mut stage = Stage::new().await;
        let mut worker = stage.worker(&[("REFIT_FAULT", &format!("kill@{step}"))]);
        let spec = specs::training(&stage, 1).await;
        let claim = stage.start(specs::train(&spec)).await;
        assert_eq!(worker.killed_by().await, Some(Signal::SIGKILL as i32), "{step}");
        assert_eq!(stage.seal(&claim).await.is_some(), sealed, "{step}");
    }
}

/// It hangs in the driver of its device, as far as its supervisor can tell.
#[tokio::test]
async fn an_executor_that_cannot_be_killed_costs_its_slot_and_the_job_goes_elsewhere() {
    let mut stage = Stage::new().await;
    let once = stage.path("once").display().to_string();
    let mut worker = stage.worker(&[
        ("REFIT_FAULT", "undying@training:5"),
        ("REFIT_FAULT_ONCE", &once),
        ("REFIT_WORKER__STALL_TIMEOUT", "1s"),
    ]);
    let spec = specs::training(&stage, 2).await;
    let claim = stage.start(specs::train(&spec)).await;
    let Outcome::Failed { class, message } = stage.end(&claim).await.outcome else { panic!("it failed") };
    assert_eq!(class, FailureClass::Lost, "{message}");
    assert!(message.contains("no progress") && message.contains("cannot be killed"), "{message}");
    let beat = stage.heartbeat("no slot", |beat| beat.slots == 0).await;
    assert_eq!(beat.free, 0);
    assert!(beat.troubles[0].contains("slot-0 on cpu is retired"), "{:?}", beat.troubles);
    stage.send(claim.worker, &ToWorker::Recorded { claims: vec![claim.claim] }).await;
    // Whoever keeps workers running starts another.
    assert_eq!(worker.ended(LIMIT).await.code(), Some(1));
    assert!(stage.log().contains("no slot is left"), "{}", stage.log());
}

/// Else it would be sent jobs without end.
#[tokio::test]
async fn a_worker_that_cannot_reach_the_queue_says_so_and_has_no_free_slot() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[("REFIT_STORAGE__QUEUE", "amqp://refit:hunter2@127.0.0.1:1/")]);
    let beat = stage.heartbeat("its trouble", |beat| !beat.troubles.is_empty()).await;
    assert_eq!((beat.free, beat.slots), (0, 1));
    let trouble = &beat.troubles[0];
    assert!(trouble.contains("no job can reach it") && trouble.contains("cannot be reached"), "{trouble}");
    assert!(!trouble.contains("hunter2"), "{trouble}");
}
