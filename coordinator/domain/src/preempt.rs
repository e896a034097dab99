//! Preemption: which running trainings make room for a more urgent job.
//!
//! Scores are compared without aging: that a job has waited long is no reason to interrupt another. The order of the backlog, which
//! ages, has its say too: a victim goes back to its old position, so it yields only to a job that stands before that position. Else it
//! would be handed out again at once, and nothing but time would be lost.

use common::settings::Dispatch;
use common::vocabulary::JobId;

/// When a training may be interrupted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Points by which the waiting job must be better.
    pub margin: f64,
    /// Seconds a training runs before it may be interrupted.
    pub after: f64,
    /// Interruptions a job may have.
    pub most: u32,
}

/// A job that waits, and could be handed out now if there were a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// The job that waits.
    pub job: JobId,
    /// Its score, without aging.
    pub score: f64,
    /// Its position in the backlog: lower is sooner.
    pub order_key: f64,
}

/// A job that holds a slot which the waiting ones could use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// The job that runs.
    pub job: JobId,
    /// Its score, without aging.
    pub score: f64,
    /// The position it would go back to.
    pub order_key: f64,
    /// Seconds since it was claimed.
    pub ran: f64,
    /// Interruptions so far.
    pub preemptions: u32,
    /// Its slot will be free soon anyway: it is being given back or cancelled.
    pub leaving: bool,
    /// Whether it can go on later from where it was.
    pub resumes: bool,
}

/// A training makes room for a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preemption {
    /// Who makes room.
    pub victim: JobId,
    /// For whom.
    pub by: JobId,
    /// Points that one is better by.
    pub points: f64,
}

impl Rule {
    /// What the settings say; `None`: nothing is interrupted.
    pub fn of(settings: &Dispatch) -> Option<Self> {
        let after = settings.preempt_after.as_secs_f64();
        settings.preempt_margin.map(|margin| Self { margin, after, most: settings.preempt_most })
    }
}

/// Who makes room for whom. `waiting` is the front of the backlog in its order, `free` the slots that are free for it now.
///
/// Slots that are or become free anyway go to the first in the backlog; only those behind them ask for more. Of the trainings that
/// may be interrupted the least urgent goes first, and of equals the one that has run for the shortest time.
pub fn preemptions(rule: &Rule, waiting: &[Waiting], running: &[Running], free: usize) -> Vec<Preemption> {
    let leaving = running.iter().filter(|job| job.leaving).count();
    let mut victims: Vec<&Running> = running
        .iter()
        .filter(|job| job.resumes && !job.leaving && job.ran >= rule.after && job.preemptions < rule.most)
        .collect();
    victims.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.ran.total_cmp(&b.ran)));
    let mut chosen = Vec::new();
    for next in waiting.iter().skip(free + leaving) {
        let makes_room =
            |victim: &&Running| victim.score - next.score >= rule.margin && next.order_key < victim.order_key;
        // Whoever is behind this one in the backlog must not get a slot before it.
        let Some(index) = victims.iter().position(makes_room) else { break };
        let victim = victims.remove(index);
        chosen.push(Preemption { victim: victim.job, by: next.job, points: victim.score - next.score });
    }
    chosen
}

#[cfg(test)]
mod tests {
    use newtype_uuid::GenericUuid;
    use uuid::Uuid;

    use super::*;

    const RULE: Rule = Rule { margin: 30.0, after: 60.0, most: 2 };

    fn id(n: u128) -> JobId {
        JobId::from_untyped_uuid(Uuid::from_u128(n))
    }

    /// A waiting job that has just come.
    fn waiting(n: u128, score: f64) -> Waiting {
        Waiting { job: id(n), score, order_key: 1000.0 + score }
    }

    /// A training that came when the waiting ones did, and runs for two minutes.
    fn running(n: u128, score: f64) -> Running {
        let order_key = 1000.0 + score;
        Running { job: id(n), score, order_key, ran: 120.0, preemptions: 0, leaving: false, resumes: true }
    }

    fn victims(waiting: &[Waiting], running: &[Running], free: usize) -> Vec<(u128, u128)> {
        let pair = |p: &Preemption| (p.victim.into_untyped_uuid().as_u128(), p.by.into_untyped_uuid().as_u128());
        preemptions(&RULE, waiting, running, free).iter().map(pair).collect()
    }

    /// G3: who yields to whom, each rule on both sides of its threshold.
    #[test]
    fn g3_who_makes_room() {
        let urgent = waiting(1, 0.0);
        let calm = running(9, 60.0);
        type Case = (&'static str, Vec<Waiting>, Vec<Running>, usize, Vec<(u128, u128)>);
        let table: Vec<Case> = vec![
            ("far more urgent", vec![urgent], vec![calm], 0, vec![(9, 1)]),
            ("just enough", vec![urgent], vec![running(9, 30.0)], 0, vec![(9, 1)]),
            ("not enough", vec![urgent], vec![running(9, 29.9)], 0, vec![]),
            ("a slot is free", vec![urgent], vec![calm], 1, vec![]),
            ("a slot becomes free", vec![urgent], vec![calm, Running { leaving: true, ..running(8, 60.0) }], 0, vec![]),
            ("nobody waits", vec![], vec![calm], 0, vec![]),
            ("it has just begun", vec![urgent], vec![Running { ran: 59.9, ..calm }], 0, vec![]),
            ("interrupted once", vec![urgent], vec![Running { preemptions: 1, ..calm }], 0, vec![(9, 1)]),
            ("interrupted often", vec![urgent], vec![Running { preemptions: 2, ..calm }], 0, vec![]),
            ("it could not go on", vec![urgent], vec![Running { resumes: false, ..calm }], 0, vec![]),
            // It has waited so long that it would be handed out again before the urgent one.
            ("it would be first again", vec![urgent], vec![Running { order_key: 990.0, ..calm }], 0, vec![]),
            ("it would be beside it", vec![urgent], vec![Running { order_key: 1000.0, ..calm }], 0, vec![]),
            ("the least urgent yields", vec![urgent], vec![running(7, 50.0), calm, running(8, 40.0)], 0, vec![(9, 1)]),
            (
                "of equals the youngest",
                vec![urgent],
                vec![calm, Running { ran: 61.0, ..running(8, 60.0) }],
                0,
                vec![(8, 1)],
            ),
            (
                "two wait, two yield",
                vec![urgent, waiting(2, 10.0)],
                vec![calm, running(8, 45.0)],
                0,
                vec![(9, 1), (8, 2)],
            ),
            (
                "the first in the line cannot, so nobody behind it does",
                vec![waiting(3, 55.0), waiting(1, 0.0)],
                vec![calm],
                0,
                vec![],
            ),
        ];
        for (name, waiting, running, free, expected) in table {
            assert_eq!(victims(&waiting, &running, free), expected, "{name}");
        }
    }

    #[test]
    fn the_points_are_those_between_the_two() {
        let made_room = preemptions(&RULE, &[waiting(1, 10.0)], &[running(9, 60.0)], 0);
        assert_eq!(made_room, [Preemption { victim: id(9), by: id(1), points: 50.0 }]);
    }

    #[test]
    fn g3_it_is_off_by_default() {
        assert_eq!(Rule::of(&Dispatch::default()), None);
        let settings = Dispatch { preempt_margin: Some(30.0), ..Dispatch::default() };
        assert_eq!(Rule::of(&settings), Some(RULE));
    }
}
