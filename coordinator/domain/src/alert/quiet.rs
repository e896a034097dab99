//! Hours in which only what is critical is told.

use common::vocabulary::{Hours, Timestamp, Zone};

use crate::schedule::Timing;

/// Until when it is quiet by the clocks of a zone, if it is now.
pub fn quiet_until(hours: Hours, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    hours.contain(zone.time_of_day(now)).then(|| Timing::Daily { time: hours.to() }.next_after(now, zone)).flatten()
}
