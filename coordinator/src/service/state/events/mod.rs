//! What happens, told to whoever listens: gathered for a moment, merged, written once however many listen, and nothing at all where
//! nobody does. Events are hints; the rows are the truth.
//!
//! ```text
//! tell ─► the open round ─► the ring of the latest rounds ─► a listener: all of it, or what it wants
//!         (merged by job)    (written once, bounded)          (slow: the latest of each job, and `missed`)
//! ```

mod filter;
mod listener;
mod ring;
mod round;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use newtype_uuid::GenericUuid;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

pub(crate) use self::filter::Filter;
pub use self::listener::Listener;
use self::ring::{Found, Ring};
use self::round::Open;
use crate::db::jobs::Job;
use crate::views::{Event, JobEvent, VerdictEvent, VersionView};

/// So long events are kept for the last listener to come again.
const LINGER: Duration = Duration::from_mins(1);

/// What happens, on its way to those who listen.
#[derive(Debug)]
pub(crate) struct Events {
    open: Mutex<Open>,
    ring: Mutex<Ring>,
    /// Rung when the open round has got its first event.
    begun: Notify,
    /// The number of the newest round.
    newest: watch::Sender<u64>,
    listeners: AtomicUsize,
    /// Until when events are kept though nobody listens.
    lingers: Mutex<Option<Instant>>,
    /// How long that is from when the last one left.
    linger: Duration,
}

impl Events {
    pub(crate) fn new() -> Arc<Self> {
        Self::lingering(LINGER)
    }

    fn lingering(linger: Duration) -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::default(),
            ring: Mutex::new(Ring::new()),
            begun: Notify::new(),
            newest: watch::Sender::new(0),
            listeners: AtomicUsize::new(0),
            lingers: Mutex::new(None),
            linger,
        })
    }

    /// Sends an event; it is made only if somebody may receive it.
    pub(crate) fn send(&self, event: impl FnOnce() -> Event) {
        if self.has_listeners() && lock(&self.open).push(event()) {
            self.begun.notify_one();
        }
    }

    /// Sends that a job is as it is now.
    pub(crate) fn job(&self, job: &Job) {
        self.send(|| {
            Event::Job(JobEvent {
                job: job.id.into_untyped_uuid(),
                kind: job.kind,
                model: job.model.as_ref().map(ToString::to_string),
                state: job.state(),
                attempts: job.under_way().map_or(job.lifecycle.number, |attempt| attempt.number),
                revision: job.revision,
            })
        });
    }

    /// Sends that a version was judged, or made live by hand.
    pub(crate) fn verdict(&self, version: &VersionView) {
        self.send(|| {
            let verdict = version.verdict.as_ref();
            Event::Verdict(VerdictEvent {
                model: version.model.clone(),
                version: version.version.clone(),
                job: version.job,
                status: version.status.clone(),
                verdict: verdict.map(|verdict| verdict.verdict.clone()),
                promoted: verdict.is_some_and(|verdict| verdict.promoted),
            })
        });
    }

    /// Rung when there is something to tell.
    pub(crate) fn bell(&self) -> &Notify {
        &self.begun
    }

    /// Whether anybody listens, or did a moment ago and may come again.
    fn has_listeners(&self) -> bool {
        self.listeners.load(Ordering::Acquire) > 0 || lock(&self.lingers).is_some_and(|until| Instant::now() < until)
    }

    /// One who listens from now on, or since `last`.
    pub(crate) fn listen(self: &Arc<Self>, filter: Filter, last: Option<&str>) -> Listener {
        if !self.has_listeners() {
            *lock(&self.open) = Open::default();
            lock(&self.ring).skip();
        }
        // What was told before is in a round that is over.
        self.close();
        let (at, missed) = {
            let ring = lock(&self.ring);
            let after = last.map(|id| ring.after(id));
            (after.flatten().unwrap_or(ring.next()), after == Some(None))
        };
        Listener::new(Arc::clone(self), filter, at, missed)
    }

    /// Ends the open round, if there is anything in it.
    pub(crate) fn close(&self) {
        // Both are held, so that rounds get their numbers in the order in which they were told.
        let mut ring = lock(&self.ring);
        let events = std::mem::take(&mut *lock(&self.open)).end();
        if !events.is_empty() {
            ring.push(events);
            self.newest.send_replace(ring.next() - 1);
        }
    }

    fn find(&self, round: u64) -> Found {
        lock(&self.ring).find(round)
    }

    fn id(&self, round: u64) -> String {
        lock(&self.ring).id(round)
    }

    fn enter(&self) {
        self.listeners.fetch_add(1, Ordering::AcqRel);
    }

    fn leave(&self) {
        *lock(&self.lingers) = Some(Instant::now() + self.linger);
        self.listeners.fetch_sub(1, Ordering::AcqRel);
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
