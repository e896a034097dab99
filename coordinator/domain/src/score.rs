//! The position in the backlog: a score with its terms. Lower runs sooner.

mod term;

use common::settings::{self, Policy};
use common::vocabulary::{Category, Timestamp};

pub use self::term::{Term, TermKind};

/// The live version, as far as its position in the backlog depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LiveStatus {
    /// There is none.
    NoModel,
    /// There is one.
    Live {
        /// Older than `max_model_age_days`.
        outdated: bool,
        /// Its reliability, if known.
        reliability: Option<f64>,
        /// Exhausted or in back-off: training again would not help now.
        hopeless: bool,
    },
}

/// What the score of a request depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreInputs {
    /// The model's category.
    pub category: Category,
    /// A priority given by the caller: replaces base and position.
    pub priority: Option<f64>,
    /// Position in the list asked for, from 0.
    pub position: u32,
    /// Where its live version stands.
    pub live: LiveStatus,
    /// Already in the backlog or running: counts only in the answer to a request.
    pub already_training: bool,
}

/// A score and how it comes about.
#[derive(Debug, Clone, PartialEq)]
pub struct Priority {
    /// The sum.
    pub score: f64,
    /// The terms, in the order of the table.
    pub terms: Vec<Term>,
}

/// Points a position in the list costs, and the most they add up to.
const POSITION: (f64, f64) = (5.0, 30.0);

/// Points that one aging interval of waiting is worth.
const AGING: f64 = 5.0;

/// Most points that a priority may have, up or down: as many as a base of the settings.
pub const MOST_POINTS: f64 = 1_000.0;

/// A priority that somebody gives.
///
/// # Errors
/// It is no number between −1000 and 1000, in words.
pub fn given(points: f64) -> Result<f64, String> {
    match points {
        // False for what is no number.
        points if points.abs() <= MOST_POINTS => Ok(points),
        _ => Err(format!("the priority is {points}; it must be a number from -{MOST_POINTS} to {MOST_POINTS}")),
    }
}

/// The score of a request: bases and floor from the settings of the backlog, thresholds from those of the policy.
pub fn score(inputs: &ScoreInputs, line: &settings::Priority, policy: &Policy) -> Priority {
    let mut terms = Vec::new();
    let mut add = |kind: TermKind, points: f64| terms.push(Term { kind, points });
    match inputs.priority {
        Some(points) => add(TermKind::PriorityGiven, points),
        None => add(TermKind::Category { category: inputs.category.to_string() }, base(&inputs.category, line)),
    }
    match inputs.live {
        LiveStatus::NoModel => add(TermKind::NoLiveVersion, -20.0),
        LiveStatus::Live { outdated, reliability, hopeless } => {
            if outdated {
                add(TermKind::Outdated, -10.0);
            }
            if let Some(reliability) = reliability {
                if !outdated && reliability >= policy.reliability_threshold {
                    add(TermKind::Reliable { reliability }, 20.0);
                }
                if reliability < policy.min_reliability_for_update && !hopeless {
                    add(TermKind::Unreliable { reliability }, -15.0);
                }
                if reliability > policy.model_quality_threshold {
                    add(TermKind::GoodQuality { reliability }, 15.0);
                }
            }
        }
    }
    if inputs.already_training {
        add(TermKind::AlreadyTraining, 40.0);
    }
    if inputs.priority.is_none() && inputs.position > 0 {
        let points = (POSITION.0 * f64::from(inputs.position)).min(POSITION.1);
        add(TermKind::Position { position: inputs.position + 1 }, points);
    }
    let sum: f64 = terms.iter().map(|term| term.points).sum();
    if let Some(floor) = line.floor.filter(|floor| sum < *floor) {
        terms.push(Term { kind: TermKind::Floor, points: floor - sum });
    }
    Priority { score: terms.iter().map(|term| term.points).sum(), terms }
}

fn base(category: &Category, line: &settings::Priority) -> f64 {
    match category {
        Category::Portfolio => line.portfolio,
        Category::OnDemand => line.on_demand,
        Category::Watchlist => line.watchlist,
        Category::Scanning => line.scanning,
        Category::Other(_) => line.other,
    }
}

/// The key the backlog is sorted by. Waiting ages all alike, so the order of two waiting jobs never changes by itself: a later
/// entry pays once for having come later, and no key is ever rewritten.
pub fn order_key(score: f64, enqueued: Timestamp, aging_interval: f64) -> f64 {
    score + AGING * (enqueued.0 as f64 / 1e6 / aging_interval)
}

/// The score of a waiting job as shown: [`order_key`] with the age of the backlog taken off.
pub fn shown_score(order_key: f64, now: Timestamp, aging_interval: f64) -> f64 {
    order_key - AGING * (now.0 as f64 / 1e6 / aging_interval)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERVAL: f64 = 1800.0;

    fn inputs(category: &str, live: LiveStatus) -> ScoreInputs {
        ScoreInputs { category: category.to_owned().into(), priority: None, position: 0, live, already_training: false }
    }

    fn live(outdated: bool, reliability: f64) -> LiveStatus {
        LiveStatus::Live { outdated, reliability: Some(reliability), hopeless: false }
    }

    #[test]
    fn e2_the_worked_examples() {
        let of = |inputs: ScoreInputs| score(&inputs, &settings::Priority::default(), &Policy::default()).score;
        assert_eq!(of(inputs("portfolio", LiveStatus::NoModel)), 0.0);
        assert_eq!(of(inputs("portfolio", live(true, 0.4))), -5.0);
        assert_eq!(of(inputs("portfolio", live(false, 0.65))), 40.0);
        assert_eq!(of(inputs("portfolio", live(false, 0.8))), 55.0);
        assert_eq!(of(inputs("portfolio", live(false, 0.55))), 20.0);
        assert_eq!(of(inputs("portfolio", live(true, 0.8))), 25.0);
        let training = LiveStatus::Live { outdated: false, reliability: None, hopeless: false };
        assert_eq!(of(ScoreInputs { already_training: true, ..inputs("portfolio", training) }), 60.0);
        assert_eq!(of(ScoreInputs { priority: Some(30.0), ..inputs("portfolio", LiveStatus::NoModel) }), 10.0);
        assert_eq!(of(ScoreInputs { position: 3, ..inputs("watchlist", LiveStatus::NoModel) }), 35.0);
        assert_eq!(of(ScoreInputs { position: 9, ..inputs("scanning", live(false, 0.8)) }), 125.0);
    }

    #[test]
    fn e2_what_the_table_says_of_the_rest() {
        let of = |inputs: ScoreInputs| score(&inputs, &settings::Priority::default(), &Policy::default()).score;
        assert_eq!(of(inputs("on_demand", LiveStatus::NoModel)), 10.0);
        assert_eq!(of(inputs("a hobby", LiveStatus::NoModel)), 30.0);
        assert_eq!(
            of(ScoreInputs { position: 100, ..inputs("portfolio", LiveStatus::NoModel) }),
            30.0,
            "the position is capped"
        );
        let hopeless = LiveStatus::Live { outdated: true, reliability: Some(0.1), hopeless: true };
        assert_eq!(of(inputs("portfolio", hopeless)), 10.0, "no hurry where training would not help");
        let given = ScoreInputs { priority: Some(30.0), position: 7, ..inputs("scanning", live(true, 0.4)) };
        assert_eq!(of(given), 5.0, "a given priority replaces base and position, the state's terms still apply");
        let floored = |floor| {
            let line = settings::Priority { floor: Some(floor), ..settings::Priority::default() };
            score(&inputs("portfolio", live(true, 0.4)), &line, &Policy::default())
        };
        let lifted = floored(10.0);
        assert_eq!((lifted.score, lifted.terms.last().unwrap().points), (10.0, 15.0));
        assert!(floored(-5.0).terms.iter().all(|term| term.kind != TermKind::Floor), "it lies there already");
    }

    /// E2: which terms there are with a reliability at its limits: 0.5, 0.6 and 0.7.
    #[test]
    fn e2_each_reliability_has_its_terms() {
        let points = |reliability| -> Vec<f64> {
            let of = inputs("portfolio", live(false, reliability));
            let terms = score(&of, &settings::Priority::default(), &Policy::default()).terms;
            terms.iter().map(|term| term.points).collect()
        };
        for (reliability, expected) in [
            (0.49, vec![20.0, -15.0]),
            (0.5, vec![20.0]),
            (0.59, vec![20.0]),
            (0.6, vec![20.0, 20.0]),
            (0.7, vec![20.0, 20.0]),
            (0.71, vec![20.0, 20.0, 15.0]),
        ] {
            assert_eq!(points(reliability), expected, "{reliability}");
        }
    }

    #[test]
    fn positions_are_told_from_1_and_the_first_costs_nothing() {
        let last = |position| {
            let of = ScoreInputs { position, ..inputs("portfolio", LiveStatus::NoModel) };
            score(&of, &settings::Priority::default(), &Policy::default()).terms.pop().unwrap()
        };
        assert_eq!(last(0), Term { kind: TermKind::NoLiveVersion, points: -20.0 });
        assert_eq!(last(1), Term { kind: TermKind::Position { position: 2 }, points: 5.0 });
        assert_eq!(last(3), Term { kind: TermKind::Position { position: 4 }, points: 15.0 });
    }

    #[test]
    fn a_given_priority_is_a_number_of_points_up_or_down() {
        for points in [-1000.0, -0.5, 0.0, 1000.0] {
            assert_eq!(given(points), Ok(points));
        }
        for points in [-1000.1, 1000.1, f64::INFINITY, f64::NAN] {
            assert!(given(points).unwrap_err().ends_with("from -1000 to 1000"), "{points}");
        }
    }

    /// Five points for each half hour: what came an hour after 1970 began pays ten, and an hour and a half later has 15 back.
    #[test]
    fn a_key_is_the_score_and_the_time_it_came() {
        let minutes = |minutes: i64| Timestamp(minutes * 60_000_000);
        assert_eq!(order_key(7.0, minutes(60), INTERVAL), 17.0);
        assert_eq!(shown_score(17.0, minutes(60), INTERVAL), 7.0);
        assert_eq!(shown_score(17.0, minutes(150), INTERVAL), -8.0);
    }

    proptest! {
        /// Two waiting jobs never swap places however long they wait, and shown scores say the same as the backlog.
        #[test]
        fn the_order_of_two_waiting_jobs_never_changes(a in -50f64..150.0, b in -50f64..150.0, at in 0i64..86_400, gap in 0i64..86_400, wait in 0i64..864_000) {
            let time = |seconds: i64| Timestamp(1_600_000_000_000_000 + seconds * 1_000_000);
            let (first, second) = (order_key(a, time(at), INTERVAL), order_key(b, time(at + gap), INTERVAL));
            let shown = |key| shown_score(key, time(at + gap + wait), INTERVAL);
            prop_assert_eq!(first < second, shown(first) < shown(second));
        }

        /// A job that has waited long enough comes before any newcomer, whatever the newcomer's score: waiting is bounded.
        #[test]
        fn aging_bounds_the_wait(score in -50f64..150.0, newcomer in -50f64..150.0) {
            let hours = (200.0 / AGING) * INTERVAL / 3600.0;
            let late = Timestamp::default().plus_seconds(hours * 3600.0 + 1.0);
            prop_assert!(order_key(score, Timestamp::default(), INTERVAL) < order_key(newcomer, late, INTERVAL));
        }

        /// The terms are the score.
        #[test]
        fn g5_a_score_is_the_sum_of_its_terms(position in 0u32..50, reliability in 0f64..1.0, outdated: bool, training: bool, floor in proptest::option::of(-10f64..20.0)) {
            let request = ScoreInputs { position, already_training: training, ..inputs("watchlist", live(outdated, reliability)) };
            let line = settings::Priority { floor, ..settings::Priority::default() };
            let priority = score(&request, &line, &Policy::default());
            prop_assert_eq!(priority.score, priority.terms.iter().map(|t| t.points).sum::<f64>());
        }
    }
}
