//! When something was broken that every job needs: a service, the store, a coordinator.

use chrono::{DateTime, Utc};

/// Spans of time, in microseconds since the epoch, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outages {
    over: Vec<(i64, i64)>,
    since: Option<i64>,
}

impl Outages {
    /// The next look. `whole`: nothing is broken that jobs need.
    pub(crate) fn see(&mut self, whole: bool, now: DateTime<Utc>) {
        let now = now.timestamp_micros();
        match (whole, self.since) {
            (false, None) => self.since = Some(now),
            (true, Some(since)) => {
                self.over.push((since, now));
                self.since = None;
            }
            (false, Some(_)) | (true, None) => {}
        }
    }

    /// Seconds between two moments in which nothing was broken.
    pub(crate) fn whole_seconds(&self, from: i64, to: i64) -> f64 {
        let last = self.since.map(|since| (since, i64::MAX));
        let overlap = |(begin, end): (i64, i64)| (end.min(to) - begin.max(from)).max(0);
        let broken: i64 = self.over.iter().copied().chain(last).map(overlap).sum();
        ((to - from).max(0) - broken).max(0) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_does_not_count() {
        let mut outages = Outages::default();
        for (second, whole) in [(1, true), (2, false), (3, false), (5, true), (8, false)] {
            outages.see(whole, DateTime::from_timestamp_micros(second * 1_000_000).unwrap());
        }
        let seconds = |from: i64, to: i64| outages.whole_seconds(from * 1_000_000, to * 1_000_000);
        assert_eq!(seconds(0, 2), 2.0);
        assert_eq!(seconds(1, 4), 1.0, "broken from 2 to 5");
        assert_eq!(seconds(3, 6), 1.0);
        assert_eq!(seconds(3, 4), 0.0);
        assert_eq!(seconds(0, 10), 5.0, "and again from 8 on");
    }
}
