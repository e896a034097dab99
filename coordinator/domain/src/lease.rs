//! How long a worker may be silent, and all times that follow from that. Pure.

use std::time::Duration;

use common::settings::Dispatch;

/// Beyond two heartbeats: what one may be late.
const MARGIN: Duration = Duration::from_millis(500);
/// The longest rest between two looks at leases.
const LONGEST_LOOK: Duration = Duration::from_millis(500);
/// The longest wait for what workers say.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The lease of every worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    length: Duration,
    heartbeat: Duration,
}

impl Lease {
    /// As the settings say.
    pub fn of(dispatch: &Dispatch) -> Self {
        Self { length: dispatch.lease, heartbeat: dispatch.heartbeat }
    }

    /// Whether it is over after so long a silence.
    pub fn is_over(self, silence: Duration) -> bool {
        silence >= self.length
    }

    /// Its whole length.
    pub fn length(self) -> Duration {
        self.length
    }

    /// What a silence counts after an outage of the bus, or for a new leader: a live worker has time for two heartbeats and a margin. Not
    /// a whole new lease: a leader that restarts often, or a bus that fails often, would never let a dead worker's jobs go.
    pub fn after_an_outage(self, silence: Duration) -> Duration {
        silence.min(self.length.saturating_sub(2 * self.heartbeat + MARGIN))
    }

    /// Nobody listens if what workers say has not been read for so long: whoever reads it may be waiting for the database. Well below
    /// the lease, so that silence is never ours.
    pub fn deaf_after(self) -> Duration {
        self.length / 4
    }

    /// How long one wait for what workers say may last: often within [`Self::deaf_after`].
    pub fn wait(self) -> Duration {
        (self.length / 12).min(LONGEST_WAIT)
    }

    /// How often leases are looked at.
    pub fn look(self) -> Duration {
        (self.length / 24).min(LONGEST_LOOK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(length: u64, heartbeat: u64) -> Lease {
        Lease { length: Duration::from_millis(length), heartbeat: Duration::from_millis(heartbeat) }
    }

    #[test]
    fn after_an_outage_two_heartbeats_and_a_margin_are_left_at_least_and_no_more_is_given() {
        // Length and heartbeat of the lease, silence before, silence after: milliseconds.
        let cases = [
            (12_000, 3_000, 0, 0),
            (12_000, 3_000, 5_000, 5_000),
            (12_000, 3_000, 5_500, 5_500),
            (12_000, 3_000, 11_900, 5_500),
            (12_000, 3_000, 100_000, 5_500),
            (1_000, 100, 900, 300),
            // A lease of hardly more than two heartbeats is given whole.
            (6_000, 3_000, 5_000, 0),
        ];
        for (length, heartbeat, before, after) in cases {
            let silence = lease(length, heartbeat).after_an_outage(Duration::from_millis(before));
            assert_eq!(silence.as_millis(), after, "{length} {heartbeat} {before}");
        }
    }

    #[test]
    fn whoever_listens_is_deaf_long_before_a_lease_is_over_and_looks_often_before_that() {
        for (length, wait, look, deaf) in
            [(12_000, 1_000, 500, 3_000), (1_000, 83, 41, 250), (3_600_000, 1_000, 500, 900_000)]
        {
            let lease = lease(length, length / 4);
            let times = [lease.wait(), lease.look(), lease.deaf_after()].map(|time| time.as_millis());
            assert_eq!(times, [wait, look, deaf]);
            assert!(2 * lease.wait() < lease.deaf_after() && lease.look() < lease.deaf_after());
            assert!(lease.is_over(lease.length()) && !lease.is_over(lease.length() / 2));
        }
    }
}
