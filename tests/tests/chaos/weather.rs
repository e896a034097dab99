//! How a seed's faults come: on top of each other, or one outage at a time.

use std::time::Duration;

use crate::plan::Target;

/// All that every job needs must have been whole for so long before a gust breaks some of it again.
const CALM: Duration = Duration::from_secs(2);

/// How faults come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Up to four things are broken at once, nearly all the time: what nobody has thought of is met.
    Storm,
    /// A service, the store or a coordinator is struck only when all of them are whole: what one outage costs is seen.
    Gusts,
}

impl Weather {
    pub(crate) const ALL: [Self; 2] = [Self::Storm, Self::Gusts];

    /// Odd seeds are storms.
    pub(crate) fn of(seed: u64) -> Self {
        if seed % 2 == 1 { Self::Storm } else { Self::Gusts }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Storm => "storms (odd seeds)",
            Self::Gusts => "gusts (even seeds)",
        }
    }

    /// Whether a fault of this target may come, when all that jobs need has been whole for so long.
    pub(crate) fn allows(self, target: Target, calm: Duration) -> bool {
        match self {
            Self::Storm => true,
            Self::Gusts => !is_shared(target) || calm >= CALM,
        }
    }
}

/// Whether every job needs it.
pub(crate) fn is_shared(target: Target) -> bool {
    match target {
        Target::Worker | Target::Objects | Target::Messages => false,
        Target::Coordinator | Target::RabbitMq | Target::Redis | Target::Postgres | Target::Store => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gusts_wait_for_a_calm_and_storms_for_nothing() {
        let (seeds, short) = ([1, 2].map(Weather::of), CALM / 2);
        assert_eq!(seeds, Weather::ALL);
        let may = |weather: Weather, target, calm| weather.allows(target, calm);
        assert!(may(Weather::Storm, Target::Redis, Duration::ZERO) && may(Weather::Gusts, Target::Redis, CALM));
        assert!(!may(Weather::Gusts, Target::Redis, short) && !may(Weather::Gusts, Target::Coordinator, short));
        assert!(may(Weather::Gusts, Target::Worker, short), "a worker dies whatever else is broken");
    }
}
