//! The coordinator's own judgement of a training's losses.

use common::losses::Contestant::Challenger;
use common::vocabulary::Family;
use coordinator::domain::judge::{Evidence, Judgement, Pairing, Prior, Recipe, Skill, judge};

use crate::training::Trained;

/// What the gate says of a version: against the champion it was scored with, else against the hardest baseline.
pub(crate) fn judgement(version: &Trained) -> Judgement {
    let evaluation = &version.manifest.evaluation;
    judge(&Evidence {
        pairing: Pairing::Dates,
        losses: &version.losses,
        baseline: evaluation.baseline,
        recipe: Recipe::Same,
        finite: evaluation.finite,
        varies: evaluation.varies,
        earlier_looks: 0,
        slices: &[],
    })
}

/// How far it would be trusted, without a fleet around it.
pub(crate) fn reliability(version: &Trained) -> f64 {
    let skill = Skill::of(&version.losses, Challenger, version.manifest.evaluation.baseline, Pairing::Dates).unwrap();
    skill.reliability(&Prior::of(Family::Forecaster), 0.0).unwrap()
}
