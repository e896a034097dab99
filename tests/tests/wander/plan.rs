//! Which steps a walk takes: drawn from a seed, and shrunk to the fewest that still break something.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::strategy::Sequential;

use crate::family::Family;
use crate::reference::{Model, Reference};
use crate::verbs::{self, Verb};

/// Trainings of one walk: each takes a part of a second, everything else a few milliseconds.
const MOST_TRAININGS: u32 = 5;

/// What the drawing of a step depends on.
#[derive(Debug, Clone)]
pub(crate) struct WalkPlan {
    pub(crate) family: Family,
    trainings: u32,
}

/// A step: what is done, and dice for how.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) verb: &'static dyn Verb,
    pub(crate) dice: Dice,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.verb.name(), self.dice.0)
    }
}

/// Three dice. All at 0 is the plainest way to do a thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice(pub(crate) [u8; 3]);

impl Dice {
    /// One of these.
    pub(crate) fn pick<T: Copy>(self, die: usize, from: &[T]) -> T {
        from[usize::from(self.0[die]) % from.len()]
    }

    /// True once in so many throws, and never at 0.
    pub(crate) fn one_in(self, die: usize, times: u8) -> bool {
        self.0[die] % times == times - 1
    }

    /// One of the walk's models.
    pub(crate) fn model(self, die: usize, reference: &Reference) -> &Model {
        &reference.models[usize::from(self.0[die]) % reference.models.len()]
    }
}

/// A walk, and how to make it shorter.
pub(crate) type Walk = (WalkPlan, Vec<Step>, Option<std::sync::Arc<std::sync::atomic::AtomicUsize>>);

/// The walks of a family.
pub(crate) fn walks(family: Family, steps: usize) -> impl Strategy<Value = Walk> {
    Sequential::new(
        (steps..=steps).into(),
        move || Just(WalkPlan { family, trainings: 0 }),
        |_, _| true,
        next,
        |plan: WalkPlan, step: &Step| WalkPlan { trainings: plan.trainings + u32::from(step.verb.trains()), ..plan },
    )
}

fn next(plan: &WalkPlan) -> BoxedStrategy<Step> {
    let weight = |verb: &&'static dyn Verb| match (verb.trains(), plan.trainings) {
        (true, 0) => 6 * verb.weight(plan.family),
        (true, MOST_TRAININGS..) => 0,
        _ => verb.weight(plan.family),
    };
    let weighted = verbs::ALL.iter().filter(|verb| weight(verb) > 0).map(|verb| (weight(verb), Just(*verb))).collect();
    let dice = [0u8..24, 0u8..24, 0u8..24];
    // A verb stays what it is when a walk is shortened.
    (Union::new_weighted(weighted).no_shrink(), dice).prop_map(|(verb, dice)| Step { verb, dice: Dice(dice) }).boxed()
}

/// Draws the walk of this number: the same for the same seed, whatever runs beside it.
pub(crate) fn runner(seed: u64, number: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
