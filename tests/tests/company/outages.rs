//! When something was being replaced: nobody can answer then, and nothing else excuses that.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// A worker, with the questions it was answering.
    Worker,
    /// A coordinator, with the requests it was answering; it may have led.
    Coordinator,
}

/// All there were.
#[derive(Debug, Default)]
pub(crate) struct Outages(Mutex<Vec<Outage>>);

#[derive(Debug)]
struct Outage {
    gone: Gone,
    /// `None`: it goes on.
    until: Option<Instant>,
}

impl Outages {
    /// One begins: say so before anything is killed.
    pub(crate) fn begin(&self, gone: Gone) {
        self.all().push(Outage { gone, until: None });
    }

    /// All are over: say so once everything answers again.
    pub(crate) fn end(&self) {
        let now = Instant::now();
        self.all().iter_mut().for_each(|outage| outage.until = Some(outage.until.unwrap_or(now)));
    }

    /// Whether a question that was asked then, and has failed by now, has an excuse.
    pub(crate) fn excuses_questions(&self, asked: Instant) -> bool {
        self.all().iter().any(|outage| outage.until.is_none_or(|until| until >= asked))
    }

    /// Whether a coordinator that was asked then may have said, by now, that it is not well.
    pub(crate) fn excuses_health(&self, asked: Instant) -> bool {
        self.all()
            .iter()
            .any(|outage| outage.gone == Gone::Coordinator && outage.until.is_none_or(|until| until >= asked))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Outage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_overlaps_an_outage_is_excused_and_a_worker_excuses_no_coordinator() {
        let outages = Outages::default();
        let early = Instant::now();
        assert!(!outages.excuses_questions(early));
        outages.begin(Gone::Worker);
        assert!(outages.excuses_questions(early) && !outages.excuses_health(early));
        outages.end();
        assert!(outages.excuses_questions(early));
        std::thread::park_timeout(std::time::Duration::from_millis(1));
        assert!(!outages.excuses_questions(Instant::now()));
        outages.begin(Gone::Coordinator);
        assert!(outages.excuses_health(Instant::now()));
    }
}
