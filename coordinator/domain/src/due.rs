//! Instants in rows, read by another clock than wrote them: another machine's, or this one's before it was set back.
//!
//! Such a clock may be off by any amount. What it wrote never holds anything up for longer than it was meant to.

use common::vocabulary::Timestamp;

/// Whether an instant has come. `longest`: the most seconds ahead that anybody writes it; further ahead it was written by a clock
/// that is wrong, and has come as well.
pub fn is_due(at: Timestamp, now: Timestamp, longest: f64) -> bool {
    at <= now || at > now.plus_seconds(longest)
}

/// Seconds since something that has happened. What is dated ahead of now happened at an unknown time: long enough ago for anything.
pub fn elapsed(since: Timestamp, now: Timestamp) -> f64 {
    if since > now { f64::INFINITY } else { now.seconds_since(since) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    #[test]
    fn a_clock_that_was_set_back_holds_nothing_up() {
        let hour = 3600.0;
        for (ahead, due) in [(-hour, true), (0.0, true), (0.001, false), (600.0, false), (600.001, true), (hour, true)]
        {
            assert_eq!(is_due(NOW.plus_seconds(ahead), NOW, 600.0), due, "{ahead} s ahead");
        }
        for (ahead, seconds) in [(-hour, hour), (-2.5, 2.5), (0.0, 0.0), (0.001, f64::INFINITY), (hour, f64::INFINITY)]
        {
            assert_eq!(elapsed(NOW.plus_seconds(ahead), NOW), seconds, "{ahead} s ahead");
        }
    }
}
