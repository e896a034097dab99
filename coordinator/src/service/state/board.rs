//! How each background task stands.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::vocabulary::Timestamp;

use super::task_name::TaskName;

/// A task that has failed for so long without a round that worked is failing: shorter troubles come and go with what it needs.
const FAILING: Duration = Duration::from_secs(10);

/// How the tasks stand that this coordinator runs or has run.
#[derive(Debug, Default)]
pub(crate) struct Board {
    tasks: BTreeMap<TaskName, TaskStatus>,
}

/// How a task stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskStatus {
    /// When its last round began.
    pub(crate) began: Option<Timestamp>,
    /// When its last round ended.
    pub(crate) ended: Option<Timestamp>,
    /// When its next round begins at the latest.
    pub(crate) due: Option<Timestamp>,
    /// What its last failure said, and when.
    pub(crate) error: Option<(Timestamp, String)>,
    /// Rounds that ended in a panic.
    pub(crate) panics: u64,
    /// The settings turn it off.
    pub(crate) off: bool,
    busy_since: Option<Instant>,
    failing_since: Option<Instant>,
}

/// What is wrong with a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Its rounds have failed for so long.
    Fails(Duration),
    /// Its round has been going on for so long.
    Hangs(Duration),
}

impl Board {
    /// The first round begins after this time.
    pub(crate) fn waits(&mut self, name: TaskName, first: Duration) {
        self.tasks.entry(name).or_default().due = Some(Timestamp::now().plus_seconds(first.as_secs_f64()));
    }

    /// A round begins.
    pub(crate) fn begins(&mut self, name: TaskName, at: Instant) {
        let task = self.tasks.entry(name).or_default();
        (task.began, task.busy_since, task.due) = (Some(Timestamp::now()), Some(at), None);
    }

    /// A round has worked; the next one begins after this time at the latest.
    pub(crate) fn worked(&mut self, name: TaskName, next: Option<Duration>) {
        let task = self.ended(name, next);
        task.failing_since = None;
    }

    /// A round has failed, and is repeated after this time.
    pub(crate) fn failed(&mut self, name: TaskName, reason: String, panicked: bool, at: Instant, rest: Duration) {
        let task = self.ended(name, Some(rest));
        task.error = Some((Timestamp::now(), reason));
        task.panics += u64::from(panicked);
        task.failing_since.get_or_insert(at);
    }

    fn ended(&mut self, name: TaskName, next: Option<Duration>) -> &mut TaskStatus {
        let now = Timestamp::now();
        let task = self.tasks.entry(name).or_default();
        (task.ended, task.busy_since) = (Some(now), None);
        task.due = next.map(|next| now.plus_seconds(next.as_secs_f64()));
        task
    }

    /// The settings turn it off.
    pub(crate) fn is_off(&mut self, name: TaskName) {
        self.tasks.entry(name).or_default().off = true;
    }

    /// It is done no more: another coordinator leads. What it has done is remembered.
    pub(crate) fn stands_by(&mut self, name: TaskName) {
        if let Some(task) = self.tasks.get_mut(&name) {
            (task.busy_since, task.failing_since, task.due) = (None, None, None);
        }
    }

    /// How a task stands; nothing of one that was never begun.
    pub(crate) fn of(&self, name: TaskName) -> TaskStatus {
        self.tasks.get(&name).cloned().unwrap_or_default()
    }
}

impl TaskStatus {
    /// What is wrong with it now.
    pub(crate) fn trouble(&self, name: TaskName, now: Instant) -> Option<Trouble> {
        let lasts = |since: Option<Instant>| since.map_or(Duration::ZERO, |since| now.duration_since(since));
        let (fails, hangs) = (lasts(self.failing_since), lasts(self.busy_since));
        if hangs > name.limit() {
            return Some(Trouble::Hangs(hangs));
        }
        (fails > FAILING).then_some(Trouble::Fails(fails))
    }

    /// Whether a round is going on.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy_since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: TaskName = TaskName::Dispatch;

    #[test]
    fn a_task_fails_while_no_round_works_and_hangs_while_one_does_not_end() {
        let (mut board, start) = (Board::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        board.begins(NAME, start);
        board.failed(NAME, "no".into(), false, start, Duration::ZERO);
        board.begins(NAME, after(8));
        board.failed(NAME, "a panic".into(), true, after(9), Duration::ZERO);
        assert_eq!(board.of(NAME).trouble(NAME, after(10)), None, "it may come and go");
        assert_eq!(board.of(NAME).trouble(NAME, after(11)), Some(Trouble::Fails(Duration::from_secs(11))));
        board.begins(NAME, after(12));
        assert!(board.of(NAME).trouble(NAME, after(12)).is_some(), "a round that has begun has not worked yet");
        board.worked(NAME, None);
        assert_eq!(board.of(NAME).trouble(NAME, after(99)), None);
        assert_eq!(
            (board.of(NAME).panics, board.of(NAME).error.map(|(_, reason)| reason)),
            (1, Some("a panic".into()))
        );

        board.begins(NAME, after(100));
        let late = after(101) + NAME.limit();
        assert!(matches!(board.of(NAME).trouble(NAME, late), Some(Trouble::Hangs(_))));
        board.stands_by(NAME);
        assert_eq!(board.of(NAME).trouble(NAME, late), None, "another coordinator does it");
    }
}
