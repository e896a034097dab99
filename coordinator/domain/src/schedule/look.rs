//! Which due times have come since somebody looked last, and what becomes of those that were missed.

use common::random::{Purpose, Stream};
use common::vocabulary::{Timestamp, Zone};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::timing::Timing;

/// A run that begins so many seconds late, at most, is on time: a coordinator is replaced within that.
pub const ON_TIME: f64 = 300.0;
/// Missed runs that are listed, or made up for, at most; older ones are only counted.
const LISTED: usize = 100;
/// Due times that are counted one by one, at most.
const COUNTED: u64 = 10_000;

/// What becomes of runs that were due while no coordinator ran.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MissedRuns {
    /// Nothing: the next one comes when it is due.
    Skip,
    /// One run makes up for all of them.
    #[default]
    Once,
    /// Each of them is made up for, oldest first, the newest 100 at most.
    All,
}

/// When a schedule is due, and how punctually.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timetable<'a> {
    /// When.
    pub timing: &'a Timing,
    /// By the clocks of which zone.
    pub zone: Zone,
    /// What becomes of missed runs.
    pub missed: MissedRuns,
}

/// What a look at a schedule finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// The due time that is on time, if there is one.
    pub on_time: Option<Timestamp>,
    /// Missed due times to be made up for, oldest first.
    pub made_up: Vec<Timestamp>,
    /// Missed due times that nothing is done about, oldest first; the newest 100.
    pub skipped: Vec<Timestamp>,
    /// So many more were skipped before those; at least, if they are very many.
    pub skipped_before: u64,
    /// When it is due next; never, if absent.
    pub next: Option<Timestamp>,
}

/// Looks at a schedule that is due at `due` and has not been looked at since. `late`: seconds by which its runs are put off on purpose.
/// The newest due time is on time if it is not more than [`ON_TIME`] old; all before it have been missed.
pub fn look(timetable: Timetable<'_>, due: Timestamp, late: f64, now: Timestamp) -> Look {
    let Timetable { timing, zone, missed } = timetable;
    // What is put off until later has not come.
    let come = now.plus_seconds(-late);
    let (mut passed, mut count, mut next) = (std::collections::VecDeque::new(), 0, Some(due));
    while let Some(at) = next.filter(|at| *at <= come) {
        if count == COUNTED {
            next = timing.next_after(come, zone);
            break;
        }
        passed.push_back(at);
        count += 1;
        if passed.len() > LISTED + 1 {
            passed.pop_front();
        }
        next = timing.next_after(at, zone);
    }
    let on_time = passed.back().copied().filter(|at| come.seconds_since(*at) <= ON_TIME);
    if on_time.is_some() {
        passed.pop_back();
    }
    if passed.len() > LISTED {
        passed.pop_front();
    }
    let unlisted = count - passed.len() as u64 - u64::from(on_time.is_some());
    let mut passed: Vec<Timestamp> = passed.into();
    let (made_up, skipped) = match missed {
        MissedRuns::Skip => (Vec::new(), passed),
        MissedRuns::Once if on_time.is_some() => (Vec::new(), passed),
        MissedRuns::Once => (passed.pop().into_iter().collect(), passed),
        MissedRuns::All => (passed, Vec::new()),
    };
    Look { on_time, made_up, skipped, skipped_before: unlisted, next }
}

/// Seconds by which a schedule is put off, of at most `jitter`: the same at all times, and another for each schedule, so that those
/// of one time do not begin at once.
pub fn put_off(schedule: i64, jitter: u32) -> f64 {
    let mut draws = Stream::new(schedule.cast_unsigned(), Purpose::Jitter, 0, 0);
    draws.below(jitter as usize + 1) as f64
}
