//! Rests of a loop whose rounds fail: short at first, longer while what it needs stays away.

use std::time::Duration;

use super::Result;

/// The first rest.
const FIRST: Duration = Duration::from_millis(200);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a loop rests after its next failure.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    /// No failure yet.
    pub(super) fn new() -> Self {
        Self { next: FIRST }
    }

    /// Rests if the round failed, each time in a row twice as long; one that succeeds makes the next rest a short one again.
    pub(super) async fn after<T>(&mut self, round: &Result<T>) {
        if let Some(rest) = self.rest(round.is_ok()) {
            tokio::time::sleep(rest).await;
        }
    }

    fn rest(&mut self, worked: bool) -> Option<Duration> {
        let rest = self.next;
        self.next = if worked { FIRST } else { (self.next * 2).min(LONGEST) };
        (!worked).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_while_rounds_fail() {
        let mut backoff = Backoff::new();
        let rests = [false, false, false, true, false].map(|worked| backoff.rest(worked).map(|rest| rest.as_millis()));
        assert_eq!(rests, [Some(200), Some(400), Some(800), None, Some(200)]);
        for _ in 0..9 {
            backoff.rest(false);
        }
        assert_eq!(backoff.rest(false), Some(LONGEST));
    }
}
