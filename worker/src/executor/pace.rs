//! When to write a checkpoint, and when to report: by time, never by steps.

use std::time::{Duration, Instant};

/// Checkpoints may cost one part in twenty of a run: after one that took `c`, at least 19 · `c` pass.
const FREE_PER_COST: u32 = 19;

/// Says when a checkpoint is due. Pure: it is told the time.
#[derive(Debug)]
pub(super) struct CheckpointClock {
    every: Duration,
    next: Instant,
    began: Option<Instant>,
}

impl CheckpointClock {
    /// The first is due `every` after `now`; no two are nearer to each other than that.
    pub(super) fn new(every: Duration, now: Instant) -> Self {
        Self { every, next: now + every, began: None }
    }

    /// Whether one is due; if so, its writing begins now.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let due = now >= self.next;
        if due {
            self.began = Some(now);
        }
        due
    }

    /// One has been written.
    pub(super) fn written(&mut self, now: Instant) {
        let cost = self.began.take().map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        self.next = now + self.every.max(cost * FREE_PER_COST);
    }
}

/// Lets something through at most four times a second, and at once when it is new in kind.
#[derive(Debug)]
pub(super) struct ReportClock<K> {
    last: Option<(Instant, K)>,
}

impl<K: PartialEq> ReportClock<K> {
    const GAP: Duration = Duration::from_millis(250);

    /// Nothing has been reported yet.
    pub(super) fn new() -> Self {
        Self { last: None }
    }

    /// Whether a report of this kind is due; if so it counts as made.
    pub(super) fn due(&mut self, now: Instant, kind: K) -> bool {
        let due = self
            .last
            .as_ref()
            .is_none_or(|(at, last)| *last != kind || now.saturating_duration_since(*at) >= Self::GAP);
        if due {
            self.last = Some((now, kind));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_checkpoint_comes_early_and_dear_ones_seldom() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut clock = CheckpointClock::new(Duration::from_secs(2), start);
        assert!(!clock.due(at(1.9)));
        assert!(clock.due(at(2.0)));
        clock.written(at(2.01));
        assert!(!clock.due(at(4.0)) && clock.due(at(4.01)));
        clock.written(at(5.01));
        assert!(!clock.due(at(24.0)) && clock.due(at(24.02)));
    }

    #[test]
    fn reports_are_at_most_four_a_second_but_a_new_phase_is_told_at_once() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut clock = ReportClock::new();
        let told = |clock: &mut ReportClock<char>, ms, kind| clock.due(at(ms), kind);
        assert!(told(&mut clock, 0, 'a') && !told(&mut clock, 249, 'a') && told(&mut clock, 250, 'a'));
        assert!(told(&mut clock, 251, 'b') && !told(&mut clock, 252, 'b'));
    }

    proptest! {
        /// Whatever checkpoints and steps cost, writing takes at most 5 % of the run (the last one apart).
        #[test]
        fn writing_stays_within_its_share(costs in proptest::collection::vec(1_u64..5000, 1..40), step in 1_u64..100) {
            let start = Instant::now();
            let mut now = start;
            let mut clock = CheckpointClock::new(Duration::from_millis(100), start);
            let mut spent = Duration::ZERO;
            for cost in costs {
                while !clock.due(now) {
                    now += Duration::from_millis(step);
                }
                prop_assert!(spent * 20 <= now - start + Duration::from_millis(1));
                let cost = Duration::from_millis(cost);
                now += cost;
                spent += cost;
                clock.written(now);
            }
        }
    }
}
