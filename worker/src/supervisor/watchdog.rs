//! Notices a training that no longer moves. Pure: it is told the time.

use std::time::Duration;

use tokio::time::Instant;

/// So many usual steps without one are a stall, if that is longer than the limit.
const USUAL_STEPS: f64 = 20.0;

/// A child may be loading LibTorch from a cold disk: until its first report it has at least so long.
const START: Duration = Duration::from_secs(60);

/// Watches one training.
#[derive(Debug)]
pub(super) struct Watchdog {
    limit: Duration,
    moved: Instant,
    mark: Option<(String, u64)>,
    stepping: Option<(Instant, u64)>,
}

impl Watchdog {
    /// A training begins now.
    pub(super) fn new(limit: Duration, now: Instant) -> Self {
        Self { limit, moved: now, mark: None, stepping: None }
    }

    /// The training reported.
    pub(super) fn saw(&mut self, now: Instant, phase: &str, step: u64) {
        let last = self.mark.as_ref().map(|(phase, step)| (phase.as_str(), *step));
        if last == Some((phase, step)) {
            return;
        }
        if last.is_none_or(|(last, _)| last != phase) {
            self.stepping = Some((now, step));
        }
        self.mark = Some((phase.into(), step));
        self.moved = now;
    }

    /// When it counts as stalled unless it moves.
    pub(super) fn deadline(&self) -> Instant {
        let least = if self.mark.is_none() { self.limit.max(START) } else { self.limit };
        self.moved + least.max(self.usual_step().mul_f64(USUAL_STEPS))
    }

    /// Mean duration of a step in this phase; zero before the second.
    fn usual_step(&self) -> Duration {
        match (&self.stepping, &self.mark) {
            (Some((start, first)), Some((_, step))) if step > first => {
                (self.moved - *start).div_f64((step - first) as f64)
            }
            (Some(_) | None, Some(_) | None) => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_steps_get_more_time_and_standing_still_gets_none() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(Watchdog::new(Duration::from_secs(2), start).deadline(), at(60), "it is still starting");
        let mut dog = Watchdog::new(Duration::from_secs(600), start);
        assert_eq!(dog.deadline(), at(600));
        dog.saw(at(10), "training", 0);
        dog.saw(at(20), "training", 10);
        assert_eq!(dog.deadline(), at(620));
        dog.saw(at(500), "training", 10);
        assert_eq!(dog.deadline(), at(620), "saying the same again is not progress");
        dog.saw(at(500), "training", 11);
        dog.saw(at(1000), "evaluating", 11);
        assert_eq!(dog.deadline(), at(1600));

        let mut slow = Watchdog::new(Duration::from_secs(600), start);
        slow.saw(at(0), "training", 0);
        slow.saw(at(400), "training", 10);
        assert_eq!(slow.deadline(), at(400 + 800), "20 steps of 40 s");
    }
}
