//! What goes wrong on the way.

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incident {
    /// The coordinator that leads is killed; the other goes on.
    LeaderKilled,
    /// All coordinators are away for three days.
    AllAway,
    /// All workers are gone with what they hold; others come.
    WorkersGone,
    /// The clock is set back by two hours, and forward again.
    ClockBack,
}

/// On which day of so many what goes wrong: each at least once.
pub(crate) fn plan(days: u64) -> Vec<(u64, Incident)> {
    let of = |share: f64| (days as f64 * share) as u64;
    vec![
        (of(0.2), Incident::WorkersGone),
        (of(0.35), Incident::ClockBack),
        (of(0.5), Incident::LeaderKilled),
        (of(0.7), Incident::AllAway),
        (of(0.85), Incident::WorkersGone),
    ]
}
