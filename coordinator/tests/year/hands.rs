//! Scripted workers: they keep the protocol, and draw losses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use common::vocabulary::{FailureClass, JobSpec, Snapshot};
use common::wire::Grant;
use coordinator::service::Ports;
use tokio::task::JoinHandle;

use crate::kit::{ClaimAnswer, Worker};
use crate::process::Process;

/// Of so many trainings, one fails: the machine it ran on, not its rows.
const FAILS: u64 = 97;

/// Some workers at work.
pub(crate) struct Hands {
    working: Vec<JoinHandle<()>>,
    /// Told to stand still with what they hold, as a machine that is gone.
    pub(crate) frozen: Arc<AtomicBool>,
    /// Trainings that they have done.
    pub(crate) trainings: Arc<AtomicU64>,
}

impl Hands {
    /// So many, of one slot each.
    pub(crate) async fn start(ports: &Ports, process: &Arc<Process>, count: usize) -> Self {
        let (frozen, trainings) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut working = Vec::new();
        for _ in 0..count {
            let worker = Worker::start(ports, 1).await;
            working.push(tokio::spawn(work(worker, process.clone(), frozen.clone(), trainings.clone())));
        }
        Self { working, frozen, trainings }
    }
}

impl Hands {
    /// Whether one of them has ended, which none does.
    pub(crate) fn are_broken(&self) -> bool {
        self.working.iter().any(JoinHandle::is_finished)
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.working.iter().for_each(JoinHandle::abort);
    }
}

async fn work(mut worker: Worker, process: Arc<Process>, frozen: Arc<AtomicBool>, trainings: Arc<AtomicU64>) {
    loop {
        for bell in worker.doorbells_within(Duration::from_secs(1)).await {
            let claim = worker.claim_of(bell);
            let ClaimAnswer::Granted(grant) = worker.claim(claim).await else { continue };
            if frozen.load(Ordering::SeqCst) {
                // It is never heard of again.
                worker.fall_silent();
                std::future::pending::<()>().await;
            }
            finish(&mut worker, &grant, &process, &trainings).await;
        }
    }
}

async fn finish(worker: &mut Worker, grant: &Grant, process: &Process, trainings: &AtomicU64) {
    let through = match &grant.spec {
        JobSpec::Train(spec) => newest(&spec.snapshot),
        JobSpec::Evaluate(spec) => newest(&spec.snapshot),
        JobSpec::Trial(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => chrono::NaiveDate::MAX,
    };
    if let JobSpec::Train(_) = &grant.spec {
        let number = trainings.fetch_add(1, Ordering::SeqCst);
        if number % FAILS == FAILS - 1 {
            worker.fail(grant.claim, FailureClass::Crash).await;
            return;
        }
        let claim = grant.claim;
        let folder = common::ports::StoreKey::artifact(claim.job, claim.attempt, claim.claim);
        process.has_trained(folder.as_str(), through);
    }
    worker.finish_with(grant, &|row| process.loss(row, through)).await;
}

fn newest(snapshot: &Snapshot) -> chrono::NaiveDate {
    match snapshot {
        Snapshot::Bars { .. } => snapshot.last().unwrap(),
        Snapshot::Table { through, .. } => *through,
    }
}
