//! Listens on the coordinator's mailbox: which worker is which process, and real claims and results to be said again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::ports::{Cursor, EventBus, Mailbox};
use common::vocabulary::{JobId, WorkerId};
use common::wire::ToCoordinator;
use common::wire::codec::{self, Limits};

/// Messages of a kind that are kept.
const KEPT: usize = 400;
/// A worker that was heard of within this time may still have its lease.
const LEASE: Duration = Duration::from_secs(15);

/// What was heard.
#[derive(Debug, Default)]
pub(crate) struct ReceivedMessages {
    workers: HashMap<WorkerId, (u32, u32, Instant)>,
    steps: HashMap<JobId, u64>,
    claims: VecDeque<(JobId, Bytes)>,
    results: VecDeque<(JobId, Bytes)>,
}

/// A kind of message that can be said again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Claim,
    Result,
}

impl ReceivedMessages {
    /// The process of a worker.
    pub(crate) fn pid(&self, worker: WorkerId) -> Option<u32> {
        self.workers.get(&worker).map(|(pid, ..)| *pid)
    }

    /// The workers that were this process.
    pub(crate) fn workers(&self) -> impl Iterator<Item = (WorkerId, u32)> {
        self.workers.iter().map(|(worker, (pid, ..))| (*worker, *pid))
    }

    /// Slots of all workers whose lease may hold: how many doorbells the leader may have out.
    pub(crate) fn window(&self) -> u32 {
        self.workers.values().filter(|(.., at)| at.elapsed() < LEASE).map(|(_, slots, _)| slots).sum()
    }

    /// Steps that the training of a job has done, as its worker last said.
    pub(crate) fn steps(&self, job: JobId) -> u64 {
        self.steps.get(&job).copied().unwrap_or_default()
    }

    /// The newest message of a kind about one of these jobs, else about any.
    pub(crate) fn again(&self, kind: Kind, jobs: &[JobId]) -> Option<Bytes> {
        let said = match kind {
            Kind::Claim => &self.claims,
            Kind::Result => &self.results,
        };
        let about = said.iter().rev().find(|(job, _)| jobs.contains(job));
        about.or(said.back()).map(|(_, body)| body.clone())
    }

    fn take_in(&mut self, body: &Bytes) {
        let keep = |said: &mut VecDeque<_>, job| {
            said.push_back((job, body.clone()));
            if said.len() > KEPT {
                said.pop_front();
            }
        };
        match codec::decode(body, Limits::default()) {
            Ok(ToCoordinator::Heartbeat(beat)) => {
                self.workers.insert(beat.worker, (beat.pid, beat.slots, Instant::now()));
                self.steps.extend(beat.held.iter().map(|held| (held.claim.job, held.step)));
            }
            Ok(ToCoordinator::Claim { claims }) => claims.iter().for_each(|claim| keep(&mut self.claims, claim.job)),
            Ok(ToCoordinator::Finished { ends }) => ends.iter().for_each(|end| keep(&mut self.results, end.claim.job)),
            Ok(ToCoordinator::Declined { .. } | ToCoordinator::Progress(_)) | Err(_) => {}
        }
    }
}

/// A listener; shared with the task that listens.
#[derive(Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<ReceivedMessages>>);

impl Tap {
    /// Listens until the runtime ends.
    pub(crate) fn start(runtime: &tokio::runtime::Runtime, bus: Arc<dyn EventBus>) -> Self {
        let tap = Self::default();
        let heard = tap.clone();
        runtime.spawn(async move {
            let mut cursor = Cursor::default();
            loop {
                match bus.read(Mailbox::Coordinator, cursor, 256, Duration::from_secs(1)).await {
                    Ok(posts) => {
                        for post in posts {
                            cursor = post.cursor;
                            heard.received().take_in(&post.body);
                        }
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
                }
            }
        });
        tap
    }

    pub(crate) fn received(&self) -> MutexGuard<'_, ReceivedMessages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
