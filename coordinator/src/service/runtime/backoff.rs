//! Rests of a task whose rounds fail: short at first, longer while what it needs stays away.

use std::time::Duration;

/// The first rest.
const FIRST: Duration = Duration::from_millis(200);
/// The longest: how late a loop may notice that what it needs is back.
const LONGEST: Duration = Duration::from_secs(2);

/// How long a task rests after its next failure.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    /// No failure yet.
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// A round has worked: the next rest is a short one again.
    pub(crate) fn worked(&mut self) {
        self.next = FIRST;
    }

    /// A round has failed: the rest before the next, each in a row twice as long.
    pub(crate) fn failed(&mut self) -> Duration {
        let rest = self.next;
        self.next = (rest * 2).min(LONGEST);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_while_rounds_fail() {
        let mut backoff = Backoff::new();
        assert_eq!(
            [backoff.failed(), backoff.failed(), backoff.failed()].map(|rest| rest.as_millis()),
            [200, 400, 800]
        );
        for _ in 0..9 {
            backoff.failed();
        }
        assert_eq!(backoff.failed(), LONGEST);
        backoff.worked();
        assert_eq!(backoff.failed(), FIRST);
    }
}
