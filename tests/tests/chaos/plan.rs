//! What strikes, and whom: every fault at a job in every state, again and again, in an order drawn from a seed. Pure.

use common::vocabulary::JobState;
use refit_tests::draw::draw;

/// The states a fault is aimed at.
pub(crate) const STATES: [JobState; 4] = [JobState::Queued, JobState::Dispatched, JobState::Running, JobState::Judging];

/// What a fault does something to. One target has one fault at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Worker,
    Coordinator,
    RabbitMq,
    Redis,
    Postgres,
    Store,
    Objects,
    Messages,
}

macro_rules! faults {
    ($($variant:ident = $name:literal at $target:ident),+ $(,)?) => {
        /// Something that happens to an installation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Fault { $($variant),+ }
        impl Fault {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
            pub(crate) fn target(self) -> Target {
                match self { $(Self::$variant => Target::$target),+ }
            }
        }
    };
}

faults! {
    WorkerKill = "worker: SIGKILL" at Worker,
    WorkerKillAtSeal = "worker: SIGKILL after its next seal" at Worker,
    WorkerFreeze = "worker: SIGSTOP, SIGCONT" at Worker,
    WorkerEnd = "worker: SIGTERM" at Worker,
    ExecutorKill = "executor: SIGKILL" at Worker,
    ExecutorFreeze = "executor: SIGSTOP, SIGCONT" at Worker,
    ExecutorEnd = "executor: SIGTERM" at Worker,
    LeaderKill = "leader: SIGKILL" at Coordinator,
    LeaderFreeze = "leader: SIGSTOP, SIGCONT" at Coordinator,
    CoordinatorsAgain = "coordinators: SIGKILL, again and again within a lease" at Coordinator,
    LeaderEndWithSlowClients = "leader: SIGTERM, with slow clients" at Coordinator,
    RabbitRestart = "RabbitMQ: restart" at RabbitMq,
    RabbitFreeze = "RabbitMQ: freeze" at RabbitMq,
    RabbitCut = "RabbitMQ: connections cut" at RabbitMq,
    RedisRestart = "Redis: restart" at Redis,
    RedisFreeze = "Redis: freeze" at Redis,
    RedisCut = "Redis: connections cut" at Redis,
    RedisFlush = "Redis: FLUSHALL" at Redis,
    RedisReadOnly = "Redis: read-only" at Redis,
    RedisFull = "Redis: full" at Redis,
    RedisFailover = "Redis: failed over, and back" at Redis,
    PostgresRestart = "PostgreSQL: restart" at Postgres,
    PostgresFreeze = "PostgreSQL: freeze" at Postgres,
    PostgresCut = "PostgreSQL: connections cut" at Postgres,
    PostgresVanish = "PostgreSQL: host vanishes" at Postgres,
    StoreFull = "store: disk full" at Store,
    SealUnreadable = "object: an unreadable seal" at Objects,
    RowsLost = "object: lost frozen rows" at Objects,
    DoorbellTwice = "doorbell: duplicated" at Messages,
    DoorbellReplayed = "doorbell: replayed" at Messages,
    ClaimReplayed = "claim: replayed" at Messages,
    ResultReplayed = "result: replayed" at Messages,
}

/// A fault and the state of the job it is aimed at.
pub(crate) type Cell = (Fault, JobState);

/// What is still to happen.
pub(crate) struct FaultPlan {
    seed: u64,
    drawn: u64,
    pending: Vec<Cell>,
}

impl FaultPlan {
    /// So many faults: all cells in a drawn order, then all in another, and so on.
    pub(crate) fn new(seed: u64, faults: usize, which: &[Fault]) -> Self {
        let mut plan = Self { seed, drawn: 0, pending: Vec::new() };
        while plan.pending.len() < faults {
            let mut cells: Vec<Cell> = which.iter().flat_map(|fault| STATES.map(|state| (*fault, state))).collect();
            for last in (1..cells.len()).rev() {
                let other = plan.draw(last as u64 + 1) as usize;
                cells.swap(last, other);
            }
            cells.truncate(faults - plan.pending.len());
            plan.pending.extend(cells);
        }
        plan
    }

    /// A whole number in `0..below`.
    pub(crate) fn draw(&mut self, below: u64) -> u64 {
        self.drawn += 1;
        draw(self.seed, self.drawn, below)
    }

    /// How many are to come.
    pub(crate) fn left(&self) -> usize {
        self.pending.len()
    }

    /// Those that are still to come.
    pub(crate) fn pending(&self) -> &[Cell] {
        &self.pending
    }

    /// It could not happen: it comes again, last.
    pub(crate) fn again(&mut self, cell: Cell) {
        self.pending.push(cell);
    }

    /// Takes the next that can happen now: there is a job in its state, and its target is whole. Judging is over in a moment, so
    /// what is aimed at it goes first.
    pub(crate) fn take(&mut self, present: &[JobState], can: impl Fn(Fault) -> bool) -> Option<Cell> {
        let possible = |cell: &&Cell| present.contains(&cell.1) && can(cell.0);
        let fleeting = self.pending.iter().filter(|cell| cell.1 == JobState::Judging).find(possible);
        let chosen = *fleeting.or_else(|| self.pending.iter().find(possible))?;
        let index = self.pending.iter().position(|cell| *cell == chosen)?;
        Some(self.pending.remove(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_comes_once_a_round_and_a_seed_gives_the_same_order() {
        let cells = Fault::ALL.len() * STATES.len();
        let plan = FaultPlan::new(7, cells + 4, Fault::ALL);
        let mut round = plan.pending[..cells].to_vec();
        round.sort_unstable();
        round.dedup();
        assert_eq!((round.len(), plan.left()), (cells, cells + 4));
        assert_eq!(plan.pending, FaultPlan::new(7, cells + 4, Fault::ALL).pending);
        assert_ne!(plan.pending, FaultPlan::new(8, cells + 4, Fault::ALL).pending);
    }

    #[test]
    fn what_can_happen_now_is_taken_in_order_and_judging_first() {
        let mut plan = FaultPlan::new(1, Fault::ALL.len() * STATES.len(), Fault::ALL);
        let first_queued = *plan.pending.iter().find(|cell| cell.1 == JobState::Queued).unwrap();
        assert_eq!(plan.take(&[JobState::Queued], |_| true), Some(first_queued));
        let (_, state) = plan.take(&[JobState::Queued, JobState::Judging], |_| true).unwrap();
        assert_eq!(state, JobState::Judging);
        let only = |fault: Fault| fault == Fault::RedisFlush;
        assert_eq!(plan.take(&[JobState::Running], only), Some((Fault::RedisFlush, JobState::Running)));
        assert_eq!(plan.take(&[JobState::Running], only), None);
        assert_eq!(plan.take(&[], |_| true), None);
    }
}
