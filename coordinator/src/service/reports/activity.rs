//! How many jobs waited and ran, interval by interval: counted as their rows come.

use common::vocabulary::Timestamp;

use crate::db::reports::Span;
use crate::db::reports::activity::Course;
use crate::views::ActivityPoint;

/// Intervals of a span, and the jobs that waited and ran at some time of each.
#[derive(Debug)]
pub(super) struct Activity {
    from: Timestamp,
    /// Microseconds of an interval.
    step: i64,
    /// How many more wait, and run, in an interval than in the one before it.
    changes: Vec<(i64, i64)>,
}

impl Activity {
    /// So many intervals.
    pub(super) fn over((from, to): Span, intervals: usize) -> Self {
        let step = ((to.0 - from.0) / intervals as i64).max(1);
        Self { from, step, changes: vec![(0, 0); intervals + 1] }
    }

    /// One more job.
    pub(super) fn add(&mut self, job: Course) {
        let end = Timestamp(i64::MAX);
        let until = job.ended.unwrap_or(end);
        let started = job.started.unwrap_or(until).min(until);
        let waited = self.intervals(job.enqueued, started);
        self.changes[waited.0].0 += 1;
        self.changes[waited.1].0 -= 1;
        if job.started.is_some() {
            let ran = self.intervals(started, until);
            self.changes[ran.0].1 += 1;
            self.changes[ran.1].1 -= 1;
        }
    }

    /// The first interval that a time touches, and the one after the last.
    fn intervals(&self, from: Timestamp, to: Timestamp) -> (usize, usize) {
        let last = self.changes.len() - 1;
        if to < self.from {
            return (last, last);
        }
        let index = |at: Timestamp| at.0.saturating_sub(self.from.0).div_euclid(self.step);
        let bounded = |index: i64| usize::try_from(index).unwrap_or_default().min(last);
        (bounded(index(from)), bounded(index(to).saturating_add(1)))
    }

    /// The intervals that have begun by a moment.
    pub(super) fn points(self, by: Timestamp) -> Vec<ActivityPoint> {
        let (mut waiting, mut running) = (0_i64, 0_i64);
        let mut points = Vec::with_capacity(self.changes.len());
        for (index, (waits, runs)) in self.changes[..self.changes.len() - 1].iter().enumerate() {
            let at = Timestamp(self.from.0 + index as i64 * self.step);
            if at > by {
                break;
            }
            waiting += waits;
            running += runs;
            points.push(ActivityPoint {
                at: at.utc(),
                waiting: waiting.unsigned_abs(),
                running: running.unsigned_abs(),
            });
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn counted(jobs: &[(i64, Option<i64>, Option<i64>)], by: i64) -> Vec<(u64, u64)> {
        let mut activity = Activity::over((at(100), at(140)), 4);
        for (enqueued, started, ended) in jobs {
            activity.add(Course { enqueued: at(*enqueued), started: started.map(at), ended: ended.map(at) });
        }
        activity.points(at(by)).iter().map(|point| (point.waiting, point.running)).collect()
    }

    #[test]
    fn a_job_is_counted_in_each_interval_that_it_touches() {
        assert_eq!(counted(&[(95, Some(112), Some(125))], 140), [(1, 0), (1, 1), (0, 1), (0, 0)]);
        assert_eq!(counted(&[(111, Some(112), Some(113))], 140), [(0, 0), (1, 1), (0, 0), (0, 0)], "however short");
        assert_eq!(counted(&[(120, None, None)], 140), [(0, 0), (0, 0), (1, 0), (1, 0)], "it waits still");
        assert_eq!(counted(&[(50, Some(60), None)], 125), [(0, 1), (0, 1), (0, 1)], "it runs still");
        assert_eq!(counted(&[(50, Some(60), Some(70)), (150, None, None)], 140), [(0, 0); 4], "before and after");
        assert_eq!(counted(&[(105, None, Some(115))], 140), [(1, 0), (1, 0), (0, 0), (0, 0)], "cancelled");
    }
}
