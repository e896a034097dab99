//! How long to wait before a worker that died is started again.

use std::time::Duration;

/// A worker that lived so long is taken to have been well.
const WELL: Duration = Duration::from_secs(60);
/// The first wait.
const FIRST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts early deaths in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    deaths: u32,
}

impl Backoff {
    /// The wait after a life of this length: doubles with every early death, up to a bound.
    pub(crate) fn after(&mut self, life: Duration) -> Duration {
        self.deaths = if life >= WELL { 0 } else { self.deaths.saturating_add(1) };
        FIRST.saturating_mul(1 << self.deaths.saturating_sub(1).min(16)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_deaths_double_the_wait_up_to_a_bound_and_a_long_life_ends_it() {
        let mut backoff = Backoff::default();
        let mut after = |seconds| backoff.after(Duration::from_secs(seconds)).as_millis();
        assert_eq!([after(1), after(1), after(1)], [500, 1000, 2000]);
        assert_eq!(after(61), 500);
        assert_eq!((0..100).map(|_| after(0)).max(), Some(30_000));
    }
}
