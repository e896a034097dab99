//! The coordinator's own judgement of a training's losses.

use common::losses::Contestant::Challenger;
use domain::judge::{Evidence, Judgement, Pairing, Prior, Recipe, Skill, judge};

use crate::training::Trained;

/// What the gate says of a version: against the champion it was scored with, else against the hardest baseline.
pub(crate) fn judgement(version: &Trained) -> Judgement {
    let evaluation = &version.manifest.evaluation;
    judge(&Evidence {
        pairing: Pairing::of(version.manifest.hyper.family()),
        losses: &version.losses,
        baseline: evaluation.baseline,
        recipe: Recipe::Same,
        finite: evaluation.finite,
        varies: evaluation.varies,
        earlier_looks: 0,
        slices: &[],
    })
}

/// How far it would be trusted, without a fleet around it, to have any skill.
pub(crate) fn reliability(version: &Trained) -> f64 {
    trust(version, 0.0)
}

/// How far it would be trusted to have more than so much skill.
pub(crate) fn trust(version: &Trained, least: f64) -> f64 {
    let family = version.manifest.hyper.family();
    skill(version).reliability(&Prior::of(family), least).unwrap()
}

/// Its skill on the holdout.
pub(crate) fn skill(version: &Trained) -> Skill {
    let baseline = version.manifest.evaluation.baseline;
    Skill::of(&version.losses, Challenger, baseline, Pairing::of(version.manifest.hyper.family())).unwrap()
}
