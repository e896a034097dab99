//! What could move and does not: the sign of a fault that no probe of a service finds. Pure: time is told, never read.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// What a job waits for that only Refit itself can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// Its data frozen: it is first in its backlog, and a slot is free.
    Data,
    /// To be handed out: it is first in its backlog, and a slot is free.
    Dispatch,
    /// Its doorbell answered: a slot is free.
    Claim,
    /// Its cancellation carried out.
    Settling,
    /// To be taken from a worker that is lost.
    Rescue,
    /// Its verdict: its result is recorded.
    Verdict,
}

impl Wants {
    /// Whoever waits for longer stands still: in leases, for whoever waits patiently for a worker does so for the rest. Each covers
    /// what a healthy installation may need for large data, or to hear of the end of an outage.
    pub fn limit(self, lease: Duration) -> Duration {
        lease.mul_f64(match self {
            Self::Data => 50.0,
            Self::Verdict => 5.0,
            Self::Claim => 2.5,
            Self::Dispatch | Self::Settling | Self::Rescue => 1.6,
        })
    }

    /// In words, after "a job that …".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Data => "is first in its line waits for its data to be frozen, while a slot is free",
            Self::Dispatch => "is first in its line is not handed out, while a slot is free",
            Self::Claim => "was handed out is not started, while a slot is free",
            Self::Settling => "somebody cancelled does not end",
            Self::Rescue => "a lost worker held is not taken up",
            Self::Verdict => "has a result is not judged",
        }
    }
}

/// Who waits, and since when.
#[derive(Debug)]
pub struct Watch<J> {
    since: HashMap<J, (Wants, Instant)>,
}

impl<J> Default for Watch<J> {
    fn default() -> Self {
        Self { since: HashMap::new() }
    }
}

impl<J: Copy + Eq + Hash> Watch<J> {
    /// Takes in who could move now, and answers with those that stand still, and for how long.
    pub fn look(
        &mut self,
        could_move: impl IntoIterator<Item = (J, Wants)>,
        lease: Duration,
        now: Instant,
    ) -> Vec<(J, Wants, Duration)> {
        let before = std::mem::take(&mut self.since);
        let mut still = Vec::new();
        for (job, wants) in could_move {
            let since = match before.get(&job) {
                Some((wanted, since)) if *wanted == wants => *since,
                Some(_) | None => now,
            };
            self.since.insert(job, (wants, since));
            let waited = now.duration_since(since);
            if waited > wants.limit(lease) {
                still.push((job, wants, waited));
            }
        }
        still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_the_same_for_too_long_stands_still() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut look = |could_move: &[(u32, Wants)], seconds| {
            watch.look(could_move.iter().copied(), Duration::from_secs(10), at(seconds))
        };
        assert!(look(&[(1, Wants::Dispatch), (2, Wants::Claim)], 0).is_empty());
        assert!(look(&[(1, Wants::Dispatch), (2, Wants::Claim)], 16).is_empty());
        let still = look(&[(1, Wants::Dispatch), (2, Wants::Claim)], 17);
        assert_eq!(still, [(1, Wants::Dispatch, Duration::from_secs(17))]);
        assert!(look(&[(1, Wants::Claim), (2, Wants::Dispatch)], 40).is_empty(), "each has moved");
        assert!(look(&[(2, Wants::Dispatch)], 41).is_empty());
        assert!(look(&[(1, Wants::Claim)], 99).is_empty(), "it could not move in between");
    }

    #[test]
    fn what_is_waited_for_is_said_after_a_job_that() {
        for (wants, said) in [
            (Wants::Data, "waits for its data to be frozen"),
            (Wants::Dispatch, "is not handed out"),
            (Wants::Claim, "is not started"),
            (Wants::Settling, "does not end"),
            (Wants::Rescue, "is not taken up"),
            (Wants::Verdict, "is not judged"),
        ] {
            assert!(wants.in_words().contains(said), "{wants:?}");
        }
    }

    #[test]
    fn what_large_data_may_take_is_no_standstill() {
        let lease = Duration::from_secs(10);
        let limits =
            [Wants::Data, Wants::Verdict, Wants::Claim, Wants::Rescue].map(|wants| wants.limit(lease).as_secs());
        assert_eq!(limits, [500, 50, 25, 16]);
    }
}
